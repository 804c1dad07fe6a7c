"""What is regressed on what: the rows, weights and segments of an interrupted series.

A controlled score or percentage is modelled as the difference of the two series, so that shocks
and seasons that both share drop out; controlled counts and log odds are stacked, each with a
level and trend of its own.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.interrupted_series import Interrupted, Series
from evalkit.errors import AnalysisError
from evalkit.fits.quasi_likelihood import Family
from evalkit.fits.segmented_regression import (
    Method,
    SegmentedFit,
    Segments,
    fit_segmented,
    make_design,
    uses_period,
)
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.results.words import listed
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

SPARE = 8
"""Degrees of freedom that must be left before a season is modelled unasked."""


@dataclass(frozen=True, slots=True)
class Model:
    """Rows of the regression, (n,) each, `causes` (n, k) less their means `centre` (k,).

    `control` marks the control's rows where two series are stacked. `scale` turns means of the
    model, be they rates, counts or shares, into the outcome's units. `before` and `after` count
    the points of the shortest series.
    """

    outcome: Floats
    time: Ints
    base: Floats | None
    weight: Floats | None
    causes: Floats
    centre: Floats
    control: Flags | None
    segments: Segments
    family: Family
    scale: float
    before: int
    after: int
    period: str

    @property
    def points(self) -> int:
        """Points of the shortest series that are counted."""
        return self.before + self.after


def build_model(found: Interrupted, parameters: InterruptedTimeSeries) -> Model:
    """Choose the rows, the season and the family; refuse too few points and collinear causes."""
    family = choose_family(parameters)
    plain = Segments(found.start, parameters.phase_in_periods, ramp=parameters.phase_in == "ramp")
    series = [s.at(uses_period(plain, s.time)) for s in _used(found, family)]
    before, after = (
        min(int(np.sum((s.time >= found.start) == late)) for s in series) for late in (False, True)
    )
    _refuse_few(before, after, parameters)
    segments = _choose_season(plain, found, series, family, parameters)
    _refuse_unknown_base(series, family)
    causes = np.vstack([s.causes for s in series])
    model = Model(
        np.concatenate([s.outcome for s in series]) / (100.0 if family == "binomial" else 1.0),
        np.concatenate([s.time for s in series]),
        _base_of(series, family),
        _weight_of(series, family, parameters),
        causes - causes.mean(axis=0),
        causes.mean(axis=0),
        np.repeat([False, True], [len(s.time) for s in series]) if len(series) > 1 else None,
        segments,
        family,
        _scale_of(series, family, parameters),
        before,
        after,
        series[0].period[0],
    )
    _refuse_collinear(model, parameters)
    return model


def fit_model(model: Model, method: Method) -> SegmentedFit:
    """Fit the model by one method."""
    return fit_segmented(
        model.outcome,
        model.time,
        model.segments,
        method=method,
        family=model.family,
        base=model.base,
        weight=model.weight,
        covariates=model.causes,
        control=model.control,
    )


def choose_family(parameters: InterruptedTimeSeries) -> Family:
    """Counts are modelled by logs of rates, percentages by log odds where asked for."""
    if parameters.outcome_kind == "count":
        return "poisson"
    asked = parameters.outcome_kind == "percentage" and parameters.percentage_model == "log_odds"
    return "binomial" if asked else "linear"


def take_difference(treated: Series, control: Series) -> Series:
    """Return treated less control, in the periods that both have.

    Its base is that of a difference: the variance is the sum of the two.
    """
    _, mine, theirs = np.intersect1d(treated.time, control.time, return_indices=True)
    one, other = treated.at(mine), control.at(theirs)
    return Series(
        one.time,
        one.period,
        one.outcome - other.outcome,
        1 / (1 / one.base + 1 / other.base),
        1 / (1 / one.sure + 1 / other.sure),
        one.units + other.units,
        one.causes - other.causes,
    )


def _used(found: Interrupted, family: Family) -> list[Series]:
    if found.control is None:
        return [found.treated]
    if family == "linear":
        return [take_difference(found.treated, found.control)]
    return [found.treated, found.control]


def _refuse_few(before: int, after: int, parameters: InterruptedTimeSeries) -> None:
    least = parameters.minimum_points
    if min(before, after) < least:
        raise AnalysisError(
            f"period: {before} counted before the start and {after} from it on, and minimum_points "
            f"asks for {least} on each side. Give more periods, or shorter ones."
        )


def _choose_season(
    plain: Segments,
    found: Interrupted,
    series: list[Series],
    family: Family,
    parameters: InterruptedTimeSeries,
) -> Segments:
    """Take the season asked for; unasked, one wave where two years and enough points allow it."""
    season, waves, length = parameters.season, parameters.season_waves, found.season_length
    if season == "automatic":
        points = min(len(s.time) for s in series)
        shared = found.control is not None and family == "linear"
        enough = points >= 2 * length and points - 6 - len(parameters.adjust_for) >= SPARE
        season, waves = ("harmonics" if length > 1 and enough and not shared else "none"), 1
    if season == "none" or length == 1:
        return plain
    return Segments(plain.start, plain.phase_in, plain.ramp, season, length, waves)


def _refuse_unknown_base(series: list[Series], family: Family) -> None:
    if family == "binomial" and not all(np.isfinite(s.sure).all() for s in series):
        raise AnalysisError(
            "outcome_base: log odds need to know how many people are behind each percentage. Map "
            "outcome_base, or choose percentage_model linear."
        )
    if family == "poisson" and any((s.outcome < 0).any() for s in series):
        raise AnalysisError("outcome: counts cannot be negative. Choose outcome_kind number.")


def _base_of(series: list[Series], family: Family) -> Floats | None:
    base = np.concatenate([s.sure for s in series])
    return None if family == "linear" or not np.isfinite(base).all() else base


def _weight_of(
    series: list[Series], family: Family, parameters: InterruptedTimeSeries
) -> Floats | None:
    base = series[0].sure
    by_base = parameters.weight_by == "base" and parameters.outcome_kind in ("score", "percentage")
    return base if by_base and family == "linear" and np.isfinite(base).all() else None


def _scale_of(series: list[Series], family: Family, parameters: InterruptedTimeSeries) -> float:
    """Turn into percentage points, or events per so many of the base where that is known."""
    if family == "binomial":
        return 100.0
    known = all(np.isfinite(s.sure).all() for s in series)
    return parameters.rate_per if family == "poisson" and known else 1.0


def _refuse_collinear(model: Model, parameters: InterruptedTimeSeries) -> None:
    if not parameters.adjust_for:
        return
    design = make_design(model.segments, model.time, None, model.control)
    basis, _ = np.linalg.qr(design)
    left = model.causes - basis @ (basis.T @ model.causes)
    size = np.maximum(np.linalg.norm(model.causes, axis=0), 1e-300)
    if np.linalg.matrix_rank(left / size, tol=1e-6) < left.shape[1]:
        raise AnalysisError(
            f"{listed(parameters.adjust_for)}: one does not change, or goes along with level, "
            "trend, season or another of them, so that their parts cannot be told apart. Take it "
            "out of adjust_for."
        )
