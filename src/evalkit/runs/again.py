"""Make a study again from the provenance of its release, beside all runs, and compare records."""

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evalkit.disclosure.verify import Provenance
from evalkit.errors import DataError
from evalkit.project import (
    DATA_ROOT_VARIABLE,
    PROJECT_VARIABLE,
    project_root,
    resolve_data_path,
)
from evalkit.record.files import STAGING_VARIABLE, json_bytes, make_private
from evalkit.record.hashes import hash_bytes, hash_file
from evalkit.runs.code import read_code, refuse_changed_code
from evalkit.runs.environment import kernel_environment
from evalkit.runs.execute import Job, Limits, count_cells, execute
from evalkit.runs.failure import find_fault
from evalkit.runs.inputs import Inputs, gather_inputs
from evalkit.runs.seal import check_staged, make_record, read_staged
from evalkit.runs.sources import hash_sources
from evalkit.study.parameters import validate
from evalkit.study.protocol import compare_with_register
from evalkit.study.schema import StudyParameters

_WHERE = "the parameters of the release"
_WORDS = {
    "code": "evalkit's own code changed since the release",
    "notebook": "the notebook's code changed since the release",
    "environment": "the installed packages are others than at the release",
}


@dataclass(frozen=True, slots=True)
class Again:
    """A record that was made again: whether it is the same, and in words what is different.

    `results_same`: all is the same but for the hashes of code, notebook and packages.
    """

    same: bool
    results_same: bool
    causes: tuple[str, ...]
    differs: tuple[str, ...]


def run_again(
    provenance: Provenance,
    before: Mapping[str, Any] | None = None,
    limits: Limits = Limits(),  # noqa: B008
) -> Again:
    """Run a study from what its release names, in a folder that is deleted, and compare.

    The record must have the hash that the release names: tolerance zero. `before` is the sealed
    record, where it is at hand; the parts that differ can be named only then. Raises `DataError`
    where data are missing or other, before anything is run.
    """
    if provenance.withheld:
        raise DataError(
            f"{_WHERE}: data were read from a database, and its address and query are not released "
            f"({', '.join(provenance.withheld)}). Run the study from its own parameter file, and "
            "compare: evalkit compare."
        )
    root = project_root()
    parameters = validate(provenance.parameters, _WHERE)
    _refuse_other_data(parameters, provenance, root)
    record, inputs = _make_record(parameters, root, limits)
    now = {"code": inputs.code, "notebook": inputs.notebook, "environment": inputs.environment}
    causes = [_WORDS[n] for n in _WORDS if now[n] != provenance.hashes[n]]
    same = hash_bytes(json_bytes(record)) == provenance.record_sha256
    as_then = {**record, "hashes": {**record["hashes"], **provenance.hashes}}
    results_same = hash_bytes(json_bytes(as_then)) == provenance.record_sha256
    parts = sorted(record.keys() | (before or record).keys())
    differs = [n for n in parts if before is not None and as_then.get(n) != before.get(n)]
    if "protocol" in differs:
        causes.append("the registered protocol is another than at the release")
    return Again(same, results_same, tuple(causes), tuple(differs))


def _refuse_other_data(parameters: StudyParameters, provenance: Provenance, root: Path) -> None:
    """Refuse to run on data that are missing, or are not those of the release."""
    faults = []
    for source, digest in sorted(provenance.sources.items()):
        written = getattr(parameters, f"{source}_file", None)
        if written is None:
            faults.append(f"{source} (the release names no file)")
            continue
        path = resolve_data_path(written, root)
        if not path.is_file():
            faults.append(f"{source} (missing: {written})")
        elif hash_file(path) != digest:
            faults.append(f"{source} (other data than at the release: {written})")
    if faults:
        raise DataError(
            f"{parameters.study}: cannot be run again, {len(faults)} of its data are missing or "
            f"other: {'; '.join(faults)}. Put the data of the release in their places."
        )


def _make_record(
    parameters: StudyParameters, root: Path, limits: Limits
) -> tuple[dict[str, Any], Inputs]:
    """Run the notebook and return the record that would be sealed; nothing of it stays.

    As a sealed run, it is of one code: raises EnvironmentFault where the source changed meanwhile.
    """
    code = read_code()
    notebook = json.loads((root / "notebooks" / f"{parameters.notebook}.ipynb").read_text("utf-8"))
    with tempfile.TemporaryDirectory(prefix="evalkit-verify-") as place:
        work = Path(place)
        staging = work / "staging"
        make_private(staging)
        state = compare_with_register(parameters, root / "parameters" / "registered")
        comparison = json.loads(json.dumps(asdict(state)))
        values = parameters.model_dump(mode="json")
        inputs = gather_inputs(
            notebook=notebook,
            parameters=values,
            sources=hash_sources(parameters, root, work / "extracts"),
            comparison=comparison,
            root=root,
            code=code.digest,
        )
        job = Job(
            notebook=notebook,
            parameters=values,
            output=work / "notebook.ipynb",
            working_folder=root / "notebooks",
            environment=kernel_environment(os.environ, _added(root, staging)),
            limits=limits,
        )
        ending = execute(job, lambda _cell, _seconds: None)
        fault = find_fault(ending, parameters.study, count_cells(notebook), limits)
        if fault is not None:
            raise fault
        staged = read_staged(staging, parameters.study)
        check_staged(staged, staging, values, inputs)
        refuse_changed_code(code, parameters.study)
        return make_record(staged, comparison, inputs), inputs


def _added(root: Path, staging: Path) -> dict[str, str]:
    added = {PROJECT_VARIABLE: str(root), STAGING_VARIABLE: str(staging)}
    if os.environ.get(DATA_ROOT_VARIABLE):
        added[DATA_ROOT_VARIABLE] = str(Path(os.environ[DATA_ROOT_VARIABLE]).resolve())
    return added
