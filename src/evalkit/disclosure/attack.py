"""What a reader could work out about hidden counts from those shown, with exact whole numbers."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from evalkit.disclosure.grid import Grid, Numbers
from evalkit.disclosure.sums import Cell, Sum

_UNBOUNDED = 3


@dataclass(frozen=True, slots=True)
class Range:
    """The least and the most that a hidden count can be, as far as a reader can tell."""

    low: float
    high: float


def possible_ranges(grid: Grid, seen: dict[str, Numbers], sums: Sequence[Sum]) -> dict[Cell, Range]:
    """Return the range of each hidden count that takes part in a sum.

    A reader knows the sums, the shown counts (each up to its rounding), and that a hidden
    count is a whole number that is not negative, and not zero where zeros are shown. Bounds
    come from integer programmes, so they are exact for the system of sums.
    """
    ranges: dict[Cell, Range] = {}
    for system in _systems(sums):
        cells = sorted({cell for s in system for cell in s.cells})
        hidden = [cell for cell in cells if grid.hidden[cell[0]][cell[1]]]
        if hidden:
            ranges |= _solve(grid, seen, system, cells, hidden)
    return ranges


def _solve(
    grid: Grid, seen: dict[str, Numbers], system: list[Sum], cells: list[Cell], hidden: list[Cell]
) -> dict[Cell, Range]:
    place = {cell: column for column, cell in enumerate(cells)}
    lows, highs = zip(*(known_bounds(grid, seen, cell) for cell in cells), strict=True)
    matrix = np.zeros((len(system), len(cells)))
    for row, s in enumerate(system):
        matrix[row, place[s.total]] -= 1
        for part in s.parts:
            matrix[row, place[part]] += 1
    constraint = LinearConstraint(matrix, 0, 0)
    bounds = Bounds(np.asarray(lows), np.asarray(highs))
    ranges = {}
    for cell in hidden:
        aim = np.zeros(len(cells))
        aim[place[cell]] = 1
        ranges[cell] = Range(
            _least(aim, constraint, bounds, -np.inf), -_least(-aim, constraint, bounds, -np.inf)
        )
    return ranges


def _least(aim: Numbers, constraint: LinearConstraint, bounds: Bounds, endless: float) -> float:
    """Return the least value of `aim`; `nan` where no table at all fits what is shown."""
    answer = milp(aim, constraints=constraint, bounds=bounds, integrality=np.ones_like(aim))
    if answer.x is not None:
        return float(np.round(answer.fun))
    return endless if answer.status == _UNBOUNDED or _feasible(constraint, bounds) else np.nan


def _feasible(constraint: LinearConstraint, bounds: Bounds) -> bool:
    nothing = np.zeros_like(bounds.lb)
    answer = milp(nothing, constraints=constraint, bounds=bounds, integrality=np.ones_like(nothing))
    return answer.x is not None


def known_bounds(grid: Grid, seen: dict[str, Numbers], cell: Cell) -> tuple[float, float]:
    """Return what a reader knows of one cell by itself: its least and greatest whole number."""
    name, row = cell
    rules = grid.rules[name]
    if grid.hidden[name][row]:
        return (1.0 if rules.zero_shown else 0.0), np.inf
    value = seen[name][row]
    if np.isnan(value) or value == 0:
        return 0.0, 0.0
    base = rules.rounding_base
    low = max(value - base // 2, rules.smallest_count)
    return float(low), float(value + (base - 1) // 2)


def _systems(sums: Sequence[Sum]) -> list[list[Sum]]:
    """Split sums into systems that share no cell."""
    systems: list[tuple[set[Cell], list[Sum]]] = []
    for s in sums:
        joined, members = set(s.cells), [s]
        apart = []
        for cells, others in systems:
            if cells & joined:
                joined |= cells
                members = [*others, *members]
            else:
                apart.append((cells, others))
        systems = [*apart, (joined, members)]
    return [_distinct(members) for _, members in systems]


def _distinct(sums: Iterable[Sum]) -> list[Sum]:
    return list(dict.fromkeys(sums))
