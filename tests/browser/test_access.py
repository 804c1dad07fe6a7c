"""The report can be read by everyone: by checker, by keyboard, on a telephone, without scripts."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page

Visit = Callable[..., None]
Violations = Callable[[Page], list[str]]
SMALLEST_CHART_TEXT = 12  # CSS pixels: below this the words of a chart cannot be read


SCREENS: list[tuple[int, dict[str, Any]]] = [
    (320, {}),
    (768, {}),
    (1280, {}),
    (1280, {"forced_colors": "active"}),
]


ONE_PLACE = "organisation?study=staff_wellbeing&organisation=S03&period=2022+Q2"
LISTS = ["", "portfolio", "organisation?study=staff_wellbeing", ONE_PLACE, "sweep?sweep=sites"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(("width", "options"), SCREENS)
def test_pages_without_scripts_meet_the_guidelines(
    watch: Callable[..., Page],
    visit: Visit,
    violations: Violations,
    width: int,
    options: dict[str, Any],
    path: str,
) -> None:
    """axe-core finds nothing against WCAG 2.2 A and AA on any page but a study's."""
    page = watch(width, bypass_csp=True, **options)
    visit(page, path, controls=False)
    assert violations(page) == []
    assert page.locator("h1").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width


@pytest.mark.parametrize(("width", "options"), SCREENS)
def test_study_meets_the_guidelines_after_use(
    watch: Callable[..., Page],
    visit: Visit,
    violations: Violations,
    width: int,
    options: dict[str, Any],
) -> None:
    """axe-core finds nothing on a study, also with all tables open and the controls used."""
    page = watch(width, bypass_csp=True, **options)
    visit(page)
    assert violations(page) == []
    page.get_by_label("Organisation", exact=True).select_option(index=4)
    page.get_by_label("Show as").select_option("Table")
    page.wait_for_selector("#view table")
    page.get_by_label("Figures").select_option("subgroups")
    page.get_by_label("Group", exact=True).locator("visible=true").select_option("London")
    assert violations(page) == []
    page.get_by_label("Chart or table").select_option("Table")
    page.get_by_label("Version that you saw").select_option("1")
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_narrow_page_is_readable(watch: Callable[..., Page], visit: Visit) -> None:
    """At 320 px body text is 16 px or more, and the charts' words keep a readable size."""
    page = watch(320)
    visit(page)
    body = page.evaluate("parseFloat(getComputedStyle(document.querySelector('.lead')).fontSize)")
    assert body >= 16
    heights = page.evaluate(
        "[...document.querySelectorAll('svg.chart text')].filter(t => t.checkVisibility())"
        ".map(t => t.getBoundingClientRect().height)"
    )
    assert heights
    assert min(heights) >= SMALLEST_CHART_TEXT


def test_page_names_itself(page: Page, visit: Visit) -> None:
    """The title is the study's, the question the only h1, and the order the agreed one."""
    visit(page)
    assert page.title() == "Staff wellbeing and patient experience"
    assert page.locator("html").get_attribute("lang") == "en-GB"
    assert page.locator("h1").all_inner_texts() == [
        "Does better staff wellbeing come before better patient experience?"
    ]
    assert page.locator("main h2").all_inner_texts() == [
        "The answer",
        "On this page",
        "What this means",
        "Who took part, and what they decided",
        "Each part of experience",
        "Is it the same in different groups?",
        "What comes first, and by which way?",
        "Choose what to see",
        "Your organisation",
        "How sure are we?",
        "What was not measured",
        "Method",
        "Where these numbers come from",
        "What changed since the version you saw",
        "Reporting checklists",
    ]
    assert "Synthetic data." in page.locator(".banner").first.inner_text()


def test_skip_link_leads_past_the_header(page: Page, visit: Visit) -> None:
    """The first press of Tab offers to skip, and Enter takes the reader to the content."""
    visit(page)
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to main content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_whole_report_is_there_without_scripts(watch: Callable[..., Page], visit: Visit) -> None:
    """With scripts off, answer and numbers are on the page and a form chooses the organisation."""
    page = watch(java_script_enabled=False)
    visit(page, controls=False)
    assert "0.24 points higher" in page.locator(".answer").inner_text()
    page.get_by_label("Organisation", exact=True).select_option("S07")
    page.get_by_label("Show as").select_option("table")
    page.get_by_role("button", name="Show").click()
    page.wait_for_selector("#report-end", state="attached")
    assert "Synthetic Trust 007" in page.locator("#view .view-name").inner_text()
    assert page.locator("#view table tbody tr").count() == 16


def test_print_shows_the_answer(page: Page, visit: Visit) -> None:
    """On paper the answer and the charts stand, and the fields do not."""
    visit(page)
    page.emulate_media(media="print")
    assert page.locator(".answer .lead").is_visible()
    assert page.locator("svg.chart.wide").first.is_visible()
    assert not page.locator("#choices").is_visible()
    assert not page.locator("#choosing").is_visible()
