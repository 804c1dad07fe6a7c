"""A run is sealed whole, made again to the byte, and skipped when nothing changed."""

import datetime
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import AnalysisError, DataError, ParameterError
from evalkit.record.schema import check_record
from evalkit.runs.failure import FAILURE_FILE
from evalkit.runs.listing import changed_files, find_run, has_results, list_runs
from evalkit.runs.lock import locked
from evalkit.runs.run import Progress, run_study
from evalkit.study.parameters import load_parameters
from evalkit.study.protocol import REGISTERED_LATE, register_protocol
from evalkit.sweeps.status import find_status

STUDY = "staff_wellbeing"
BYTE_IDENTICAL_EXCEPT = {"run.json", "notebook.ipynb"}


def contents(folder: Path) -> dict[str, bytes]:
    """Return all that must come out the same."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name not in BYTE_IDENTICAL_EXCEPT
    }


def test_two_runs_of_the_same_inputs_are_equal_to_the_byte(sealed_project: Path) -> None:
    """Record, tables and figures come out the same, byte for byte, when a run is made again."""
    first = find_run(STUDY)
    before = contents(first.folder)
    seen: list[Progress] = []
    outcome = run_study(
        sealed_project / "parameters" / f"{STUDY}.yml", force=True, progress=seen.append
    )
    assert outcome.why == "asked for, though nothing changed"
    assert contents(outcome.sealed.folder) == before
    assert {"record.json", "tables/estimates.parquet", "figures/answer.svg"} <= set(before)
    assert outcome.sealed.run["started"] > first.run["finished"]
    assert {now.cell for now in seen} == {0, 1, 2, 3}
    assert {now.cells for now in seen if now.stage == "running"} == {3}


def test_a_sealed_run_with_the_same_inputs_is_not_made_again(sealed_project: Path) -> None:
    """The second run is skipped, says since when nothing changed, and gives the same record."""
    before = find_run(STUDY)
    outcome = run_study(sealed_project / "parameters" / f"{STUDY}.yml")
    assert outcome.skipped
    assert outcome.why == f"nothing changed since {before.run['finished']}"
    assert outcome.sealed == before


def test_a_sealed_record_has_its_form_and_names_neither_clock_host_nor_path(
    sealed_project: Path,
) -> None:
    """record.json passes its schema and holds nothing that differs between two machines."""
    sealed = find_run(STUDY)
    check_record(sealed.record)
    text = (sealed.folder / "record.json").read_text()
    assert str(sealed_project) not in text
    assert sealed.run["host"] not in text
    assert sealed.record["protocol"]["stamp"] == "exploratory"
    assert sealed.record["checks"][0]["table"] == "check_1"
    assert changed_files(sealed) == []


def test_a_changed_file_is_noticed_and_the_run_made_again(
    sealed_project: Path, forks: str | None
) -> None:
    """A file changed after sealing is named, and the next run replaces the folder."""
    sealed = find_run(STUDY)
    (sealed.folder / "tables" / "estimates.csv").write_text("method\nbetter\n")
    assert changed_files(sealed) == ["tables/estimates.csv"]
    outcome = run_study(sealed_project / "parameters" / f"{STUDY}.yml", warm=forks)
    assert not outcome.skipped
    assert outcome.why == f"files of the sealed run {sealed.key} are not as they were sealed: 1"
    assert changed_files(find_run(STUDY)) == []
    assert [run.key for run in list_runs()] == [sealed.key]


@pytest.mark.parametrize("force", [False, True])
def test_a_note_of_a_failure_goes_with_the_next_run_that_is_well(
    sealed_project: Path, force: bool, forks: str | None
) -> None:
    """What was interrupted once is not told any more after a run that was skipped or made."""
    noted = find_run(STUDY).folder.parent / FAILURE_FILE
    noted.write_text("{}")
    outcome = run_study(sealed_project / "parameters" / f"{STUDY}.yml", force=force, warm=forks)
    assert outcome.skipped is not force
    assert not noted.exists()


def test_registering_after_a_run_does_not_make_its_like_confirmatory(
    sealed_project: Path, forks: str | None
) -> None:
    """Run, register what was run, run again: a new record, exploratory, with the reason."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    before = find_run(STUDY)
    assert before.record["protocol"]["registrations"] == 0
    register_protocol(
        load_parameters(path),
        sealed_project / "parameters" / "registered",
        datetime.date(2026, 2, 3),
        results_seen=has_results(STUDY),
    )
    outcome = run_study(path, warm=forks)
    assert outcome.why.endswith(": the registered protocol")
    protocol = outcome.sealed.record["protocol"]
    assert protocol["registered_hash"] == protocol["hash"]
    assert (protocol["stamp"], protocol["stamp_reason"]) == ("exploratory", REGISTERED_LATE)
    assert (protocol["registered_on"], protocol["registrations"]) == ("2026-02-03", 1)


