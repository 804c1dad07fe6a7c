"""How far from parallel trends may have been, for the event study of a staggered change.

Two averages are asked for: the first period with the change, and the mean of all periods since.
Each with the trend after the change at most so many times as strong as before (relative
magnitudes), and with its slope turning by at most so much a period (smoothness), in shares of the
least difference that matters. Errors are widened where few clusters ask for Student's t, because
the bounds themselves take errors as normal.
Source: Rambachan and Roth 2023, Review of Economic Studies 90:2555-2591.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.staggered_inference import Judged
from evalkit.inference.arrays import Floats
from evalkit.sensitivity.honest_did import (
    EventStudy,
    bound_by_ratio,
    bound_by_turn,
    find_breakdown,
)
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

RATIOS = (0.0, 0.5, 1.0, 2.0)
TURNS = (0.0, 0.25, 0.5)
"""Shares of the least difference that matters by which the slope may turn each period."""
LARGEST_TURN = 2.0
"""A turn that may be larger than this share before zero comes within is reported as this."""
PRECISION = 0.05
COLUMNS = ["average", "restriction", "bound", "conf_low", "conf_high", "level", "breakdown"]
FIRST, EVERY = "First period with it", "All periods since, alike"
MOVES = "Moves in a period, as a multiple of the largest before the start"
TURNS_BY = "Turn of the slope from one period to the next, in the outcome's units"


def tabulate_honest_did(judged: Judged, parameters: StaggeredAdoption) -> pd.DataFrame:
    """Intervals under bounded departures, and the ratio at which zero comes within (`breakdown`).

    Empty where there are not two periods before the change to see a trend in.
    """
    rows = []
    for average in (FIRST, EVERY):
        study = _make_study(judged, parameters, average)
        if study is not None:
            rows += _bound(study, average, parameters)
    return pd.DataFrame(rows, columns=COLUMNS)


def _bound(
    study: EventStudy, average: str, parameters: StaggeredAdoption
) -> list[dict[str, object]]:
    level, important = parameters.confidence_level, parameters.minimum_important_difference
    moves = find_breakdown(study, level=level, precision=PRECISION)
    turns = _find_turn(study, level, important)
    found = [(MOVES, ratio, moves, bound_by_ratio(study, ratio, level=level)) for ratio in RATIOS]
    found += [
        (TURNS_BY, share * important, turns, bound_by_turn(study, share * important, level=level))
        for share in TURNS
    ]
    return [
        {
            "average": average,
            "restriction": restriction,
            "bound": bound,
            "conf_low": ends.conf_low,
            "conf_high": ends.conf_high,
            "level": level,
            "breakdown": breakdown,
        }
        for restriction, bound, breakdown, ends in found
    ]


def _find_turn(study: EventStudy, level: float, important: float) -> float:
    """Largest turn at which zero is still excluded; 0 where even a straight trend includes it."""

    def excludes(turn: float) -> bool:
        return bound_by_turn(study, turn, level=level).excludes_zero

    low, high = 0.0, LARGEST_TURN * important
    if excludes(high):
        return high
    while excludes(low) and high - low > PRECISION * important:
        middle = (low + high) / 2
        low, high = (middle, high) if excludes(middle) else (low, middle)
    return low


def _make_study(judged: Judged, parameters: StaggeredAdoption, average: str) -> EventStudy | None:
    """The estimates that follow on one another around the reference period; None without a past."""
    reference = -1 - parameters.anticipation
    at = [i for i in judged.averages.positions("event") if judged.std_error[i] > 0]
    keys = {round(judged.averages.rows[i].key or 0.0): i for i in at}
    before = _run(keys, reference, -1)[::-1]
    after = _run(keys, reference, 1)
    since = np.array([key >= 0 for key in after])
    if not before or not since.any():
        return None
    weights = np.where(since, 1.0, 0.0)
    if average == FIRST:
        weights = np.where(np.array(after) == 0, 1.0, 0.0)
    if not weights.any():
        return None
    chosen = [keys[key] for key in (*before, *after)]
    wide = _widening(judged.df[chosen], parameters.confidence_level)
    covariance = judged.covariance[np.ix_(chosen, chosen)] * np.outer(wide, wide)
    return EventStudy(
        judged.averages.estimate[chosen], covariance, len(before), weights / weights.sum()
    )


def _run(keys: dict[int, int], reference: int, step: int) -> list[int]:
    """Keys that follow on the reference period without a gap."""
    found: list[int] = []
    while (key := reference + step * (len(found) + 1)) in keys:
        found.append(key)
    return found


def _widening(df: Floats, level: float) -> Floats:
    """Student's quantile over the normal one, (k,)."""
    chance = 0.5 + level / 2
    return np.asarray(stats.t.ppf(chance, df) / stats.norm.ppf(chance))
