"""What a worker of a cluster does: make one run in a folder that is deleted, and give it back.

The first run starts a fork server, which serves the worker's later ones and ends with it. A worker
has one thread and makes one run at once, so the environment may name the run's own project.
"""

import io
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.project import PROJECT_VARIABLE, variable_set
from evalkit.runs.execute import Limits
from evalkit.runs.listing import runs_folder
from evalkit.runs.warm_process import own_stack
from evalkit.sweeps.schedule import Order, RunEnding, run_all


def make_run(job: Mapping[str, Any], files: Mapping[str, bytes]) -> dict[str, Any]:
    """Make one run on a worker; return how it ended, and the sealed folder as a tar's bytes."""
    with tempfile.TemporaryDirectory(prefix="evalkit-") as folder:
        root = Path(folder)
        _lay_out(root, files)
        with variable_set(PROJECT_VARIABLE, folder):
            one = run_all([root / job["parameters"]], _order(job))[0]
        sealed = None
        if one.key is not None:
            sealed = _as_tar(runs_folder(root) / job["study"] / one.key)
        return {**_as_told(one), "sealed": sealed}


def _lay_out(root: Path, files: Mapping[str, bytes]) -> None:
    for name in ("notebooks", "parameters"):
        (root / name).mkdir()
    for name, content in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(content)


def _order(job: Mapping[str, Any]) -> Order:
    warm = None if job["fresh"] else own_stack()
    limits = Limits(cell=job["cell_timeout"], run=job["timeout"])
    return Order(limits=limits, at_once=1, fresh=warm is None, warm=warm)


def _as_told(one: RunEnding) -> dict[str, Any]:
    return {
        "status": one.status,
        "exit_code": one.exit_code,
        "message": one.message,
        "tries": one.tries,
        "seconds": one.seconds,
        "key": one.key,
    }


def _as_tar(folder: Path) -> bytes:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        archive.add(folder, arcname=".")
    return packed.getvalue()
