"""Sealed runs: which there are, which is newest, and whether their files are as sealed."""

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from evalkit.errors import ParameterError
from evalkit.project import project_root
from evalkit.record.files import STAGED_FILE
from evalkit.record.hashes import hash_files

RUN_FILE = "run.json"
RECORD_FILE = "record.json"
KEY_LENGTH = 12
_KEY = re.compile(rf"[0-9a-f]{{{KEY_LENGTH}}}")


@dataclass(frozen=True, slots=True)
class SealedRun:
    """A sealed folder, with what its record and its `run.json` say."""

    folder: Path
    record: dict[str, Any]
    run: dict[str, Any]

    @property
    def study(self) -> str:
        """The study's name."""
        return self.folder.parent.name

    @property
    def key(self) -> str:
        """The first digits of the run's key."""
        return self.folder.name


def runs_folder(root: Path | None = None) -> Path:
    """Return the folder that holds every study's runs."""
    return (root or project_root()) / "reports" / "runs"


def list_runs(root: Path | None = None, study: str = "*") -> list[SealedRun]:
    """Return the sealed runs, newest first; unsealed folders are not among them."""
    found = [read_run(f) for f in runs_folder(root).glob(f"{study}/*") if _KEY.fullmatch(f.name)]
    sealed = [run for run in found if run is not None]
    return sorted(sealed, key=lambda run: (run.run["finished"], run.key), reverse=True)


def newest_run(root: Path, study: str) -> SealedRun | None:
    """Return the newest sealed run of a study; None where there is none."""
    return next(iter(list_runs(root, study)), None)


def find_run(study_or_key: str, root: Path | None = None) -> SealedRun:
    """Return the newest sealed run of a study, or the one with this key."""
    runs = list_runs(root)
    for run in runs:
        if study_or_key == run.study or (
            len(study_or_key) >= 4 and run.key.startswith(study_or_key)
        ):
            return run
    known = sorted({run.study for run in runs})
    raise ParameterError(
        f"{study_or_key}: no sealed run of that study or key. "
        + (f"Studies with a sealed run: {', '.join(known)}. " if known else "")
        + "Run it first: evalkit run parameters/<study>.yml."
    )


def has_results(study: str, root: Path | None = None) -> bool:
    """Tell whether somebody can have seen results of a study: run, sealed or not, or released."""
    released = (root or project_root()) / "reports" / "released" / study
    kept = (RECORD_FILE, STAGED_FILE)
    runs = runs_folder(root) / study
    return (released / "bundle.json").exists() or any(any(runs.glob(f"*/{n}")) for n in kept)


def read_run(folder: Path) -> SealedRun | None:
    """Read a sealed folder; None if it is not one."""
    try:
        record = json.loads((folder / RECORD_FILE).read_text("utf-8"))
        run = json.loads((folder / RUN_FILE).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return SealedRun(folder, record, run) if run.get("status") == "ok" else None


def changed_files(run: SealedRun) -> list[str]:
    """Name the files that were changed, added or removed since the run was sealed."""
    found = hash_files(run.folder)
    found.pop(RUN_FILE, None)
    sealed: dict[str, str] = run.run["files"]
    return sorted(n for n in found.keys() | sealed.keys() if found.get(n) != sealed.get(n))
