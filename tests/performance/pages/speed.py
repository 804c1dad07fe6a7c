"""Time a page from the click on its link until its choices work, and one choice on it."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from comparisons.comparison import Disagreement
from playwright.sync_api import Browser, Page

from pages.served import Served

WIDTH, HEIGHT = 1280, 900
PATIENCE = 90_000
_CHOICES = 5
_STANDING = 3000  # milliseconds after which a kernel that is not needed has ended
_CHOOSE = """async ([field, name, index]) => {
  const shown = () => document.querySelector(name).textContent;
  const list = document.querySelector(field);
  const before = shown(), began = performance.now();
  list.selectedIndex = index;
  list.dispatchEvent(new Event('change', { bubbles: true }));
  while (shown() === before) await new Promise((go) => setTimeout(go, 0));
  await new Promise((go) => requestAnimationFrame(() => setTimeout(go, 0)));
  return performance.now() - began;
}"""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a kind of page shows what: that it is ready, its list of organisations, its view."""

    ready: tuple[str, ...]
    field: str
    view: str


OURS = Place(("html[data-controls=ready]", "#provenance"), "#plain-organisation", "#view .view")
PLAIN = Place(
    (".evalkit-shown .view", "#provenance"),
    ".evalkit-fields .widget-dropdown select",
    ".evalkit-shown .view",
)


@dataclass(frozen=True, slots=True)
class Visit:
    """One visit: seconds until all is there and for a choice, MB added by kernels, words."""

    seconds: float
    choice: float
    most: float
    standing: float
    words: tuple[str, ...]


class Memory:
    """What kernels add to a server while a page is visited: looked at five times a second."""

    def __init__(self, server: Served | None) -> None:
        self._server = server
        self._before = self._most = server.megabytes() if server else 0.0
        self._done = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self._watch.start()

    def _look(self) -> None:
        while self._server and not self._done.wait(0.2):
            self._most = max(self._most, self._server.megabytes())

    def close(self) -> tuple[float, float]:
        """Return MB added at the most, and now."""
        self._done.set()
        self._watch.join()
        now = self._server.megabytes() if self._server else 0.0
        return self._most - self._before, max(now - self._before, 0.0)


def visit(browser: Browser, address: str, place: Place, server: Served | None = None) -> Visit:
    """Visit with an empty cache: everything is fetched anew."""
    context = browser.new_context(viewport={"width": WIDTH, "height": HEIGHT})
    try:
        page = context.new_page()
        page.set_default_timeout(PATIENCE)
        memory = Memory(server)
        began = time.perf_counter()
        page.goto(address, wait_until="commit")
        for selector in place.ready:
            page.wait_for_selector(selector, state="attached")
        seconds = time.perf_counter() - began
        words = tuple(_text(page, part) for part in (".answer .lead", "#facets", ".view-name"))
        choices = [_choose(page, place, 2 + number) for number in range(_CHOICES)]
        page.wait_for_timeout(_STANDING)
        return Visit(seconds, sorted(choices)[_CHOICES // 2], *memory.close(), words)
    finally:
        context.close()


def _choose(page: Page, place: Place, index: int) -> float:
    name = f"{place.view}-name"
    found: float = page.evaluate(_CHOOSE, [place.field, name, index])
    return found / 1000


def _text(page: Page, selector: str) -> str:
    return " ".join((page.locator(selector).first.text_content() or "").split())


def measure_pages(
    browser: Browser, ours: Served, plain: Served, static: Path, study: str, pairs: int
) -> list[dict[str, Any]]:
    """Visit each in turn, and return rows for the page on performance."""
    taken: dict[str, list[Visit]] = {"ours": [], "plain": [], "static": []}
    for number in range(pairs + 1):
        query = f"study?study={study}&visit={number}"  # unknown there: not a page that was kept
        taken["ours"].append(visit(browser, ours.address + query, OURS, ours))
        taken["plain"].append(visit(browser, f"{plain.address}?study={study}", PLAIN, plain))
        taken["static"].append(visit(browser, static.as_uri(), OURS))
    for visits in taken.values():
        del visits[0]
    agreement = agree(taken)
    first, *others = _rows(taken, static)
    return [first | {"agreement": agreement}, *(row | {"agreement": ""} for row in others)]


def agree(taken: dict[str, list[Visit]]) -> str:
    """Raise Disagreement where the pages say other things."""
    told = {seen.words for visits in taken.values() for seen in visits}
    if len(told) != 1:
        raise Disagreement(f"the pages show {len(told)} different texts")
    return "answer, estimates and the name of the first view are the same text"


def _rows(taken: dict[str, list[Visit]], static: Path) -> list[dict[str, Any]]:
    ours, plain, alone = (taken[name] for name in ("ours", "plain", "static"))
    beside = "stock Voila with the statistics stack"
    size = [static.stat().st_size / 1e6] * len(alone)

    def row(title: str, mine: list[Visit], of: Callable[[Visit], float], **bound: Any) -> Any:
        sides = {
            "ours": [round(of(v), 4) for v in mine],
            "theirs": [round(of(v), 4) for v in plain],
        }
        return {"title": title, "beside": beside, "times": 0.0, "seconds": 0.0} | bound | sides

    whole = [
        row("Study page served, drawn anew, until it is all there", ours, _seconds, seconds=2.5),
        row("The same page, against half of what is beside it", ours, _seconds, times=0.5),
        row("A choice on it", ours, _choice, seconds=0.05),
        row("MB that a reader adds while the page stands", ours, _standing, times=0.33)
        | {"unit": "MB"},
        row("MB that a reader adds at the most, while it is drawn", ours, _most, times=0.5)
        | {"unit": "MB"},
        row("Page as one file, until it is all there", alone, _seconds, seconds=0.6),
        row("A choice on it, one file", alone, _choice, seconds=0.02),
    ]
    weight = {"title": "MB of the page as one file", "unit": "MB", "beside": "the same file"}
    return [*whole, weight | {"times": 0.0, "seconds": 1.0, "ours": size, "theirs": size}]


def _seconds(seen: Visit) -> float:
    return seen.seconds


def _choice(seen: Visit) -> float:
    return seen.choice


def _standing(seen: Visit) -> float:
    return seen.standing


def _most(seen: Visit) -> float:
    return seen.most
