"""The process that runs one notebook through papermill; `execute` starts and watches it.

It reads its job as one line of JSON, and answers with lines of JSON: `kernel`, `cell` and
`end`. When the process that started it goes away, however, it kills the kernel and itself.
"""

import json
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

from evalkit.record.schema import import_jsonschema
from evalkit.runs.warm_process import WARM_VARIABLE

INJECTED = "injected-parameters"
_NO_MEMORY = {"MemoryError", "_ArrayMemoryError", "ArrowMemoryError", "OutOfMemoryException"}
"""What Python, numpy, Arrow and DuckDB call a want of memory."""
_LONGEST_SOCKET_FOLDER = 80
_SHORT_FOLDER = "/tmp"  # noqa: S108  (a socket's path may have about 100 characters)


def main() -> None:
    """Do the job that stands on the first line of standard input."""
    # papermill, its client and the kernel may print: nothing of that reaches a terminal.
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    _silence()
    job = json.loads(sys.stdin.buffer.readline())
    kernel_group: list[int] = []
    sockets = _socket_folder()
    os.environ["JUPYTER_RUNTIME_DIR"] = str(sockets)
    threading.Thread(target=_end_with_parent, args=(kernel_group, sockets), daemon=True).start()
    try:
        ending = _run(job, sockets, kernel_group, lambda event: _tell(answers, event))
    finally:
        _kill_groups(kernel_group)
        shutil.rmtree(sockets, ignore_errors=True)
    _tell(answers, {"event": "end", **ending})
    answers.close()
    os._exit(0)


def _silence() -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _tell(answers: TextIO, event: dict[str, Any]) -> None:
    answers.write(json.dumps(event) + "\n")
    answers.flush()


def _end_with_parent(kernel_group: list[int], sockets: Path) -> None:
    sys.stdin.buffer.read()
    _kill_groups(kernel_group)
    shutil.rmtree(sockets, ignore_errors=True)
    os._exit(1)


def _kill_groups(groups: list[int]) -> None:
    for group in groups:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(group, signal.SIGKILL)


def _socket_folder() -> Path:
    folder = tempfile.mkdtemp(prefix="ek")
    if len(folder) > _LONGEST_SOCKET_FOLDER:
        Path(folder).rmdir()
        folder = tempfile.mkdtemp(prefix="ek", dir=_SHORT_FOLDER)
    return Path(folder)


