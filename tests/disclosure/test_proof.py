"""The proof by hand: what a reader works out from tables, percentages, intervals, past releases."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.disclosure.earlier import Earlier
from evalkit.disclosure.parts import Part, part_json, read_part
from evalkit.disclosure.profiles import load_profiles
from evalkit.disclosure.proof import Demand, prove
from evalkit.disclosure.reader import know
from evalkit.disclosure.study_tables import (
    NOTHING_GIVES_AWAY,
    protect_and_prove,
    protect_tables,
)
from evalkit.errors import DisclosureError
from evalkit.record import Column, Margin, TableSpec

GROUP, PEOPLE = Column("group", "G", "label"), Column("people", "P", "count", ("s",))
TOTAL = (Margin("group", "total"),)
STAFF = {"s": load_profiles()["staff"]}  # counts 1 to 10 are hidden
FFT = {"s": load_profiles()["fft"]}  # counts 1 to 4 are hidden
ROUNDED = {"s": load_profiles()["gss_default"]}  # 0 to 4 are hidden, the rest are rounded to 5


def spec(name: str, *columns: Column, margins: tuple[Margin, ...] = ()) -> TableSpec:
    """Specify a table."""
    return TableSpec(name, "T", "D", columns, margins)


def people(**counts: int) -> pd.DataFrame:
    """Make a table of groups."""
    return pd.DataFrame({"group": list(counts), "people": list(counts.values())})


WITH_TOTAL = (spec("who", GROUP, PEOPLE, margins=TOTAL), people(a=7, b=24, c=60, total=91))


def by_hand(true: pd.DataFrame, table: TableSpec, hide: dict[str, list[int]]) -> Part:
    """Return a part in which these rows are hidden, and no other."""
    shown = true.astype(object)
    for name, rows in hide.items():
        shown.loc[rows, name] = "[c]"
    return Part(table, shown, true, STAFF, tuple(range(len(true))))


def failed(part: Part) -> list[Demand]:
    """Return what the proof does not find possible."""
    return [failure.demand for failure in prove(know([part]))]


def test_a_count_that_a_total_gives_away_does_not_pass() -> None:
    """91 - 24 - 60 is 7; with 24 hidden as well, 1 to 30 are possible."""
    table, frame = WITH_TOTAL
    assert failed(by_hand(frame, table, {"people": [0]})) == [
        Demand((0, "people", 0), tuple(range(1, 11)), None)
    ]
    assert failed(by_hand(frame, table, {"people": [0, 1]})) == []


def test_a_hidden_count_must_be_able_to_be_a_safe_one() -> None:
    """Where b is safe in itself and hidden, a and c (1 to 4 as a + c = 5) must be too."""
    rows = [("r", "x", 2), ("r", "y", 10), ("r", "all", 12)]
    rows += [("s", "x", 3), ("s", "y", 20), ("s", "all", 23)]
    rows += [("all", "x", 5), ("all", "y", 30), ("all", "all", 35)]
    frame = pd.DataFrame(rows, columns=["row", "group", "people"])
    margins = (Margin("row", "all"), Margin("group", "all"))
    table = spec("two", Column("row", "R", "label"), GROUP, PEOPLE, margins=margins)
    part = replace(by_hand(frame, table, {"people": [0, 1, 3, 4]}), profiles=FFT)
    assert failed(part) == [Demand((0, "people", 0), (1, 2, 3, 4), 5)]


def test_a_percentage_that_tells_a_hidden_count_does_not_pass() -> None:
    """7.7% of 91 is 7 and no other number; without the percentage the count passes."""
    share = Column("share", "S", "percentage", ("s",), "asked", 1)
    table = spec("t", GROUP, PEOPLE, Column("asked", "A", "count", ("s",)), share)
    frame = people(a=7, b=24).assign(asked=91, share=[7.7, 26.4])
    assert [d.place for d in failed(by_hand(frame, table, {"people": [0]}))] == [(0, "people", 0)]
    assert failed(by_hand(frame, table, {"people": [0], "share": [0]})) == []


@pytest.mark.parametrize(("base", "passes"), [(48, False), (50, True)])
def test_the_width_of_an_interval_must_not_tell_the_true_base(base: int, *, passes: bool) -> None:
    """At two decimals sqrt(p (100 - p) / n) tells 48 from the 50 that is shown."""
    true, half = (1.959964 * np.sqrt(40 * 60 / n) for n in (48, base))
    ends = [Column(n, n, "percentage", ("s",), "people", 2, "", "people", "share") for n in "lh"]
    table = spec("t", GROUP, PEOPLE, Column("share", "S", "percentage", ("s",), "people", 2), *ends)
    frame = people(a=48).assign(share=40.0, l=40 - true, h=40 + true)
    shown = people(a=50).assign(share=40.0, l=round(40 - half, 2), h=round(40 + half, 2))
    part = Part(table, shown.astype(object), frame, ROUNDED, (0,))
    assert [d.numbers for d in failed(part)] == ([] if passes else [(48, 49, 50, 51, 52)])


def test_sums_of_rounded_counts_must_leave_every_rounding_possible() -> None:
    """50 + 50 = 105 leaves 51 or more for each, so the total goes; 50 + 35 = 85 may stand."""
    table = spec("t", GROUP, PEOPLE, margins=TOTAL)
    done = protect_tables([(table, people(a=52, b=52, total=104))], ROUNDED)["t"]
    assert done.frame["people"].tolist() == [50, 50, "[c]"]
    assert done.log[NOTHING_GIVES_AWAY] == 1
    kept = protect_tables([(table, people(a=52, b=33, total=85))], ROUNDED)["t"]
    assert kept.frame["people"].tolist() == [50, 35, 85]


def test_a_count_hidden_in_one_table_is_hidden_in_all() -> None:
    """24 is safe in itself, and hides 7 in the one table: the other may not show it."""
    other = (spec("other", GROUP, PEOPLE), people(b=24, c=60, d=80))
    done = protect_tables([other, WITH_TOTAL], STAFF)
    assert done["other"].frame["people"].tolist() == ["[c]", 60, 80]
    assert done["who"].frame["people"].tolist() == ["[c]", "[c]", 60, 91]
    alone = protect_tables([other], STAFF)["other"]
    assert alone.frame["people"].tolist() == [24, 60, 80]


def released(*tables: tuple[TableSpec, pd.DataFrame], version: int = 1) -> tuple[Part, ...]:
    """Return what is kept of a release, as it is read back."""
    return tuple(read_part(part_json(p), version) for p in protect_and_prove(tables, STAFF)[1])


def test_what_an_earlier_release_tells_is_taken_into_account() -> None:
    """31 for a and b together was told: b beside it now would be 7 for a, so it is hidden."""
    other = (spec("other", GROUP, PEOPLE), people(b=24, c=60, d=80))
    early = released(WITH_TOTAL)
    for same in (frozenset({1}), frozenset[int]()):
        done = protect_tables([other], STAFF, earlier=Earlier(early, same))["other"]
        assert done.frame["people"].tolist() == ["[c]", 60, 80]


def test_two_releases_that_together_tell_a_count_hide_more() -> None:
    """Released with a and b hidden, then with a and c hidden: both together would tell a."""
    early = released(WITH_TOTAL)
    wider = (spec("wide", GROUP, PEOPLE, margins=TOTAL), people(a=7, b=24, rest=60, total=91))
    frame = protect_tables([wider], STAFF, earlier=Earlier(early, frozenset({1})))["wide"].frame
    assert frame["people"].tolist() == ["[c]", "[c]", 60, 91]
    fewer = (spec("few", GROUP, PEOPLE, margins=TOTAL), people(a=7, b=24, total=31))
    frame = protect_tables([fewer], STAFF, earlier=Earlier(early, frozenset({1})))["few"].frame
    assert frame["people"].tolist() == ["[c]", "[c]", 31]


def test_what_was_shown_before_cannot_be_hidden_again() -> None:
    """A count that an earlier release showed is refused where it is hidden now."""
    laxer = {"s": replace(STAFF["s"], smallest_count=5)}
    table, frame = WITH_TOTAL
    parts = protect_and_prove([(table, frame)], laxer)[1]
    early = tuple(read_part(part_json(part), 3) for part in parts)
    with pytest.raises(DisclosureError, match=r"this release and an earlier one .tables who"):
        protect_tables([WITH_TOTAL], STAFF, earlier=Earlier(early, frozenset({3})))


def test_an_earlier_release_of_other_people_says_nothing_of_these() -> None:
    """With every count another, the earlier table is not taken for today's."""
    table, _ = WITH_TOTAL
    early = released((table, people(a=3, b=28, c=70, total=101)))
    done = protect_tables([WITH_TOTAL], STAFF, earlier=Earlier(early))["who"]
    assert done.frame["people"].tolist() == ["[c]", "[c]", 60, 91]


def test_where_one_table_has_changed_the_others_still_tell() -> None:
    """Another count elsewhere does not free today's b, which was hidden for the sake of a."""
    changed = spec("changed", GROUP, PEOPLE, margins=TOTAL)
    early = released(WITH_TOTAL, (changed, people(g=50, h=70, i=90, total=210)))
    other = (spec("other", GROUP, PEOPLE), people(b=24, c=60, d=80))
    now = [other, (changed, people(g=55, h=70, i=90, total=215))]
    done = protect_tables(now, STAFF, earlier=Earlier(early))
    assert done["other"].frame["people"].tolist() == ["[c]", 60, 80]


def test_an_earlier_release_that_cannot_be_true_now_is_left_aside() -> None:
    """a + b was 31 and is 37 now: that b is 30 does not make a 1."""
    now = (spec("now", GROUP, PEOPLE), people(a=7, b=30, c=60))
    done = protect_tables([now], STAFF, earlier=Earlier(released(WITH_TOTAL)))["now"]
    assert done.frame["people"].tolist() == ["[c]", 30, 60]
