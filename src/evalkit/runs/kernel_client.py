"""A client of a kernel that begins as soon as the kernel is ready, and not a moment later.

jupyter_client's own waits a fifth of a second for messages that may be left over before the first
cell runs, and tries a socket that is not there yet ten times a second. A sweep of a thousand runs
would wait five minutes so.
"""

import time
from queue import Empty
from typing import Any

from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.manager import AsyncKernelManager

_RETRY_MILLISECONDS = 5
_ANSWER_SECONDS = 1.0
_STATUS_SECONDS = 0.05


class PromptClient(AsyncKernelClient):
    """Waits for the kernel's answer and for its word that it is idle, which nothing follows."""

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        """Wait until the kernel answers and is heard; raises RuntimeError if it does not."""
        until = float("inf") if timeout is None else time.monotonic() + timeout
        while time.monotonic() < until:
            if await self._is_heard(self.kernel_info()):
                return
            if not await self.is_alive():
                raise RuntimeError("Kernel died before replying to kernel_info")
        raise RuntimeError(f"Kernel didn't respond in {timeout} seconds")

    async def _is_heard(self, asked: str) -> bool:
        """Tell whether a question is answered, and its end announced to all who listen.

        The announcement is lost where the socket for it was not connected yet.
        """
        try:
            answer = await self.get_shell_msg(timeout=_ANSWER_SECONDS)
            while not _is_answer(answer, asked, "kernel_info_reply"):
                answer = await self.get_shell_msg(timeout=_ANSWER_SECONDS)
            self._handle_kernel_info_reply(answer)
            told = await self.get_iopub_msg(timeout=_STATUS_SECONDS)
            while told["content"].get("execution_state") != "idle" or not _is_answer(told, asked):
                told = await self.get_iopub_msg(timeout=_STATUS_SECONDS)
        except Empty:
            return False
        return True


class PromptManager(AsyncKernelManager):
    """Makes such clients, whose sockets connect as soon as the kernel has bound its own."""

    client_factory = PromptClient

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.context.reconnect_ivl = _RETRY_MILLISECONDS


def _is_answer(message: dict[str, Any], asked: str, kind: str = "status") -> bool:
    parent: dict[str, Any] = message["parent_header"]
    return parent.get("msg_id") == asked and message["msg_type"] == kind
