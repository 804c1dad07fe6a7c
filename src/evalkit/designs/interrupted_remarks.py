"""What is said of the data and the model of an interrupted series, in plain words."""

import numpy as np

from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.interrupted_effects import time_of_level
from evalkit.designs.interrupted_model import Model
from evalkit.designs.interrupted_series import Interrupted, Series
from evalkit.designs.outcome_rates import say_compared
from evalkit.fits.segmented_regression import Method, SegmentedFit, uses_period
from evalkit.inference.arrays import Floats
from evalkit.results.words import counted, number, period_word
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

COMFORTABLE = 12
"""Points on a side below which even a large change is often missed (Hawley and others 2019)."""

DRIFTS = 0.8
"""Correlation of neighbouring errors from which a series hardly comes back to its trend."""

_CARRIES = "What is left of a {period} was taken to carry over to the next"
_NARROW = "in a short series such an interval is too narrow"
MUCH_CHANCE = 0.4
"""Share of what is left, chance in who answered, that could hide a level that drifts slowly."""

_INFERENCE: dict[Method, str] = {
    "reml_averaged": f"{_CARRIES}; the interval allows for not knowing by how much",
    "reml": f"{_CARRIES} by as much as fits best; {_NARROW}",
    "prais_winsten": f"{_CARRIES} (Prais-Winsten); {_NARROW}",
    "newey_west": "Errors allow for correlation over time (Newey-West)",
    "least_squares": (
        "With so few {period}s each was taken by itself; where what is left of one carries over to "
        "the next, as it usually does, such an interval holds the truth less often than it says"
    ),
}


def make_remarks(
    found: Interrupted,
    model: Model,
    fit: SegmentedFit,
    method: Method,
    expected: Floats,
    parameters: InterruptedTimeSeries,
) -> tuple[str, ...]:
    """Say what the series is made of, how long it is, and how its errors were treated.

    `expected` (periods from the start on,) is what the intervention is compared with.
    """
    word = period_word(model.period)
    said = [
        *_made_of(found, parameters),
        _length(model),
        *_left_out(found, model),
        *_weights(model, parameters),
        *_season(found, model),
        *_moved(model, parameters),
        f"{_INFERENCE[method].format(period=word)}.",
    ]
    said += _chance(found, model, fit, parameters)
    said += say_outside_range(
        expected,
        parameters.outcome_kind,
        f"in at least one of {counted(len(expected), word)}",
        "a straight line that goes on cannot bend before the end of the scale",
    )
    said += _nested(found)
    rho = float(fit.fits.weight @ fit.fits.rho)
    if rho >= DRIFTS:
        said.append(
            f"Neighbouring {word}s correlate by about {number(rho)}: the series drifts, so that a "
            "level from the past tells little of the level to be expected."
        )
    return tuple(said)


def _made_of(found: Interrupted, parameters: InterruptedTimeSeries) -> list[str]:
    said = []
    for name, series in (("with", found.treated), ("without", found.control)):
        if series is None or series.units.max() == 1:
            continue
        most, least = int(series.units.max()), int(series.units.min())
        how = "adding up their events" if parameters.outcome_kind == "count" else "averaging"
        if parameters.outcome_kind != "count" and np.isfinite(series.base).all():
            how = "averaging, each by its answers"
        said.append(
            f"The {counted(most, 'unit')} {name} the intervention were made one series by {how}."
        )
        if least < most:
            said.append(
                f"In some periods only {least} of {most} units {name} the intervention report, so "
                "that who is in the series changes over time."
            )
    if found.control is None:
        said.append(
            "There is no control series: whatever else happened at the start is part of the "
            "difference."
        )
    return said


def _nested(found: Interrupted) -> list[str]:
    """Say what clusters of units do and do not change."""
    if not found.nested:
        return []
    said = [
        "Sureness is told by how the series moves over time, not by the number of units, so units "
        "of a cluster that are alike do not make the interval too narrow. Something else that "
        "began in a whole cluster then would look the same."
    ]
    if found.shared:
        many = found.shared != 1
        said.append(
            f"{counted(found.shared, 'cluster')} {'have' if many else 'has'} units both with and "
            "without the intervention: what of it reaches the control makes the difference too "
            "small."
        )
    return said