def test_a_run_with_a_changed_parameter_says_which(sealed_project: Path, forks: str | None) -> None:
    """A changed seed leads to a second run, whose reason names the seed and nothing else."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    path.write_text(path.read_text().replace("seed: 20260301", "seed: 7"))
    outcome = run_study(path, warm=forks)
    old = outcome.sealed.key
    assert outcome.why.endswith(": parameters seed")
    assert len(list_runs()) == 2
    assert find_run(STUDY).key == old


def test_what_is_put_back_is_made_again(sealed_project: Path, forks: str | None) -> None:
    """The newest run is that of what stands now, also where that was run once before."""
    path = sealed_project / "parameters" / f"{STUDY}.yml"
    text = path.read_text()
    path.write_text(text.replace("exposure_step: 0.15", "exposure_step: 0.16"))
    other = run_study(path, warm=forks).sealed
    path.write_text(text)
    assert find_status(path).state == "stale"
    back = run_study(path, warm=forks)
    assert not back.skipped
    assert "exposure_step" in back.why
    assert find_run(STUDY).key == back.sealed.key != other.key
    assert run_study(path, warm=forks).skipped


def test_withdrawing_a_declaration_makes_a_new_run_due(
    sealed_project: Path, declare: Callable[..., None], forks: str | None
) -> None:
    """Data no longer listed as synthetic are not taken for unchanged, whatever the notebook says.

    This notebook goes on calling both sources synthetic, so nothing is sealed.
    """
    declare("patients")
    with pytest.raises(AnalysisError, match=r"synthetic of staff, synthetic of the study\)"):
        run_study(sealed_project / "parameters" / f"{STUDY}.yml", warm=forks)
    declare("staff", "patients")
    assert run_study(sealed_project / "parameters" / f"{STUDY}.yml").skipped


def test_runs_are_closed_to_other_users(project: Path, parameter_file: Path) -> None:
    """Folders of runs are entered by their owner alone, whatever the umask, made now or before."""
    runs = project / "reports" / "runs"
    runs.mkdir(parents=True)
    runs.chmod(0o755)
    before = os.umask(0)
    try:
        sealed = run_study(parameter_file).sealed.folder
    finally:
        os.umask(before)
    modes = [stat.S_IMODE(folder.stat().st_mode) for folder in (runs, sealed.parent, sealed)]
    assert modes == [0o700] * 3


def test_the_work_of_a_run_is_closed_to_other_users(tmp_path: Path) -> None:
    """The temporary folder of a run, and what holds it, are entered by their owner alone."""
    before = os.umask(0)
    try:
        with locked(tmp_path / "runs", STUDY) as work:
            folders = (tmp_path / "runs", work.parent, work)
            modes = [stat.S_IMODE(folder.stat().st_mode) for folder in folders]
    finally:
        os.umask(before)
    assert modes == [0o700] * 3


def test_wrong_parameters_start_nothing(
    parameter_file: Path, left: Callable[[], list[str]]
) -> None:
    """A mistyped name is refused before any kernel starts and leaves no file."""
    parameter_file.write_text(parameter_file.read_text().replace("seed:", "sead:"))
    with pytest.raises(ParameterError, match="sead"):
        run_study(parameter_file)
    assert left() == []


def test_missing_data_leave_nothing(
    project: Path, parameter_file: Path, left: Callable[[], list[str]]
) -> None:
    """Files that are not there are named together, and no file is left."""
    for path in (project / "data").rglob("*.csv"):
        path.unlink()
    with pytest.raises(DataError, match=r"staff_file .*patient_file .*no such file"):
        run_study(parameter_file)
    assert left() == []
    assert not (project / "reports").exists()
