"""A choice shows released rows, hides the others, and can reach nothing else."""

import itertools
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.choosable import Choosable, key_of, list_choosable
from evalkit.reports.choose import allowed_choices, write_choose, write_choose_alone
from evalkit.reports.links import View, choose_view, read_query
from evalkit.reports.page import open_study

ROOT = Path(__file__).resolve().parents[2]
ROW = re.compile(r"<tr( data-[^>]*?)>(.*?)</tr>")
_MOST = 20  # choices of each set of figures: enough for every kind, quick enough to run often
RELEASED = ROOT / "reports" / "released"


def shown_rows(written: str, key: str) -> list[str]:
    """Return the rows of a set of figures that are not hidden."""
    panel = re.split(r'<div class="figures-shown" data-figures="', written)
    (own,) = [part for part in panel if part.startswith(f'{key}"')]
    return [row for marks, row in ROW.findall(own) if not marks.endswith(" hidden")]


def test_a_group_alone_is_shown_and_told_by_hand(bundle: Bundle) -> None:
    """Choosing London hides the other rows and tells London's estimate with its interval."""
    view = View("staff_wellbeing", figures="subgroups", group="London", form="table")
    written = write_choose(bundle, view)
    key = key_of(list(list_choosable(bundle)).index("subgroups"))
    (row,) = shown_rows(written, key)
    assert "London" in row
    assert "<strong>London: 0.21 (0.09 to 0.33) points on a scale of 0 to 10</strong>" in written


def test_a_suppressed_row_is_told_by_its_mark_alone(bundle: Bundle) -> None:
    """A group that is hidden shows as [c], with no number and no unit beside it."""
    written = write_choose(bundle, View("s", figures="subgroups", group="Specialist"))
    assert "<strong>Specialist: [c]</strong>" in written


def test_a_period_is_told_with_its_line(bundle: Bundle) -> None:
    """A table over periods is drawn, and its one row of a period is told."""
    written = write_choose(bundle, View("s", figures="trend", time="2022 Q3"))
    assert "<strong>2022 Q3: 8.02 points on a scale of 0 to 10</strong>" in written
    assert '<path class="guide on" data-time="g"' in written
    assert '<path class="guide" data-time="f"' in written


def test_parts_with_one_label_for_all_are_told_by_their_own_names(bundle: Bundle) -> None:
    """Where every row has the same label, facets are told by their words; else by the label."""
    facets = bundle.tables["facets"]
    alike = replace(facets, rows=[{**row, "label": "Change in the gap"} for row in facets.rows])
    told = list_choosable(replace(bundle, tables={"facets": alike}))["facets"].options["part"]
    assert "Change in the gap" not in told.values()
    assert len(set(told.values())) == len(facets.rows)


def combinations(one: Choosable) -> list[dict[str, str]]:
    """Return every choice that a reader can make of one set of figures."""
    values = [["", *options] for options in one.options.values()]
    return [dict(zip(one.options, held, strict=True)) for held in itertools.product(*values)]


@pytest.mark.parametrize("study", ["made", "difference_in_differences", "priority_programmes"])
def test_no_combination_shows_more_than_the_released_rows(study: str, bundle: Bundle) -> None:
    """Whatever is chosen, the text of the section is that without a choice but for what is told."""
    if study != "made":
        if not (RELEASED / study / "bundle.json").is_file():
            pytest.skip(f"{study} is not released here; make study STUDY={study}")
        bundle = read_bundle(RELEASED, study)
    held = list_choosable(bundle)
    for n, one in enumerate(held.values()):
        plain = write_choose(bundle, View(study, figures=one.name))
        whole = {cells for _, cells in ROW.findall(plain)}
        for chosen in combinations(one)[:_MOST]:
            written = write_choose(bundle, replace(View(study, figures=one.name), **chosen))
            assert {cells for _, cells in ROW.findall(written)} == whole
            wanted = [
                row
                for row in one.table.rows
                if all(not v or one.value_of(c, row) == v for c, v in chosen.items())
            ]
            if all(chosen.get(c) for c in one.options if c == "part"):
                assert len(shown_rows(written, key_of(n))) == len(wanted)


def test_every_row_is_a_row_of_the_bundle(bundle: Bundle) -> None:
    """A choice is offered for values that released rows have, and for each of them."""
    for one in list_choosable(bundle).values():
        assert one.table is bundle.tables[one.name]
        for choice, options in one.options.items():
            assert set(options) == {one.value_of(choice, row) for row in one.table.rows}


@pytest.mark.parametrize(
    "query",
    [
        "figures=organisations",
        "figures=subgroups&group=<script>",
        "figures=trend&time=1999 Q1",
        "figures=facets&part=../secret",
        "figures=facets&form=raw",
        "period=1999 Q1",
        "since=9",
    ],
)
def test_a_wrong_choice_is_told_and_not_repeated(
    query: str, released: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence says what was ignored, without the value; the rest is as without it."""
    monkeypatch.setenv("EVALKIT_RELEASED", str(released))
    opened = open_study(f"study=staff_wellbeing&{query}")
    assert len(opened.notices) == 1
    assert query.rsplit("=", 1)[1] not in opened.notices[0]
    assert "is not in this report and was ignored" in opened.notices[0]


def test_a_group_of_other_figures_is_not_taken(bundle: Bundle) -> None:
    """A value is allowed only with the figures that have it."""
    asked, _ = read_query("figures=facets&group=London")
    view, notices = choose_view(asked, [], [], allowed_choices(bundle, asked))
    assert (view.figures, view.group, len(notices)) == ("facets", "", 1)


def test_words_of_a_bundle_cannot_leave_their_place(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """Markup in a label, a title or a unit is shown and never an element."""
    bad = '"><img src=x onerror=alert(1)>'
    content["tables"]["subgroups"]["rows"][0][1] = bad
    content["tables"]["subgroups"]["rows"][0][11] = bad
    content["tables"]["subgroups"]["title"] = bad
    written = write_choose(read_bundle(write(content), "staff_wellbeing"), View("s"))
    assert "<img" not in written
    assert "&lt;img" in written


def test_a_page_alone_has_the_same_figures(bundle: Bundle) -> None:
    """Without a server the fields wait for scripts, and rows and charts are the same."""
    served, alone = write_choose(bundle, View("s")), write_choose_alone(bundle, View("s"))
    assert 'method="get"' not in alone
    assert ROW.findall(served) == ROW.findall(alone)


def test_letters_stand_for_numbers() -> None:
    """Keys are letters in order, and no two are equal."""
    assert [key_of(n) for n in (0, 25, 26, 27, 701, 702)] == ["a", "z", "aa", "ab", "zz", "aaa"]
