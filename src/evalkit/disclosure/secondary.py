"""Hide further cells, so that no hidden one can be worked out from those shown."""

from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.disclosure.attack import Range, possible_ranges
from evalkit.disclosure.grid import Grid, Numbers
from evalkit.disclosure.sums import Cell, Sum, margin_rows, pairs_of_rows
from evalkit.errors import DisclosureError

SECOND_CELL = "hidden so that no total gives another away"
COMPLEMENT = "the rest of a hidden group"
LINKED = "differs from a hidden count by a known number"
TELLS_COUNT = "percentage that tells a hidden count"
_HALF = 0.5

Hide = tuple[str, str, int]


def linked_cells(grid: Grid, numbers: dict[str, Numbers]) -> Iterator[Hide]:
    """Yield cells that differ from a hidden count by the same number in every row.

    Residual degrees of freedom beside a number of clusters are such a pair.
    """
    whole = [n for n in sorted(numbers) if _whole(numbers[n]) and grid.columns[n].kind != "mean"]
    for name in grid.of_kind("count"):
        if not grid.hidden[name].any():
            continue
        for other in (n for n in whole if n != name and _linked(numbers[name], numbers[n])):
            for row in np.flatnonzero(grid.hidden[name]):
                yield other, LINKED, int(row)


def complement_cells(grid: Grid) -> Iterator[Hide]:
    """Yield the second row of a pair of which the first is hidden: a group and the rest.

    Their total is nearly always published somewhere, if not in this table.
    """
    for rows in pairs_of_rows(grid):
        for name in grid.of_kind("count", "mean", "percentage"):
            if grid.rules[name].secondary and grid.hidden[name][list(rows)].sum() == 1:
                yield name, COMPLEMENT, next(r for r in rows if not grid.hidden[name][r])


def lone_cells(grid: Grid, sums: Sequence[Sum]) -> Iterator[Hide]:
    """Yield a second cell for each sum in which one alone is hidden.

    Where all parts are rounded their total, safe in itself, may be hidden alone: its parts
    tell it no better than their own rounding does.
    """
    for s in sums:
        if _wanted(grid, s) and sum(_hidden(grid, cell) for cell in s.cells) == 1:
            if _hidden(grid, s.total) and _is_rounded(grid, s):
                continue
            chosen = _next_to_hide(grid, s)
            if chosen:
                yield chosen[0], SECOND_CELL, chosen[1]


def lone_averages(grid: Grid) -> Iterator[Hide]:
    """Yield a second mean or percentage where one alone is hidden in a group with a total."""
    for total, parts in margin_rows(grid):
        for name in grid.averages:
            hidden = [r for r in (*parts, total) if grid.hidden[name][r]]
            people = grid.numbers[str(grid.columns[name].base)]
            shown = [
                r for r in parts if not grid.hidden[name][r] and not np.isnan(grid.numbers[name][r])
            ]
            if not grid.rules[name].secondary or len(hidden) != 1:
                continue
            if shown:
                yield name, SECOND_CELL, min(shown, key=lambda r: (people[r], r))
            elif not grid.hidden[name][total]:
                yield name, SECOND_CELL, total


def telling_percentages(grid: Grid) -> Iterator[Hide]:
    """Yield percentages from which a hidden count of the same row can be worked out."""
    for name in grid.of_kind("percentage"):
        column, shares = grid.columns[name], grid.numbers[name]
        base = str(column.base)
        people = grid.numbers[base]
        near = _HALF + people / 100 * _HALF * 10.0 ** -(column.decimals or 0)
        for count in (c for c in grid.of_kind("count") if c != base and grid.hidden[c].any()):
            part, known = shares * people / 100, grid.numbers[count]
            close = (abs(part - known) <= near) | (abs(people - part - known) <= near)
            for row in np.flatnonzero(close & grid.hidden[count]):
                yield name, TELLS_COUNT, int(row)


def derivable_cells(grid: Grid, seen: dict[str, Numbers], sums: Sequence[Sum]) -> Iterator[Hide]:
    """Yield one more cell for the first hidden count that a reader could work out too well."""
    wanted = [s for s in sums if _wanted(grid, s)]
    for cell, found in possible_ranges(grid, seen, wanted).items():
        total = any(cell == s.total for s in wanted)
        if _safe(grid, cell, found, total=total):
            continue
        near = [s for s in wanted if cell in s.cells]
        chosen = [c for c in (_next_to_hide(grid, s) for s in near) if c is not None]
        chosen = chosen or [c for c in (_next_to_hide(grid, s) for s in wanted) if c is not None]
        if not chosen:
            raise DisclosureError(
                f"table {grid.spec.name}: a hidden count in column {cell[0]} can be worked out "
                "from the others, and nothing is left to hide. Make the groups larger, or leave "
                "the table out."
            )
        name, row = min(chosen, key=lambda c: (grid.numbers[c[0]][c[1]], c))
        yield name, SECOND_CELL, row
        return


def _safe(grid: Grid, cell: Cell, found: Range, *, total: bool) -> bool:
    """Say whether a reader is left with the whole unsafe range, and with more than that.

    The range must be as wide as the limit, and where the count is itself unsafe it must
    reach down to the least unsafe number; a total is never less than its parts are many.
    """
    rules, true = grid.rules[cell[0]], grid.numbers[cell[0]][cell[1]]
    if not found.high - found.low >= rules.smallest_count:
        return False
    lowest = 1 if rules.zero_shown else 0
    return total or not true < rules.smallest_count or found.low <= lowest


def _next_to_hide(grid: Grid, s: Sum) -> Cell | None:
    """Return the smallest shown part that is not zero; the total when there is no such part."""
    parts = [c for c in s.parts if not _hidden(grid, c) and grid.numbers[c[0]][c[1]] > 0]
    if parts:
        return min(parts, key=lambda c: (grid.numbers[c[0]][c[1]], c))
    return None if _hidden(grid, s.total) else s.total


def _hidden(grid: Grid, cell: Cell) -> bool:
    return bool(grid.hidden[cell[0]][cell[1]])


def _is_rounded(grid: Grid, s: Sum) -> bool:
    name, row = s.total
    least = grid.rules[name].smallest_count
    rounded = all(grid.rules[n].rounding_base > 1 for n, _ in s.cells)
    return rounded and not grid.numbers[name][row] < least


def _wanted(grid: Grid, s: Sum) -> bool:
    return any(grid.rules[name].secondary for name, _ in s.cells)


def _linked(first: Numbers, second: Numbers) -> bool:
    known = ~np.isnan(first - second)
    gaps = (first - second)[known]
    if not gaps.size:
        return False
    return bool((gaps == gaps[0]).all() and (np.ptp(first[known]) > 0 or abs(gaps[0]) <= 1))


def _whole(values: Numbers) -> bool:
    known = values[~np.isnan(values)]
    return bool(known.size and (known == np.floor(known)).all())
