"""Synthetic control: would the treated have fared as a mixture of others that resembled them?

Compares: the treated (of several, their mean) with the mixture of untreated units that ran closest
before the start; beside it synthetic and plain difference-in-differences.
Estimates: the mean difference from the start on, for the treated.
Must hold: the mixture would have gone on resembling the treated; nothing else happened to either
at the start; the untreated were not touched. A poor match or few untreated units is refused.
Uncertainty: there is no sampling of units to speak of. The interval holds the effects that placebo
units (or, where too few, shifts in time) do not rule out. A placebo that no mixture matched as
closely as the treated must be matched would have been refused, and is not counted: the treated are
ranked among units that passed the same test. Where units lie in clusters a placebo is a cluster,
and nobody is compared with units of its own cluster (`fits.placebo_groups`). Synthetic
difference-in-differences uses placebo errors, or the jackknife from `MANY_TREATED` on.
Sources: Abadie 2021, Journal of Economic Literature 59:391-425; Arkhangelsky and others 2021,
American Economic Review 111:4088-4118; Firpo and Possebom 2018; Chernozhukov and others 2021.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs import synthetic_control_tables as tables
from evalkit.designs.answer_remarks import say_averaged
from evalkit.designs.outcome_rates import say_rates
from evalkit.designs.synthetic_control_remarks import make_remarks
from evalkit.designs.treated_panel import TreatedPanel, arrange
from evalkit.errors import AnalysisError
from evalkit.fits.synthetic_control import (
    Placebos,
    SyntheticControlFit,
    fit_placebos,
    fit_synthetic_control,
)
from evalkit.fits.synthetic_difference_in_differences import (
    SyntheticDifferenceFit,
    Weighting,
    fit_synthetic_difference,
    jackknife_error,
    placebo_effects,
)
from evalkit.inference.arrays import Floats
from evalkit.inference.conformal import conformal_p, invert_conformal
from evalkit.inference.placebo import TINY, count_needed, invert_placebos, rank_p
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.synthetic_control import SyntheticControl

MANY_TREATED = 10
"""Treated units (or clusters) from which on the jackknife is used: with fewer it is too unsure."""

LABELS = {
    "synthetic_control": "Against a mixture of others that ran closest before the start",
    "synthetic_difference_in_differences": "Against a mixture that ran parallel before the start",
    "difference_in_differences": "Change against the mean change of all others",
}

Row = dict[str, object]


@dataclass(frozen=True, slots=True)
class _Judged:
    """A synthetic control, its placebos, how many were unmatched, and the interval chosen."""

    fit: SyntheticControlFit
    placebos: Placebos
    unmatched: int
    low: float
    high: float
    p_value: float
    by: str


def estimate(table: pd.DataFrame, parameters: SyntheticControl) -> Result:
    """Estimate the effect on the treated by three estimators, and every placebo."""
    panel = arrange(table, parameters)
    _refuse_few(panel, parameters)
    rng = np.random.default_rng(parameters.seed)
    fit = fit_synthetic_control(panel.outcomes, panel.treated, panel.start)
    parallel = fit_synthetic_difference(panel.outcomes, panel.treated, panel.start)
    primary = parameters.primary_analysis
    shown = fit if primary == "synthetic_control" else parallel
    _refuse_misfit(panel, shown, parameters)
    judged = _judge(panel, fit, parameters, rng)
    by_period = _rows_by_period(panel, judged, shown, parameters)
    rows = [
        _control_row(judged),
        _difference_row(panel, parallel, "synthetic", parameters, rng),
        _difference_row(panel, None, "even", parameters, rng),
        *by_period,
    ]
    made = tables.make_tables(panel, shown, fit, judged.placebos, by_period)
    return Result(
        "synthetic_control",
        as_table(rows, panel, parameters),
        {"term": "effect", "method": primary},
        permits_cause=True,
        tables=made,
        remarks=make_remarks(
            panel,
            shown,
            judged.unmatched,
            (judged.by, _error_by(panel)),
            made,
            (*say_averaged(table), *say_rates(table, parameters)),
            parameters,
        ),
    )


def as_table(rows: list[Row], panel: TreatedPanel, parameters: SyntheticControl) -> pd.DataFrame:
    """Complete the rows with what they share, in the order of a tidy table of estimates."""
    frame = pd.DataFrame(rows)
    frame["level"], frame["n"] = parameters.confidence_level, panel.outcomes.size
    frame["clusters"], frame["outcome"] = sum(panel.lots), "outcome"
    frame["facet"], frame["group"] = parameters.outcome_facet, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    return frame[[*ESTIMATE_COLUMNS, *rest]]


def _refuse_few(panel: TreatedPanel, parameters: SyntheticControl) -> None:
    if panel.donors < parameters.least_donors:
        raise AnalysisError(
            f"unit: {panel.donors} complete units without the intervention, and least_donors asks "
            f"for {parameters.least_donors}. Give more units to compare with."
        )
    if panel.start < parameters.least_pre_periods:
        raise AnalysisError(
            f"period: {panel.start} periods before start_period, and least_pre_periods asks for "
            f"{parameters.least_pre_periods}. Give more periods before the start."
        )


def _refuse_misfit(
    panel: TreatedPanel,
    fit: SyntheticControlFit | SyntheticDifferenceFit,
    parameters: SyntheticControl,
) -> None:
    if tables.misfit(panel, fit) > parameters.largest_misfit:
        raise AnalysisError(
            "outcome: no mixture of the untreated ran close to the treated before the start "
            f"(largest_misfit is {parameters.largest_misfit:g} standard deviations). Use units "
            "more like the treated, another primary_analysis, or difference_in_differences."
        )


def _judge(
    panel: TreatedPanel,
    fit: SyntheticControlFit,
    parameters: SyntheticControl,
    rng: np.random.Generator,
) -> _Judged:
    """Run the placebos, and choose the interval that these data can give."""
    every = fit_placebos(
        panel.outcomes, panel.treated, panel.start, parameters.draws, rng, panel.cluster
    )
    placebos = every.keep_matched(tables.widest_gap(panel, fit, parameters.largest_misfit))
    level, by = parameters.confidence_level, parameters.interval_by
    unmatched = len(every.gaps) - len(placebos.gaps)
    sizes = np.abs(placebos.effects) / np.maximum(placebos.pre_rmspes, TINY)
    p = rank_p(abs(fit.effect) / max(fit.pre_rmspe, TINY), sizes)
    enough = count_needed(len(placebos.gaps), level) > 0
    if by == "placebo" or (by == "automatic" and enough):
        low, high = invert_placebos(
            fit.effect, fit.pre_rmspe, placebos.effects, placebos.pre_rmspes, level
        )
        return _Judged(fit, placebos, unmatched, low, high, p, "placebo" if enough else "none")
    residuals_under = _make_residuals(panel)
    low, high = invert_conformal(residuals_under, panel.start, fit.effect, level)
    if not np.isfinite(low + high):
        return _Judged(fit, placebos, unmatched, np.nan, np.nan, p, "none")
    p = conformal_p(residuals_under(0.0), panel.start)
    return _Judged(fit, placebos, unmatched, low, high, p, "conformal")


def _make_residuals(panel: TreatedPanel) -> Callable[[float], Floats]:
    """Make the function that takes an effect out and fits the weights to all periods."""
    periods = panel.outcomes.shape[1]

    def residuals(effect: float) -> Floats:
        outcomes = panel.outcomes.copy()
        outcomes[panel.treated, panel.start :] -= effect
        return fit_synthetic_control(outcomes, panel.treated, periods).gap

    return residuals


def _control_row(judged: _Judged) -> Row:
    effects = judged.placebos.effects
    return {
        "term": "effect",
        "estimate": judged.fit.effect,
        "std_error": float(effects.std(ddof=1)) if len(effects) > 1 else np.nan,
        "conf_low": judged.low,
        "conf_high": judged.high,
        "method": "synthetic_control",
        "df": np.nan,
        "label": LABELS["synthetic_control"],
        "period": "",
        "p_value": judged.p_value,
    }


def _error_by(panel: TreatedPanel) -> str:
    treated, others = panel.lots
    return "jackknife" if treated >= min(MANY_TREATED, others) else "placebo"


def _difference_row(
    panel: TreatedPanel,
    fit: SyntheticDifferenceFit | None,
    weighting: Weighting,
    parameters: SyntheticControl,
    rng: np.random.Generator,
) -> Row:
    """Row of a difference-in-differences, with placebo errors, or jackknife when many treated."""
    arrays = (panel.outcomes, panel.treated, panel.start)
    fit = fit or fit_synthetic_difference(*arrays, weighting=weighting)
    if _error_by(panel) == "jackknife":
        error = jackknife_error(panel.outcomes, panel.treated, fit, panel.cluster)
        df = panel.lots[0] - 1
    else:
        effects = placebo_effects(
            *arrays, parameters.draws, rng, weighting=weighting, cluster=panel.cluster
        )
        error = float(effects.std(ddof=1)) if len(effects) > 1 else np.nan
        df = panel.lots[1] - 1
    half = float(stats.t.ppf(0.5 + parameters.confidence_level / 2, df)) * error
    name = "difference_in_differences"
    name = f"synthetic_{name}" if weighting == "synthetic" else name
    return {
        "term": "effect",
        "estimate": fit.effect,
        "std_error": error,
        "conf_low": fit.effect - half,
        "conf_high": fit.effect + half,
        "method": name,
        "df": float(df),
        "label": LABELS[name],
        "period": "",
        "p_value": float(2 * stats.t.sf(abs(fit.effect) / error, df)) if error > 0 else np.nan,
    }


def _rows_by_period(
    panel: TreatedPanel,
    judged: _Judged,
    shown: SyntheticControlFit | SyntheticDifferenceFit,
    parameters: SyntheticControl,
) -> list[Row]:
    """One row a period, counted from the start; where placebos give no interval, from it on."""
    low, high = _ends_by_period(judged, parameters.confidence_level)
    by_placebo = shown is judged.fit and bool(np.isfinite(low).all())
    first = 0 if by_placebo else panel.start
    return [
        {
            "term": "event" if by_placebo else "calendar",
            "estimate": float(shown.gap[column]),
            "std_error": np.nan,
            "conf_low": low[column] if by_placebo else np.nan,
            "conf_high": high[column] if by_placebo else np.nan,
            "method": parameters.primary_analysis,
            "df": np.nan,
            "label": f"Difference in {panel.periods[column]}",
            "period": str(column - panel.start) if by_placebo else panel.periods[column],
            "p_value": np.nan,
        }
        for column in range(first, len(panel.periods))
    ]


def _ends_by_period(judged: _Judged, level: float) -> tuple[list[float], list[float]]:
    """Interval of each period's gap by placebo; missing where there are too few."""
    fit, placebos = judged.fit, judged.placebos
    ends = [
        invert_placebos(float(gap), fit.pre_rmspe, gaps, placebos.pre_rmspes, level)
        for gap, gaps in zip(fit.gap, placebos.gaps.T, strict=True)
    ]
    return [low for low, _ in ends], [high for _, high in ends]
