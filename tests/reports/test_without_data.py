"""The page of a study that reads no data says so first, and leaves out what is about data."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.detail import write_detail
from evalkit.reports.gallery import write_gallery
from evalkit.reports.plan import NO_DATA, PAST_DATA
from evalkit.reports.summary import write_summary

Write = Callable[[dict[str, Any]], Path]


@pytest.fixture
def planned(content: dict[str, Any], write: Write) -> Bundle:
    """Return a study without sources, as the report reads it."""
    rows = [["detectable", 0.22], ["minimum_important_difference", 0.2], ["units", 24]]
    content["tables"] = {"headline": {**content["tables"]["headline"], "rows": rows}}
    columns = content["tables"]["headline"]["columns"]
    content["tables"]["headline"]["columns"] = columns[:2]
    folder = write(content | {"sources": [], "synthetic": False, "figures": {}})
    return replace(read_bundle(folder, "staff_wellbeing"), approval="without data")


def test_the_banner_comes_first_and_is_the_only_one(planned: Bundle) -> None:
    """Neither synthetic nor exploratory: there is no result that a plan could be held to."""
    written = write_summary(planned, [])
    assert written.index(f"{NO_DATA}.") < written.index("<h1>")
    assert "Exploratory" not in written
    assert "Synthetic" not in written
    assert written.count('class="banner') == 1


def test_the_answer_shows_what_would_be_found(planned: Bundle) -> None:
    """The size, what matters and the units; no interval of a result."""
    written = write_summary(planned, [])
    for words in ("Difference it would find", ">0.22 points<", ">0.2 points<", ">24<"):
        assert words in written
    assert "Difference found" not in written


def test_parts_of_experience_are_left_out(planned: Bundle) -> None:
    """Nothing was measured, so no part of experience stands on the page or in its contents."""
    assert "Each part of experience" not in write_summary(planned, [])


def test_nobody_is_protected(planned: Bundle) -> None:
    """Where the numbers come from: assumptions, without a list of sources or of rules."""
    written = write_detail(planned)
    assert "Nothing was measured on anybody, so there is nobody to protect." in written
    assert "approved by rule, without a person" in written
    assert "publisher" not in written
    assert "<ul></ul>" not in written


def test_the_list_of_studies_says_so(planned: Bundle, tmp_path: Path) -> None:
    """Its card carries the words in place of a stamp."""
    assert NO_DATA in write_gallery(tmp_path / "released")


def test_a_plan_on_past_data_is_no_result_either(planned: Bundle) -> None:
    """It has a source and says so; it is neither exploratory nor has parts of experience."""
    source = {"name": "data", "synthetic": False, "rows": 30, "profile": "fft", "sha256": "0" * 64}
    past = replace(planned, sources=[source], primary={"term": "detectable"})
    written = write_summary(past, [])
    assert f"{PAST_DATA}.</strong> It says what a study could find" in written
    assert NO_DATA not in written
    assert "Exploratory" not in written
    assert "Each part of experience" not in written
    assert "Difference it would find" in written
