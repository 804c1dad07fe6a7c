"""A real browser and a real server: every request must stay here, and no error may be logged."""

import hashlib
import json
import re
import runpy
import shutil
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
PAYLOAD = "<script>window.hit=1</script>"
IMAGE_PAYLOAD = '"><img src=x onerror="window.hit=1">'
PATIENCE = 30_000

_MADE = runpy.run_path(str(ROOT / "tests" / "reports" / "made_bundle.py"))
_SERVED = runpy.run_path(str(ROOT / "tests" / "reports" / "served.py"))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test of this folder."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)


def _hostile() -> dict[str, Any]:
    """Return a bundle whose every free text tries to run or to calculate."""
    made: dict[str, Any] = _MADE["make_bundle"]("hostile")
    made |= {"title": PAYLOAD, "question": f"{PAYLOAD} =1+1", "population": IMAGE_PAYLOAD}
    made["finding"] |= {
        "answer": f"=1+1 {IMAGE_PAYLOAD}",
        "meaning": [PAYLOAD],
        "limits": [PAYLOAD],
    }
    made["not_measured"] = [PAYLOAD, "=1+1"]
    made["departures"][0] |= {"name": PAYLOAD, "registered": PAYLOAD, "run": IMAGE_PAYLOAD}
    made["co_production"][0] |= {"reason": PAYLOAD, "decision_id": PAYLOAD, "stage": PAYLOAD}
    made["checks"][0] |= {"finding": PAYLOAD, "question": IMAGE_PAYLOAD}
    made["protocol"] |= {PAYLOAD: IMAGE_PAYLOAD}
    made["tables"]["facets"]["rows"][0][1] = f"</title>{PAYLOAD}"
    made["tables"]["facets"]["title"] = f"</svg>{IMAGE_PAYLOAD}"
    for row in made["tables"]["organisations"]["rows"]:
        if row[0] == "S03":
            row[1] = f"{IMAGE_PAYLOAD}{PAYLOAD}"
        if row[0] == "S04":
            row[1] = "=1+1"
    return made


@pytest.fixture(scope="session")
def releases(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with an ordinary study, and a hostile one."""
    folder: Path = tmp_path_factory.mktemp("reports") / "released"
    folder.mkdir()
    _MADE["write_bundle"](folder, _MADE["make_bundle"]())
    _MADE["write_bundle"](folder, _hostile())
    _keep_earlier(folder)
    _write_sweep(folder)
    return folder


def _keep_earlier(folder: Path) -> None:
    """Give the ordinary study a version before the one in place, which says hostile things."""
    earlier = _MADE["make_bundle"]()
    earlier["finding"]["answer"] = PAYLOAD
    earlier["tables"]["estimates"]["rows"][2][2] = 0.19
    earlier["protocol"]["outcome_unit"] = IMAGE_PAYLOAD
    kept = folder.parent / "versions" / "000001"
    paper = _write_paper(_MADE["write_bundle"](kept, earlier), 1, None)
    _write_paper(folder, 2, paper)


def _write_paper(folder: Path, version: int, previous: str | None) -> str:
    place = folder / "staff_wellbeing"
    digest = hashlib.sha256((place / "bundle.json").read_bytes()).hexdigest()
    paper = {"version": version, "previous": previous, "files": {"bundle.json": digest}}
    (place / "release.json").write_text(json.dumps(paper))
    return hashlib.sha256((place / "release.json").read_bytes()).hexdigest()


def _write_sweep(folder: Path) -> None:
    """Release three runs of different sites, one of them named by a payload, and their sweep."""
    runs = []
    for number, site in enumerate(("A", "B", PAYLOAD)):
        made = _MADE["make_bundle"](f"sites_{number}") | {"record_sha256": f"{number:064x}"}
        made["protocol"]["only"] = {"site": site}
        _MADE["write_bundle"](folder, made)
        run = {"study": made["study"], "record_sha256": f"{number:064x}"}
        run |= {"varied": {"only": {"site": site}}, "estimate": 0.2, "conf_low": 0.1}
        run |= {"conf_high": 0.3, "shrunk": 0.21, "shrunk_low": 0.15, "shrunk_high": 0.27}
        runs.append(run)
    together = {"pooled": 0.2, "pooled_low": 0.15, "pooled_high": 0.25, "level": 0.95}
    together |= {"new_low": 0.1, "new_high": 0.3}
    sweep = {"schema": "evalkit-sweep/1", "sweep": "sites", "sites": True, "asked": 4}
    sweep |= {"decimals": 2, "runs": runs, "together": together}
    path = folder.parent / "released_sweeps" / "sites.json"
    path.parent.mkdir()
    path.write_text(json.dumps(sweep))


@pytest.fixture(scope="session")
def server(releases: Path, tmp_path_factory: pytest.TempPathFactory) -> Generator[Any, None, None]:
    """Return one running report that most tests share."""
    _find_chromium()
    running = _SERVED["start_server"](releases, tmp_path_factory.mktemp("log") / "log")
    yield running
    _SERVED["stop_server"](running)


def _find_chromium() -> str:
    found = shutil.which("chromium")
    if not found:
        pytest.skip("browser: chromium is not installed (apt-get install chromium)")
    return found


@pytest.fixture(scope="module")
def browser() -> Generator[Browser, None, None]:
    """Return Debian's Chromium without a window."""
    path = _find_chromium()
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield started
        started.close()


@pytest.fixture
def watch(browser: Browser) -> Generator[Callable[..., Page], None, None]:
    """Return a function that opens pages; in the end no request left and no error was logged."""
    contexts = []
    asked: list[str] = []
    wrong: list[str] = []

    def open_page(width: int = 1280, **options: Any) -> Page:
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, **options)
        contexts.append(context)
        context.on("request", lambda request: asked.append(request.url))
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("websocket", lambda socket: asked.append(socket.url))
        page.on("console", lambda line: wrong.append(line.text) if line.type == "error" else None)
        return page

    yield open_page
    for context in contexts:
        context.close()
    outside = [url for url in asked if not re.match(r"(http|ws)://127\.0\.0\.1:\d+/|data:", url)]
    assert not outside, f"requests left the machine: {outside}"
    assert not wrong, f"the browser's console shows errors: {wrong}"


@pytest.fixture
def page(watch: Callable[..., Page]) -> Page:
    """Return a page as wide as a desk screen."""
    return watch()


@pytest.fixture
def visit(server: Any) -> Callable[..., None]:
    """Return a function that opens an address of the shared report and waits for its controls."""

    def go(page: Page, address: str = "study?study=staff_wellbeing", controls: bool = True) -> None:
        page.goto(server.address + address)
        page.wait_for_selector("#report-end[data-report=complete]", state="attached")
        if controls:
            page.wait_for_selector("html[data-controls=ready]", state="attached")

    return go


@pytest.fixture
def violations() -> Callable[[Page], list[str]]:
    """Return a function that lists what axe-core finds against WCAG 2.2 A and AA."""

    def find(page: Page) -> list[str]:
        options = {"runOnly": {"type": "tag", "values": RULES}, "resultTypes": ["violations"]}
        found = Axe().run(page, options=options).response["violations"]
        return [f"{rule['id']}: {node['html'][:120]}" for rule in found for node in rule["nodes"]]

    return find
