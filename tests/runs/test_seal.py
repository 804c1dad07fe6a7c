"""What was staged must be about this run's parameters, data and files, or it is not sealed."""

import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import AnalysisError, DataError, RunError, Status
from evalkit.record.files import STAGED_FILE
from evalkit.runs.inputs import Inputs
from evalkit.runs.listing import SealedRun, find_run
from evalkit.runs.seal import check_staged, make_record, read_staged, seal

STUDY = "staff_wellbeing"
NOT_STAGED = ("record.json", "run.json")


@pytest.fixture
def sealed(sealed_project: Path) -> SealedRun:
    """A sealed run, whose folder is made to look as it was staged."""
    run = find_run(STUDY)
    for name in NOT_STAGED:
        (run.folder / name).unlink()
    (run.folder / STAGED_FILE).write_text(json.dumps(run.record))
    return run


def inputs_of(run: SealedRun, **changed: Any) -> Inputs:
    """Return the inputs of a sealed run, some of them changed."""
    return Inputs(**{**run.run["inputs"], **changed})


def test_what_a_run_staged_passes(sealed: SealedRun) -> None:
    """The parameters, sources and files of a real run are found to be its own."""
    staged = read_staged(sealed.folder, STUDY)
    check_staged(staged, sealed.folder, staged["parameters"], inputs_of(sealed))


def test_parameters_changed_by_the_notebook_are_refused(sealed: SealedRun) -> None:
    """What was staged must be about the very parameters that were given."""
    given = sealed.record["parameters"]
    with pytest.raises(AnalysisError, match="not those it was given"):
        check_staged(
            {**sealed.record, "parameters": {**given, "seed": 1}},
            sealed.folder,
            given,
            inputs_of(sealed),
        )


def test_data_changed_under_way_are_refused(sealed: SealedRun) -> None:
    """A source whose bytes are not those that were hashed before is named."""
    hashes = {**sealed.run["inputs"]["sources"], "patient": "0" * 64}
    with pytest.raises(DataError, match=r"other data were read \(patient\)"):
        check_staged(
            sealed.record,
            sealed.folder,
            sealed.record["parameters"],
            inputs_of(sealed, sources=hashes),
        )


@pytest.mark.parametrize(
    ("claim", "value", "told"),
    [("synthetic", True, "synthetic of staff"), ("profile", "fft", "profile of staff")],
)
def test_a_notebook_is_not_believed_what_its_data_are(
    sealed: SealedRun, claim: str, value: object, told: str
) -> None:
    """Real data that a notebook calls synthetic, or puts under milder rules, are not sealed."""
    staff = {s["name"]: s for s in sealed.record["sources"]}["staff"]
    staff["synthetic"] = False
    own = {"staff": False, "patient": True}
    sealed.record["synthetic"] = False
    check = (sealed.folder, sealed.record["parameters"], inputs_of(sealed, synthetic=own))
    check_staged(sealed.record, *check)
    staff[claim] = value
    with pytest.raises(AnalysisError, match=rf"parameters say \({told}\)"):
        check_staged(sealed.record, *check)


def test_a_study_of_which_a_part_is_synthetic_is_not_called_so(sealed: SealedRun) -> None:
    """The word for the whole study is checked as well as that for each source."""
    {s["name"]: s for s in sealed.record["sources"]}["staff"]["synthetic"] = False
    own = {"staff": False, "patient": True}
    with pytest.raises(AnalysisError, match=r"\(synthetic of the study\)"):
        check_staged(
            sealed.record,
            sealed.folder,
            sealed.record["parameters"],
            inputs_of(sealed, synthetic=own),
        )


def test_files_put_beside_the_staged_ones_are_refused(sealed: SealedRun) -> None:
    """A file that did not go through staging is named, and so is one that was changed."""
    (sealed.folder / "tables" / "people.csv").write_text("name\n")
    (sealed.folder / "tables" / "estimates.csv").write_text("method\n")
    with pytest.raises(AnalysisError, match=r"2 staged files .*estimates\.csv, tables/people\.csv"):
        check_staged(sealed.record, sealed.folder, sealed.record["parameters"], inputs_of(sealed))


def test_a_folder_without_conclusion_has_ended_early(tmp_path: Path) -> None:
    """Without staged.json there is nothing to seal."""
    with pytest.raises(RunError) as caught:
        read_staged(tmp_path, STUDY)
    assert caught.value.status is Status.EARLY_EXIT


def test_a_record_without_its_form_is_not_sealed(sealed: SealedRun, tmp_path: Path) -> None:
    """A record that lacks a part leaves the staged folder where it is."""
    comparison = {n: v for n, v in sealed.record["protocol"].items() if n != "choices"}
    record = make_record(sealed.record, comparison, inputs_of(sealed))
    assert record == sealed.record
    record["finding"] = {}
    with pytest.raises(AnalysisError, match=r"finding \(required\)"):
        seal(sealed.folder, tmp_path / "final", record, {})
    assert not (tmp_path / "final").exists()
    assert (sealed.folder / STAGED_FILE).exists()
