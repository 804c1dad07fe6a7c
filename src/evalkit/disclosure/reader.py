"""What a reader knows of the counts behind everything that was published, as whole numbers.

One unknown stands for one count, in however many tables and releases it is published.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.disclosure.attack import known_bounds
from evalkit.disclosure.grid import Grid, Numbers, released_decimals, round_counts
from evalkit.disclosure.parts import Part, part_grid, unsafe_counts
from evalkit.disclosure.profiles import MARKER
from evalkit.disclosure.sums import table_sums

Place = tuple[int, str, int]  # number of the part, column, row
Key = tuple[object, ...]  # column and words of a row: what tells a count from all others
_SLACK = 1e-7
_LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class Fact:
    """Says that a weighted sum of unknowns lies between two numbers, and which cells tell it."""

    weights: Mapping[int, float]
    low: float
    high: float
    told_by: tuple[Place, ...]
    total: Place | None = None


@dataclass(slots=True)
class Knowledge:
    """Unknown whole numbers with their bounds, the facts about them, and their cells.

    `true` holds each unknown as it is, NaN where only an earlier release has it; `unsafe` the
    hidden cells whose count is unsafe in itself.
    """

    grids: list[Grid] = field(default_factory=list)
    seen: list[dict[str, Numbers]] = field(default_factory=list)
    unknown: dict[Place, int] = field(default_factory=dict)
    places: list[list[Place]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    true: list[float] = field(default_factory=list)
    unsafe: set[Place] = field(default_factory=set)
    facts: list[Fact] = field(default_factory=list)


def know(parts: Sequence[Part], same_data: frozenset[int] = frozenset()) -> Knowledge:
    """Return what a reader of all parts knows; those of earlier releases must come last.

    `same_data` holds the versions that were made from the data of today. In a column of
    another version a hidden count is taken for today's only if every shown one can be.
    """
    knowledge = Knowledge()
    keys: dict[Key, int] = {}
    for number, part in enumerate(parts):
        grid = part_grid(part)
        knowledge.grids.append(grid)
        knowledge.seen.append(_shown(part, grid))
        for name, rows in unsafe_counts(part, grid).items():
            knowledge.unsafe |= {(number, name, row) for row in rows}
        for name in grid.of_kind("count"):
            _add_counts(knowledge, number, part, name, keys, part.version in same_data)
        knowledge.facts += _sum_facts(knowledge, number, part.version is None)
        knowledge.facts += _share_facts(knowledge, number)
        knowledge.facts += _interval_facts(knowledge, number)
    return knowledge


def _shown(part: Part, grid: Grid) -> dict[str, Numbers]:
    """Return the numbers as they stand, NaN where one is hidden or missing."""
    cells = {n: part.frame[n].mask(part.frame[n] == MARKER) for n in grid.numbers}
    return {n: pd.to_numeric(cells[n], errors="coerce").to_numpy(float) for n in cells}


def _add_counts(
    knowledge: Knowledge,
    number: int,
    part: Part,
    name: str,
    keys: dict[Key, int],
    same_data: bool,
) -> None:
    """Give each count its unknown: that of the same count elsewhere, or a new one."""
    grid = knowledge.grids[number]
    hidden, found = grid.hidden[name], _keys(grid, name)
    bounds = [known_bounds(grid, knowledge.seen[number], (name, row)) for row in range(len(found))]
    # A zero can be hidden with the rest of its group even where zeros are shown.
    bounds = [
        (0.0, b[1]) if h and n == 0 else b
        for b, h, n in zip(bounds, hidden, grid.numbers[name], strict=True)
    ]
    true = grid.numbers[name] if part.version is None else np.full(len(found), np.nan)
    own = [keys.get((part.spec.name, key)) if key else None for key in found]
    twins = [
        at if at is not None or not key else keys.get(key)
        for key, at in zip(found, own, strict=True)
    ]
    agree = [
        at is not None and _agrees(knowledge, at, float(here), limits)
        for at, here, limits in zip(twins, true, bounds, strict=True)
    ]
    changed = any(at is not None and not ok for at, ok in zip(own, agree, strict=True))
    loose = part.version is not None and changed and not same_data
    for row, (key, at) in enumerate(zip(found, twins, strict=True)):
        if at is None or not agree[row] or (loose and hidden[row]):
            at = len(knowledge.low)
            knowledge.low.append(bounds[row][0])
            knowledge.high.append(bounds[row][1])
            knowledge.true.append(float(true[row]))
            knowledge.places.append([])
            if key:
                keys.setdefault(key, at)
                keys.setdefault((part.spec.name, key), at)
        knowledge.low[at] = max(knowledge.low[at], bounds[row][0])
        knowledge.high[at] = min(knowledge.high[at], bounds[row][1])
        knowledge.unknown[number, name, row] = at
        knowledge.places[at].append((number, name, row))


def _agrees(knowledge: Knowledge, at: int, own: float, limits: tuple[float, float]) -> bool:
    """Say whether a count can be the one that an unknown stands for already."""
    true = knowledge.true[at]
    if not np.isnan(true) and not np.isnan(own):
        return true == own
    low, high = (knowledge.low[at], knowledge.high[at]) if np.isnan(true) else (true, true)
    return max(low, limits[0]) <= min(high, limits[1])


def _keys(grid: Grid, name: str) -> list[Key | None]:
    """Return column and words of each row; None where these do not tell it from all others.

    The word of a total is left out: the total over one label is the count by the others.
    """
    totals = {(margin.group, margin.total) for margin in grid.spec.margins}
    labels = [c.name for c in grid.spec.columns if c.kind in ("label", "period")]
    if not labels:
        return [None] * len(grid.words)
    texts = [[*map(str, grid.words[label])] for label in labels]
    words = [zip(labels, row, strict=True) for row in zip(*texts, strict=True)]
    keys = [(name, *sorted(set(row) - totals)) for row in words]
    often = Counter(keys)
    known = ~np.isnan(grid.numbers[name]) | grid.hidden[name]
    return [key if often[key] == 1 and ok else None for key, ok in zip(keys, known, strict=True)]


def _sum_facts(knowledge: Knowledge, number: int, today: bool) -> Iterator[Fact]:
    """Yield the sums of a part that hold, as far as its numbers are known."""
    grid = knowledge.grids[number]
    for s in dict.fromkeys(table_sums(grid, knowledge.seen[number])):
        numbers = [grid.numbers[name][row] for name, row in s.cells]
        gone = [
            np.isnan(n) and not grid.hidden[c[0]][c[1]]
            for n, c in zip(numbers, s.cells, strict=True)
        ]
        known = not any(np.isnan(n) for n, g in zip(numbers, gone, strict=True) if not g)
        exact = today or all(grid.rules[name].rounding_base == 1 for name, _ in s.cells)
        whole, parts = np.nansum(numbers[-1:]), np.nansum(numbers[:-1])
        if gone[-1] or (known and exact and whole != parts):
            continue
        weights = Counter[int]()
        for (name, row), sign in ((c, 1 if c != s.total else -1) for c in s.cells):
            weights[knowledge.unknown[number, name, row]] += sign
        cells = tuple((number, name, row) for name, row in s.cells)
        yield Fact(dict(weights), 0, 0, cells, cells[-1])


def _share_facts(knowledge: Knowledge, number: int) -> Iterator[Fact]:
    """Yield what each shown percentage tells, where it is one count of another.

    From rounded counts it tells the rounded part, where the base is shown; from counts as
    they are it ties the two to each other within its last decimal.
    """
    grid, seen = knowledge.grids[number], knowledge.seen[number]
    for name in (n for n in grid.averages if grid.columns[n].kind == "percentage"):
        base = str(grid.columns[name].base)
        half = 0.5 * 10.0 ** -released_decimals(grid.columns[name], grid.rules[name]) + _SLACK
        for count, rest in _parts_of(grid, name, base):
            for row in np.flatnonzero(~np.isnan(seen[name])):
                share = 100 - seen[name][row] if rest else seen[name][row]
                part = knowledge.unknown[number, count, int(row)]
                whole = knowledge.unknown[number, base, int(row)]
                told = ((number, name, int(row)),)
                if not grid.rules[name].percentage_from_rounded:
                    yield Fact({part: 100.0, whole: -(share - half)}, 0, np.inf, told)
                    yield Fact({part: 100.0, whole: -(share + half)}, -np.inf, 0, told)
                elif not np.isnan(seen[base][row]):
                    low, high = _of_rounded(share, half, seen[base][row], grid, name, base)
                    yield Fact({part: 1.0}, low, high, told)


def _parts_of(grid: Grid, name: str, base: str) -> Iterator[tuple[str, bool]]:
    """Yield counts of which a percentage is the share, or the share of all others, in each row."""
    true = grid.numbers[name] * grid.numbers[base] / 100
    rounding = grid.rules[name].percentage_from_rounded * grid.rules[name].rounding_base
    near = (
        0.5
        + _SLACK
        + rounding
        + grid.numbers[base] / 200 * 10.0 ** -(grid.columns[name].decimals or 0)
    )
    for count in (c for c in grid.of_kind("count") if c != base):
        for rest, part in ((False, true), (True, grid.numbers[base] - true)):
            gap = abs(part - grid.numbers[count])
            known = ~np.isnan(gap)
            if known.any() and (gap[known] <= near[known]).all():
                yield count, rest


def _of_rounded(
    share: float, half: float, whole: float, grid: Grid, name: str, base: str
) -> tuple[float, float]:
    """Return the least and greatest part of which a share of rounded counts can be made."""
    step = max(grid.rules[name].rounding_base, grid.rules[base].rounding_base)
    low = np.ceil((share - half) * whole / 100 / step - _SLACK) * step
    high = np.floor((share + half) * whole / 100 / step + _SLACK) * step
    return max(float(low - step // 2), 0.0), float(high + (step - 1) // 2)


def _interval_facts(knowledge: Knowledge, number: int) -> Iterator[Fact]:
    """Yield what the width of a percentage's interval tells of its base.

    The width is 2 z sqrt(p (100 - p) / n). Where counts are rounded, n is the rounded base.
    Columns whose true intervals are made in another way tell nothing here.
    """
    grid, seen = knowledge.grids[number], knowledge.seen[number]
    for middle, low, high in _interval_columns(grid):
        base = str(grid.columns[middle].base)
        step = grid.rules[middle].rounding_base
        p, n = grid.numbers[middle], grid.numbers[base]
        z = stats.norm.ppf(0.5 + _level(grid, len(p)) / 2)
        half = 0.5 * 10.0 ** -np.asarray(
            [released_decimals(grid.columns[c], grid.rules[c]) for c in (middle, low, high)]
        )
        with np.errstate(invalid="ignore", divide="ignore"):
            true = (grid.numbers[high] - grid.numbers[low]) / 2
            gap = abs(true - z * np.sqrt(p * (100 - p) / n))
        known = ~np.isnan(gap)
        if not known.any() or (gap[known] > half[1] + half[2] + _SLACK).any():
            continue
        width = seen[high] - seen[low]
        for row in np.flatnonzero(~np.isnan(width) & ~np.isnan(seen[middle]) & (width > 0)):
            around = [seen[middle][row] + d for d in (-half[0], 0, half[0])]
            spread = [max(m * (100 - m), 0) for m in around]
            slack = half[1] + half[2]
            least = 4 * z[row] ** 2 * min(spread) / (width[row] + slack) ** 2
            narrow = width[row] - slack
            most = 4 * z[row] ** 2 * max(*spread, 0) / narrow**2 if narrow > 0 else np.inf
            if step > 1 and least - _SLACK <= seen[base][row] <= most + _SLACK:
                continue  # the rounded base, which is shown beside it
            if step > 1 and np.isnan(seen[base][row]):
                shown = round_counts(np.asarray([least, most]), step)
                least, most = shown[0] - step // 2, shown[1] + (step - 1) // 2
            at = knowledge.unknown[number, base, int(row)]
            told = tuple((number, c, int(row)) for c in (low, high))
            yield Fact({at: 1.0}, least - _SLACK, most + _SLACK, told)


def _interval_columns(grid: Grid) -> list[tuple[str, str, str]]:
    """Return each percentage that has both ends of its interval, with these."""
    ends: dict[str, list[str]] = {}
    for end, middle in sorted(grid.intervals.items()):
        if grid.columns[middle].kind == "percentage":
            ends.setdefault(middle, []).append(end)
    found = []
    for middle, both in ends.items():
        if len(both) == 2:
            first, second = both
            with np.errstate(invalid="ignore"):
                turned = np.nanmax(grid.numbers[first] - grid.numbers[second], initial=-1) > 0
            found.append((middle, second, first) if turned else (middle, first, second))
    return found


def _level(grid: Grid, rows: int) -> Numbers:
    level = grid.numbers.get("level", np.full(rows, _LEVEL))
    return np.where((level > 0) & (level < 1), level, _LEVEL)
