"""What a synthetic control shows beside its estimate: weights, series, placebos, and remarks.

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
from evalkit.results.words import counted, listed, number
from evalkit.study.schemas.synthetic_control import SyntheticControl

AnyFit = SyntheticControlFit | SyntheticDifferenceFit

INTERVALS = {
    "placebo": (
        "The interval does not come from sampling people. The same analysis was made for each of "
        "the others as if it had had the intervention, and the interval holds the effects that "
        "would not stand out among those; it is exact if who had it was decided by lot."
    ),
    "conformal": (
        "The interval does not come from sampling people. There are too few others to compare "
        "with for it, so it holds the effects, the same in every period, with which the time "
        "after the start would not stand out among all stretches of time as long."
    ),
    "none": (
        "No interval can be given at this confidence level: there are too few others, and too few "
        "periods. Only the size of the difference can be seen."
    ),
}

ERRORS = {
    "placebo": (
        "The intervals of the two differences-in-differences rest on the spread of the same "
        "estimate among the others, and suppose that the treated vary as much as they do."
    ),
    "jackknife": (
        "The intervals of the two differences-in-differences rest on leaving out each unit in turn."
    ),
}


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
            "unit": [" + ".join(panel.units[row] for row in group) for group in groups],
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


def make_remarks(
    panel: TreatedPanel,
    shown: AnyFit,
    unmatched: int,
    ways: tuple[str, str],
    made: Mapping[str, pd.DataFrame],
    parameters: SyntheticControl,
) -> tuple[str, ...]:
    """Say how the interval was made, how close the match was, and what could be doubted.

    `unmatched` placebos were not counted; `ways` names how the interval of the synthetic control
    and the errors of the others were made.
    """
    values = made["fit"].set_index("name")["value"]
    remarks = [
        f"Before the start the mixture was {number(shown.pre_rmspe)} {parameters.outcome_unit} "
        f"away from the treated (root mean square), {number(values['misfit'])} standard "
        "deviations of the outcome.",
        INTERVALS[ways[0]],
        ERRORS[ways[1]],
        f"Given the same analysis, the gap grew as much or more in "
        f"{round(values['rmspe_ratio_p'] * values['assignments'])} of "
        f"{counted(int(values['assignments']), 'choice')} of who had it, the true one counted.",
    ]
    if unmatched:
        remarks.append(
            f"{counted(unmatched, 'other choice')} of who had it are not counted: no mixture came "
            "as close to them before the start as is asked."
        )
    if panel.left_out:
        remarks.append(
            f"{counted(panel.left_out, 'untreated unit')} with a missing value left out."
        )
    if panel.donors > panel.start:
        remarks.append(
            f"There are more untreated units ({panel.donors}) than periods before the start "
            f"({panel.start}), so a close match may be chance."
        )
    if values["largest_weight"] > 0.5:
        remarks.append("More than half of the mixture is one unit.")
    if parameters.adjust_for:
        remarks.append(f"Taken out beforehand: {listed(list(parameters.adjust_for))}.")
    return tuple(remarks)
