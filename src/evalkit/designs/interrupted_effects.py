"""The effects that an interrupted series has, each a signed sum of what its model predicts."""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.interrupted_model import Model
from evalkit.errors import AnalysisError
from evalkit.fits.quasi_likelihood import describe_differences
from evalkit.fits.segmented_regression import make_typical_rows, without_change
from evalkit.inference.arrays import Floats
from evalkit.inference.linear_fits import Contrasts, LinearFits, describe_contrasts
from evalkit.results.words import counted, counted_in_words, period_word
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries


@dataclass(frozen=True, slots=True)
class Effects:
    """Terms and labels (q,); `predictions` (k, p) with and then without the change; `signs` (q, k).

    Counts and shares are for an average period of the year, `causes` at their means.
    """

    terms: tuple[str, ...]
    labels: tuple[str, ...]
    predictions: Floats
    signs: Floats


def list_effects(model: Model, parameters: InterruptedTimeSeries) -> Effects:
    """List the effects: at full force, per period, at one time, and on average since the start.

    Raises AnalysisError for a time that the data do not reach.
    """
    segments = model.segments
    at = time_of_level(model, parameters)
    since = np.unique(model.time[model.time >= segments.start])
    times = np.unique(np.concatenate([[segments.full, segments.full + 1, at], since]))
    controlled = model.control is not None
    changed = make_typical_rows(segments, times, model.causes.shape[1], controlled=controlled)
    level, next_level, later = (
        np.equal(times, t) * 1.0 for t in (segments.full, segments.full + 1, at)
    )
    average = np.isin(times, since) / len(since)
    weights = np.array([level, next_level - level, later, average])
    unit = period_word(model.period)
    return Effects(
        ("level", "slope", "level_at", "average"),
        (
            "Change in level at the start"
            if not segments.phase_in
            else "Change in level once in full force",
            f"Change in slope, per {unit}",
            f"Effect {counted_in_words(at - segments.start, unit)} after the start",
            "Average effect since the start",
        ),
        np.vstack([changed, without_change(changed, controlled=controlled)]),
        np.hstack([weights, -weights]),
    )


def describe_effects(effects: Effects, model: Model, fits: LinearFits, level: float) -> Contrasts:
    """Describe each effect in the outcome's units."""
    return describe_differences(
        fits,
        effects.predictions,
        effects.signs,
        family=model.family,
        scale=model.scale,
        level=level,
    )


def describe_ratios(effects: Effects, fits: LinearFits, level: float) -> Contrasts:
    """Describe each effect as a ratio of rates or odds; the average one is a geometric mean."""
    found = describe_contrasts(fits, effects.signs @ effects.predictions, level)
    ratio = np.exp(found.estimate)
    return Contrasts(
        ratio,
        ratio * found.std_error,
        np.exp(found.conf_low),
        np.exp(found.conf_high),
        found.p_value,
    )


def time_of_level(model: Model, parameters: InterruptedTimeSeries) -> int:
    """Return the time at which `level_at` is read: as asked, or the nearest that the data tell of.

    Raises AnalysisError where it answers the question and cannot be read as asked.
    """
    segments, last = model.segments, int(model.time.max())
    first = segments.start if segments.ramp else segments.full
    after = parameters.level_at_periods
    at = last if after is None else segments.start + after
    if parameters.primary == "level_at" and not first <= at <= last:
        raise AnalysisError(
            f"level_at_periods ({after}): the data tell of effects from "
            f"{counted(first - segments.start, 'period')} to "
            f"{counted(last - segments.start, 'period')} after the start. Choose one of them."
        )
    return min(max(at, first), last)
