"""Which cells are unsafe in themselves, by the rules of their column."""

from collections.abc import Iterator

import numpy as np

from evalkit.disclosure.dominance import dominated_rows
from evalkit.disclosure.grid import Grid, Mask, Numbers, counts_something
from evalkit.disclosure.profiles import Profile

Unsafe = tuple[str, str, Mask]

FEW_PEOPLE = "count of few people"
ZERO = "count of zero"
SMALL_BASE = "rests on few people or a hidden count"
FEW_IN_PERCENTAGE = "percentage that stands for few people"
WHOLE_GROUP = "percentage of nobody or everybody"
DOMINATED = "amount of which few contributors make up nearly all"
FEW_ORGANISATIONS = "people of few organisations"
INTERVAL = "interval of a hidden number"
_RESIDUAL = "df"


def unsafe_cells(grid: Grid, numbers: dict[str, Numbers]) -> Iterator[Unsafe]:
    """Yield column, rule and cells for each rule, judged on `numbers`.

    Called with the numbers as they are, and again with the numbers as a reader would see
    them: what is safe before rounding must be safe after it too.
    """
    for name in grid.of_kind("count"):
        yield from _unsafe_counts(name, numbers[name], grid.rules[name])
        yield name, FEW_ORGANISATIONS, _of_few_organisations(grid, numbers, name)
    for name in grid.of_kind("mean", "percentage", "estimate"):
        yield name, SMALL_BASE, _rests_on_few(grid, numbers, name)
    for name in grid.of_kind("mean", "estimate"):
        yield name, DOMINATED, dominated_rows(grid, name) & ~np.isnan(numbers[name])
    for name in (n for n in grid.averages if grid.columns[n].kind == "percentage"):
        yield from _unsafe_percentages(grid, numbers, name)
    for name, middle in grid.intervals.items():
        yield name, INTERVAL, grid.hidden[middle] & ~np.isnan(numbers[name])


def _unsafe_counts(name: str, counts: Numbers, rules: Profile) -> Iterator[Unsafe]:
    yield name, FEW_PEOPLE, _few(counts, rules)
    if not rules.zero_shown:
        yield name, ZERO, counts == 0


def _few(counts: Numbers, rules: Profile) -> Mask:
    return (counts > 0) & (counts < rules.smallest_count)


def _of_few_organisations(grid: Grid, numbers: dict[str, Numbers], name: str) -> Mask:
    """Mark counts of people in rows that say that few organisations stand behind them."""
    unsafe = np.zeros(len(numbers[name]), dtype=bool)
    if grid.columns[name].counts == "organisations":
        return unsafe
    for other, column in grid.columns.items():
        if column.counts == "organisations":
            few = numbers[other] < grid.rules[name].smallest_organisations
            unsafe |= few & (numbers[other] > 0) & ~np.isnan(numbers[name])
    return unsafe


def _count_rows(grid: Grid) -> Mask:
    """Mark the rows that a word names as a count, in tables of names and values."""
    named = [map(counts_something, map(str, grid.words[n])) for n in grid.words.columns]
    return np.asarray([any(row) for row in zip(*named, strict=True)] or False, dtype=bool)


def _rests_on_few(grid: Grid, numbers: dict[str, Numbers], name: str) -> Mask:
    column, rules = grid.columns[name], grid.rules[name]
    estimate = column.kind == "estimate"
    least = rules.smallest_estimate_base if estimate else rules.smallest_base
    unsafe = np.zeros(len(numbers[name]), dtype=bool)
    if not least:
        return unsafe
    if column.base is None:
        unsafe |= not (grid.whole or 0) >= least
        whole = numbers[name] == np.floor(numbers[name])
        unsafe |= _count_rows(grid) & whole & _few(numbers[name], rules)
    else:
        unsafe |= ~(numbers[column.base] >= least) | grid.hidden[column.base]
    if estimate and _RESIDUAL in numbers:
        unsafe |= numbers[_RESIDUAL] < least
    return unsafe & ~np.isnan(numbers[name])


def _unsafe_percentages(grid: Grid, numbers: dict[str, Numbers], name: str) -> Iterator[Unsafe]:
    rules, shares = grid.rules[name], numbers[name]
    people = numbers[str(grid.columns[name].base)]
    if not rules.few_in_percentage:
        part = np.round(shares * people / 100)
        rest = people - part
        few = rules.smallest_count
        unsafe = ((part > 0) & (part < few)) | ((rest > 0) & (rest < few))
        yield name, FEW_IN_PERCENTAGE, unsafe
    if not rules.whole_group_shown:
        yield name, WHOLE_GROUP, (shares <= 0) | (shares >= 100)
