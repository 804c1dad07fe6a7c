"""What a synthetic control shows beside its estimate: weights, series and placebos.

Placebos name units by their codes, never by their names: a placebo says nothing of a unit.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd

from evalkit.designs.treated_panel import TreatedPanel
from evalkit.fits.synthetic_control import (
    SMALL_WEIGHT,
    Placebos,
    SyntheticControlFit,
    fit_earlier_starts,
    fit_without_each_donor,
)
from evalkit.fits.synthetic_difference_in_differences import SyntheticDifferenceFit
from evalkit.inference.arrays import Floats
from evalkit.inference.placebo import rank_p
from evalkit.results.lazy_tables import LazyTables

AnyFit = SyntheticControlFit | SyntheticDifferenceFit


def misfit(panel: TreatedPanel, fit: AnyFit) -> float:
    """Root mean squared gap before the start, in standard deviations of the outcome then."""
    spread = float(panel.outcomes[:, : panel.start].std(ddof=1))
    return fit.pre_rmspe / max(spread, 1e-12)


def widest_gap(panel: TreatedPanel, fit: AnyFit, largest_misfit: float) -> float:
    """Gap before the start with which a unit still counts as matched, in the outcome's units.

    It is never smaller than that of the treated, whose match was not refused.
    """
    spread = float(panel.outcomes[:, : panel.start].std(ddof=1))
    return max(largest_misfit * spread, fit.pre_rmspe)


def make_tables(
    panel: TreatedPanel,
    shown: AnyFit,
    control: SyntheticControlFit,
    placebos: Placebos,
    by_period: list[dict[str, object]],
) -> Mapping[str, pd.DataFrame]:
    """Tables, made when read: `fit, weights, series, placebos, placebo_time, leave_one_out`."""
    return LazyTables(
        {
            "fit": partial(_tabulate_fit, panel, shown, control, placebos),
            "weights": partial(_tabulate_weights, panel, shown),
            "series": partial(_tabulate_series, panel, shown, by_period),
            "placebos": partial(_tabulate_placebos, panel, control, placebos),
            "placebo_time": partial(_tabulate_earlier, panel),
            "leave_one_out": partial(_tabulate_left_out, panel, control),
        }
    )


def _weights(fit: AnyFit) -> Floats:
    return fit.weights if isinstance(fit, SyntheticControlFit) else fit.unit_weights


def _tabulate_fit(
    panel: TreatedPanel, shown: AnyFit, control: SyntheticControlFit, placebos: Placebos
) -> pd.DataFrame:
    values = {
        "misfit": misfit(panel, shown),
        "pre_rmspe": shown.pre_rmspe,
        "rmspe_ratio": control.rmspe_ratio,
        "rmspe_ratio_p": rank_p(control.rmspe_ratio, placebos.rmspe_ratios),
        "assignments": 1 + len(placebos.gaps),
        "donors": panel.donors,
        "treated": int(panel.treated.sum()),
        "pre_periods": panel.start,
        "largest_weight": float(_weights(shown).max()),
    }
    return pd.DataFrame({"name": list(values), "value": list(map(float, values.values()))})


def _tabulate_weights(panel: TreatedPanel, fit: AnyFit) -> pd.DataFrame:
    weights = _weights(fit)
    rows = np.flatnonzero(weights > SMALL_WEIGHT)
    rows = rows[np.argsort(-weights[rows], kind="stable")]
    return pd.DataFrame(
        {
            "unit": [panel.units[row] for row in rows],
            "unit_name": [panel.names[row] for row in rows],
            "weight": weights[rows],
        }
    )


def _tabulate_series(
    panel: TreatedPanel, fit: AnyFit, by_period: list[dict[str, object]]
) -> pd.DataFrame:
    """The treated as they were and as the mixture was; from the start on, its placebo interval."""
    after = len(panel.periods) - panel.start
    ends = np.full((2, len(panel.periods)), np.nan)
    for place, end in enumerate(("conf_high", "conf_low")):
        ends[place, panel.start :] = [row[end] for row in by_period[-after:]]
    low, high = fit.observed - ends
    series = {
        "period": panel.periods,
        "observed": fit.observed,
        "counterfactual": fit.synthetic,
    }
    if np.isfinite(low).any():
        series |= {"counterfactual_low": low, "counterfactual_high": high}
    if np.isfinite(panel.base).all():
        series |= {"base": panel.base}
    return pd.DataFrame(series)


def _tabulate_placebos(
    panel: TreatedPanel, control: SyntheticControlFit, placebos: Placebos
) -> pd.DataFrame:
    groups = [np.flatnonzero(panel.treated), *placebos.groups]
    return pd.DataFrame(
        {
            "unit": [" + ".join(panel.units[row] for row in group if row >= 0) for group in groups],
            "treated": np.arange(len(groups)) == 0,
            "effect": [control.effect, *placebos.effects],
            "pre_rmspe": [control.pre_rmspe, *placebos.pre_rmspes],
            "rmspe_ratio": [control.rmspe_ratio, *placebos.rmspe_ratios],
        }
    )


def _tabulate_earlier(panel: TreatedPanel) -> pd.DataFrame:
    fits = fit_earlier_starts(panel.outcomes, panel.treated, panel.start)
    return pd.DataFrame(
        {
            "period": [panel.periods[fit.start] for fit in fits],
            "effect": [fit.effect for fit in fits],
            "pre_rmspe": [fit.pre_rmspe for fit in fits],
            "rmspe_ratio": [fit.rmspe_ratio for fit in fits],
        }
    )


def _tabulate_left_out(panel: TreatedPanel, control: SyntheticControlFit) -> pd.DataFrame:
    fits = fit_without_each_donor(panel.outcomes, panel.treated, panel.start, control.weights)
    return pd.DataFrame(
        {
            "unit": [panel.units[row] for row in fits],
            "effect": [fit.effect for fit in fits.values()],
            "pre_rmspe": [fit.pre_rmspe for fit in fits.values()],
        }
    )
