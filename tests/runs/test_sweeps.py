"""A sweep: what its file asks for, how its runs are made, and that it goes on where it stopped."""

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evalkit.cli.main import app
from evalkit.cli.sweep import _describe
from evalkit.errors import ParameterError, Status
from evalkit.runs.listing import list_runs
from evalkit.sweeps import files as sweep_files
from evalkit.sweeps.files import choose_runs, is_sweep, read_sweep, write_parameters
from evalkit.sweeps.schedule import Order, run_all

Write = Callable[..., Path]
STUDY = "staff_wellbeing"
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def sweep(project: Path) -> Callable[..., Path]:
    """Write a sweep's file over the project's parameter file."""

    def write(**content: object) -> Path:
        folder = project / "parameters" / "sweeps"
        folder.mkdir(exist_ok=True)
        path = folder / "steps.yml"
        values = {"sweep": "steps", "base": f"../{STUDY}.yml", **content}
        path.write_text(yaml.safe_dump(values, sort_keys=False))
        return path

    return write


def test_every_combination_is_one_run(sweep: Callable[..., Path], project: Path) -> None:
    """Grid, runs and each multiply; each run has the base's parameters and its own name."""
    column = project / "data/synthetic/staff_wellbeing/effect/staff.csv"
    column.write_text("trust,quarter\nRBB,2021-Q1\nRAA,2021-Q1\nRBB,2021-Q2\n")
    name, runs = read_sweep(
        sweep(
            grid={"exposure_step": [0.1, 0.2], "seed": [1, 2]},
            runs=[{"bootstrap_draws": 199}, {"bootstrap_draws": 299}],
            each={
                "parameter": "title",
                "file": "data/synthetic/staff_wellbeing/effect/staff.csv",
                "column": "trust",
            },
        )
    )
    assert name == "steps"
    assert len(runs) == len({run.study for run in runs}) == 16
    assert Counter(run.parameters["title"] for run in runs) == {"RAA": 8, "RBB": 8}
    assert runs[0].study == "steps_raa_199_0_1_1"
    assert runs[0].varied == {
        "title": "RAA",
        "bootstrap_draws": 199,
        "exposure_step": 0.1,
        "seed": 1,
    }
    assert all(run.parameters["notebook"] == STUDY for run in runs)


def test_an_entry_may_be_called_something(sweep: Callable[..., Path]) -> None:
    """Its runs are named and chosen by that word, and the word is no parameter."""
    entries = [{"called": "all years", "periods": None}, {"called": "late", "periods": ["2024-Q1"]}]
    _, runs = read_sweep(sweep(runs=entries, grid={"seed": [1]}))
    assert [run.study for run in runs] == ["steps_all_years_1", "steps_late_1"]
    assert runs[1].varied == {"called": "late", "seed": 1}
    assert (runs[1].parameters["periods"], "called" in runs[1].parameters) == (["2024-Q1"], False)
    assert choose_runs(runs, ["called=late"]) == runs[1:]


def test_a_parameter_file_is_no_sweep(sweep: Callable[..., Path], parameter_file: Path) -> None:
    """A sweep is known by its name for itself."""
    assert is_sweep(sweep(grid={"seed": [1]}))
    assert not is_sweep(parameter_file)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ({"grid": {"seeds": [1, 2]}}, "seeds"),
        ({"grid": {"seed": []}}, "0 runs"),
        ({"gird": {"seed": [1]}}, "gird"),
        ({"grid": {"title": ["A b", "a-b"]}}, "more than one run"),
        ({"base": "../nothing.yml"}, "no such file"),
    ],
)
def test_a_wrong_sweep_is_refused(
    sweep: Callable[..., Path], content: dict[str, object], told: str
) -> None:
    """One message says where and what; nothing is run."""
    with pytest.raises(ParameterError, match=told):
        read_sweep(sweep(**content))


@pytest.mark.parametrize("path", sorted((ROOT / "parameters" / "sweeps").glob("*.yml")), ids=str)
def test_the_committed_sweeps_are_valid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each can be run as it is, over the committed base and data."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(ROOT))
    assert len(read_sweep(path)[1]) > 1


