"""Run one study from its parameter file to a sealed folder, or leave nothing behind."""

import json
import os
import platform
import socket
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from evalkit.errors import EvalkitError
from evalkit.project import DATA_ROOT_VARIABLE, PROJECT_VARIABLE, project_root
from evalkit.record.files import STAGING_VARIABLE, make_private
from evalkit.record.hashes import installed_versions
from evalkit.runs.code import Code, read_code, refuse_changed_code
from evalkit.runs.environment import kernel_environment
from evalkit.runs.execute import Ending, Job, Limits, count_cells, execute
from evalkit.runs.failure import FAILURE_FILE, find_fault, interruption, note_failure, stoppable
from evalkit.runs.inputs import Inputs, explain_change, gather_inputs
from evalkit.runs.listing import SealedRun, changed_files, newest_run, read_run, runs_folder
from evalkit.runs.lock import locked
from evalkit.runs.seal import check_staged, make_record, read_staged, seal
from evalkit.runs.sources import EXTRACTS_VARIABLE, hash_sources
from evalkit.study.notebook_cell import check_cell_against_schema
from evalkit.study.parameters import load_parameters
from evalkit.study.protocol import compare_with_register
from evalkit.study.schema import StudyParameters

RUN_SCHEMA = "evalkit-run/1"
_NOTEBOOK = "notebook.ipynb"


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands, for whoever shows it."""

    stage: str
    cell: int = 0
    cells: int = 0
    seconds: float = 0.0


Report = Callable[[Progress], None]


@dataclass(frozen=True, slots=True)
class RunOutcome:
    """A sealed run: newly made, or found as it would be made now (`skipped`)."""

    sealed: SealedRun
    skipped: bool
    why: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Plan:
    """A run that may have to be made, and what it depends on."""

    root: Path
    parameters: StudyParameters
    parameters_file: str
    notebook: Mapping[str, Any]
    comparison: Mapping[str, Any]
    inputs: Inputs
    extracts: Path
    code: Code

    @property
    def values(self) -> dict[str, Any]:
        """The parameters, as plain values."""
        return self.parameters.model_dump(mode="json")

    @property
    def folder(self) -> Path:
        """The folder of the study's runs."""
        return runs_folder(self.root) / self.parameters.study

    def as_planned(self, newest: SealedRun | None) -> SealedRun | None:
        """Return the newest sealed run if it is of these very inputs, and None otherwise."""
        return newest if newest is not None and newest.key == self.inputs.short_key else None

    def explain(self, newest: SealedRun | None) -> str:
        """Say in words why a run is due, compared with the newest sealed run."""
        return explain_change(self.inputs, self.values, newest)


def run_study(
    parameters_path: Path,
    *,
    force: bool = False,
    limits: Limits = Limits(),  # noqa: B008  (frozen)
    progress: Report = lambda _: None,
    warm: str | None = None,
    accept_stale: bool = False,
    code: Code | None = None,
) -> RunOutcome:
    """Run a study and seal its record, unless the newest sealed run has the same inputs.

    An older one with the same inputs does not do: what shows or releases a study takes its newest.

    `warm` is the address of a fork server (`warm_process.warm_stack`) to run it with;
    `accept_stale` skips where only code, notebook or packages changed since the newest run;
    `code` is what this process, a fork of that server, has imported. A run is of one code: where
    the source changes before it is sealed, it is not sealed.
    Raises the fault's own class where evalkit raised it in the notebook, `RunError` with the
    status otherwise, and `LockedError` while another run of the study is under way.
    """
    started = time.monotonic()
    root = project_root()
    parameters = load_parameters(parameters_path)
    check_cell_against_schema(_notebook_of(root, parameters), type(parameters))
    with stoppable(parameters.study), locked(runs_folder(root), parameters.study) as work:
        progress(Progress("looking for changes"))
        plan = _make_plan(root, parameters, parameters_path, work, code or read_code())
        newest = newest_run(root, parameters.study)
        same = plan.as_planned(newest)
        if same is None and accept_stale and newest is not None and _is_as_asked(plan, newest):
            why = f"accepted as it is, though {plan.explain(newest)}"
            return RunOutcome(newest, True, why, time.monotonic() - started)
        if same is not None and not force and not changed_files(same):
            (plan.folder / FAILURE_FILE).unlink(missing_ok=True)
            why = f"nothing changed since {same.run['finished']}"
            return RunOutcome(same, True, why, time.monotonic() - started)
        why = _explain(plan, newest, same)
        sealed = _run_noting_failure(plan, work, why, limits, progress, warm)
    return RunOutcome(sealed, False, why, time.monotonic() - started)


def plan_run(root: Path, parameters_path: Path, work: Path, code: Code | None = None) -> Plan:
    """Say what a run would be, without running it; extracts of databases go into `work`.

    `code` is evalkit's source, if it was read before.
    """
    parameters = load_parameters(parameters_path)
    check_cell_against_schema(_notebook_of(root, parameters), type(parameters))
    return _make_plan(root, parameters, parameters_path, work, code or read_code())


def _notebook_of(root: Path, parameters: StudyParameters) -> Path:
    return root / "notebooks" / f"{parameters.notebook}.ipynb"


