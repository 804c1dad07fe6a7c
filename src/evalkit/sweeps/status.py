"""Whether a study's newest sealed run is what a run would give now, and if not, why."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.project import project_root
from evalkit.runs.listing import changed_files, list_runs
from evalkit.runs.run import plan_run


@dataclass(frozen=True, slots=True)
class StudyStatus:
    """A study's state: `current`, `stale`, `never run`, `changed` or `cannot run`, and why."""

    study: str
    state: str
    why: str
    key: str | None = None


def find_status(parameters_path: Path) -> StudyStatus:
    """Say whether a run is due; nothing is run and nothing is written."""
    root = project_root()
    with tempfile.TemporaryDirectory(prefix="evalkit-") as work:
        try:
            plan = plan_run(root, parameters_path, Path(work))
        except EvalkitError as fault:
            return StudyStatus(parameters_path.stem, "cannot run", str(fault))
    study = plan.parameters.study
    newest = next(iter(list_runs(root, study)), None)
    if newest is not None and newest.key == plan.inputs.short_key:
        changed = changed_files(newest)
        if changed:
            why = f"{len(changed)} files of the sealed run are not as they were sealed"
            return StudyStatus(study, "changed", why, newest.key)
        return StudyStatus(study, "current", f"sealed {newest.run['finished'][:16]}", newest.key)
    state = "never run" if newest is None else "stale"
    return StudyStatus(study, state, plan.explain(newest), newest.key if newest else None)
