"""How a failed run is told: one message, one exit code, one small file without data."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path

from evalkit.errors import EvalkitError, ResourceError, RunError, Status
from evalkit.record.files import json_bytes, write_file
from evalkit.runs.execute import Ending, Limits

FAILURE_FILE = "last_failure.json"
FAILURE_SCHEMA = "evalkit-failure/1"
_LEAVES_NOTHING = {
    Status.INVALID_PARAMETERS,
    Status.INVALID_DATA,
    Status.BLOCKED,
    Status.LOCKED,
}


def find_fault(ending: Ending, study: str, cells: int, limits: Limits) -> EvalkitError | None:
    """Turn how a notebook ended into the fault to raise; None if it ended well.

    A fault of evalkit keeps its class and words. Of any other exception only the class is
    told: its words may carry data.
    """
    if ending.status is Status.OK:
        return None
    own = {kind.__name__: kind for kind in EvalkitError.__subclasses__() if kind is not RunError}
    if ending.message is not None and ending.exception in own:
        return own[ending.exception](ending.message)
    place = f"{study}: code cell {ending.cell} of {cells}"
    told = {
        Status.TIMEOUT: f"{place} was stopped: a cell may take {limits.cell} seconds and a run "
        f"{limits.run}. Give more time with --timeout, or find out what keeps it.",
        Status.KERNEL_DIED: f"{place}: the notebook's process died. Memory may have run out; "
        "close other programs, or read fewer periods, then run again.",
        Status.NO_MEMORY: f"{place} asked for more memory than there is. "
        "Close other programs, or read fewer periods, then run again.",
        Status.EARLY_EXIT: f"{place} ended the notebook before its last cell. "
        "Take exit() and skipped cells out of it.",
        Status.NO_SPACE: f"{place}: nothing can be written, the disk is full or forbidden. "
        "Make room, then run again.",
        Status.ENVIRONMENT: f"{place}: the notebook could not be started or kept "
        f"({ending.exception or 'no more is known'}). Check the installation with `make test`.",
    }
    other = (
        f"{place} raised {ending.exception}. Its text is not shown, since it may carry data: "
        "open the notebook in JupyterLab to see it."
    )
    return RunError(told.get(ending.status, other), ending.status)


def note_failure(folder: Path, fault: EvalkitError, ending: Ending | None) -> None:
    """Leave `last_failure.json`: status, cell and class of exception, and nothing else.

    Wrong parameters or data leave nothing at all.
    """
    if fault.status in _LEAVES_NOTHING:
        return
    noted = {
        "schema": FAILURE_SCHEMA,
        "study": folder.name,
        "status": fault.status,
        "cell": ending.cell if ending else None,
        "exception": (ending.exception if ending else None) or type(fault).__name__,
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
    }
    with suppress(ResourceError):
        write_file(folder / FAILURE_FILE, json_bytes(noted))


def interruption(study: str) -> RunError:
    """Make the fault that ends a run which somebody stopped."""
    return RunError(
        f"{study}: interrupted. No result was changed; run the same command to go on.",
        Status.INTERRUPTED,
    )


@contextmanager
def stoppable(study: str) -> Iterator[None]:
    """Let Ctrl-C and a request to terminate end a run in order, with the exit code for it."""
    try:
        before = {s: signal.signal(s, signal.default_int_handler) for s in _REQUESTS}
    except ValueError:  # not the main thread, which alone may do this
        before = {}
    try:
        yield
    except KeyboardInterrupt:
        raise interruption(study) from None
    finally:
        for request, handler in before.items():
            signal.signal(request, handler)


_REQUESTS = (signal.SIGTERM, signal.SIGHUP)
