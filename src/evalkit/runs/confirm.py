"""A run that was made by forks is made again by fresh processes before anybody sees it."""

import tempfile
from pathlib import Path

import yaml

from evalkit.errors import AnalysisError
from evalkit.record.files import json_bytes
from evalkit.runs.listing import SealedRun
from evalkit.runs.run import run_study


def confirm_fresh(run: SealedRun) -> SealedRun:
    """Return the run if fresh processes made it; else run it so, and return that if it is equal.

    Code, data and packages that changed since then are not the run's fault: the fresh run has a
    key of its own, and is then returned without comparing. Raises AnalysisError where the key is
    the same and the record is not.
    """
    if run.run.get("processes") != "warm":
        return run
    with tempfile.TemporaryDirectory(prefix="evalkit-") as folder:
        path = Path(folder) / f"{run.study}.yml"
        text = yaml.safe_dump(run.record["parameters"], sort_keys=False, allow_unicode=True)
        path.write_text(text, encoding="utf-8")
        fresh = run_study(path, force=True).sealed
    if fresh.key == run.key and json_bytes(fresh.record) != json_bytes(run.record):
        raise AnalysisError(
            f"{run.study}: run again by fresh processes it gives another record, so that it is "
            "not released. Look for what its notebook keeps between runs, or report it."
        )
    return fresh
