"""A study is made again from what its release names, and what is different is said in words."""

import json
from pathlib import Path

import pytest

from evalkit.disclosure.release import release_study
from evalkit.disclosure.verify import Provenance, read_provenance
from evalkit.errors import DataError
from evalkit.record.files import json_bytes
from evalkit.record.hashes import hash_files, hash_json
from evalkit.runs.again import run_again
from evalkit.runs.listing import find_run

STUDY = "staff_wellbeing"
STAFF = "data/synthetic/staff_wellbeing/effect/staff.csv"


def released(root: Path) -> Provenance:
    """Release the sealed run of a project, and return what its crate names."""
    run = find_run(STUDY, root)
    return read_provenance(release_study(run.folder).folder)


def test_an_untouched_project_gives_the_same_record(sealed_project: Path) -> None:
    """The record made again has the hash that was released, and no run is added or changed."""
    provenance = released(sealed_project)
    before = hash_files(sealed_project / "reports" / "runs")
    again = run_again(provenance)
    assert again.same
    assert again.causes == ()
    assert hash_files(sealed_project / "reports" / "runs") == before


def test_data_that_are_missing_or_other_are_named_before_anything_runs(
    sealed_project: Path,
) -> None:
    """Both are said at once, with source and path, and nothing out of the files."""
    provenance = released(sealed_project)
    (sealed_project / STAFF).write_text("trust,quarter\nR09,2021-Q1\n")
    (sealed_project / STAFF.replace("staff.csv", "patients.csv")).unlink()
    with pytest.raises(DataError, match=r"2 of its data") as fault:
        run_again(provenance)
    assert "staff (other data than at the release" in str(fault.value)
    assert "patient (missing" in str(fault.value)
    assert "R09" not in str(fault.value)


def test_other_code_with_the_same_results_is_told_apart(sealed_project: Path) -> None:
    """A release by another code whose results are the same: only the hashes differ."""
    folder = find_run(STUDY, sealed_project).folder
    record = json.loads((folder / "record.json").read_text("utf-8"))
    record["hashes"]["code"] = hash_json("older code")
    (folder / "record.json").write_bytes(json_bytes(record))
    run = json.loads((folder / "run.json").read_text("utf-8"))
    run["files"] = {n: d for n, d in hash_files(folder).items() if n != "run.json"}
    (folder / "run.json").write_bytes(json_bytes(run))
    again = run_again(released(sealed_project))
    assert not again.same
    assert again.results_same
    assert again.causes == ("evalkit's own code changed since the release",)


def test_a_notebook_that_computes_otherwise_is_found(sealed_project: Path) -> None:
    """A last digit that differs is a difference: tolerance zero; the parts are named."""
    run = find_run(STUDY, sealed_project)
    provenance = released(sealed_project)
    path = sealed_project / "notebooks" / f"{STUDY}.ipynb"
    text = path.read_text("utf-8")
    assert "exposure_step / 3" in text
    path.write_text(text.replace("exposure_step / 3", "exposure_step / 3 + 1e-15"), "utf-8")
    again = run_again(provenance, run.record)
    assert not again.results_same
    assert "estimates" in again.differs
    assert "the notebook's code changed since the release" in again.causes


def test_data_from_a_database_cannot_be_run_from_the_release(sealed_project: Path) -> None:
    """The address and the query are not released, so the message says what to do."""
    made = released(sealed_project)
    closed = Provenance(
        made.parameters, ("staff_connection",), made.sources, made.hashes, made.record_sha256
    )
    with pytest.raises(DataError, match="read from a database"):
        run_again(closed)
