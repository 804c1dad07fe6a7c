"""The process that runs one study of several; `sweeps.schedule` asks a fork server for it.

It reads its job as one line of JSON, and answers with lines of JSON: `progress` and `end`.
"""

import json
import os
import signal
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TextIO

from evalkit.errors import EvalkitError, Status
from evalkit.runs.code import Code
from evalkit.runs.execute import Limits
from evalkit.runs.run import Progress, RunOutcome, run_study


def main(code: Code | None = None) -> None:
    """Do the job that stands on the first line of standard input.

    `code` is what a fork server has imported, which this process then has too.
    """
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8", buffering=1)
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    job = json.loads(sys.stdin.buffer.readline())
    threading.Thread(target=_end_with_parent, daemon=True).start()
    ending = run_job(job, lambda now: _tell(answers, _as_event(now)), code)
    _tell(answers, {"event": "end", **ending})
    answers.close()


def _end_with_parent() -> None:
    """End in order when whoever asked for the run has gone away, or wants no more of it."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def run_job(
    job: Mapping[str, Any], progress: Any = lambda _: None, code: Code | None = None
) -> dict[str, Any]:
    """Run a study; return how it ended: `status, exit_code, message, key, skipped, seconds`."""
    limits = Limits(cell=job["cell_timeout"], run=job["timeout"])
    try:
        outcome = run_study(
            Path(job["parameters"]),
            force=job["force"],
            limits=limits,
            progress=progress,
            warm=job.get("warm"),
            accept_stale=job.get("accept_stale", False),
            code=code,
        )
    except EvalkitError as fault:
        return {"status": fault.status, "exit_code": fault.exit_code, "message": str(fault)}
    except Exception as bug:  # its words may carry data
        name = Path(job["parameters"]).stem
        told = f"{name}: evalkit had a fault of its own ({type(bug).__name__}). Report it."
        return {"status": Status.BUG, "exit_code": 1, "message": told}
    return _as_ending(outcome)


def _as_ending(outcome: RunOutcome) -> dict[str, Any]:
    return {
        "status": Status.OK,
        "exit_code": 0,
        "message": outcome.sealed.record["finding"]["answer"],
        "study": outcome.sealed.study,
        "key": outcome.sealed.key,
        "skipped": outcome.skipped,
        "why": outcome.why,
        "seconds": round(outcome.seconds, 3),
    }


def _as_event(now: Progress) -> dict[str, Any]:
    return {"event": "progress", "stage": now.stage, "cell": now.cell, "cells": now.cells}


def _tell(answers: TextIO, event: Mapping[str, Any]) -> None:
    answers.write(json.dumps(event) + "\n")
    answers.flush()


if __name__ == "__main__":
    main()
