"""Attack protected tables by trying every possible table: no hidden count can be worked out.

The attack shares no code with the suppression: it enumerates whole numbers.
"""

from collections.abc import Iterator
from itertools import product

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.disclosure.attack import Range, possible_ranges
from evalkit.disclosure.grid import make_grid, published
from evalkit.disclosure.profiles import MARKER, load_profiles
from evalkit.disclosure.secondary import SECOND_CELL, derivable_cells
from evalkit.disclosure.sums import Sum
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.record import Column, Margin, TableSpec

LIMIT = 5  # of profile fft, small enough to enumerate
TABLES = settings(max_examples=60, deadline=None, derandomize=True)
ANY = settings(max_examples=40, deadline=None, derandomize=True)
# An unbounded cell is tried up to this: more than the limit, so that it counts as wide.
FAR = 14

small = st.integers(0, 12)
profiles = st.sampled_from(sorted(load_profiles()))


def one_way(counts: list[int]) -> tuple[pd.DataFrame, TableSpec]:
    """Make a table of groups with their total."""
    names = [f"g{i}" for i in range(len(counts))]
    frame = pd.DataFrame({"group": [*names, "all"], "people": [*counts, sum(counts)]})
    columns = (Column("group", "G", "label"), Column("people", "P", "count", ("s",)))
    return frame, TableSpec("one", "One", "way", columns, (Margin("group", "all"),))


def two_way(cells: list[list[int]]) -> tuple[pd.DataFrame, TableSpec]:
    """Make a two-way table with the totals of rows and columns."""
    full = [[*row, sum(row)] for row in cells]
    full.append([sum(column) for column in zip(*full, strict=True)])
    rows = [
        ("all" if r == len(cells) else f"r{r}", "all" if c == len(cells[0]) else f"c{c}", value)
        for r, row in enumerate(full)
        for c, value in enumerate(row)
    ]
    columns = (
        Column("row", "R", "label"),
        Column("column", "C", "label"),
        Column("people", "P", "count", ("s",)),
    )
    margins = (Margin("row", "all"), Margin("column", "all"))
    frame = pd.DataFrame(rows, columns=["row", "column", "people"])
    return frame, TableSpec("two", "Two", "ways", columns, margins)


def protect(frame: pd.DataFrame, spec: TableSpec, profile: str = "fft") -> ProtectedTable:
    """Protect by one profile."""
    return protect_table(frame, spec, {"s": load_profiles()[profile]})


def possible_parts(parts: list[object], total: object) -> Iterator[tuple[int, ...]]:
    """Yield every list of whole numbers that fits the shown parts and total of one sum."""
    room = int(total) - sum(v for v in parts if v != MARKER) if total != MARKER else None  # type: ignore[arg-type]
    top = FAR if room is None else room
    ranges = [range(1, top + 1) if v == MARKER else (int(v),) for v in parts]  # type: ignore[call-overload]
    for values in product(*ranges):
        if room is None or sum(values) == total:
            yield values


def possible_grids(shown: list[list[object]]) -> Iterator[tuple[tuple[int, ...], ...]]:
    """Yield every interior of a two-way table that fits all that is shown."""
    *body, foot = shown
    for rows in product(*(list(possible_parts(row[:-1], row[-1])) for row in body)):
        sums = [sum(column) for column in zip(*rows, strict=True)]
        wanted = [*zip([*sums, sum(sums)], foot, strict=True)]
        if all(t in (MARKER, s) for s, t in wanted):
            yield rows


@TABLES
@given(st.lists(small, min_size=2, max_size=5))
def test_no_hidden_part_of_a_total_can_be_worked_out(counts: list[int]) -> None:
    """Each hidden count of a one-way table may be 1, and may differ by the limit or more."""
    shown = protect(*one_way(counts)).frame["people"].tolist()
    *parts, total = shown
    if sum(v == MARKER for v in parts) > 4:
        assert total == MARKER
        return
    fits = list(possible_parts(parts, total))
    assert tuple(counts) in fits or total == MARKER
    for place, (cell, true) in enumerate(zip(parts, counts, strict=True)):
        if cell == MARKER:
            found = {values[place] for values in fits}
            assert max(found) - min(found) >= LIMIT
            assert true >= LIMIT or min(found) == 1


