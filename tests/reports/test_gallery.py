"""The list shows what an address asks for, and the table for a board shows every study."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.gallery import Wanted, read_wanted, write_gallery
from evalkit.reports.portfolio import write_portfolio


@pytest.fixture
def two(content: dict[str, Any], write: Callable[[dict[str, Any]], Path]) -> Path:
    """Return a folder with a study that followed its plan and one that is exploratory."""
    content["stamp"], content["registered_on"] = "confirmatory", "2026-01-31"
    content["checks"] = [content["checks"][0] | {"verdict": "passes"}]
    write(content)
    content |= {"study": "ward_rounds", "title": "Ward <b>rounds</b>", "stamp": "exploratory"}
    content["finding"] |= {"answer": "It cannot be told."}
    content["checks"] = [content["checks"][0] | {"verdict": "concern"}]
    del content["tables"]["headline"]
    return write(content)


def shown(written: str) -> list[str]:
    """Return the addresses of the cards that are not hidden."""
    cards = re.findall(r"<li class=\"card\"[^>]*>.*?</li>", written, re.DOTALL)
    return [
        re.findall(r"study=(\w+)", card)[0]
        for card in cards
        if " hidden>" not in card.split("<p", 1)[0]
    ]


@pytest.mark.parametrize(
    ("wanted", "names"),
    [
        (Wanted(), ["staff_wellbeing", "ward_rounds"]),
        (Wanted(plan="kept"), ["staff_wellbeing"]),
        (Wanted(plan="to-come"), []),
        (Wanted(checks="concern"), ["ward_rounds"]),
        (Wanted(checks="pass"), ["staff_wellbeing"]),
        (Wanted(search="ROUNDS told"), ["ward_rounds"]),
        (Wanted(search="rounds higher"), []),
        (Wanted(search="wellbeing", checks="concern"), ["ward_rounds"]),
    ],
)
def test_filters_by_hand(two: Path, wanted: Wanted, names: list[str]) -> None:
    """Plan, checks and all words of a search must hold; the number shown is told."""
    written = write_gallery(two, wanted)
    assert shown(written) == names
    assert f"{len(names)} of 2 studies are shown." in written
    assert "Ward &lt;b&gt;rounds" in written


def test_address_of_the_list_is_checked() -> None:
    """Known filters are taken; strange names and values are left out, and both said so."""
    assert read_wanted("search=ward&plan=kept&checks=pass") == (Wanted("ward", "kept", "pass"), [])
    wanted, notices = read_wanted("plan=<script>&checks=pass&study=x")
    assert wanted == Wanted(checks="pass")
    assert len(notices) == 2
    assert "script" not in " ".join(notices)
    assert len(read_wanted("search=" + "a" * 900)[0].search) == 100


def test_search_stands_in_its_field_as_text(two: Path) -> None:
    """What was searched for is shown again, and cannot leave its field."""
    written = write_gallery(two, Wanted('"><script>'))
    assert 'value="&quot;&gt;&lt;script&gt;"' in written
    assert "<script>" not in written


def test_table_for_a_board_by_hand(two: Path) -> None:
    """Plans that were followed come first, with answer, size and checks as in the study."""
    written = write_portfolio(two)
    assert "2 studies (followed a registered plan: 1; exploratory: 1)" in written
    first, second = re.findall(r"<tr role=\"row\"><th scope=\"row\".*?</tr>", written, re.DOTALL)
    assert "study?study=staff_wellbeing" in first
    assert "0.24 (" in first
    assert "Plan registered 31 January 2026, followed." in first
    assert "1 check: 1 passed." in first
    assert "Not one number: see the answer" in second
    assert "1 check: 1 a concern." in second


def test_study_that_cannot_be_read_is_named(two: Path) -> None:
    """A broken bundle takes no other study with it, in the list and in the table."""
    (two / "ward_rounds" / "bundle.json").write_text("{")
    assert "ward_rounds: the bundle is not valid JSON" in write_portfolio(two)
    written = write_gallery(two, Wanted(plan="kept"))
    assert "ward_rounds: the bundle is not valid JSON" in written
    assert "study?study=staff_wellbeing" in written
