"""Segmented regression of a series: level and trend before, and what changed in both at a start.

`outcome = b0 + b1 (t - start) + b2 D + b3 (t - full) D + season + measured causes`, where `full`
is the first period of the intervention in full force, D is 1 from then on, b2 the change in
level at `full` and b3 the change in slope (Wagner and others 2002, Journal of Clinical Pharmacy
and Therapeutics 27:299-309; Bernal, Cummins and Gasparrini 2017, International Journal of
Epidemiology 46:348-355). Periods of phasing in are left out, or D rises through them in even
steps. A control series has terms of its own, so that what is estimated is the difference.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.fits.quasi_likelihood import Family, fit_quasi_likelihood
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.inference.autoregressive_errors import (
    average_autoregressive,
    find_gaps,
    fit_autoregressive,
    fit_prais_winsten,
    whiten,
)
from evalkit.inference.linear_fits import LinearFits, fit_least_squares
from evalkit.inference.serial_correlation import fit_newey_west, usual_lags

Method = Literal["reml_averaged", "reml", "prais_winsten", "newey_west", "least_squares"]
TREND, LEVEL, SLOPE = 1, 2, 3
"""Columns of the trend before, the change in level, and the change in slope."""

SEGMENT = 4
"""Columns of level and trend, before those of season; a control series doubles them."""


@dataclass(frozen=True, slots=True)
class Segments:
    """When a series was interrupted and how it varies over the year; times are whole periods.

    `season_length` is the number of periods in a year; `harmonics` pairs of a sine and a cosine,
    or `dummies` that sum to zero over the year, so that effects are those of its average period.
    """

    start: int
    phase_in: int = 0
    ramp: bool = False
    season: Literal["none", "harmonics", "dummies"] = "none"
    season_length: int = 1
    harmonics: int = 1

    @property
    def full(self) -> int:
        """First period of the intervention in full force."""
        return self.start + self.phase_in


@dataclass(frozen=True, slots=True)
class SegmentedFit:
    """A segmented regression: fits of its coefficients, and series of shape (n,).

    `fitted` is on the outcome's scale; `residual` is what the model leaves over on the scale of
    its trend; `surprise` is the part of it that the period before did not lead one to expect.
    """

    fits: LinearFits
    fitted: Floats
    residual: Floats
    surprise: Floats
    design: Floats


def uses_period(segments: Segments, time: Ints) -> Flags:
    """Say which periods count: all, but those of phasing in where they are left out."""
    phasing = (time >= segments.start) & (time < segments.full)
    return np.asarray(~phasing | segments.ramp)


def make_columns(segments: Segments, time: Ints) -> Floats:
    """Return constant, trend, change in level, change in slope and season, (n, p)."""
    since = time - segments.full
    share = (time >= segments.full).astype(float)
    if segments.ramp:
        share = np.clip((time - segments.start + 1) / (segments.phase_in + 1), 0, 1)
    trend = np.column_stack(
        [np.ones(len(time)), time - segments.start, share, np.maximum(since, 0)]
    )
    return np.column_stack([trend, make_season(segments, time)])


def make_season(segments: Segments, time: Ints) -> Floats:
    """Return the columns of the season, (n, k): waves, or periods of the year against the last."""
    length = segments.season_length
    if segments.season == "none" or length < 2:
        return np.empty((len(time), 0))
    if segments.season == "dummies":
        last = np.equal(time % length, length - 1)[:, None]
        return np.asarray(np.equal(time[:, None] % length, np.arange(length - 1)) - 1.0 * last)
    waves = range(1, min(segments.harmonics, length // 2) + 1)
    angle = 2 * np.pi * time / length
    sines = [np.sin(k * angle) for k in waves if 2 * k != length]
    return np.column_stack([*sines, *(np.cos(k * angle) for k in waves)])


def make_design(
    segments: Segments, time: Ints, covariates: Floats | None = None, control: Flags | None = None
) -> Floats:
    """Return the regressors (n, p) of one series, or of a treated one stacked with its control.

    Order: level and trend, season, `covariates` (n, k); where `control` (n,)
    marks the rows of a control series, then the treated series' differences in level and trend.
    """
    parts = [make_columns(segments, time)]
    if covariates is not None:
        parts.append(covariates)
    if control is not None:
        parts.append(parts[0][:, :SEGMENT] * ~control[:, None])
    return np.column_stack(parts)


def make_typical_rows(
    segments: Segments, time: Ints, extra: int = 0, *, controlled: bool = False
) -> Floats:
    """Return the rows of the (treated) series at `time` in an average period of the year.

    `extra` measured causes are at their means.
    """
    own = make_columns(segments, time)
    own[:, SEGMENT:] = 0.0
    parts = [own, np.zeros((len(time), extra)), own[:, :SEGMENT]]
    return np.column_stack(parts if controlled else parts[:2])


def without_change(design: Floats, *, controlled: bool = False) -> Floats:
    """Return the same rows as if level and slope had not changed, or had as in the control."""
    first = design.shape[1] - SEGMENT if controlled else 0
    unchanged = design.copy()
    unchanged[:, [first + LEVEL, first + SLOPE]] = 0.0
    return unchanged


def fit_segmented(
    outcome: Floats,
    time: Ints,
    segments: Segments,
    *,
    method: Method = "reml_averaged",
    family: Family = "linear",
    base: Floats | None = None,
    weight: Floats | None = None,
    covariates: Floats | None = None,
    control: Flags | None = None,
) -> SegmentedFit:
    """Fit level, trend and their changes by `method`, on the outcome, its logs or its log odds.

    Arrays (n,), `covariates` (n, k) less their means; rows sorted by series and time, without
    missing values and without periods that `uses_period` leaves out. `base` counts the people
    behind each value (needed for shares, optional for counts). Raises AnalysisError where
    coefficients cannot be told apart.
    """
    design = make_design(segments, time, covariates, control)
    chain = None if control is None else control.astype(np.int64)
    solve = _solver(method, time, chain)
    fit = fit_quasi_likelihood(outcome, design, solve, family=family, base=base, weight=weight)
    rho = float(fit.fits.weight @ fit.fits.rho)
    white, _ = whiten(fit.residual[:, None], find_gaps(time, chain), np.array([rho]))
    return SegmentedFit(fit.fits, fit.fitted, fit.residual, white[0, :, 0], design)


def _solver(
    method: Method, time: Ints, chain: Ints | None
) -> Callable[[Floats, Floats, Floats | None], LinearFits]:
    """Return the weighted regression of a series by that method."""

    def solve(outcome: Floats, design: Floats, weight: Floats | None) -> LinearFits:
        if method == "least_squares":
            return fit_least_squares(outcome, design, weight=weight)
        if method == "newey_west":
            lags = usual_lags(len(outcome))
            return fit_newey_west(outcome, design, lags, chain=chain, weight=weight)
        fit = {
            "prais_winsten": fit_prais_winsten,
            "reml": fit_autoregressive,
            "reml_averaged": average_autoregressive,
        }[method]
        return fit(outcome, design, time, chain=chain, weight=weight)

    return solve