def test_where_chooses_runs(sweep: Callable[..., Path]) -> None:
    """Runs are kept by the values that vary; a name that does not vary is refused."""
    _, runs = read_sweep(sweep(grid={"seed": [1, 2], "bootstrap_draws": [199, 299]}))
    assert [run.study for run in choose_runs(runs, ["seed=2"])] == ["steps_2_199", "steps_2_299"]
    for wrong in ("sed=2", "seed=3"):
        with pytest.raises(ParameterError, match="--where"):
            choose_runs(runs, [wrong])


def test_a_long_name_is_cut_and_stays_its_own(sweep: Callable[..., Path]) -> None:
    """A study's name has at most 60 characters, and two long ones differ."""
    titles = ["a" * 80 + "b", "a" * 80 + "c"]
    _, runs = read_sweep(sweep(grid={"title": titles}))
    assert len({run.study for run in runs}) == 2
    assert all(len(run.study) <= 60 for run in runs)


def test_a_run_s_file_gives_the_same_study(sweep: Callable[..., Path], tmp_path: Path) -> None:
    """The flat file of a run can be read as any parameter file, and is written once."""
    _, runs = read_sweep(sweep(grid={"exposure_step": [0.1]}))
    path = write_parameters(runs[0], tmp_path / "new")
    written = path.stat().st_mtime_ns
    assert write_parameters(runs[0], tmp_path / "new").stat().st_mtime_ns == written
    assert sweep_files.read_yaml_file(path) == dict(runs[0].parameters)


def write_all(path: Path, folder: Path) -> list[Path]:
    """Write the parameter files of a sweep's runs."""
    return [write_parameters(run, folder) for run in read_sweep(path)[1]]


def test_runs_are_made_once_and_skipped_then(
    sweep: Callable[..., Path], project: Path, forks: str | None
) -> None:
    """Each run is sealed by forks; a second sweep skips them all."""
    paths = write_all(sweep(grid={"seed": [1, 2, 3]}), project / "made")
    first = run_all(paths, Order(at_once=2, warm=forks))
    assert {one.status for one in first} == {Status.OK}, [one.message for one in first]
    assert {run.run["processes"] for run in list_runs(project)} == {"warm"}
    again = run_all(paths, Order(at_once=2, warm=forks))
    assert [one.skipped for one in again] == [True] * 3
    assert {one.key for one in again} == {one.key for one in first}


def test_without_forks_runs_are_the_same(sweep: Callable[..., Path], project: Path) -> None:
    """Where fresh processes are asked for, or none can be forked, runs are made all the same."""
    paths = write_all(sweep(grid={"seed": [1]}), project / "made")
    assert [one.status for one in run_all(paths, Order(fresh=True))] == [Status.OK]
    assert [run.run["processes"] for run in list_runs(project)] == ["fresh"]


def test_a_crash_is_tried_again_and_a_fault_is_not(
    sweep: Callable[..., Path], project: Path, notebook: Write, forks: str | None
) -> None:
    """A kernel that dies once gets a second try; a raised fault ends its run at once."""
    mark = project / "died"
    notebook(
        "import os, signal\n"
        f"if seed == 1 and not os.path.exists({str(mark)!r}):\n"
        f"    open({str(mark)!r}, 'w').close()\n"
        "    os.kill(os.getpid(), signal.SIGKILL)\n"
        "if seed == 2:\n    raise ValueError('not to be told')"
    )
    paths = write_all(sweep(grid={"seed": [1, 2]}), project / "made")
    ended = {one.parameters.stem: one for one in run_all(paths, Order(warm=forks))}
    assert (ended["steps_1"].status, ended["steps_1"].tries) == (Status.OK, 2)
    assert (ended["steps_2"].status, ended["steps_2"].tries) == (Status.ANALYSIS_ERROR, 1)
    assert "not to be told" not in ended["steps_2"].message


