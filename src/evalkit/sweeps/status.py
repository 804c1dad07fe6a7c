"""Whether a study's newest sealed run is what a run would give now, and if not, why."""

import tempfile
from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.project import project_root
from evalkit.runs.listing import changed_files, newest_run
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
    newest = newest_run(root, study)
    same = plan.as_planned(newest)
    if same is not None:
        changed = changed_files(same)
        if changed:
            why = f"{len(changed)} files of the sealed run are not as they were sealed"
            return StudyStatus(study, "changed", why, same.key)
        return StudyStatus(study, "current", f"sealed {same.run['finished'][:16]}", same.key)
    state = "never run" if newest is None else "stale"
    return StudyStatus(study, state, plan.explain(newest), newest.key if newest else None)
