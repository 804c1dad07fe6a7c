"""Regression discontinuity: did those just offered it fare better than those just not?

Compares: people (or units) just beyond a threshold with those just short of it.
Estimates: the jump of the outcome at the threshold, which is the effect of the offer on those
there; where the role `offered` says who took it up, the jump over the jump of take-up, which is
the effect on those who take it up because they crossed.
Must hold: nobody places themselves exactly; nothing else changes at the threshold; for take-up,
the offer acts only through it and deters nobody.
Uncertainty: robust bias-corrected intervals; by cluster, with the jackknife below 40 of them. The
headline is the estimate less its estimated bias, in the middle of its interval; the local linear
one that the method's authors print beside that interval stands in a row of its own.
Sources: Calonico, Cattaneo and Titiunik 2014, Econometrica 82:2295-2326; Cattaneo, Idrobo and
Titiunik 2020, A Practical Introduction to Regression Discontinuity Designs.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.discontinuity_remarks import make_remarks
from evalkit.designs.discontinuity_tables import draw_lines, make_tables
from evalkit.designs.outcome_rates import say_rates, with_rates
from evalkit.designs.threshold_sample import ThresholdSample, make_sample
from evalkit.errors import AnalysisError
from evalkit.fits.local_linear import (
    DiscontinuityFit,
    fit_discontinuity,
    partial_out,
    select_bandwidths,
)
from evalkit.inference.arrays import Floats
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity

WEAK = 10.0
"""F of the jump in take-up below which dividing by it is not safe (Staiger and Stock 1997)."""

TOUCHING = 1e-9
"""Share of the bandwidth that counts as at the threshold."""

LABELS = {
    "effect": "Gap at the threshold",
    "offer": "Gap between offered and not, whoever took it up",
}
STRAIGHT = "Gap by straight lines, whatever bends they miss"

Row = dict[str, object]


def estimate(table: pd.DataFrame, parameters: RegressionDiscontinuity) -> Result:
    """Estimate the jump at the threshold, with what would show that it is none."""
    sample = make_sample(with_rates(table, parameters), parameters)
    level = parameters.confidence_level
    widths = _bandwidths(sample, parameters)
    outcome = _adjusted(sample, widths, parameters)
    _refuse_few_near(sample, widths, parameters)
    first = _first_stage(sample, widths)
    fit = _fit(sample, outcome, widths, sample.takeup)
    rows = as_rows("effect", fit, level)
    if first is not None:
        rows += as_rows("offer", _fit(sample, outcome, widths), level)[:1]
    tables = make_tables(sample, outcome, fit, first, parameters)
    rates = say_rates(table, parameters)
    ends = draw_lines(sample, outcome, fit, np.array([-TOUCHING, TOUCHING]) * fit.bandwidth)
    return Result(
        "regression_discontinuity",
        as_table(rows, parameters),
        {"term": "effect", "method": "local_linear_robust"},
        permits_cause=True,
        tables=tables,
        remarks=(*make_remarks(sample, fit, ends, tables, parameters), *rates),
    )


def _bandwidths(
    sample: ThresholdSample, parameters: RegressionDiscontinuity
) -> tuple[float, float]:
    """The bandwidths for the jump and its bias: the protocol's, or chosen from the data."""
    if parameters.bandwidth is not None:
        return parameters.bandwidth, parameters.bandwidth
    try:
        return select_bandwidths(sample.distance, sample.outcome, sample.cluster, sample.weight)
    except (np.linalg.LinAlgError, ValueError):
        raise AnalysisError(
            "running: too few distinct values near the threshold for the data to say how near to "
            "look. Set bandwidth, or give a finer running variable."
        ) from None


def _adjusted(
    sample: ThresholdSample, widths: tuple[float, float], parameters: RegressionDiscontinuity
) -> Floats:
    if not parameters.adjust_for:
        return sample.outcome
    covariates = np.column_stack([sample.covariates[name] for name in parameters.adjust_for])
    try:
        return partial_out(sample.distance, sample.outcome, covariates, widths[0], sample.weight)
    except np.linalg.LinAlgError:
        raise AnalysisError(
            f"{', '.join(parameters.adjust_for)}: near the threshold one does not vary, or is a "
            "sum of the others. Take it out of adjust_for."
        ) from None


def _refuse_few_near(
    sample: ThresholdSample, widths: tuple[float, float], parameters: RegressionDiscontinuity
) -> None:
    near = sample.distance[np.abs(sample.distance) < widths[0]]
    short, beyond = int((near < 0).sum()), int((near >= 0).sum())
    if min(short, beyond) < parameters.least_near:
        raise AnalysisError(
            f"running: {short} rows just short of the threshold and {beyond} beyond it, and "
            f"least_near asks for {parameters.least_near} on each side. Give more rows, or a "
            "wider bandwidth."
        )


def _fit(
    sample: ThresholdSample,
    values: Floats,
    widths: tuple[float, float],
    takeup: Floats | None = None,
) -> DiscontinuityFit:
    try:
        return fit_discontinuity(
            sample.distance,
            values,
            takeup=takeup,
            cluster=sample.cluster,
            weight=sample.weight,
            bandwidths=widths,
        )
    except np.linalg.LinAlgError:
        raise AnalysisError(
            "running: too few distinct values near the threshold to fit a line and its curvature "
            "on each side. Widen bandwidth, or give a finer running variable."
        ) from None


def _first_stage(sample: ThresholdSample, widths: tuple[float, float]) -> DiscontinuityFit | None:
    """Fit the jump in take-up, where it is not all or nothing; refuse one that hardly jumps."""
    if sample.takeup is None:
        return None
    first = _fit(sample, sample.takeup, widths)
    if (first.estimate / max(first.std_error, 1e-12)) ** 2 < WEAK:
        raise AnalysisError(
            "offered: take-up hardly jumps at the threshold, so the effect of taking it up cannot "
            "be told. Check threshold and offered_side, or leave offered out to estimate the "
            "effect of the offer."
        )
    return first


def as_rows(term: str, fit: DiscontinuityFit, level: float) -> list[Row]:
    """Make the robust row and the conventional row of a fit."""
    ways = (
        ("local_linear_robust", LABELS[term], fit.corrected, fit.robust_error),
        ("local_linear", STRAIGHT, fit.estimate, fit.std_error),
    )
    rows: list[Row] = []
    for method, label, centre, error in ways:
        half = float(stats.t.ppf(0.5 + level / 2, fit.df)) * error
        rows.append(
            {
                "term": term,
                "estimate": centre,
                "std_error": error,
                "conf_low": centre - half,
                "conf_high": centre + half,
                "n": fit.rows_below + fit.rows_above,
                "clusters": fit.clusters,
                "method": method,
                "df": fit.df if np.isfinite(fit.df) else np.nan,
                "label": label,
                "p_value": float(2 * stats.t.sf(abs(centre) / max(error, 1e-300), fit.df)),
            }
        )
    return rows


def as_table(rows: list[Row], parameters: RegressionDiscontinuity) -> pd.DataFrame:
    """Complete the rows with what they share, in the order of a tidy table of estimates."""
    frame = pd.DataFrame(rows)
    frame["level"], frame["outcome"] = parameters.confidence_level, "outcome"
    frame["facet"], frame["group"] = parameters.outcome_facet, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    return frame[[*ESTIMATE_COLUMNS, *rest]]
