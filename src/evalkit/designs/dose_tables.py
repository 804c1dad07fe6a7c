"""Tables of a dose-response study: its curve, how the dose varies, and what is not seen."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.dose_effects import Slopes, fit_within, is_told, make_contrasts
from evalkit.designs.dose_rows import DoseRows
from evalkit.errors import AnalysisError
from evalkit.fits.dose_curves import (
    DoseShape,
    Shape,
    joint_test,
    make_shape,
)
from evalkit.fits.unit_panel import moving_units
from evalkit.inference.arrays import Floats
from evalkit.inference.clustered import FEW_CLUSTERS
from evalkit.inference.least_squares import fit_least_squares, iid_covariance
from evalkit.sensitivity.omitted_variables import (
    Strength,
    adjust_estimate,
    bound_by_benchmark,
    partial_r2,
    robustness_value,
)
from evalkit.study.schemas.dose_response import DoseResponse

SHAPES: tuple[Shape, ...] = ("linear", "quadratic", "spline")
CURVE_POINTS = 5
"""Doses of the curve on each side of the middle one, which counts on both."""

RELIABILITIES = (1.0, 0.95, 0.9, 0.8, 0.7)
UNMEASURED = ["cause", "share_of_dose", "share_of_outcome", "estimate"]
LOWEST_RELIABILITY = 0.3
"""Below this share of signal within units a corrected slope is mostly error."""


@dataclass(frozen=True, slots=True)
class FittedShape:
    """A shape of the line and its coefficients."""

    shape: DoseShape
    slopes: Slopes


def fit_shapes(rows: DoseRows) -> list[FittedShape]:
    """Fit the shapes that the doses can tell, the straight one first; few clusters, fewer knots."""
    knots = 3 if rows.clusters < FEW_CLUSTERS else 4
    made = [make_shape(name, rows.dose, knots=knots) for name in SHAPES]
    columns = [(shape, shape.columns(rows.dose)) for shape in made if shape]
    return [FittedShape(s, fit_within(rows, c)) for s, c in columns if is_told(rows, c)]


def tabulate_curve(
    rows: DoseRows, fitted: list[FittedShape], parameters: DoseResponse
) -> pd.DataFrame:
    """Draw the difference from the middle dose: `shape, dose, difference, conf_low, conf_high`.

    The straight line and the one that may bend most; doses from the 5th in a hundred to the 95th.
    """
    low, middle, high = np.quantile(rows.dose, [0.05, 0.5, 0.95])
    sides = np.linspace(low, middle, CURVE_POINTS), np.linspace(middle, high, CURVE_POINTS)
    grid = np.concatenate([sides[0], sides[1][1:]])
    parts = []
    for one in fitted if len(fitted) < 2 else [fitted[0], fitted[-1]]:
        weights = one.shape.columns(grid) - one.shape.columns(np.array([middle]))
        ends = make_contrasts(one.slopes, weights, parameters.confidence_level)
        columns = dict(zip(("difference", "conf_low", "conf_high"), ends, strict=True))
        parts.append(pd.DataFrame({"shape": one.shape.name, "dose": grid, **columns}))
    return pd.concat(parts, ignore_index=True)


def straight_line(rows: DoseRows, slope: float) -> Floats:
    """What the straight line expects of the outcome at the two ends of `tabulate_curve`: (2,)."""
    ends = np.quantile(rows.dose, [0.05, 0.95])
    return np.asarray(rows.outcome.mean() + slope * (ends - rows.dose.mean()))


def tabulate_bend_tests(fitted: list[FittedShape]) -> pd.DataFrame:
    """Test straightness against each shape: `shape, statistic, df, p_value`."""
    found = []
    for one in fitted[1:]:
        slopes = one.slopes
        test = joint_test(slopes.coef[1:], slopes.cov[1:, 1:], slopes.df[1:])
        found.append(
            {
                "shape": one.shape.name,
                "statistic": test.statistic,
                "df": test.df_error,
                "p_value": test.p_value,
            }
        )
    return pd.DataFrame(found, columns=["shape", "statistic", "df", "p_value"])


def tabulate_variation(rows: DoseRows) -> pd.DataFrame:
    """Say how much the dose moves, and where: `measure, value`."""
    moving = moving_units(rows.dose, rows.unit)
    within, left = _within_shares(rows)
    return pd.DataFrame(
        {
            "measure": [
                "rows",
                "rows left out",
                "units",
                "units whose dose changes",
                "clusters",
                "share of the dose's variation within units",
                "share left within units, periods and adjusters",
            ],
            "value": [
                float(rows.n),
                float(rows.given - rows.n),
                float(len(moving)),
                float(moving.sum()),
                float(rows.clusters),
                within,
                left,
            ],
        }
    )


def _within_shares(rows: DoseRows) -> tuple[float, float]:
    """Share of the dose's sum of squares within units, and what all that is held fixed leaves."""
    total = float(np.sum((rows.dose - rows.dose.mean()) ** 2))
    fit = fit_least_squares(rows.dose, rows.held, unit=rows.unit)
    left = float(fit.residual @ fit.residual)
    size = np.bincount(rows.unit)
    apart = rows.dose - (np.bincount(rows.unit, rows.dose) / size)[rows.unit]
    return float(apart @ apart) / total, left / total


