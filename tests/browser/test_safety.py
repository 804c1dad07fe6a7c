"""Free text from outside is shown, never run."""

from collections.abc import Callable

from playwright.sync_api import Browser, Page, expect

Visit = Callable[..., None]
PAYLOAD = "<script>window.hit=1</script>"
IMAGE_PAYLOAD = '"><img src=x onerror="window.hit=1">'


def test_list_shows_hostile_titles_as_text(page: Page, visit: Visit) -> None:
    """A study titled `<script>...` stands in the list with exactly these characters."""
    visit(page, "", controls=False)
    assert PAYLOAD in page.locator(".gallery").inner_text()
    assert page.locator("main img, main script:not([type])").count() == 0
    assert page.evaluate("window.hit") is None


def test_study_shows_hostile_text_as_text(page: Page, visit: Visit) -> None:
    """Payloads in title, sentences, tables, charts and names show as text and do not run."""
    visit(page, "study?study=hostile&organisation=S03")
    assert page.title() == PAYLOAD
    assert page.locator("h1").inner_text() == f"{PAYLOAD} =1+1"
    assert IMAGE_PAYLOAD in page.locator(".answer").inner_text()
    name = page.locator("#view .view-name")
    expect(name).to_have_text(f"{IMAGE_PAYLOAD}{PAYLOAD}: Overall patient experience")
    page.get_by_label("Organisation", exact=True).select_option("=1+1 (S04)")
    expect(name).to_have_text("=1+1: Overall patient experience")
    page.get_by_label("Show as").select_option("Table")
    expect(page.locator("#view tbody tr")).to_have_count(16)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.locator("main img").count() == 0
    assert page.evaluate("window.hit") is None


def test_an_injected_script_would_be_refused(browser: Browser, visit: Visit) -> None:
    """Even if a script got into the page, the browser is told not to run it, and says so."""
    page = browser.new_context().new_page()
    refused: list[str] = []
    page.on("console", lambda line: refused.append(line.text) if line.type == "error" else None)
    visit(page, "", controls=False)
    page.evaluate(
        "() => { const s = document.createElement('div');"
        's.innerHTML = \'<img src="data:," onerror="window.hit=1">\'; document.body.append(s); }'
    )
    page.wait_for_timeout(500)
    assert page.evaluate("window.hit") is None
    assert any("Content Security Policy" in line for line in refused)
    page.context.close()
