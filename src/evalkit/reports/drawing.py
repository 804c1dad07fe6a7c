"""Draw a page: one kernel for each, ended with it, a few at a time; drawn once, the page is kept.

A page is sent when it is whole, so that its status says what it is: a page that could not be
drawn answers 500. Nothing of a reader lives on: choices are made in the browser.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlencode

from tornado.web import HTTPError, RequestHandler
from voila.handler import BaseVoilaHandler, VoilaHandler

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import read_bundle, released_studies
from evalkit.reports.kernels import PageKernels, Ready
from evalkit.reports.links import read_names, read_query
from evalkit.reports.sweep_file import released_sweeps, sweep_path

PATIENCE = 150.0
"""Seconds after which a page is given up: more than a kernel's start and its cells may take."""

FAILED = 'data-report="failed"'
COMPLETE = 'data-report="complete"'
FRESH = "X-Evalkit-Fresh"
_MOST_PAGES = 60
_SWEEP_PAGE = "/sweep"
_STUDY_PAGES = ("/study", "/organisation")

Key = tuple[str, str, tuple[tuple[str, int, int], ...]]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A page with its status."""

    status: int
    body: str


@dataclass(slots=True)
class Pages:
    """The pages that were drawn last, those being drawn, and how many readers wait.

    `at_once` kernels run at the same time; `readers` may wait in all.
    """

    released: Path
    at_once: int
    readers: int
    secret: str
    waiting: int = 0
    kept: OrderedDict[Key, Drawn] = field(default_factory=OrderedDict)
    drawing: dict[Key, asyncio.Task[Drawn]] = field(default_factory=dict)
    gate: asyncio.Semaphore = field(init=False)
    ending: set[asyncio.Task[None]] = field(default_factory=set)

    def __post_init__(self) -> None:
        """Open the gate."""
        self.gate = asyncio.Semaphore(self.at_once)

    def key(self, path: str, query: str) -> Key:
        """Return what a page depends on: its address, and the files of every release."""
        files = []
        for study in released_studies(self.released):
            for name in ("bundle.json", "release.json"):
                path_of = self.released / study / name
                if path_of.exists():
                    state = path_of.stat()
                    files.append((f"{study}/{name}", state.st_mtime_ns, state.st_size))
        for sweep in released_sweeps(self.released):
            state = sweep_path(self.released, sweep).stat()
            files.append((sweep, state.st_mtime_ns, state.st_size))
        return path, query, tuple(files)

    async def take(self, key: Key, draw: Callable[[], Awaitable[Drawn]], *, fresh: bool) -> Drawn:
        """Return a kept page, or one being drawn, or a new one; 503 where too many wait."""
        if key in self.kept and not fresh:
            self.kept.move_to_end(key)
            return self.kept[key]
        if self.waiting >= self.readers:
            raise HTTPError(503)
        self.waiting += 1
        try:
            task = None if fresh else self.drawing.get(key)
            if task is None:
                task = asyncio.create_task(self._draw(key, draw))
            return await asyncio.shield(task)
        finally:
            self.waiting -= 1

    def after(self, work: Coroutine[Any, Any, None]) -> None:
        """Do work after a page, without letting its reader wait."""
        task = asyncio.create_task(work)
        self.ending.add(task)
        task.add_done_callback(self.ending.discard)

    async def _draw(self, key: Key, draw: Callable[[], Awaitable[Drawn]]) -> Drawn:
        mine = asyncio.current_task()
        self.drawing.setdefault(key, mine)  # type: ignore[arg-type]
        try:
            async with self.gate:
                drawn = await asyncio.wait_for(draw(), PATIENCE)
        except TimeoutError:
            raise HTTPError(500) from None
        finally:
            if self.drawing.get(key) is mine:
                del self.drawing[key]
        if drawn.status == 200:
            self.kept[key] = drawn
            while len(self.kept) > _MOST_PAGES:
                self.kept.popitem(last=False)
        return drawn


class Page(VoilaHandler):  # type: ignore[misc]
    """One of the pages."""

    def initialize(self, **kwargs: Any) -> None:
        """Take the notebook's name, and what all pages share."""
        self.pages: Pages = kwargs.pop("pages")
        super().initialize(**kwargs)
        self._kernels = PageKernels(self.settings["kernel_manager"], self.settings["ready_kernel"])

    @property
    def kernel_manager(self) -> PageKernels:
        """Return the kernels, which remember what this page has started."""
        return self._kernels

    async def get(self) -> None:
        """Send the page; one that came with a token goes on without it."""
        if self.get_argument("token", ""):
            rest = [pair for pair in parse_qsl(self.request.query) if pair[0] != "token"]
            self.redirect(f".{self.request.path}" + (f"?{urlencode(rest)}" if rest else ""))
            return
        key = self.pages.key(self.request.path, str(self.request.query))
        fresh = self.request.headers.get(FRESH) == self.pages.secret
        drawn = await self.pages.take(key, self.draw, fresh=fresh)
        self.set_status(drawn.status)
        self.set_header("Content-Type", "text/html; charset=UTF-8")
        self.set_header("Cache-Control", "no-cache, private")
        await self.finish(drawn.body)

    async def draw(self) -> Drawn:
        """Run the notebook in a kernel of its own, which ends while the page is sent."""
        try:
            body = "".join([part async for part in self.get_generator()])
        finally:
            self.pages.after(self._end())
        return Drawn(self.found if COMPLETE in body else 500, body)

    async def _end(self) -> None:
        await self._kernels.end()
        ready: Ready = self.settings["ready_kernel"]
        ready.keep()

    found = 200

    def write_error(self, status_code: int, **kwargs: Any) -> None:
        """Say when to come again where too many wait."""
        if status_code == 503:
            self.set_header("Retry-After", "30")
        super().write_error(status_code, **kwargs)


class NothingHere(BaseVoilaHandler):  # type: ignore[misc]
    """Every other address."""

    def get(self) -> None:
        """Answer that there is no such page."""
        raise HTTPError(404)


def prepare_title(released: Path) -> Callable[..., None]:
    """Return the hook that puts a study's title into the head of its page, or marks it unknown."""

    def prepare(handler: RequestHandler, notebook: Any, cwd: str) -> None:
        if handler.request.path == _SWEEP_PAGE:
            asked, _ = read_names(str(handler.request.query), ("sweep",))
            if asked.get("sweep") not in released_sweeps(released):
                handler.found = 404  # type: ignore[attr-defined]
            return
        if handler.request.path not in _STUDY_PAGES:
            return
        asked, _ = read_query(str(handler.request.query))
        names = released_studies(released)
        name = asked.get("study", names[0] if len(names) == 1 else "")
        try:
            notebook.metadata["title"] = read_bundle(released, name).title
        except EvalkitError:
            handler.found = 404  # type: ignore[attr-defined]

    return prepare