def tabulate_dose_error(rows: DoseRows, slope: float) -> pd.DataFrame:
    """Say what the slope would be were the dose measured with error.

    `assumed_true_share` is the share of the dose's variation over all rows that is not error,
    `true_share_left` what is then left of it within units; the slope is missing where error
    would make up most of that. Griliches and Hausman 1986 (Journal of Econometrics 31:93-118).
    """
    left = _within_shares(rows)[1]
    assumed = np.array(RELIABILITIES)
    within = 1 - (1 - assumed) / left
    usable = within >= LOWEST_RELIABILITY
    corrected = np.where(usable, slope / np.where(usable, within, 1.0), np.nan)
    return pd.DataFrame(
        {
            "assumed_true_share": assumed,
            "true_share_left": np.clip(within, 0, 1),
            "estimate": corrected,
        }
    )


def tabulate_unmeasured(rows: DoseRows, parameters: DoseResponse) -> pd.DataFrame:
    """Say how strong an unmeasured cause must be to change the slope: see `UNMEASURED`.

    The first row leaves nothing of the slope; the others are as strong as each adjuster.
    """
    regressors = np.column_stack([rows.dose, rows.held])
    outcome = fit_least_squares(rows.outcome, regressors, unit=rows.unit)
    dose = fit_least_squares(rows.dose, rows.held, unit=rows.unit)
    if outcome.df < 2 or outcome.residual @ outcome.residual < 1e-12:
        return pd.DataFrame(columns=UNMEASURED)
    errors = np.sqrt(np.diag(iid_covariance(outcome)))
    step = parameters.dose_step
    estimate, error = float(outcome.coef[0]) * step, float(errors[0]) * step
    value = robustness_value(estimate / error, outcome.df)
    found = [("strong enough to leave nothing", value, value, 0.0)]
    dose_errors = np.sqrt(np.diag(iid_covariance(dose)))
    for at, name in enumerate(parameters.adjust_for):
        with_dose = partial_r2(float(dose.coef[at] / dose_errors[at]), dose.df)
        with_outcome = partial_r2(float(outcome.coef[at + 1] / errors[at + 1]), outcome.df)
        found += _as_strong_as(name, with_dose, with_outcome, (estimate, error, outcome.df))
    return pd.DataFrame(found, columns=UNMEASURED)


def _as_strong_as(
    name: str, with_dose: float, with_outcome: float, fit: tuple[float, float, int]
) -> list[tuple[str, float, float, float]]:
    try:
        bound: Strength = bound_by_benchmark(with_dose, with_outcome)
    except AnalysisError:
        return []
    adjusted = adjust_estimate(*fit, bound)
    return [(f"as strong as {name}", bound.with_exposure, bound.with_outcome, adjusted.estimate)]