@TABLES
@given(st.lists(st.lists(small, min_size=2, max_size=2), min_size=2, max_size=3))
def test_no_hidden_cell_of_a_two_way_table_can_be_worked_out(cells: list[list[int]]) -> None:
    """Each hidden cell of a table with both totals may be 1, and may differ by the limit."""
    frame, spec = two_way(cells)
    shown = protect(frame, spec).frame["people"].tolist()
    wide = len(cells[0]) + 1
    grid = [shown[i : i + wide] for i in range(0, len(shown), wide)]
    hidden = [
        (r, c) for r, row in enumerate(cells) for c in range(len(row)) if grid[r][c] == MARKER
    ]
    if len(hidden) > 4 and any(grid[r][-1] == MARKER for r in range(len(cells))):
        return  # too many open sums to try them all; the one-way attack covers these
    found: dict[tuple[int, int], set[int]] = {place: set() for place in hidden}
    for rows in possible_grids(grid):
        for r, c in hidden:
            found[r, c].add(rows[r][c])
    for (r, c), values in found.items():
        assert max(values) - min(values) >= LIMIT
        assert cells[r][c] >= LIMIT or min(values) == 1


@ANY
@given(st.lists(st.integers(0, 60), min_size=2, max_size=5), profiles, st.randoms())
def test_the_order_of_rows_does_not_matter(counts: list[int], profile: str, random: object) -> None:
    """Rows in another order give the same cells, row by row."""
    frame, spec = one_way(counts)
    order = list(range(len(frame)))
    random.shuffle(order)  # type: ignore[attr-defined]
    straight = protect(frame, spec, profile).frame.set_index("group")["people"]
    mixed = protect(frame.iloc[order], spec, profile).frame.set_index("group")["people"]
    equal = frame.groupby("people")["group"].transform("size") > 1
    assert mixed.loc[straight.index].tolist() == straight.tolist() or equal.any()


@ANY
@given(
    st.lists(st.lists(st.integers(0, 60), min_size=2, max_size=3), min_size=2, max_size=3).filter(
        lambda rows: len({len(row) for row in rows}) == 1
    ),
    profiles,
)
def test_protecting_twice_changes_nothing(cells: list[list[int]], profile: str) -> None:
    """A protected table is protected already, under every rule set."""
    frame, spec = two_way(cells)
    once = protect(frame, spec, profile)
    twice = protect_table(once.frame, once.spec, {"s": load_profiles()[profile]})
    pd.testing.assert_frame_equal(once.frame, twice.frame)


@ANY
@given(
    st.lists(
        st.tuples(st.integers(0, 9000), st.floats(0, 100), st.floats(-5, 5)), min_size=1, max_size=6
    ),
    profiles,
)
def test_protecting_averages_twice_changes_nothing(
    rows: list[tuple[int, float, float]], profile: str
) -> None:
    """Percentages worked out from rounded counts, and means, stay as they are."""
    frame = pd.DataFrame(rows, columns=["people", "share", "score"]).assign(
        group=[f"g{i}" for i in range(len(rows))]
    )
    columns = (
        Column("group", "G", "label"),
        Column("people", "P", "count", ("s",)),
        Column("share", "S", "percentage", ("s",), "people", 1),
        Column("score", "M", "mean", ("s",), "people", 2),
    )
    rules = {"s": load_profiles()[profile]}
    once = protect_table(frame, TableSpec("t", "T", "D", columns), rules)
    twice = protect_table(once.frame, once.spec, rules)
    pd.testing.assert_frame_equal(once.frame, twice.frame)


def test_ranges_by_hand_and_a_count_bounded_from_below() -> None:
    """x + y = 20 and y + z = 17 leave x between 4 and 19: a hidden 4 needs one more cell."""
    frame = pd.DataFrame({"group": list("xyzst"), "people": [4, 16, 1, 20, 17]})
    columns = (Column("group", "G", "label"), Column("people", "P", "count", ("s",)))
    grid = make_grid(frame, TableSpec("t", "T", "D", columns), {"s": load_profiles()["fft"]})
    grid.hidden["people"][:3] = True
    x, y, z, first, second = (("people", row) for row in range(5))
    sums = [Sum(first, (x, y)), Sum(second, (y, z))]
    ranges = possible_ranges(grid, published(grid), sums)
    assert ranges == {x: Range(4, 19), y: Range(1, 16), z: Range(1, 16)}
    assert list(derivable_cells(grid, published(grid), sums)) == [("people", SECOND_CELL, 3)]