def test_a_killed_sweep_goes_on_with_what_is_missing(
    sweep: Callable[..., Path], project: Path, forks: str | None
) -> None:
    """Killed outright in the middle, a sweep leaves no process, and the next run ends it."""
    path = sweep(grid={"seed": [1, 2, 3, 4]})
    command = [sys.executable, "-c", "from evalkit.cli.main import main; main()"]
    killed = subprocess.Popen([*command, "run", "--quiet", str(path)], start_new_session=True)
    until = time.monotonic() + 120
    while not list_runs(project) and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(killed.pid, signal.SIGKILL)
    killed.wait()
    assert processes_gone(project)
    made = {run.study for run in list_runs(project)}
    paths = write_all(path, project / "reports/sweeps/steps/parameters")
    ended = run_all(paths, Order(warm=forks))
    assert {one.parameters.stem for one in ended if one.skipped} == made
    assert len({run.study for run in list_runs(project)}) == 4


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_sweep_that_is_asked_to_end_says_so_and_leaves_nothing(
    number: signal.Signals, sweep: Callable[..., Path], project: Path
) -> None:
    """A request to end, as batch systems send it, ends a sweep with 7, and its processes."""
    path = sweep(grid={"seed": [1, 2, 3, 4]})
    command = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run"]
    asked = subprocess.Popen([*command, "--quiet", str(path)], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not list_runs(project) and time.monotonic() < until:
        time.sleep(0.05)
    asked.send_signal(number)
    _, told = asked.communicate(timeout=60)
    assert asked.returncode == 7, told
    assert "run the same command to go on" in told
    assert processes_gone(project)


def processes_gone(project: Path) -> bool:
    """Tell whether within ten seconds no process knows the project any more."""
    words = f"EVALKIT_STAGING={project}".encode()
    until = time.monotonic() + 10
    while time.monotonic() < until:
        if not any(words in environ_of(path) for path in Path("/proc").glob("[0-9]*")):
            return True
        time.sleep(0.1)
    return False


def environ_of(process: Path) -> bytes:
    """Return what a process was started with; nothing where it is gone or another's."""
    try:
        return (process / "environ").read_bytes()
    except OSError:
        return b""


def test_whoever_watches_sees_how_fast_it_goes_and_what_failed() -> None:
    """The line of a sweep under way counts what runs, waits and failed, and its pace."""
    words = _describe({"running": 2, "waiting": 5, "ended": 3, "failed": 1}, 90.0)
    assert words == "2 running, 5 waiting, 1 failed, 2.0 a minute"
    begun = _describe({"running": 2, "waiting": 5, "ended": 0, "failed": 0}, 0.0)
    assert begun == "2 running, 5 waiting"


def test_the_file_that_the_docs_show_is_a_sweep(tmp_path: Path) -> None:
    """The example can be copied as it stands into parameters/sweeps: 24 runs, all of them valid."""
    text = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
    shown = text.partition("```yaml\n")[2].partition("```")[0]
    path = tmp_path / "shown.yml"
    path.write_text(shown.replace("../diff", f"{ROOT / 'parameters'}/diff"))
    _, runs = read_sweep(path)
    assert len(runs) == 24
    assert len(choose_runs(runs, ["weight_by=rows"])) == 12
    assert len(choose_runs(runs, ["only=SYN001"])) == 2


def test_what_is_refused_before_any_run_is_told_in_json_too(sweep: Callable[..., Path]) -> None:
    """A sweep that is none has its own line, is counted as failed, and closes with the sum."""
    wrong = sweep(grid={"no_such_parameter": [1, 2]})
    run = CliRunner().invoke(app, ["run", "--json", str(wrong)])
    first, last = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.exit_code == 2
    assert (first["status"], first["exit_code"]) == ("invalid_parameters", 2)
    assert "no_such_parameter" in first["message"]
    assert (last["ended"], last["ran"], last["failed"]) == (1, 0, 1)


def test_the_command_tells_of_each_run_in_json(sweep: Callable[..., Path]) -> None:
    """One line a run and one for all, and the gravest exit code."""
    path = sweep(grid={"seed": [1, 2]})
    run = CliRunner().invoke(app, ["run", "--json", "--where", "seed=2", str(path)])
    told = [json.loads(line) for line in run.stdout.splitlines()]
    assert run.exit_code == 0
    assert (told[0]["parameters"], told[0]["status"]) == ("steps_2.yml", "ok")
    assert (told[1]["ended"], told[1]["failed"]) == (1, 0)
