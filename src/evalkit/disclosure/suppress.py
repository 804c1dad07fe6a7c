"""Protect a table: hide what is unsafe, hide what would give it away, round the rest."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.dominance import amounts_beside
from evalkit.disclosure.grid import (
    Grid,
    Mask,
    Numbers,
    canonical_order,
    make_grid,
    published,
    refuse_strange_columns,
    released_decimals,
)
from evalkit.disclosure.primary import unsafe_cells
from evalkit.disclosure.profiles import MARKER, Profile
from evalkit.disclosure.secondary import (
    complement_cells,
    derivable_cells,
    linked_cells,
    lone_averages,
    lone_cells,
    telling_percentages,
)
from evalkit.disclosure.sums import Sum, table_sums
from evalkit.errors import DisclosureError
from evalkit.record.tables import TableSpec

_EXTREMES = frozenset({"min", "max", "minimum", "maximum", "smallest", "largest", "outlier"})
_ROUNDED = "count that was rounded"

Hiding = Mapping[str, Mask]


@dataclass(frozen=True, slots=True)
class ProtectedTable:
    """A table that may be shown: hidden cells are `[c]`, the rest stand at their precision.

    `log` counts the cells hidden by each rule; it holds no value. `mixed` names columns whose
    rows stand at different decimals.
    """

    spec: TableSpec
    frame: pd.DataFrame
    decimals: dict[str, int]
    log: dict[str, int]
    mixed: frozenset[str] = frozenset()

    @property
    def is_empty(self) -> bool:
        """Say whether every number of the table is hidden or missing; one of words has none."""
        shown = (isinstance(c, int | float) for n in self.decimals for c in self.frame[n])
        return bool(self.decimals) and not any(shown)


def protect_table(
    frame: pd.DataFrame,
    spec: TableSpec,
    profiles: Mapping[str, Profile],
    whole: float | None = None,
    *,
    more: Mapping[str, Hiding] | None = None,
    unseen: Collection[int] = (),
) -> ProtectedTable:
    """Protect one table by the profiles of its columns' sources.

    `whole` is what the study's primary estimate rests on: the base of estimates that name
    none, which are hidden without it. `more` says, by rule, which further cells other tables
    ask to hide. Rows in `unseen` are published elsewhere, and do not count in the log.
    The outcome does not depend on the order of rows, and protecting a protected table
    changes nothing.
    """
    refuse_strange_columns(frame, spec)
    refuse_extremes(frame, spec)
    order = canonical_order(frame)
    places = frozenset(int(i) for i in np.flatnonzero(np.isin(order, list(unseen))))
    grid = make_grid(frame.iloc[order], spec, profiles, whole, places)
    log = Counter[str]()
    _apply(grid, log, _whole_masks(grid))
    for rule, masks in (more or {}).items():
        _apply(grid, log, [(name, rule, mask[order]) for name, mask in masks.items()])
    _hide_until_safe(grid, log)
    for name in grid.of_kind("count"):
        moved = (published(grid)[name] != grid.numbers[name]) & ~grid.hidden[name]
        log[_ROUNDED] += _released(grid, moved & ~np.isnan(grid.numbers[name]))
    shown = _shown_frame(grid).iloc[np.argsort(order)].reset_index(drop=True)
    decimals = {n: released_decimals(c, grid.rules[n]) for n, c in grid.columns.items()}
    return ProtectedTable(grid.spec, shown, decimals, {rule: n for rule, n in log.items() if n})


def refuse_extremes(frame: pd.DataFrame, spec: TableSpec) -> None:
    """Refuse a column or row that is a least or greatest value: it is one person's or unit's."""
    columns = [c.name for c in spec.columns if _EXTREMES & set(c.name.casefold().split("_"))]
    words = [c.name for c in spec.columns if c.kind in ("label", "text")]
    rows = sum(int(frame[n].astype(str).str.casefold().isin(_EXTREMES).sum()) for n in words)
    if columns or rows:
        raise DisclosureError(
            f"table {spec.name}: holds least or greatest values ({len(columns)} columns"
            f"{': ' + ', '.join(columns) if columns else ''}; {rows} rows). These belong to one "
            "person or organisation; leave them out, or show the spread instead."
        )


def _hide_until_safe(grid: Grid, log: Counter[str]) -> None:
    """Apply every rule again and again until none finds anything more to hide."""
    while True:
        changed = _apply(grid, log, _whole_masks(grid))
        changed |= _apply(grid, log, _single_cells(grid))
        if changed:
            continue
        seen = published(grid)
        if not _apply(grid, log, _as_masks(grid, derivable_cells(grid, seen, _sums(grid)))):
            return


def _whole_masks(grid: Grid) -> Iterator[tuple[str, str, Mask]]:
    yield from unsafe_cells(grid, grid.numbers)
    yield from unsafe_cells(grid, published(grid))


def _single_cells(grid: Grid) -> Iterator[tuple[str, str, Mask]]:
    yield from _as_masks(grid, linked_cells(grid, grid.numbers))
    yield from _as_masks(grid, linked_cells(grid, published(grid)))
    yield from _as_masks(grid, complement_cells(grid))
    if any(mask.any() for mask in grid.hidden.values()):
        yield from _as_masks(grid, lone_cells(grid, _sums(grid)))
        yield from _as_masks(grid, lone_averages(grid))
        yield from _as_masks(grid, amounts_beside(grid))
        yield from _as_masks(grid, telling_percentages(grid))


def _sums(grid: Grid) -> list[Sum]:
    return table_sums(grid, published(grid))


def _as_masks(grid: Grid, cells: Iterable[tuple[str, str, int]]) -> Iterator[tuple[str, str, Mask]]:
    for name, rule, row in cells:
        mask = np.zeros(len(grid.numbers[name]), dtype=bool)
        mask[row] = True
        yield name, rule, mask


def _apply(grid: Grid, log: Counter[str], unsafe: Iterable[tuple[str, str, Mask]]) -> bool:
    """Hide cells, counting each once, under the first rule that asked for it."""
    changed = False
    for name, rule, mask in unsafe:
        new = mask & ~grid.hidden[name]
        if new.any():
            grid.hidden[name] |= new
            log[rule] += _released(grid, new)
            changed = True
    return changed


def _released(grid: Grid, cells: Mask) -> int:
    return sum(int(row) not in grid.unseen for row in np.flatnonzero(cells))


def _shown_frame(grid: Grid) -> pd.DataFrame:
    seen = published(grid)
    columns = {}
    for column in grid.spec.columns:
        if column.name in seen:
            columns[column.name] = _cells(grid, column.name, seen[column.name])
        else:
            columns[column.name] = grid.words[column.name].astype(object)
    return pd.DataFrame(columns, dtype=object)


def _cells(grid: Grid, name: str, values: Numbers) -> "pd.Series[Any]":
    whole = released_decimals(grid.columns[name], grid.rules[name]) == 0
    cells: list[object] = []
    for value, hidden in zip(values, grid.hidden[name], strict=True):
        if hidden:
            cells.append(MARKER)
        elif np.isnan(value):
            cells.append(None)
        else:
            cells.append(int(value) if whole else float(value))
    return pd.Series(cells, dtype=object)
