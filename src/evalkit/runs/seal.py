"""Seal a run: check what was staged, add the record and the run's papers, move it at once."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from evalkit.errors import AnalysisError, DataError, RunError, Status
from evalkit.record.files import (
    STAGED_FILE,
    WITHHELD_FILE,
    json_bytes,
    make_private,
    room_for,
    sync_folder,
    write_file,
)
from evalkit.record.hashes import hash_files, hash_json
from evalkit.record.schema import RECORD_SCHEMA, check_record
from evalkit.runs.inputs import Inputs
from evalkit.runs.listing import RECORD_FILE, RUN_FILE
from evalkit.runs.lock import REPLACED


def read_staged(staging: Path, study: str) -> dict[str, Any]:
    """Return what the notebook concluded; without a conclusion it ended early."""
    path = staging / STAGED_FILE
    if not path.exists():
        raise RunError(
            f"{study}: the notebook ran to its end without a conclusion. "
            "Its last cell must call staging.conclude().",
            Status.EARLY_EXIT,
        )
    staged: dict[str, Any] = json.loads(path.read_text("utf-8"))
    return staged


def check_staged(
    staged: Mapping[str, Any], staging: Path, parameters: Mapping[str, Any], inputs: Inputs
) -> None:
    """Refuse a conclusion that is not about this run's parameters, data and files."""
    study = parameters["study"]
    if hash_json(staged["parameters"]) != inputs.parameters:
        raise AnalysisError(
            f"{study}: the notebook's parameters are not those it was given. "
            "A notebook must not change its parameters."
        )
    read = {source["name"]: source["sha256"] for source in staged["sources"]}
    moved = sorted(n for n in read.keys() | inputs.sources.keys() if _differs(n, read, inputs))
    if moved:
        raise DataError(
            f"{study}: data changed while the run was under way, or other data were read "
            f"({', '.join(moved)}). Run again when the files are at rest."
        )
    _check_claims(staged, inputs, study)
    _check_files(staged, staging, study)


def seal(staging: Path, final: Path, record: Mapping[str, Any], run: Mapping[str, Any]) -> None:
    """Write the papers and move the folder to its final name in one step.

    A run sealed before under the same name is first moved aside in the work folder, from
    where the next run puts it back if this one is killed in between.
    """
    check_record(record)
    (staging / STAGED_FILE).unlink()
    write_file(staging / RECORD_FILE, json_bytes(record))
    write_file(staging / RUN_FILE, json_bytes({**run, "files": hash_files(staging)}))
    for folder in (*(p for p in staging.rglob("*") if p.is_dir()), staging):
        sync_folder(folder)
    with room_for(final):
        make_private(final.parent)
        if final.exists():
            final.rename(staging.parent / f"{REPLACED}{final.name}")
        staging.rename(final)
        sync_folder(final.parent)


def make_record(
    staged: Mapping[str, Any], comparison: Mapping[str, Any], inputs: Inputs
) -> dict[str, Any]:
    """Add the comparison with the register and the hashes to what was staged."""
    return {
        **staged,
        "schema": RECORD_SCHEMA,
        "protocol": {**staged["protocol"], **comparison},
        "hashes": {
            "protocol": comparison["hash"],
            "parameters": inputs.parameters,
            "data": inputs.data,
            "code": inputs.code,
            "notebook": inputs.notebook,
            "environment": inputs.environment,
        },
    }


def _differs(name: str, read: Mapping[str, str], inputs: Inputs) -> bool:
    return read.get(name) != inputs.sources.get(name)


def _check_claims(staged: Mapping[str, Any], inputs: Inputs, study: str) -> None:
    """Refuse a notebook's own word on which data are synthetic and whose rules protect them."""
    wrong = [
        f"{claim} of {source['name']}"
        for source in staged["sources"]
        for claim, own in (("synthetic", inputs.synthetic), ("profile", inputs.profiles))
        if source[claim] != own[source["name"]]
    ]
    all_made_up = bool(inputs.synthetic) and all(inputs.synthetic.values())
    if staged["synthetic"] != all_made_up:
        wrong.append("synthetic of the study")
    if wrong:
        raise AnalysisError(
            f"{study}: what the notebook says of its data is not what datapackage.json and the "
            f"parameters say ({', '.join(wrong)}). Let it take them from read_sources()."
        )


def _check_files(staged: Mapping[str, Any], staging: Path, study: str) -> None:
    listed = {
        name: digest
        for entry in (*staged["tables"], *staged["figures"])
        for name, digest in entry["files"].items()
    }
    found = hash_files(staging)
    found.pop(STAGED_FILE)
    for own in ("notebook.ipynb", WITHHELD_FILE):
        found.pop(own, None)
    wrong = sorted(n for n in listed.keys() | found.keys() if listed.get(n) != found.get(n))
    if wrong:
        raise AnalysisError(
            f"{study}: {len(wrong)} staged files are missing, changed or not staged through "
            f"staging.table() and staging.figure(): {', '.join(wrong[:10])}."
        )
