"""The controls answer to the keyboard, and an address always shows the same view."""

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect

Visit = Callable[..., None]


def _focus(page: Page, label: str) -> None:
    """Press Tab until the field with this label has the focus."""
    for _ in range(60):
        page.keyboard.press("Tab")
        held = "document.activeElement.labels?.[0]?.textContent"
        if page.evaluate(held) == label:
            return
    raise AssertionError(f"Tab does not reach {label}")


def test_keyboard_alone_changes_the_view(page: Page, visit: Visit) -> None:
    """Tab, arrows and typing reach every control and change organisation, facet and form."""
    visit(page)
    name = page.locator("#view .view-name")
    expect(name).to_have_text("All trusts: Overall patient experience")
    _focus(page, "Search for an organisation by name or code")
    page.keyboard.type("trust 042")
    expect(page.locator("#matches")).to_contain_text("1 organisation matches")
    _focus(page, "Organisation")
    page.keyboard.press("ArrowDown")
    expect(name).to_have_text("Synthetic Trust 042: Overall patient experience")
    _focus(page, "Measure")
    page.keyboard.press("ArrowDown")
    expect(name).to_have_text("Synthetic Trust 042: Staff engagement")
    _focus(page, "Show as")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#view tbody tr")).to_have_count(16)
    expect(page.locator("#announce")).to_have_text(
        "Synthetic Trust 042: Staff engagement is shown."
    )


def test_address_follows_and_shows_the_same_again(page: Page, visit: Visit) -> None:
    """After a choice the address names the view, and opening it again shows the same."""
    visit(page)
    page.get_by_label("Organisation", exact=True).select_option(index=10)
    page.get_by_label("Measure", exact=True).select_option("Felt experience")
    shown = page.locator("#view .view")
    expect(shown).to_contain_text("Felt experience")
    page.wait_for_function("location.search.includes('facet=Felt')")
    before = shown.inner_html()
    asked = parse_qs(urlsplit(page.url).query)
    assert asked["facet"] == ["Felt experience"]
    page.reload()
    page.wait_for_selector("html[data-controls=ready]", state="attached")
    assert page.locator("#view .view").inner_html() == before


def test_suppressed_values_are_marked_and_explained(page: Page, visit: Visit) -> None:
    """A suppressed quarter shows as [c] in the table, with what [c] means below it."""
    visit(page, "study?study=staff_wellbeing&organisation=S03&view=table")
    shown = page.locator("#view")
    assert shown.locator("td", has_text="[c]").count() == 4
    assert "[c] means confidential" in shown.inner_text()


def test_strange_addresses_are_ignored_in_words(page: Page, visit: Visit) -> None:
    """What the report does not know in an address is left out, said so, and never run."""
    strange = (
        "study?study=staff_wellbeing&organisation=<script>window.hit=1</script>"
        "&facet=__import__('os')&template=reveal&theme=dark"
    )
    visit(page, strange)
    notice = page.locator(".notice[role=note]").inner_text()
    assert "organisation in the address is not in this report" in notice
    assert "not known here" in notice
    expect(page.locator("#view .view-name")).to_have_text("All trusts: Overall patient experience")
    assert page.evaluate("window.hit") is None


def test_list_narrows_as_it_is_asked_and_by_its_address(
    watch: Callable[..., Page], page: Page, visit: Visit
) -> None:
    """Search and filter hide cards at once; the address shows the same, without scripts too."""
    visit(page, "")
    cards = page.locator(".gallery > li")
    expect(cards.locator("visible=true")).to_have_count(2)
    _focus(page, "Search in questions and answers")
    page.keyboard.type("Staff WELLBEING and")
    expect(cards.locator("visible=true")).to_have_count(1)
    expect(page.locator("#found")).to_have_text("1 of 2 studies are shown.")
    _focus(page, "Plan")
    page.keyboard.press("ArrowDown")
    _focus(page, "Checks")
    address = urlsplit(page.url).query
    assert parse_qs(address)["search"] == ["Staff WELLBEING and"]
    told = page.locator("#found").inner_text()
    plain = watch(java_script_enabled=False)
    visit(plain, f"?{address}", controls=False)
    assert plain.locator("#found").inner_text() == told
    assert plain.locator("#gallery-search").input_value() == "Staff WELLBEING and"
