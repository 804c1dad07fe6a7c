"""The kernels that draw pages: each draws one page and ends; one is kept ready for the next.

The ready kernel has drawn nothing. It gets the page's address when it is taken, so that no reader
sees what another asked for.
"""

import asyncio
import os
from typing import Any

from tornado.ioloop import PeriodicCallback

START_SECONDS = 60
_ADDRESS = "QUERY_STRING"
_LOOK_EVERY = 20_000  # milliseconds: an idle kernel is culled, and another takes its place


class Ready:
    """A kernel that has started and imported the report; at most one at a time."""

    def __init__(self, kernels: Any) -> None:
        self._all = kernels
        self._kernel = ""
        self._closed = False
        self._starting: asyncio.Task[None] | None = None
        self._look = PeriodicCallback(self.keep, _LOOK_EVERY)

    def open(self) -> None:
        """Start the first, and look from time to time whether it still lives."""
        self.keep()
        self._look.start()

    def keep(self) -> None:
        """See that a kernel is ready, or will be."""
        if self._closed:
            return
        if self._kernel not in self._all and (self._starting is None or self._starting.done()):
            self._starting = asyncio.create_task(self._start())

    async def close(self) -> None:
        """Start no more, and wait for one that is on its way, so that it can be ended."""
        self._closed = True
        self._look.stop()
        if self._starting is not None:
            await asyncio.wait([self._starting], timeout=START_SECONDS)

    async def take(self, query: str) -> str:
        """Return the ready kernel, told of the address; nothing where none lives."""
        if not self._kernel and self._starting is not None:
            await asyncio.shield(self._starting)
        kernel, self._kernel = self._kernel, ""
        if kernel not in self._all:
            return ""
        await run(self._all, kernel, f"import os; os.environ[{_ADDRESS!r}] = {query!r}")
        return kernel

    async def _start(self) -> None:
        kernel = await self._all.start_kernel(kernel_name="python3", path="", env={**os.environ})
        await run(self._all, kernel, "import evalkit.reports.page")
        self._kernel = kernel


class PageKernels:
    """The server's kernels as one page sees them."""

    def __init__(self, kernels: Any, ready: Ready) -> None:
        self._all = kernels
        self._ready = ready
        self._mine: list[str] = []

    def __getattr__(self, name: str) -> Any:
        """Leave the rest to the server's kernels."""
        return getattr(self._all, name)

    async def start_kernel(self, **options: Any) -> str:
        """Return the ready kernel, or a new one; in both the page's address is known."""
        kernel = await self._ready.take(options["env"][_ADDRESS])
        kernel = kernel or await self._all.start_kernel(**options)
        self._mine.append(kernel)
        return kernel

    async def end(self) -> None:
        """End what this page has started."""
        for kernel in self._mine:
            if kernel in self._all:
                await self._all.shutdown_kernel(kernel, now=True)
        self._mine.clear()


async def run(kernels: Any, kernel: str, code: str) -> None:
    """Run code of ours in a kernel, and wait until it is done."""
    client = kernels.get_kernel(kernel).client()
    client.start_channels()
    try:
        await client.wait_for_ready(timeout=START_SECONDS)
        await client.execute(code, silent=True, reply=True, timeout=START_SECONDS)
    finally:
        client.stop_channels()
