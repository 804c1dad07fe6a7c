"""Random sets of tables with small cells, released once or twice, and what a reader finds."""

from dataclasses import dataclass, replace

import pandas as pd
from curious_reader import (
    FAR,
    HIDDEN,
    Published,
    Puzzle,
    Rules,
    least_total,
    linked,
    possible,
    read,
    roundings,
)
from hypothesis import strategies as st

from evalkit.disclosure.earlier import NOTHING_EARLIER, Earlier
from evalkit.disclosure.parts import part_json, read_part
from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.study_tables import protect_and_prove
from evalkit.errors import DisclosureError
from evalkit.record import Column, Margin, TableSpec

PROFILES = ("fft", "staff", "gpps", "gss_default", "opensafely")
SHARE = Column("share", "S", "percentage", ("s",), "people", 1)


@dataclass(frozen=True)
class TableSet:
    """People by region and group, how many of each region answered, and the rules."""

    cells: tuple[tuple[int, ...], ...]
    answered: tuple[int, ...]
    profile: str


@dataclass
class Found:
    """What one attack found, in numbers of cells."""

    refused: int = 0
    hidden: int = 0
    shown: int = 0
    unsafe: int = 0
    given_away: int = 0
    complements: int = 0
    complements_unsure: int = 0
    rounded: int = 0
    rounded_narrowed: int = 0
    undecided: int = 0


@st.composite
def table_sets(draw: st.DrawFn) -> TableSet:
    """Draw regions by groups, about half of the cells small."""
    regions, groups = draw(st.integers(3, 4)), draw(st.integers(2, 3))
    cell = st.one_of(st.integers(0, 12), st.integers(12, 90))
    cells = tuple(tuple(draw(cell) for _ in range(groups)) for _ in range(regions))
    answered = tuple(draw(st.integers(0, sum(row))) for row in cells)
    return TableSet(cells, answered, draw(st.sampled_from(PROFILES)))


def frames(made: TableSet) -> list[tuple[TableSpec, pd.DataFrame]]:
    """Return people by region and group, and how many of each region answered."""
    rows = [(f"r{r}", f"g{g}", n) for r, row in enumerate(made.cells) for g, n in enumerate(row)]
    two = _with_totals(pd.DataFrame(rows, columns=["region", "group", "people"]), "region", "group")
    one = pd.DataFrame(
        [(f"r{r}", sum(row), made.answered[r]) for r, row in enumerate(made.cells)],
        columns=["region", "people", "answered"],
    )
    one = _with_totals(one, "region")
    one["share"] = (100 * one["answered"] / one["people"].where(one["people"] > 0)).fillna(0.0)
    people, label = Column("people", "P", "count", ("s",)), Column("region", "R", "label")
    by_two = (label, Column("group", "G", "label"), people)
    by_one = (label, people, Column("answered", "A", "count", ("s",)), SHARE)
    margins = (Margin("region", "all"), Margin("group", "all"))
    return [
        (TableSpec("two", "T", "D", by_two, margins), two),
        (TableSpec("one", "T", "D", by_one, margins[:1]), one),
    ]


def _with_totals(frame: pd.DataFrame, *labels: str) -> pd.DataFrame:
    for label in labels:
        others = [n for n in labels if n != label]
        counts = [n for n in frame.columns if n not in labels]
        total = (
            frame.groupby(others, as_index=False)[counts].sum()
            if others
            else (frame[counts].sum().to_frame().T)
        )
        frame = pd.concat([frame, total.assign(**{label: "all"})], ignore_index=True)
    return frame


def attack(made: TableSet, *, releases: int, secondary: bool = True) -> Found:
    """Release the set at once or in two releases, attack it, and say what a reader is left with."""
    profile = replace(load_profiles()[made.profile], secondary=secondary)
    tables, rules = frames(made), {"s": profile}
    found = Found()
    try:
        if releases == 1:
            done = protect_and_prove(tables, rules)[0]
        else:
            done, parts = protect_and_prove(tables[:1], rules)
            kept = tuple(read_part(part_json(part), 1) for part in parts)
            earlier = Earlier(kept, frozenset({1})) if secondary else NOTHING_EARLIER
            done = done | protect_and_prove(tables[1:], rules, earlier=earlier)[0]
    except DisclosureError:
        found.refused = 1
        return found
    published = [
        Published(("region", "group"), ("people",), _rows(done["two"].frame)),
        Published(
            ("region",),
            ("people", "answered"),
            _rows(done["one"].frame),
            ("share", "answered", "people"),
        ),
    ]
    said = Rules(
        profile.smallest_count,
        profile.zero_shown,
        profile.rounding_base,
        profile.percentage_from_rounded,
    )
    puzzle = read(published, said)
    true = _truth(tables)
    _judge(puzzle, said, true, found)
    return found


def _rows(frame: pd.DataFrame) -> tuple[dict[str, object], ...]:
    return tuple(frame.to_dict(orient="records"))


def _truth(tables: list[tuple[TableSpec, pd.DataFrame]]) -> dict[object, int]:
    true = {}
    for spec, frame in tables:
        labels = [c.name for c in spec.columns if c.kind == "label"]
        for row in frame.to_dict(orient="records"):
            words = tuple(sorted((n, row[n]) for n in labels if row[n] != "all"))
            for column in (c.name for c in spec.columns if c.kind == "count"):
                true[column, words] = int(row[column])
    return true


def _judge(puzzle: Puzzle, rules: Rules, true: dict[object, int], found: Found) -> None:
    least = 1 if rules.zero_shown else 0
    for name in sorted(puzzle.low):
        if name not in puzzle.hidden:
            found.shown += 1
            if rules.rounding > 1 and puzzle.shown[name] > 0:
                found.rounded += 1
                fits = roundings(puzzle.shown[name], rules)
                answers = [possible(puzzle, name, n, n) for n in fits]
                found.rounded_narrowed += False in answers
                found.undecided += None in answers
            continue
        found.hidden += 1
        wanted = range(max(least, least_total(puzzle, name)), rules.limit)
        answers = [possible(puzzle, name, n, n) for n in wanted]
        if true[name] >= rules.limit:
            found.complements += 1
            found.complements_unsure += False not in answers
            continue
        found.unsafe += 1
        if any(true[other] >= rules.limit for other in linked(puzzle, name)):
            answers.append(possible(puzzle, name, rules.limit, FAR))
        found.given_away += False in answers
        found.undecided += None in answers


__all__ = ["FAR", "HIDDEN", "Found", "TableSet", "attack", "frames", "table_sets"]