def _kernel_manager(sockets: Path) -> Any:
    """Make a kernel of this very interpreter, that talks through files and not ports."""
    from jupyter_client.kernelspec import KernelSpec

    from evalkit.runs.kernel_client import PromptManager

    command = [sys.executable, "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    manager = PromptManager(kernel_name="python3")
    manager.transport = "ipc"
    manager.ip = str(sockets / "k")
    warm = {"kernel_provisioner": {"provisioner_name": "evalkit-warm"}}
    manager._kernel_spec = KernelSpec(
        argv=[*command, "--HistoryManager.enabled=False"],
        language="python",
        metadata=warm if WARM_VARIABLE in os.environ else {},
    )
    return manager


def _run(
    job: dict[str, Any],
    sockets: Path,
    kernel_group: list[int],
    tell: Callable[[dict[str, Any]], None],
) -> dict[str, Any]:
    """Start the kernel, and run the notebook in it; say how that ended, in our own words."""
    import_jsonschema()
    clock = Clock(job["cell_timeout"], _kernel_manager(sockets), tell)
    try:
        kernel_group.append(_start_kernel(clock))
        return _run_in_kernel(job, clock)
    except OSError as fault:
        return {"status": "no_space", "cell": clock.number, "errno": fault.errno}
    except Exception as fault:  # whatever else papermill meets: its words may carry data
        return {"status": "environment", "cell": clock.number, "exception": type(fault).__name__}


def _start_kernel(clock: "Clock") -> int:
    """Start the kernel, and return its process group.

    A fresh one imports its own stack while papermill, which would start it, is imported here.
    """
    from jupyter_client.manager import KernelManager

    KernelManager.start_kernel(clock.manager)  # which waits for the asynchronous one
    group: int = clock.manager.provisioner.pgid
    clock.tell({"event": "kernel", "group": group})
    return group


def _run_in_kernel(job: dict[str, Any], clock: "Clock") -> dict[str, Any]:
    from nbclient.exceptions import CellTimeoutError, DeadKernelError
    from papermill.exceptions import PapermillExecutionError

    try:
        return judge_finished(_execute(job, clock), clock, Path(job["output"]))
    except PapermillExecutionError as fault:
        return _failed(fault, clock)
    except (DeadKernelError, RuntimeError):
        return {"status": "kernel_died", "cell": clock.number}
    except CellTimeoutError:
        return {"status": "timeout", "cell": clock.number}


def _execute(job: dict[str, Any], clock: "Clock") -> Any:
    import nbformat
    import papermill

    as_node: Any = nbformat.from_dict
    return papermill.execute_notebook(
        as_node(job["notebook"]),
        None,
        parameters=job["parameters"],
        kernel_name="python3",
        language="python",
        km=clock.manager,
        progress_bar=False,
        request_save_on_cell_execute=False,
        autosave_cell_every=0,
        execution_timeout=job["cell_timeout"],
        interrupt_on_timeout=True,
        iopub_timeout=60,
        start_timeout=120,
        on_cell_start=clock.start,
        on_cell_executed=clock.stop,
    )


class Clock:
    """Counts the cells as a reader of the notebook does, and times them."""

    def __init__(self, limit: int, manager: Any, tell: Callable[[dict[str, Any]], None]) -> None:
        self.limit, self.manager, self.tell = limit, manager, tell
        self.number = 0
        self.started = time.monotonic()
        self.overran = False

    def start(self, *, cell: Any, cell_index: int) -> None:
        """Note that a cell begins; papermill calls this for every cell, of text too."""
        if is_counted(cell):
            self.number += 1
            self.tell({"event": "cell", "cell": self.number})
        self.started = time.monotonic()

    def stop(self, **_: Any) -> None:
        """Note that a cell has been executed, and whether in time."""
        self.overran = self.overran or time.monotonic() - self.started > self.limit


def is_counted(cell: Any) -> bool:
    """Tell whether a cell is code that the notebook's author wrote."""
    written = cell.cell_type == "code" and INJECTED not in cell.metadata.get("tags", [])
    return bool(written and "".join(cell.source).strip())


def _failed(fault: Any, clock: Clock) -> dict[str, Any]:
    """Say how a cell failed: by its exception's class, and in words only if they are ours.

    A fault of evalkit renders itself as one line, which no other exception does; another
    exception's words may carry data.
    """
    if clock.overran or time.monotonic() - clock.started > clock.limit:
        return {"status": "timeout", "cell": clock.number}
    if fault.ename == "SystemExit":
        return {"status": "early_exit", "cell": clock.number}
    if fault.ename in _NO_MEMORY:
        return {"status": "no_memory", "cell": clock.number}
    own = list(fault.traceback) == [f"{fault.ename}: {fault.evalue}"]
    ending = {"status": "analysis_error", "cell": clock.number, "exception": fault.ename}
    return {**ending, "message": fault.evalue} if own else ending


def judge_finished(executed: Any, clock: Clock, output: Path) -> dict[str, Any]:
    """Keep the executed notebook, unless a cell did not run to its end."""
    import nbformat

    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    unrun = [c for c in code if "".join(c.source).strip() and c.execution_count is None]
    left = any(o.output_type == "error" for cell in code for o in cell.outputs)
    if clock.overran:
        return {"status": "timeout", "cell": clock.number}
    if unrun or left:
        return {"status": "early_exit", "cell": clock.number}
    executed.metadata.papermill["input_path"] = None  # papermill puts the whole notebook there
    as_text: Any = nbformat.writes
    output.write_text(as_text(executed), encoding="utf-8")
    return {"status": "ok", "cell": clock.number}


if __name__ == "__main__":
    main()
