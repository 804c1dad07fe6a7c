"""Statistical process control: the mean of a series and the limits of its usual variation.

XmR charts follow Making Data Count (NHS England), as the R package NHSRplotthedots computes them:
limits lie 2.66 average moving ranges from the mean; moving ranges of 3.267 times the average and
more are left out once before the average is taken again; a chart is divided only where a person
says so and why. Charts of percentages (p) and rates (u) have limits of three standard errors, by
default widened or narrowed by how the points really vary (Laney 2002, Quality Engineering
14:531-537: p' and u'), since with large numbers of people chance alone explains too little.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints

LIMIT = 2.66
"""Average moving ranges from the mean to a limit: three, over 1.128."""

SCREEN = 3.267
"""Limit of moving ranges in averages; those from it on are left out when screening."""

RANGE_TO_SD = 1.128
"""Average moving range of independent normal values with standard deviation one."""

NEAR = 2 / 3
"""Part of the way from the mean to a limit beyond which a point is near it."""

COLUMNS = (
    *("value", "part", "moving_range", "average_range", "upper_range"),
    *("mean", "lower", "upper", "near_lower", "near_upper"),
)


@dataclass(frozen=True, slots=True)
class Rebase:
    """A known change of the process, from `position` (counted from 0) on, and why it is known.

    Limits are computed afresh from there on. A change is never looked for in the data.
    """

    position: int
    reason: str


def chart_xmr(
    values: Floats,
    *,
    rebases: Sequence[Rebase] = (),
    fix_after: int | None = None,
    screen: bool = True,
) -> pd.DataFrame:
    """Return mean and limits for each point, in order of time, one row a point.

    Columns: `value, part, moving_range, average_range, upper_range, mean, lower, upper,
    near_lower, near_upper`. `upper_range` is the limit of moving ranges. `part` counts the
    stretches between rebases, and ranges do not cross from one to the next. `screen` leaves out
    large ranges. `fix_after` takes mean and limits of each stretch from its first points alone.
    """
    frame = _start(values, rebases, fix_after)
    return _by_part(frame, lambda part: _xmr_limits(part, fix_after, screen))


def chart_percentages(
    events: Floats,
    base: Floats,
    *,
    rebases: Sequence[Rebase] = (),
    fix_after: int | None = None,
    laney: bool = True,
) -> pd.DataFrame:
    """Return a p chart, or p' with `laney`: percentages 0-100 and limits that depend on the base.

    `events` of `base` people in each period, (n,). Columns as of `chart_xmr`; the ranges are those
    of the points in standard errors.
    """
    _refuse_base(base)
    if np.any((events < 0) | (events > base)):
        raise AnalysisError("events: some are negative or more than their base. Correct them.")
    frame = _start(100 * events / base, rebases, fix_after)

    def spread(centre: float) -> float:
        return float(np.sqrt(centre * (100 - centre)))

    return _by_part(
        frame.assign(size=base), lambda part: _share_limits(part, fix_after, laney, spread, 100.0)
    )


def chart_rates(
    events: Floats,
    base: Floats,
    *,
    per: float = 1000.0,
    rebases: Sequence[Rebase] = (),
    fix_after: int | None = None,
    laney: bool = True,
) -> pd.DataFrame:
    """Return a u chart, or u' with `laney`: events `per` so many of the base.

    Arguments and columns as of `chart_percentages`; events may be more than the base.
    """
    _refuse_base(base)
    if np.any(events < 0):
        raise AnalysisError("events: some are negative. Correct them.")
    frame = _start(per * events / base, rebases, fix_after)

    def spread(centre: float) -> float:
        return float(np.sqrt(per * centre))

    return _by_part(
        frame.assign(size=base), lambda part: _share_limits(part, fix_after, laney, spread, np.inf)
    )


def _start(values: Floats, rebases: Sequence[Rebase], fix_after: int | None) -> pd.DataFrame:
    missing = int(np.sum(~np.isfinite(values)))
    if missing or len(values) < 2:
        raise AnalysisError(
            f"values: {len(values)} points, {missing} of them missing. Give two points or more, "
            "and leave out periods without a value."
        )
    if fix_after is not None and fix_after < 2:
        raise AnalysisError(f"fix_after ({fix_after}): limits need two points at the least.")
    return pd.DataFrame({"value": values, "part": _parts(len(values), rebases)})


def _parts(n: int, rebases: Sequence[Rebase]) -> Ints:
    positions = [rebase.position for rebase in rebases]
    silent = sum(not rebase.reason.strip() for rebase in rebases)
    if silent:
        raise AnalysisError(
            f"rebases: {silent} without a reason. Say what is known to have changed the process "
            "then, or do not rebase."
        )
    ends = [0, *positions, n]
    if any(later - earlier < 2 for earlier, later in pairwise(ends)):
        raise AnalysisError(
            "rebases: positions must rise and leave two points or more in every part. Take some "
            "out."
        )
    return np.searchsorted(np.array(positions), np.arange(n), side="right").astype(np.int64)


def _by_part(frame: pd.DataFrame, limits: Callable[[pd.DataFrame], pd.DataFrame]) -> pd.DataFrame:
    parts = [limits(part) for _, part in frame.groupby("part", sort=True)]
    return pd.concat(parts)[list(COLUMNS)]


def _xmr_limits(part: pd.DataFrame, fix_after: int | None, screen: bool) -> pd.DataFrame:
    values = part["value"].to_numpy(float)
    centre = float(values[:fix_after].mean())
    average = _average_range(np.abs(np.diff(values[:fix_after])), screen)
    half = np.full(len(values), LIMIT * average)
    return _with_limits(part, values, average, centre, half, (-np.inf, np.inf))


def _average_range(ranges: Floats, screen: bool) -> float:
    average = float(ranges.mean())
    kept = ranges[ranges < SCREEN * average] if screen else ranges
    return float(kept.mean()) if len(kept) else average


def _share_limits(
    part: pd.DataFrame,
    fix_after: int | None,
    laney: bool,
    spread: Callable[[float], float],
    ceiling: float,
) -> pd.DataFrame:
    """Limits of three standard errors, `spread(centre) / sqrt(size)`, times Laney's factor."""
    values, size = part["value"].to_numpy(float), part["size"].to_numpy(float)
    first = slice(None, fix_after)
    centre = float(values[first] @ size[first] / size[first].sum())
    error = spread(centre) / np.sqrt(size)
    if not spread(centre) > 0:
        raise AnalysisError("events: none, or all, in a part of the chart. Use longer periods.")
    standardised = (values - centre) / error
    average = float(np.abs(np.diff(standardised[first])).mean())
    factor = average / RANGE_TO_SD if laney else 1.0
    return _with_limits(part, standardised, average, centre, 3 * error * factor, (0.0, ceiling))


def _with_limits(
    part: pd.DataFrame,
    ranged: Floats,
    average: float,
    centre: float,
    half: Floats,
    bounds: tuple[float, float],
) -> pd.DataFrame:
    return part.assign(
        moving_range=np.concatenate([[np.nan], np.abs(np.diff(ranged))]),
        average_range=average,
        upper_range=SCREEN * average,
        mean=centre,
        lower=np.clip(centre - half, *bounds),
        upper=np.clip(centre + half, *bounds),
        near_lower=np.clip(centre - NEAR * half, *bounds),
        near_upper=np.clip(centre + NEAR * half, *bounds),
    )


def _refuse_base(base: Floats) -> None:
    unknown = int(np.sum(~(np.isfinite(base) & (base > 0))))
    if unknown:
        raise AnalysisError(
            f"base: {unknown} of {len(base)} points have none. Leave those periods out."
        )
