"""The page tells things in the order in which a commissioner asks for them."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.detail import write_detail
from evalkit.reports.summary import write_summary

WANTED = [
    "meaning",
    "people",
    "facets",
    "groups",
    "mechanism",
    "figures",
    "certainty",
    "not-measured",
    "method",
    "provenance",
    "checklists",
]


def _sections(bundle: Bundle) -> list[str]:
    page = write_summary(bundle, []) + write_detail(bundle)
    return re.findall(r'<section class="card" id="([\w-]+)"', page)


def test_sections_stand_in_the_order_of_the_requirements(released: Path) -> None:
    """Answer and decision, people, facets, groups, mechanism, certainty, gaps, method."""
    bundle = read_bundle(released, "staff_wellbeing")
    page = write_summary(bundle, [])
    assert page.index('class="answer"') < page.index('class="decided"') < page.index('id="meaning"')
    found = [name for name in _sections(bundle) if name in WANTED]
    assert found == [name for name in WANTED if name in found]
    assert {"meaning", "people", "facets", "mechanism", "certainty", "method"} <= set(found)


def test_a_section_without_content_is_left_out_of_page_and_contents(
    content: dict[str, Any], write: Callable[[dict[str, Any]], Path]
) -> None:
    """Without order and ways there is no such section, and no link to one."""
    for name in ("timing", "mediation"):
        content["tables"].pop(name, None)
    bundle = read_bundle(write(content), "staff_wellbeing")
    page = write_summary(bundle, []) + write_detail(bundle)
    assert "mechanism" not in _sections(bundle)
    assert 'href="#mechanism"' not in page


def test_contents_list_each_section_once_in_its_order(released: Path) -> None:
    """Each link of the contents has its section, in the same order."""
    bundle = read_bundle(released, "staff_wellbeing")
    page = write_summary(bundle, [])
    links = re.findall(r'<li><a href="#([\w-]+)"', page[: page.index('id="meaning"')])
    sections = _sections(bundle)
    assert [name for name in links if name in sections] == [s for s in sections if s in links]
    assert set(sections) <= set(links)