def _is_as_asked(plan: Plan, newest: SealedRun) -> bool:
    """Tell whether a run answers the same question of the same data, by whatever code."""
    before, now = newest.run["inputs"], plan.inputs.as_json()
    asked = ("parameters", "sources", "synthetic", "profiles", "register")
    return all(before.get(n) == now[n] for n in asked) and not changed_files(newest)


def _make_plan(
    root: Path, parameters: StudyParameters, parameters_path: Path, work: Path, code: Code
) -> Plan:
    notebook = json.loads(_notebook_of(root, parameters).read_text("utf-8"))
    state = compare_with_register(parameters, root / "parameters" / "registered")
    comparison = json.loads(json.dumps(asdict(state)))
    extracts = work / "extracts"
    inputs = gather_inputs(
        notebook=notebook,
        parameters=parameters.model_dump(mode="json"),
        sources=hash_sources(parameters, root, extracts),
        comparison=comparison,
        root=root,
        code=code.digest,
    )
    return Plan(
        root=root,
        parameters=parameters,
        parameters_file=_within(parameters_path, root),
        notebook=notebook,
        comparison=comparison,
        inputs=inputs,
        extracts=extracts,
        code=code,
    )


def _explain(plan: Plan, newest: SealedRun | None, same: SealedRun | None) -> str:
    if same is None:
        return plan.explain(newest)
    changed = changed_files(same)
    if changed:
        return f"files of the sealed run {same.key} are not as they were sealed: {len(changed)}"
    return "asked for, though nothing changed"


def _run_noting_failure(
    plan: Plan, work: Path, why: str, limits: Limits, progress: Report, warm: str | None
) -> SealedRun:
    """Run and seal; a failure leaves its status in the study's folder, and is raised."""
    ending: Ending | None = None
    try:
        timeline: list[dict[str, Any]] = []
        started = datetime.now(UTC)
        ending = _execute(plan, work, limits, progress, timeline, warm)
        cells = count_cells(plan.notebook)
        fault = find_fault(ending, plan.parameters.study, cells, limits)
        if fault is not None:
            raise fault
        progress(Progress("sealing the record", cells, cells))
        run = _describe_run(plan, why, started, timeline, ending.warm)
        return _seal(plan, work / "staging", run)
    except KeyboardInterrupt:
        fault = interruption(plan.parameters.study)
        note_failure(plan.folder, fault, ending)
        raise fault from None
    except EvalkitError as fault:
        note_failure(plan.folder, fault, ending)
        raise


def _execute(
    plan: Plan,
    work: Path,
    limits: Limits,
    progress: Report,
    timeline: list[dict[str, Any]],
    warm: str | None,
) -> Ending:
    """Run the notebook, and note in `timeline` when each of its cells began."""
    staging = work / "staging"
    make_private(staging)
    cells = count_cells(plan.notebook)
    added = {PROJECT_VARIABLE: str(plan.root), STAGING_VARIABLE: str(staging)}
    if os.environ.get(DATA_ROOT_VARIABLE):
        added[DATA_ROOT_VARIABLE] = str(Path(os.environ[DATA_ROOT_VARIABLE]).resolve())
    if plan.extracts.exists():
        added[EXTRACTS_VARIABLE] = str(plan.extracts)

    def tick(cell: int, seconds: float) -> None:
        if cell > len(timeline):
            timeline.append({"cell": cell, "began": round(seconds, 2)})
        progress(Progress("running" if cell else "starting", cell, cells, seconds))

    job = Job(
        notebook=plan.notebook,
        parameters=plan.values,
        output=work / _NOTEBOOK,
        working_folder=plan.root / "notebooks",
        environment=kernel_environment(os.environ, added),
        limits=limits,
        warm=warm,
    )
    return execute(job, tick)


def _seal(plan: Plan, staging: Path, run: Mapping[str, Any]) -> SealedRun:
    staged = read_staged(staging, plan.parameters.study)
    check_staged(staged, staging, plan.values, plan.inputs)
    refuse_changed_code(plan.code, plan.parameters.study)
    (staging.parent / _NOTEBOOK).rename(staging / _NOTEBOOK)
    record = make_record(staged, plan.comparison, plan.inputs)
    final = plan.folder / plan.inputs.short_key
    seal(staging, final, record, run)
    (plan.folder / FAILURE_FILE).unlink(missing_ok=True)
    sealed = read_run(final)
    if sealed is None:
        raise AssertionError("a run just sealed cannot be read")
    return sealed


def _describe_run(
    plan: Plan, why: str, started: datetime, timeline: list[dict[str, Any]], warm: bool
) -> dict[str, Any]:
    """Gather what `run.json` says: all that may differ between two runs of the same inputs."""
    finished = datetime.now(UTC)
    return {
        "schema": RUN_SCHEMA,
        "study": plan.parameters.study,
        "key": plan.inputs.key,
        "status": "ok",
        "processes": "warm" if warm else "fresh",
        "parameters_file": plan.parameters_file,
        "why": why,
        "started": started.isoformat(timespec="milliseconds"),
        "finished": finished.isoformat(timespec="milliseconds"),
        "seconds": round((finished - started).total_seconds(), 2),
        "host": socket.gethostname(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "versions": installed_versions(plan.root),
        "inputs": plan.inputs.as_json(),
        "log": timeline,
    }


def _within(path: Path, root: Path) -> str:
    resolved = path.resolve()
    return resolved.relative_to(root).as_posix() if resolved.is_relative_to(root) else path.name
