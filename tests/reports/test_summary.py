"""The first part of a report says what was released, in the agreed order, and nothing runs."""

import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.figures import list_shown, write_figures
from evalkit.reports.gallery import write_gallery
from evalkit.reports.summary import smallest_difference, write_summary
from evalkit.reports.words import escape

Write = Callable[[dict[str, Any]], Path]


def test_banners_come_before_the_question(bundle: Bundle) -> None:
    """Synthetic and exploratory stand first; the departures are told old and new."""
    written = write_summary(bundle, [])
    places = [written.index(words) for words in ("Synthetic data.", "Exploratory.", "<h1>")]
    assert places == sorted(places)
    assert "registered as <q>0.1</q>, run as <q>0.2</q>" in written
    assert "registered as <q>london</q>, run as <q>london, specialist</q>" in written


def test_real_registered_study_has_no_banner(bundle: Bundle) -> None:
    """A registered study of real data carries no banner, and says when it was registered."""
    real = [{**source, "synthetic": False} for source in bundle.sources]
    kept = replace(bundle, synthetic=False, stamp="confirmatory", registrations=1, sources=real)
    written = write_summary(kept, [])
    assert "banner" not in written
    assert "Plan registered 3 February 2026, followed" in written


def test_partly_synthetic_data_are_told_apart(bundle: Bundle) -> None:
    """Where one source alone is synthetic, the banner names it and calls the rest real."""
    first, *rest = bundle.sources
    mixed = [{**first, "synthetic": True}, *({**s, "synthetic": False} for s in rest)]
    written = write_summary(replace(bundle, synthetic=False, sources=mixed), [])
    assert f"Part of these data is synthetic: {first['name']}." in written
    assert "They describe no real patients" not in written


def test_answer_shows_size_and_interval(bundle: Bundle) -> None:
    """The answer's sentence stands as released, with size, interval and what would matter."""
    written = write_summary(bundle, [])
    assert escape(bundle.finding["answer"]) in written
    assert "95% interval" in written
    for words in (">0.24 points<", ">0.19 to 0.29 points<", ">0.2 points<", ">130<"):
        assert words in written


def test_smallest_difference_is_the_released_one(bundle: Bundle) -> None:
    """The line of what matters is drawn at the headline's value, or else at the protocol's."""
    assert smallest_difference(bundle) == 0.2
    bare = replace(bundle, tables={}, protocol={"minimum_important_difference": 0.3})
    assert smallest_difference(bare) == 0.3
    assert smallest_difference(replace(bare, protocol={})) is None


def test_no_heading_stands_over_no_parts(bundle: Bundle) -> None:
    """A study of a topic without facets names none, neither in the page nor in its contents."""
    heading = "Each part of experience"
    assert write_summary(bundle, []).count(heading) == 2
    bare = {name: table for name, table in bundle.tables.items() if name != "facets"}
    assert heading not in write_summary(replace(bundle, tables=bare), [])


def test_a_share_is_not_called_a_difference(bundle: Bundle) -> None:
    """A chart's axis has its table's word for the estimate; a share has no line of what matters."""
    table = bundle.tables["facets"]
    assert ">Difference, points" in write_summary(replace(bundle, tables={"facets": table}), [])
    columns = tuple(
        replace(c, label="Share", unit="%") if c.name == "estimate" else c for c in table.columns
    )
    written = write_summary(replace(bundle, tables={"facets": replace(table, columns=columns)}), [])
    assert ">Share, %<" in written
    assert "Difference, " not in written
    assert "Smallest that matters" not in written


def test_consequences_stand_before_pictures(bundle: Bundle) -> None:
    """What came of it is shown openly, above the first picture of it."""
    table = bundle.tables["facets"]
    told = {name: replace(table, title=name.title()) for name in ("plane", "consequences")}
    shown = replace(bundle, tables=told, figures={"plane": {"table": "plane"}})
    assert list_shown(shown) == ["consequences", "plane"]
    written = write_figures(shown)
    assert "Show the numbers as a table: Consequences" not in written
    assert "Show the numbers as a table: Plane" in written


def test_no_heading_stands_over_no_groups(bundle: Bundle) -> None:
    """Without subgroups neither the page nor its contents name them; with them both do."""
    heading = "Is it the same in different groups?"
    assert write_summary(bundle, []).count(heading) == 2
    bare = {name: table for name, table in bundle.tables.items() if name != "subgroups"}
    assert heading not in write_summary(replace(bundle, tables=bare), [])


