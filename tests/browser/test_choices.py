"""What a reader chooses shows at once, by keyboard too, and its address shows the same again."""

import statistics
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Page, expect

Visit = Callable[..., None]
SLOWEST = 50  # milliseconds: what a choice may take until its view is in the page
SHOWN = ".figures-shown:not([hidden])"
TIMED = """(pairs) => pairs.map(([mark, value]) => {
  const field = document.querySelector(mark);
  const start = performance.now();
  field.value = value;
  field.dispatchEvent(new Event("change", { bubbles: true }));
  document.body.getBoundingClientRect();
  return performance.now() - start;
})"""


def focus(page: Page, mark: str) -> None:
    """Press Tab until the field has the focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == mark:
            return
    raise AssertionError(f"Tab does not reach {mark}")


def test_keyboard_alone_chooses_figures_group_and_form(page: Page, visit: Visit) -> None:
    """Tab and arrows reach each field of the figures, and the view follows."""
    visit(page)
    focus(page, "choose-figures")
    page.keyboard.press("ArrowDown")
    panel = page.locator(".figures-shown:visible")
    expect(panel.locator("h3")).to_have_text("Difference by group of trusts")
    page.keyboard.press("Tab")
    page.keyboard.press("ArrowDown")
    expect(panel.locator(".told")).to_have_text(
        "London: 0.21 (0.09 to 0.33) points on a scale of 0 to 10"
    )
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "choose-form"
    page.keyboard.press("ArrowDown")
    expect(panel.locator("tbody tr:visible")).to_have_count(1)
    expect(page.locator("#announce")).to_have_text("Difference by group of trusts is shown.")


QUERIES = [
    "figures=subgroups&group=London&form=chart",
    "figures=subgroups&group=Specialist&form=table",
    "figures=trend&time=2022+Q3&form=chart",
    "figures=trend&form=table",
    "figures=facets&part=felt&form=chart",
    "figures=timing&time=-2&form=table",
]


@pytest.mark.parametrize("query", QUERIES)
def test_script_and_server_show_the_same(
    watch: Callable[..., Page], page: Page, visit: Visit, query: str
) -> None:
    """Choosing in the page gives what its address gives without scripts: rows, marks, words."""
    visit(page)
    chosen = {name: held[0] for name, held in parse_qs(query).items()}
    page.select_option("#choose-figures", chosen.pop("figures"))
    page.select_option("#choose-form", chosen.pop("form"))
    for name, value in chosen.items():
        page.locator(f"#choosing select[name={name}]:visible").select_option(value)
    shown = page.inner_html(SHOWN)
    asked = parse_qs(urlsplit(page.url).query)
    assert {n: v for n, v in asked.items() if n in parse_qs(query)} == parse_qs(query)
    plain = watch(java_script_enabled=False)
    visit(plain, f"study?study=staff_wellbeing&{query}", controls=False)
    assert plain.inner_html(SHOWN) == shown
    visit(page, page.url.split("/")[-1])
    assert page.inner_html(SHOWN) == shown


def test_both_kinds_of_choice_stand_in_one_address(page: Page, visit: Visit) -> None:
    """An organisation and a group that were both chosen are both there again."""
    visit(page)
    page.get_by_label("Organisation", exact=True).select_option("S07")
    page.select_option("#plain-period", "2022 Q3")
    page.select_option("#choose-figures", "subgroups")
    page.locator("#choosing select[name=group]:visible").select_option("London")
    link = page.locator(".this-choice").get_attribute("href")
    assert link == page.locator(".this-view").get_attribute("href")
    page.reload()
    expect(page.locator("#view .latest")).to_contain_text("2022 Q3: ")
    assert page.input_value("#plain-organisation") == "S07"
    expect(page.locator(".figures-shown:visible .told")).to_contain_text("London: 0.21")
    page.get_by_role("link", name="One page to print").click()
    expect(page.locator("h1")).to_have_text("Synthetic Trust 007")
    expect(page.locator("h2").first).to_have_text("2022 Q3")


def test_without_scripts_the_fields_send(watch: Callable[..., Page], visit: Visit) -> None:
    """With scripts off a button sends the choice, and what was chosen elsewhere stays chosen."""
    page = watch(java_script_enabled=False)
    visit(page, "study?study=staff_wellbeing&organisation=S07&figures=subgroups", controls=False)
    page.locator("#choosing select[name=group]:visible").select_option("London")
    page.get_by_role("button", name="Update the figures").click()
    page.wait_for_selector("#report-end", state="attached")
    expect(page.locator(".figures-shown:visible .told")).to_contain_text("London: 0.21")
    assert "Synthetic Trust 007" in page.locator("#view .view-name").inner_text()


def test_changes_since_a_version_show_as_text(page: Page, visit: Visit) -> None:
    """The version that a reader saw is compared with this one, and its payloads do not run."""
    visit(page)
    expect(page.locator("[data-since]:visible")).to_have_count(0)
    page.get_by_label("Version that you saw").select_option("1")
    told = page.locator("#changes")
    expect(told).to_contain_text("It said: <script>window.hit=1</script>")
    expect(told).to_contain_text("Within trusts: was 0.19 (0.19 to 0.29), and is 0.24")
    assert "since=1" in page.url
    shown = told.inner_text()
    page.reload()
    page.wait_for_selector("html[data-controls=ready]", state="attached")
    assert page.locator("#changes").inner_text() == shown
    assert page.evaluate("window.hit") is None
    assert page.locator("main img").count() == 0


@pytest.mark.parametrize(
    "path", ["sweep?sweep=sites", "organisation?study=hostile&organisation=S03"]
)
def test_new_pages_show_hostile_words_as_text(page: Page, visit: Visit, path: str) -> None:
    """A payload in the name of a site or an organisation stands as its characters."""
    visit(page, path, controls=False)
    assert "<script>window.hit=1</script>" in page.locator("main").inner_text()
    assert page.locator("main img, main script").count() == 0
    assert page.evaluate("window.hit") is None


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("sweep?sweep=sites", 200),
        ("sweep?sweep=../x", 404),
        ("sweep", 404),
        ("organisation?study=none", 404),
    ],
)
def test_a_page_that_is_not_there_says_so(server: Any, page: Page, path: str, status: int) -> None:
    """An unknown sweep or study answers 404 with a sentence, and repeats nothing of the address."""
    answer = page.request.get(server.address + path)
    assert answer.status == status
    assert "../x" not in answer.text()
    assert "Traceback" not in answer.text()


def test_a_choice_answers_at_once(page: Page, visit: Visit) -> None:
    """Each kind of choice of figures takes less than 50 milliseconds, by its median of seven."""
    visit(page)
    kinds = [["#choose-figures", name] for name in ("subgroups", "trend", "facets")]
    kinds += [["#choose-form", name] for name in ("table", "chart")]
    taken = page.evaluate(TIMED, kinds * 7)
    for kind in range(len(kinds)):
        assert statistics.median(taken[kind :: len(kinds)]) < SLOWEST