def _length(model: Model) -> str:
    word = period_word(model.period)
    said = f"There are {counted(model.before, word)} before the start and {model.after} from it on"
    if min(model.before, model.after) < COMFORTABLE:
        return f"{said}; with fewer than {COMFORTABLE} on a side even a large change can be missed."
    return f"{said}."


def _left_out(found: Interrupted, model: Model) -> list[str]:
    said = []
    series = found.treated
    phasing = int(np.sum(~uses_period(model.segments, series.time)))
    if phasing:
        said.append(f"{_some(phasing)} of phasing in {_were(phasing)} left out.")
    elif model.segments.phase_in:
        said.append(
            f"The effect was taken to build up evenly over {_some(model.segments.phase_in)}."
        )
    gaps = _gaps(series)
    if gaps:
        said.append(f"{_some(gaps)} within the series {_were(gaps)} missing.")
    if found.control is not None and model.control is None:
        alone = len(np.setxor1d(series.time, found.control.time))
        if alone:
            said.append(
                f"{_some(alone)} that only one of the two series has {_were(alone)} left out."
            )
    return said


def _chance(
    found: Interrupted, model: Model, fit: SegmentedFit, parameters: InterruptedTimeSeries
) -> list[str]:
    """Say where much of what is left of percentages is chance in who answered."""
    series = [s for s in (found.treated, found.control) if s is not None]
    known = all(np.isfinite(s.base).all() for s in series)
    if parameters.outcome_kind != "percentage" or model.family != "linear" or not known:
        return []
    noise = sum(float(np.mean(s.outcome * (100 - s.outcome) / s.sure)) for s in series)
    share = noise * fit.fits.df / max(float(fit.residual @ fit.residual), 1e-300)
    if share < MUCH_CHANCE:
        return []
    percent = number(100 * min(share, 1), 0)
    return [
        f"About {percent}% of what is left is chance in who answered; if the rest drifts slowly, "
        "the interval is too narrow."
    ]


def _gaps(series: Series) -> int:
    return int(series.time[-1] - series.time[0] + 1 - len(series.time))


def _some(count: int) -> str:
    return counted(count, "period")


def _were(count: int) -> str:
    return "was" if count == 1 else "were"


def _weights(model: Model, parameters: InterruptedTimeSeries) -> list[str]:
    if model.weight is not None:
        return [f"Each {period_word(model.period)} counts by how many people answered."]
    if parameters.weight_by == "base" and parameters.outcome_kind in ("score", "percentage"):
        known = model.family == "binomial"
        return (
            []
            if known
            else ["How many people answered is not known: every period counts the same."]
        )
    if model.family == "poisson" and model.base is None:
        return [say_compared(parameters.rate_per, known=False)]
    if model.family == "poisson":
        return [say_compared(parameters.rate_per, known=True)]
    return []


def _moved(model: Model, parameters: InterruptedTimeSeries) -> list[str]:
    """Say that the later effect is not told for the time that was asked for."""
    asked = parameters.level_at_periods
    if asked is None or time_of_level(model, parameters) == model.segments.start + asked:
        return []
    word = period_word(model.period)
    return [
        f"The data tell of no effect {counted(asked, word)} after the start, but of the nearest."
    ]


def _season(found: Interrupted, model: Model) -> list[str]:
    segments = model.segments
    if segments.season == "harmonics":
        waves = min(segments.harmonics, segments.season_length // 2)
        return [f"Season was allowed for by {counted(waves, 'wave')} a year."]
    if segments.season == "dummies":
        return ["Season was allowed for by a level of its own for each period of the year."]
    if found.season_length == 1:
        return []
    if found.control is not None and model.control is None:
        return ["A season that both series share drops out of their difference."]
    if model.points < 2 * found.season_length:
        return ["No season was allowed for: under two years, it cannot be told from the change."]
    return ["No season was allowed for."]