def test_answer_card_shows_its_numbers_at_one_precision(bundle: Bundle) -> None:
    """An interval from -0.2 to 0.004 is shown with three decimals throughout, and a true minus."""
    table = bundle.tables["headline"]
    shown = {"difference": -0.1, "low": -0.2, "high": 0.004}
    rows = tuple(row | {"value": shown.get(str(row["name"]), row["value"])} for row in table.rows)
    tables = {**bundle.tables, "headline": replace(table, rows=rows)}
    written = write_summary(replace(bundle, tables=tables), [])
    assert ">−0.100 points<" in written
    assert ">−0.200 to 0.004 points<" in written


def test_charts_show_two_decimals_unless_a_bound_would_show_as_zero(bundle: Bundle) -> None:
    """A chart writes two decimals of the three released; its table keeps all three."""
    table = bundle.tables["facets"]
    fine = replace(table, columns=tuple(replace(c, decimals=3) for c in table.columns))
    row = table.rows[0] | {"estimate": 0.241, "conf_low": 0.191, "conf_high": 0.291}
    for low, text in ((0.191, "0.24 (0.19 to 0.29)"), (0.004, "0.241 (0.004 to 0.291)")):
        tables = {"facets": replace(fine, rows=(row | {"conf_low": low},))}
        written = write_summary(replace(bundle, tables=tables), [])
        assert f">{text}<" in written
        assert f">{low}<" in written


def test_every_number_was_released(bundle: Bundle, content: dict[str, Any]) -> None:
    """Each number in the facets' chart text and table is a released value at its precision."""
    released = {
        f"{cell:.2f}".replace("-", "\N{MINUS SIGN}")
        for row in content["tables"]["facets"]["rows"]
        for cell in row
        if isinstance(cell, float)
    }
    section = re.search(r'id="facets".*?</section>', write_summary(bundle, []), re.S)
    assert section
    shown = re.findall(r"<td[^>]*>([^<]*\.[^<]*)</td>", section.group())
    assert len(shown) == 12
    assert set(shown) <= released


def test_gallery_has_a_card_for_each_study(content: dict[str, Any], write: Write) -> None:
    """Each study shows its title, question, answer, stamp and whether it is synthetic."""
    folder = write(content)
    write({**content, "study": "second", "title": "<script>", "synthetic": False})
    written = write_gallery(folder)
    assert written.count('<li class="card"') == 2
    assert written.count("Synthetic data") == 1
    assert "&lt;script&gt;" in written
    assert "<script>" not in written
    assert escape(content["finding"]["answer"]) in written


def test_gallery_without_studies_says_what_to_do(tmp_path: Path) -> None:
    """With nothing released the page says so, and names the commands that change it."""
    written = write_gallery(tmp_path / "released")
    assert "Nothing has been released yet" in written
    assert "make study" in written


def test_broken_study_does_not_hide_the_others(content: dict[str, Any], write: Write) -> None:
    """A broken bundle is told on its card; the other studies stay."""
    folder = write(content)
    write({"study": "broken"})
    written = write_gallery(folder)
    assert "Release the study again" in written
    assert escape(content["title"]) in written


@pytest.mark.parametrize("name", ["title", "question", "population", "estimand", "stamp_reason"])
def test_texts_are_escaped(bundle: Bundle, name: str) -> None:
    """No free text of a study becomes markup."""
    from evalkit.reports.detail import write_detail

    hostile: Any = replace(bundle, **{name: "<script>alert(1)</script>"})
    assert "<script>" not in write_summary(hostile, ["<script>"]) + write_detail(hostile)


def test_bundle_is_not_altered(released: Path) -> None:
    """Writing pages leaves the bundle as it was."""
    held, fresh = (read_bundle(released, "staff_wellbeing") for _ in range(2))
    write_summary(held, [])
    assert held == fresh


def test_a_hidden_number_is_no_fact(content: dict[str, Any], write: Write) -> None:
    """How many units there are is not told among the facts where it is hidden."""
    held = content["tables"]["headline"]["rows"]
    for units, told in ((12, True), ("[c]", False)):
        names = [column["name"] for column in content["tables"]["headline"]["columns"]]
        row = [{"name": "units", "value": units}.get(name, "") for name in names]
        content["tables"]["headline"]["rows"] = [*held, row]
        written = write_summary(read_bundle(write(content), "staff_wellbeing"), [])
        assert ("<dt>Units</dt>" in written) is told
