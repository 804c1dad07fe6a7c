"""However a notebook ends, the status is true, no data are told, and nothing is left."""

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.errors import DataError, EvalkitError, ParameterError, RunError, Status
from evalkit.runs.execute import Ending, Limits
from evalkit.runs.failure import find_fault
from evalkit.runs.listing import changed_files, list_runs
from evalkit.runs.run import run_study

STUDY = "staff_wellbeing"
FAILURE = f"runs/{STUDY}/last_failure.json"
Left = Callable[[], list[str]]
Write = Callable[..., Path]
PRIVATE_TEXT = "Nora Patient 9434765919"
USUAL = Limits()


def end(parameter_file: Path, limits: Limits = USUAL, warm: str | None = None) -> EvalkitError:
    """Run a study that must fail, and return how."""
    with pytest.raises(EvalkitError) as caught:
        run_study(parameter_file, limits=limits, warm=warm)
    return caught.value


def is_running(process: int) -> bool:
    """Tell whether a process lives (one that is dead but not yet collected does not)."""
    try:
        state = Path(f"/proc/{process}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False
    return state != "Z"


def test_an_exception_tells_its_cell_and_class_but_not_its_words(
    project: Path, parameter_file: Path, notebook: Write, left: Left, forks: str | None
) -> None:
    """Text of an exception, which may carry data, stands in no message and no file."""
    notebook(f"raise ValueError({PRIVATE_TEXT!r})", start="", end="1")
    fault = end(parameter_file, warm=forks)
    assert fault.status is Status.ANALYSIS_ERROR
    assert "code cell 2 of 3 raised ValueError" in str(fault)
    assert left() == [FAILURE]
    noted = (project / "reports" / FAILURE).read_text()
    assert PRIVATE_TEXT not in str(fault) + noted
    told = {"status": "analysis_error", "cell": 2, "exception": "ValueError"}
    assert told.items() <= json.loads(noted).items()


def test_anothers_exception_with_the_name_of_ours_keeps_its_words(
    parameter_file: Path, notebook: Write, forks: str | None
) -> None:
    """pandas has a DataError too: only evalkit's own is believed to be free of data."""
    notebook(f"import pandas\nraise pandas.errors.DataError({PRIVATE_TEXT!r})", start="", end="")
    fault = end(parameter_file, warm=forks)
    assert not isinstance(fault, DataError)
    assert PRIVATE_TEXT not in str(fault)


def test_a_fault_of_evalkit_keeps_its_class_and_words(
    parameter_file: Path, notebook: Write, left: Left, forks: str | None
) -> None:
    """A ParameterError raised in a cell ends the run as one, and leaves nothing."""
    cell = "from evalkit.errors import ParameterError\ntry:\n    1 / 0\nexcept ArithmeticError:\n"
    notebook(
        cell + "    raise ParameterError('periods: none is left. Give one.')", start="", end=""
    )
    fault = end(parameter_file, warm=forks)
    assert isinstance(fault, ParameterError)
    assert str(fault) == "periods: none is left. Give one."
    assert left() == []


def test_an_endless_cell_is_stopped(parameter_file: Path, notebook: Write, left: Left) -> None:
    """A cell that takes too long ends with time-out, exit code 5 and its number."""
    notebook("import time\nwhile True: time.sleep(0.1)", start="", end="1")
    fault = end(parameter_file, Limits(cell=3, run=300))
    assert (fault.status, fault.exit_code) == (Status.TIMEOUT, 5)
    assert "code cell 2 of 3" in str(fault)
    assert left() == [FAILURE]


def test_a_cell_that_cannot_be_interrupted_is_killed_with_its_children(
    tmp_path: Path, parameter_file: Path, notebook: Write
) -> None:
    """The watch outside ends what ignores an interrupt, and what that has started."""
    pids = tmp_path / "pids"
    notebook(
        "import os, signal, subprocess, time\n"
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\n"
        "child = subprocess.Popen(['sleep', '300'])\n"
        f"open({str(pids)!r}, 'w').write(f'{{os.getpid()}} {{child.pid}}')\n"
        "while True: time.sleep(0.1)",
        start="",
        end="",
    )
    fault = end(parameter_file, Limits(cell=3, run=300))
    assert fault.status is Status.TIMEOUT
    kernel, child = map(int, pids.read_text().split())
    until = time.monotonic() + 5
    while (is_running(kernel) or is_running(child)) and time.monotonic() < until:
        time.sleep(0.1)
    assert not is_running(kernel)
    assert not is_running(child)


def test_a_kernel_that_dies_is_told_as_such_and_keeps_the_sealed_run(
    sealed_project: Path,
) -> None:
    """A process that ends at once, as when memory runs out, names its cell and exits with 5."""
    before = list_runs()
    path = sealed_project / "notebooks" / f"{STUDY}.ipynb"
    cells = json.loads(path.read_text())
    cells["cells"][2]["source"] = "import os; os._exit(1)"
    path.write_text(json.dumps(cells))
    fault = end(sealed_project / "parameters" / f"{STUDY}.yml")
    assert (fault.status, fault.exit_code) == (Status.KERNEL_DIED, 5)
    assert "code cell 2 of 3" in str(fault)
    assert list_runs() == before
    assert changed_files(before[0]) == []


def test_leaving_early_is_no_success(parameter_file: Path, notebook: Write, left: Left) -> None:
    """A notebook that exits before its end is neither sealed nor called well."""
    notebook("import sys; sys.exit(0)", start="", end="1")
    fault = end(parameter_file)
    assert (fault.status, fault.exit_code) == (Status.EARLY_EXIT, 8)
    assert left() == [FAILURE]


def test_a_notebook_without_conclusion_is_not_sealed(
    parameter_file: Path, notebook: Write, left: Left, forks: str | None
) -> None:
    """A notebook that runs to its end and stages nothing has ended early."""
    notebook("1", start="", end="")
    fault = end(parameter_file, warm=forks)
    assert (fault.status, str(fault).count("conclude")) == (Status.EARLY_EXIT, 1)
    assert list_runs() == []


def test_the_kernel_is_this_interpreter_and_sees_no_secret(
    tmp_path: Path, parameter_file: Path, notebook: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Secrets stay outside, whatever they are called, and another kernel `python3` is not used."""
    secrets = ("EVALKIT_CONNECTION_WAREHOUSE", "AWS_SECRET_ACCESS_KEY", "JUPYTER_TOKEN", "PGPASS")
    for name in secrets:
        monkeypatch.setenv(name, "s3cret")
    other = tmp_path / "kernels" / "python3"
    other.mkdir(parents=True)
    (other / "kernel.json").write_text(
        json.dumps({"argv": ["false"], "display_name": "x", "language": "python"})
    )
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    cell = (
        "import os, sys\nfrom evalkit.errors import AnalysisError\n"
        "seen = ' '.join(f'{name}={value}' for name, value in os.environ.items())\n"
        "raise AnalysisError(f'{sys.executable} {seen}')"
    )
    notebook(cell, start="", end="")
    seen = str(end(parameter_file))
    assert seen.startswith(f"{sys.executable} ")
    assert f"EVALKIT_PROJECT={os.environ['EVALKIT_PROJECT']}" in seen
    assert "EVALKIT_STAGING=" in seen
    assert "s3cret" not in seen
    assert not [name for name in secrets if name in seen]


def test_run_error_is_not_taken_from_a_notebook() -> None:
    """A notebook cannot choose the status of its own run."""
    ending = Ending(Status.ANALYSIS_ERROR, 2, "RunError", "all is well")
    fault = find_fault(ending, STUDY, 3, Limits())
    assert isinstance(fault, RunError)
    assert fault.status is Status.ANALYSIS_ERROR
    assert "all is well" not in str(fault)
