"""Many readers: one after another, at once, and more than may be drawn together."""

import asyncio
import time
from dataclasses import dataclass, field
from statistics import median
from typing import Any

from playwright.async_api import Browser, async_playwright
from playwright.async_api import Error as BrowserError

from pages.served import CHROMIUM, FLAGS, Served

PATIENCE = 90_000
LEFT_SECONDS = 20
_NAME = "#view .view-name"


@dataclass(slots=True)
class Crowd:
    """What a crowd saw: seconds of each page that came, those that hung or showed another's."""

    seconds: list[float] = field(default_factory=list)
    hung: int = 0
    others: int = 0
    busy: int = 0
    kernels: int = 0
    megabytes: float = 0.0


async def _read(
    browser: Browser, server: Served, study: str, unit: tuple[str, str], crowd: Crowd
) -> None:
    """Open a view of one organisation, and see that it is that one's."""
    context = await browser.new_context()
    try:
        page = await context.new_page()
        page.set_default_timeout(PATIENCE)
        began = time.perf_counter()
        address = f"{server.address}study?study={study}&organisation={unit[0]}"
        answer = await page.goto(address, wait_until="commit")
        if answer is not None and answer.status == 503:
            crowd.busy += 1
            return
        await page.wait_for_selector("html[data-controls=ready]", state="attached")
        crowd.seconds.append(time.perf_counter() - began)
        crowd.others += not (await page.inner_text(_NAME)).startswith(unit[1])
        await page.select_option("#plain-view", "table")
        crowd.others += not (await page.inner_text(_NAME)).startswith(unit[1])
    except BrowserError:
        crowd.hung += 1
    finally:
        await context.close()


async def _watch(server: Served, crowd: Crowd) -> None:
    while True:
        crowd.kernels = max(crowd.kernels, len(server.kernels()))
        crowd.megabytes = max(crowd.megabytes, server.megabytes())
        await asyncio.sleep(0.2)


async def _gather(
    server: Served, study: str, units: list[tuple[str, str]], *, at_once: bool
) -> Crowd:
    crowd = Crowd()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        watching = asyncio.create_task(_watch(server, crowd))
        visits = [_read(browser, server, study, unit, crowd) for unit in units]
        if at_once:
            await asyncio.gather(*visits)
        else:
            for one in visits:
                await one
        watching.cancel()
        await browser.close()
    return crowd


def gather(server: Served, study: str, units: list[tuple[str, str]], *, at_once: bool) -> Crowd:
    """Let one reader for each organisation in; each `(code, name)` is asked for once."""
    return asyncio.run(_gather(server, study, units, at_once=at_once))


def kernels_left(server: Served, at_most: int = 1) -> int:
    """Return how many kernels still live, some seconds after the last page."""
    until = time.monotonic() + LEFT_SECONDS
    while time.monotonic() < until and len(server.kernels()) > at_most:
        time.sleep(0.2)
    return len(server.kernels())


def tell(title: str, readers: int, crowd: Crowd, left: int) -> str:
    """Say in a sentence what a crowd saw."""
    busy = f", {crowd.busy} were asked to come back" if crowd.busy else ""
    return (
        f"{title}: of {readers} readers {len(crowd.seconds)} got their page (median "
        f"{median(crowd.seconds):.1f} s, slowest {max(crowd.seconds):.1f} s){busy}; {crowd.hung} "
        f"hung, {crowd.others} saw another's choice; at most {crowd.kernels} kernels with "
        f"{crowd.megabytes:.0f} MB, {left} afterwards"
    )


def is_sound(readers: int, crowd: Crowd, most_kernels: int, left: int) -> bool:
    """Say whether each reader was served or asked to wait, alone, within the cap."""
    served: Any = len(crowd.seconds) + crowd.busy == readers
    return bool(
        served
        and not crowd.hung
        and not crowd.others
        and left <= 1
        and crowd.kernels <= most_kernels
    )
