"""What a synthetic control shows beside its estimate: weights, series, placebos, and remarks.

Placebos name units by their codes, never by their names: a placebo says nothing of a unit.
"""

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
from evalkit.results.words import counted, listed, number
from evalkit.study.schemas.synthetic_control import SyntheticControl

AnyFit = SyntheticControlFit | SyntheticDifferenceFit

INTERVALS = {
    "placebo": (
        "The interval of the synthetic control is not a sampling interval: it holds the effects "
        "that giving the part of the treated to others does not rule out, as if the treated had "
        "been chosen by lot."
    ),
    "conformal": (
        "The interval of the synthetic control is not a sampling interval: it holds the effects, "
        "the same in every period, that do not make the time after the start stand out among all "
        "stretches of time as long."
    ),
    "none": (
        "No interval can be given for the synthetic control at this confidence level: there are "
        "too few untreated units, and too few periods. Only its size and placebos can be judged."
    ),
}

ERRORS = {
    "placebo": (
        "Errors of both differences-in-differences are the spread of placebo effects among the "
        "untreated; they suppose that the treated vary as much as the untreated do."
    ),
    "jackknife": (
        "Errors of both differences-in-differences are the jackknife over units, weights held."
    ),
}


def misfit(panel: TreatedPanel, fit: AnyFit) -> float:
    """Root mean squared gap before the start, in standard deviations of the outcome then."""
    spread = float(panel.outcomes[:, : panel.start].std(ddof=1))
    return fit.pre_rmspe / max(spread, 1e-12)


def make_tables(
    panel: TreatedPanel,
    shown: AnyFit,
    control: SyntheticControlFit,
    placebos: Placebos,
    rows: pd.DataFrame,
) -> dict[str, pd.DataFrame]:
    """Make every table: `fit`, `weights`, `series`, `placebos`, `placebo_time`, `leave_one_out`."""
    return {
        "fit": _tabulate_fit(panel, shown, control, placebos),
        "weights": _tabulate_weights(panel, shown),
        "series": _tabulate_series(panel, shown, rows),
        "placebos": _tabulate_placebos(panel, control, placebos),
        "placebo_time": _tabulate_earlier(panel),
        "leave_one_out": _tabulate_left_out(panel, control),
    }


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
        "assignments": 1 + len(placebos.groups),
        "donors": panel.donors,
        "treated": int(panel.treated.sum()),
        "pre_periods": panel.start,
        "largest_weight": float(_weights(shown).max()),
    }
    return pd.DataFrame({"name": list(values), "value": list(map(float, values.values()))})


def _tabulate_weights(panel: TreatedPanel, fit: AnyFit) -> pd.DataFrame:
    weights = _weights(fit)
    frame = pd.DataFrame({"unit": panel.units, "weight": weights})[weights > SMALL_WEIGHT]
    return frame.sort_values("weight", ascending=False, ignore_index=True)


def _tabulate_series(panel: TreatedPanel, fit: AnyFit, rows: pd.DataFrame) -> pd.DataFrame:
    events = rows[rows["term"] == "event"].set_index("period")
    frame = pd.DataFrame(
        {
            "period": panel.periods,
            "observed": fit.observed,
            "synthetic": fit.synthetic,
            "gap": fit.gap,
            "after_start": np.arange(len(panel.periods)) >= panel.start,
        }
    )
    for name in ("low", "high"):
        frame[f"gap_{name}"] = frame["period"].map(events[f"conf_{name}"]).to_numpy(float)
    return frame


def _tabulate_placebos(
    panel: TreatedPanel, control: SyntheticControlFit, placebos: Placebos
) -> pd.DataFrame:
    fits = [control, *placebos.fits]
    groups = [np.flatnonzero(panel.treated), *placebos.groups]
    return pd.DataFrame(
        {
            "unit": [" + ".join(panel.units[row] for row in group) for group in groups],
            "treated": [True, *[False] * len(placebos.fits)],
            "effect": [fit.effect for fit in fits],
            "pre_rmspe": [fit.pre_rmspe for fit in fits],
            "rmspe_ratio": [fit.rmspe_ratio for fit in fits],
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
    ways: tuple[str, str],
    made: dict[str, pd.DataFrame],
    parameters: SyntheticControl,
) -> tuple[str, ...]:
    """Say how the interval was made, how close the match was, and what could be doubted.

    `ways` names how the interval of the synthetic control and the errors of the others were made.
    """
    values = made["fit"].set_index("name")["value"]
    remarks = [
        f"Before the start the mixture missed the treated by {number(shown.pre_rmspe)} "
        f"{parameters.outcome_unit} (root mean square), {number(values['misfit'])} standard "
        "deviations of the outcome.",
        INTERVALS[ways[0]],
        ERRORS[ways[1]],
        f"Of {counted(int(values['assignments']), 'assignment')}, the observed one among them, a "
        f"share of {number(values['rmspe_ratio_p'], 3)} has a gap that grew as much or more.",
    ]
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
