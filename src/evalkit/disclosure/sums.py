"""Which cells of a table add up to which: by its margins, its rows and its columns."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.disclosure.grid import Grid, Numbers
from evalkit.errors import DisclosureError

Cell = tuple[str, int]


@dataclass(frozen=True, slots=True)
class Sum:
    """Says that the cell `total` is the sum of `parts`."""

    total: Cell
    parts: tuple[Cell, ...]

    @property
    def cells(self) -> tuple[Cell, ...]:
        """Every cell that takes part."""
        return (*self.parts, self.total)


def margin_rows(grid: Grid) -> list[tuple[int, tuple[int, ...]]]:
    """Return total row and part rows for each group of each margin of the specification."""
    found = []
    for margin in sorted(grid.spec.margins, key=lambda m: (m.group, m.total)):
        labels = [*map(str, grid.words[margin.group])]
        for rows in _groups(grid, margin.group):
            totals = [r for r in rows if labels[r] == margin.total]
            if len(totals) == 1 and len(rows) > 1:
                found.append((totals[0], tuple(r for r in rows if r != totals[0])))
            elif len(totals) > 1:
                raise DisclosureError(
                    f"table {grid.spec.name}: {len(totals)} rows are the total of one group by "
                    f"{margin.group}. Give each total a row of its own."
                )
    return found


def table_sums(grid: Grid, seen: dict[str, Numbers]) -> list[Sum]:
    """Return the sums over counts that the table states, and those that its numbers show."""
    rows = margin_rows(grid)
    counts = grid.of_kind("count")
    stated = [_sum_of_rows(name, total, parts) for name in counts for total, parts in rows]
    # An organisation may be in several groups, as time goes by: only people must add up.
    loose = {n for n in counts if grid.columns[n].counts == "organisations"}
    stated = [s for s in stated if s.total[0] not in loose or _adds_up(grid, s)]
    _refuse_wrong_totals(grid, stated)
    noticed = [
        _sum_of_rows(name, total, parts)
        for name in counts
        for total, parts in _rows_that_add_up(grid, grid.numbers[name])
    ]
    return [*stated, *noticed, *_sums_across(counts, grid.numbers), *_sums_across(counts, seen)]


def row_groups(words: pd.DataFrame, label: str) -> list[list[int]]:
    """Return the groups of rows that differ in `label` only.

    A column of words that follows from `label` (its plain name beside its code) does not
    set rows apart.
    """
    others = [n for n in sorted(words.columns) if n != label and not _follows(words, label, n)]
    if not others:
        return [list(range(len(words)))] if len(words) else []
    groups: dict[tuple[str, ...], list[int]] = {}
    for row, key in enumerate(words[others].itertuples(index=False)):
        groups.setdefault(tuple(map(str, key)), []).append(row)
    return [rows for _, rows in sorted(groups.items())]


def _groups(grid: Grid, label: str) -> list[list[int]]:
    if label not in grid.groups:
        grid.groups[label] = row_groups(grid.words, label)
    return grid.groups[label]


def pairs_of_rows(grid: Grid) -> list[tuple[int, int]]:
    """Return the pairs of rows that are alone in differing in one label: group and complement."""
    stated = {margin.group for margin in grid.spec.margins}
    labels = sorted(c.name for c in grid.spec.columns if c.kind == "label" and c.name not in stated)
    groups = [rows for label in labels for rows in _groups(grid, label)]
    return sorted({(rows[0], rows[1]) for rows in groups if len(rows) == 2})


def _rows_that_add_up(grid: Grid, counts: Numbers) -> Iterator[tuple[int, tuple[int, ...]]]:
    """Yield rows of a group where one is the sum of all others, though no margin says so."""
    stated = {margin.group for margin in grid.spec.margins}
    labels = [c.name for c in grid.spec.columns if c.kind == "label" and c.name not in stated]
    for label in sorted(labels):
        for rows in _groups(grid, label):
            members = [r for r in rows if counts[r] > 0]
            whole = sum(counts[r] for r in members)
            if len(members) < 3:
                continue
            for total in members:
                if 2 * counts[total] == whole:
                    yield total, tuple(r for r in members if r != total)


def _sums_across(counts: list[str], numbers: dict[str, Numbers]) -> Iterator[Sum]:
    """Yield, row by row, columns of which one is the sum of two others in every row."""
    for total in counts:
        for first, second in combinations([name for name in counts if name != total], 2):
            gap = numbers[total] - numbers[first] - numbers[second]
            known = ~np.isnan(gap)
            if known.sum() >= 2 and (gap[known] == 0).all():
                for row in range(len(gap)):
                    yield Sum((total, row), ((first, row), (second, row)))


def _sum_of_rows(name: str, total: int, parts: tuple[int, ...]) -> Sum:
    return Sum((name, total), tuple((name, row) for row in parts))


def _refuse_wrong_totals(grid: Grid, stated: list[Sum]) -> None:
    wrong = [s for s in stated if not _adds_up(grid, s)]
    if wrong:
        columns = ", ".join(sorted({s.total[0] for s in wrong}))
        groups = ", ".join(sorted({margin.group for margin in grid.spec.margins}))
        raise DisclosureError(
            f"table {grid.spec.name}: rows by {groups} do not add up to their total "
            f"({len(wrong)} times, in columns {columns}). Mend the table, or take the Margin out "
            "of its TableSpec."
        )


def _adds_up(grid: Grid, stated: Sum) -> bool:
    if any(grid.hidden[name][row] for name, row in stated.cells):
        return True
    name, row = stated.total
    whole = grid.numbers[name][row]
    if np.isnan(whole):
        return True
    gap = abs(whole - np.nansum([grid.numbers[n][r] for n, r in stated.parts]))
    base = grid.rules[name].rounding_base
    rounded = all(grid.numbers[n][r] % base == 0 for n, r in stated.cells)
    return bool(gap <= (base / 2 * len(stated.cells) if base > 1 and rounded else 0))


def _follows(words: pd.DataFrame, label: str, other: str) -> bool:
    pairs = set(zip(map(str, words[label]), map(str, words[other]), strict=True))
    return len(pairs) == len({first for first, _ in pairs})
