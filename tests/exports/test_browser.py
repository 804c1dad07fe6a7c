"""In a real browser the page chooses as the served page does, asks for nothing, and is accessible.

The views that the script draws are compared with those that the served page writes, word for word,
and mark for mark within half a unit of the drawing.
"""

import re
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

from evalkit.exports.export import export_study
from evalkit.exports.tree import Node, parse_page, text_of
from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.links import View
from evalkit.reports.organisation import list_facets, list_organisations, write_view

pytestmark = pytest.mark.browser

STUDY = "staff_wellbeing"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run"]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
DRAWN = 0.5
"""Largest distance between marks: coordinates are rounded to a tenth, and values as shown."""

NUMBER = re.compile(r"-?\d+\.?\d*")


@pytest.fixture(scope="module")
def browser() -> Generator[Browser, None, None]:
    """Return Debian's Chromium without a window."""
    path = shutil.which("chromium")
    if not path:
        pytest.skip("browser: chromium is not installed (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def files(home: Path, tmp_path: Path) -> dict[str, Path]:
    """Return the page and the summary as files."""
    out = tmp_path / "shared drive"
    return dict(
        zip(("html", "summary"), export_study(home, STUDY, ["html", "summary"], out), strict=True)
    )


@pytest.fixture
def open_page(browser: Browser) -> Generator[Callable[..., Page], None, None]:
    """Return a function that opens files; in the end none asked for anything or logged an error."""
    asked: list[str] = []
    wrong: list[str] = []
    contexts = []

    def go(path: Path, query: str = "", width: int = 1280, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": 900}, **options)
        contexts.append(context)
        page = context.new_page()
        context.on("request", lambda request: asked.append(request.url))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        page.goto(path.as_uri() + query)
        return page

    yield go
    for context in contexts:
        context.close()
    outside = [url for url in asked if not url.startswith(("data:", "file:"))]
    assert not outside, f"requests left the file: {outside}"
    assert len([url for url in asked if url.startswith("file:")]) == len(contexts)
    assert not wrong, f"the browser's console shows errors: {wrong}"


def choose(page: Page, view: View) -> Node:
    """Choose a view by its three fields, and return what is shown."""
    page.select_option("#plain-organisation", view.organisation)
    page.select_option("#plain-facet", view.facet)
    page.select_option("#plain-view", view.view)
    return parse_page(str(page.inner_html("#view")))


def views_of(bundle: Bundle) -> list[View]:
    """Return every view of the study that a reader can choose."""
    return [
        View(STUDY, facet, organisation, form)
        for facet in list_facets(bundle)
        for organisation in ("", *list_organisations(bundle))
        for form in ("chart", "table")
    ]


def marks_of(tree: Node) -> list[tuple[str, str, list[float]]]:
    """Return each mark of the drawings: its element, its class, and its coordinates."""
    drawn = [n for svg in tree.named("svg") if svg.has_class("chart") for n in svg.below()]
    return [
        (
            node.tag,
            node.attributes.get("class", ""),
            [
                float(number)
                for name in ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "r", "d")
                for number in NUMBER.findall(node.attributes.get(name, ""))
            ],
        )
        for node in drawn
        if node.tag in ("line", "path", "circle", "text")
    ]


def test_every_choice_shows_what_the_served_page_shows(
    open_page: Callable[..., Page], files: dict[str, Path], home: Path
) -> None:
    """All views, chart and table: the same words, the same numbers, the same marks and address."""
    bundle, page = read_bundle(home, STUDY), open_page(files["html"])
    views = views_of(bundle)
    assert len(views) == 4 * 7 * 2
    for view in views:
        shown, wanted = choose(page, view), parse_page(write_view(bundle, view))
        assert text_of(shown) == text_of(wanted), view
        links = [n.attributes["href"] for tree in (shown, wanted) for n in tree.named("a")]
        assert links[0] == links[1], view
        for here, there in zip(marks_of(shown), marks_of(wanted), strict=True):
            assert here[:2] == there[:2], view
            assert len(here[2]) == len(there[2]), view
            assert all(abs(a - b) < DRAWN for a, b in zip(here[2], there[2], strict=True)), view
        labels = [
            n.attributes.get("aria-label") for tree in (shown, wanted) for n in tree.named("div")
        ]
        assert labels[: len(labels) // 2] == labels[len(labels) // 2 :], view


def test_the_same_address_shows_the_same_view(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """The address takes a view that the page holds, and nothing else."""
    page = open_page(files["html"], "?organisation=S03&view=table&facet=%3Cscript%3E")
    assert page.inner_text(".view-name") == "Synthetic Trust 003: Overall patient experience"
    assert page.locator("#view table").count() == 1
    assert "organisation=S03" in page.url
    assert "script" not in page.url


def test_search_narrows_the_list_and_says_how_far(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """The number of matches is told; the chosen organisation stays."""
    page = open_page(files["html"])
    assert page.inner_text("#matches") == "6 organisations to choose from."
    page.fill("#plain-search", "trust 004")
    assert page.inner_text("#matches") == "1 organisation matches. Choose from the list."
    assert page.locator("#plain-organisation option").count() == 2


def test_the_keyboard_alone_is_enough(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """Each field is reached by Tab, and a choice by arrow keys is announced."""
    page = open_page(files["html"])
    page.focus("#plain-search")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    assert page.inner_text("#announce").startswith("Synthetic Trust 000")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "plain-facet"


def test_without_scripts_all_else_can_be_read(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """The fields are hidden, and the page says where the organisations are."""
    page = open_page(files["html"], java_script_enabled=False)
    assert not page.is_visible("#choices")
    assert "The spreadsheet of this study has each organisation" in page.inner_text("#organisation")


@pytest.mark.parametrize("form", ["html", "summary"])
@pytest.mark.parametrize(
    ("width", "options"),
    [(320, {}), (768, {}), (1280, {}), (1280, {"forced_colors": "active"})],
)
def test_it_is_accessible(
    open_page: Callable[..., Page],
    files: dict[str, Path],
    form: str,
    width: int,
    options: dict[str, Any],
) -> None:
    """No rule of WCAG 2.2 A or AA is broken, and nothing is wider than the screen."""
    page = open_page(files[form], width=width, bypass_csp=True, **options)
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": RULES}})
    assert found.violations_count == 0, found.generate_report()
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_summary_prints_on_two_pages(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """Printed on A4 it has at most two pages."""
    printed = open_page(files["summary"]).pdf(prefer_css_page_size=True)
    assert 1 <= len(re.findall(rb"/Type\s*/Page\b", printed)) <= 2


def test_what_is_printed_is_whole_and_nothing_else(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """On paper: no closed part, the terms of the answer told, charts no wider than the sheet."""
    page = open_page(files["html"], width=680)
    page.emulate_media(media="print")
    closed = page.locator("details:not([open])").filter(visible=True)
    assert closed.count() == page.locator(".answer .terms details").count() > 0
    assert page.locator(".answer .terms details p").first.bounding_box()["height"] > 0  # type: ignore[index]
    assert page.locator("nav.contents").filter(visible=True).count() == 0
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    breaks = "el => getComputedStyle(el).breakInside"
    assert page.locator("tr").first.evaluate(breaks) == "avoid"
    assert page.locator(".card").first.evaluate(breaks) == "auto"


def test_the_terms_of_the_answer_open_by_keyboard(
    open_page: Callable[..., Page], files: dict[str, Path]
) -> None:
    """Enter on the term shows its meaning, and Enter again hides it."""
    page = open_page(files["html"])
    term = page.locator(".answer .terms details").first
    assert not term.locator("p").is_visible()
    term.locator("summary").focus()
    page.keyboard.press("Enter")
    assert term.locator("p").is_visible()
    page.keyboard.press("Enter")
    assert not term.locator("p").is_visible()
