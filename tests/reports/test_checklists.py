"""Reporting checklists: what is filled points at something, what is open is said to be."""

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.checklists import (
    NAMES,
    count_answered,
    describe_place,
    fill_checklists,
    name_level,
    read_items,
    tabulate_checklists,
    write_checklists,
)
from evalkit.reports.detail import write_detail
from evalkit.reports.summary import write_summary

ROOT = Path(__file__).parents[2]
Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def bundle(released: Path) -> Bundle:
    """Return the hand-made study."""
    return read_bundle(released, "staff_wellbeing")


def _open(bundle: Bundle, checklist: str) -> set[str]:
    return {
        one.item.number
        for one in fill_checklists(bundle)
        if one.item.checklist == checklist and not one.places
    }


def test_each_list_has_the_items_of_its_form() -> None:
    """SQUIRE has 18, TIDieR 12, GRIPP's short form 5, STROBE 22, item 12 of them in five parts."""
    counts = Counter(item.checklist for item in read_items())
    assert counts == {"squire": 18, "tidier": 12, "gripp": 5, "strobe": 26, "rap": 18}
    numbers = {i.number.rstrip("abcde") for i in read_items() if i.checklist == "strobe"}
    assert numbers == {str(number) for number in range(1, 23)}


def test_each_filled_item_points_at_something_in_the_release(bundle: Bundle) -> None:
    """A table with rows, a choice that was made, a field that says something, a file of ours."""
    for one in fill_checklists(bundle):
        for place in one.places:
            kind, _, name = place.partition(":")
            if kind == "table":
                assert bundle.tables[name].rows, place
            elif kind == "protocol":
                assert bundle.protocol[name] not in (None, ""), place
            elif kind == "project":
                assert (ROOT / name).exists(), place
            else:
                first, _, rest = name.partition(".")
                held = getattr(bundle, first)
                assert held[rest] if rest else held, place


def test_each_link_leads_to_a_section_of_the_page(bundle: Bundle) -> None:
    """No link of the checklists is dead."""
    page = write_summary(bundle, []) + write_detail(bundle)
    ids = set(re.findall(r'id="([\w-]+)"', page))
    places = [place for one in fill_checklists(bundle) for place in one.places]
    sections = {describe_place(place, bundle)[1] for place in places} - {""}
    assert sections
    assert sections <= ids
    assert set(re.findall(r'href="#([\w-]+)"', write_checklists(bundle))) == sections


def test_what_no_run_can_know_is_open(bundle: Bundle) -> None:
    """Funding, ethics, review and publication are never taken as answered."""
    assert {"4", "5", "12", "18"} <= _open(bundle, "squire")
    assert {"2", "22"} <= _open(bundle, "strobe")
    assert {"B4", "B5"} <= _open(bundle, "rap")
    assert name_level(fill_checklists(bundle)) == ("none yet", ["Reviewed", "Published"])


@pytest.mark.parametrize(
    ("without", "checklist", "number"),
    [
        ({"co_production": []}, "gripp", "2"),
        ({"not_measured": [], "checks": []}, "strobe", "9"),
        ({"sources": []}, "strobe", "8"),
        ({"question": ""}, "squire", "6"),
    ],
)
def test_an_item_is_open_where_its_place_is_empty(
    write: Write, content: dict[str, Any], without: dict[str, Any], checklist: str, number: str
) -> None:
    """Taking away what answers an item opens it."""
    whole = read_bundle(write(content), "staff_wellbeing")
    assert number not in _open(whole, checklist)
    bare = read_bundle(write(content | without), "staff_wellbeing")
    assert number in _open(bare, checklist)


def test_an_empty_table_answers_nothing(write: Write, content: dict[str, Any]) -> None:
    """STROBE's 12b rests on the table of groups: without rows it is open."""
    content["tables"]["subgroups"]["rows"] = []
    assert "12b" in _open(read_bundle(write(content), "staff_wellbeing"), "strobe")


def test_page_and_table_count_the_same(bundle: Bundle) -> None:
    """The line above each list counts its rows."""
    page, table = write_checklists(bundle), tabulate_checklists(bundle)
    for key, (answered, of) in count_answered(bundle).items():
        assert f"{answered} of {of} items are answered" in page
        rows = [row for row in table.rows if row["checklist"] == NAMES[key]]
        assert (len([r for r in rows if r["state"] == "yes"]), len(rows)) == (answered, of)
