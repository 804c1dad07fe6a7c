"""Amounts of which few contributors make up nearly all: hidden, and their totals protected.

The p% rule: where all but the two largest contributions add up to less than p% of the largest,
the second contributor could take its own from the total and know the first to within p%. What the
rest lacks of p% is the room that a reader must be left with, so the amounts that are hidden
beside such a one, from a total that is known, must be as large together (Hundepool et al. 2012,
Statistical Disclosure Control, chapter 4; not verified against it).
"""

from collections.abc import Iterator

import numpy as np

from evalkit.disclosure.grid import Grid, Mask, Numbers

BESIDE_AMOUNT = "hidden so that no total gives an amount of few contributors away"
_SLACK = 1e-9


def dominated_rows(grid: Grid, name: str) -> Mask:
    """Mark the rows that the rules of a column call dominated."""
    return _room_lacking(grid, name) > _SLACK


def amounts_beside(grid: Grid) -> Iterator[tuple[str, str, int]]:
    """Yield one more amount where those hidden with a dominated one are too small to hide it."""
    names = [c.name for c in grid.spec.columns if c.name in grid.of_kind("mean", "estimate")]
    words = [c.name for c in grid.spec.columns if c.name in grid.words]
    if not grid.shares or not names or not words:
        return
    name, keys = names[0], grid.words[words[0]].astype(str).to_numpy()
    sizes = np.abs(grid.numbers[name])
    counted = ~np.isnan(sizes) & ~np.isnan(grid.shares[0])
    for key in sorted(set(keys[counted])):
        rows = np.flatnonzero(counted & (keys == key))
        chosen = _next_beside(rows, sizes, grid.hidden[name], _room_lacking(grid, name))
        if chosen is not None:
            yield from ((other, BESIDE_AMOUNT, chosen) for other in names)


def _room_lacking(grid: Grid, name: str) -> Numbers:
    """Return, in per cent of its amount, what the rest of each row lacks of p% of its largest."""
    percent = grid.rules[name].dominance_percent
    if not grid.shares or not percent:
        return np.zeros(len(grid.numbers[name]))
    largest, second = grid.shares
    lacking = percent / 100 * largest - (100 - largest - second)
    return np.where(np.isnan(lacking), 0.0, lacking)


def _next_beside(rows: np.ndarray, sizes: Numbers, hidden: Mask, lacking: Numbers) -> int | None:
    """Return the smallest shown amount that suffices, or the largest where none does."""
    held = sizes[rows[hidden[rows]]].sum()
    short = max(
        (sizes[r] * lacking[r] / 100 - (held - sizes[r]) for r in rows if lacking[r] > _SLACK),
        default=0.0,
    )
    shown = sorted((sizes[r], int(r)) for r in rows if not hidden[r])
    if short <= _SLACK or not shown:
        return None
    return next((row for size, row in shown if size >= short), shown[-1][1])
