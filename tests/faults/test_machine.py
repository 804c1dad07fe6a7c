"""What a machine may lack or do otherwise: memory, a kernel, room on the disk, its settings."""

import json
import os
import platform
import shutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest

from evalkit.data import make_table, read_sources
from evalkit.errors import EXIT_CODES, EvalkitError, Status
from evalkit.runs.listing import changed_files, list_runs
from evalkit.runs.run import run_study
from evalkit.study.parameters import load_parameters
from tests.runs.conftest import change_parameter, write_notebook

ROOT = Path(__file__).resolve().parents[2]
STUDY = "staff_wellbeing"
DESIGN = "difference_in_differences"
EQUAL = 1e-10
"""Relative difference that is allowed between two settings of a machine."""
GERMAN = "de_DE.UTF-8"
SETTINGS = {
    "LC_ALL": GERMAN,
    "LANG": GERMAN,
    "TZ": "Pacific/Auckland",
    "PYTHONHASHSEED": "4711",
    "OMP_NUM_THREADS": "8",
    "OPENBLAS_NUM_THREADS": "8",
}
OLDER = {"x86_64": "Nehalem", "aarch64": "ARMV8"}
"""By kind of machine, an older processor whose linear algebra OpenBLAS can be told to use."""
ASK = {
    "decimal point": "from locale import *; setlocale(LC_ALL, ''); print(f'{0.5:n}'[1])",
    "processor": "import numpy, threadpoolctl as t; print(t.threadpool_info()[0]['architecture'])",
}
ESTIMATE = "from tests.faults import test_machine as t; import json; print(json.dumps(t.numbers()))"
ROOM = 16
"""Kilobytes of the small disk beyond what the sealed run takes."""
ON_A_SMALL_DISK = """
mount -t tmpfs -o size="$1"k tmpfs "$2" && cp -a "$3"/. "$2" && shift 3 && "$@"; code=$?
find "$RUNS" -name record.json | wc -l
exit $code
"""


def test_a_cell_without_memory_ends_with_five_and_its_number(warm: str, small: Path) -> None:
    """A cell that asks for a terabyte where 8 gigabytes are allowed names itself, and no value."""
    limited = "import numpy, resource\nresource.setrlimit(resource.RLIMIT_AS, (2**33, 2**33))\n"
    write_notebook(small, f"{limited}numpy.ones(2**37)", start="", end="1")
    with pytest.raises(EvalkitError) as caught:
        run_study(small / "parameters" / f"{STUDY}.yml", warm=warm)
    assert (caught.value.status, caught.value.exit_code) == (Status.NO_MEMORY, 5)
    assert "code cell 2 of 3 asked for more memory" in str(caught.value)
    assert list_runs(small) == []


def test_a_kernel_that_is_not_installed_is_not_asked_for(warm: str, small: Path) -> None:
    """Whatever kernel a notebook names, it runs in the interpreter that evalkit runs in."""
    path = small / "notebooks" / f"{STUDY}.ipynb"
    notebook = json.loads(path.read_text("utf-8"))
    notebook["metadata"]["kernelspec"] = {"name": "absent", "display_name": "x", "language": "R"}
    path.write_text(json.dumps(notebook), "utf-8")
    run_study(small / "parameters" / f"{STUDY}.yml", warm=warm)
    assert len(list_runs(small)) == 1


def may_mount() -> bool:
    """Tell whether a small disk of one's own may be had here."""
    command = ["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"]
    return shutil.which("unshare") is not None and not subprocess.run(command).returncode


def test_a_full_disk_leaves_the_earlier_run_as_it_was(
    warm: str, small: Path, tmp_path: Path
) -> None:
    """On a disk with room for a sealed run and little more, the next run ends with 5."""
    if not may_mount():
        pytest.skip("small disk: mounting one is not allowed here")
    sealed = run_study(small / "parameters" / f"{STUDY}.yml", warm=warm).sealed
    taken = sum(f.stat().st_size // 4096 + 1 for f in (small / "reports").rglob("*")) * 4
    kept = shutil.copytree(small / "reports", tmp_path / "kept")
    path = change_parameter(small, seed=99)
    run = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run", str(path)]
    disk = ["sh", "-c", ON_A_SMALL_DISK, "sh", str(taken + ROOM), small / "reports", kept]
    ended = subprocess.run(
        ["unshare", "-rm", *disk, *run],
        env=os.environ | {"RUNS": str(small / "reports")},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert ended.returncode == EXIT_CODES[Status.NO_SPACE], ended.stderr
    assert "Traceback" not in ended.stderr
    assert "full" in ended.stderr
    assert ended.stdout.strip() == "1"
    assert changed_files(sealed) == []


def numbers() -> list[list[float]]:
    """Return a study's estimates, each by its number."""
    parameters = load_parameters(ROOT / "parameters" / f"{DESIGN}.yml")
    table = make_table(read_sources(parameters), parameters)
    result = import_module(f"evalkit.designs.{DESIGN}").estimate(table, parameters)
    return result.estimates.select_dtypes("number").astype(float).to_numpy().tolist()


def compare_with_here(**settings: str) -> None:
    """Hold the estimates of a process with other settings against those of this one."""
    told = subprocess.run(
        [sys.executable, "-c", ESTIMATE],
        cwd=ROOT,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    here, there = numbers(), json.loads(told)
    assert len(here) == len(there)
    for row, other in zip(here, there, strict=True):
        assert row == pytest.approx(other, rel=EQUAL, nan_ok=True)


def is_set(name: str, **settings: str) -> str:
    """Return what a process with other settings has: its decimal point, or its processor."""
    return subprocess.run(
        [sys.executable, "-c", ASK[name]],
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_other_settings_of_the_machine_give_the_same_numbers(tmp_path: Path) -> None:
    """Another locale, time zone, order of hashes and number of threads change no estimate."""
    made = ["localedef", "-i", "de_DE", "-f", "UTF-8", str(tmp_path / GERMAN)]
    if shutil.which("localedef") is None or subprocess.run(made, capture_output=True).returncode:
        pytest.skip("locale: install Debian's package locales to run this test")
    settings = SETTINGS | {"LOCPATH": str(tmp_path)}
    assert is_set("decimal point", **settings) == ","
    compare_with_here(**settings)


def test_another_processor_gives_the_same_numbers() -> None:
    """The linear algebra that an older processor is given moves no estimate by more than 1e-10."""
    older = OLDER.get(platform.machine())
    if older is None or "OPENBLAS_CORETYPE" in os.environ:
        pytest.skip("processor: no other may be chosen on this machine")
    assert is_set("processor", OPENBLAS_CORETYPE=older) == older != is_set("processor")
    compare_with_here(OPENBLAS_CORETYPE=older)


def test_a_machine_of_another_name_and_folder_seals_the_same_bytes(
    small: Path, tmp_path: Path
) -> None:
    """A copy in another folder, under another host's and user's name, has the same record."""
    if not may_mount():
        pytest.skip("host name: another may not be set here")
    copy = shutil.copytree(small, tmp_path / "an other place" / "project")
    run = [sys.executable, "-c", "from evalkit.cli.main import main; main()", "run", "--quiet"]
    named = ["unshare", "-ru", "sh", "-c", 'hostname elsewhere && exec "$@"', "sh", *run]
    there = {"EVALKIT_PROJECT": str(copy), "USER": "other", "TMPDIR": str(copy.parent)}
    file = Path("parameters") / f"{STUDY}.yml"
    subprocess.run([*named, str(copy / file)], env=os.environ | there, check=True, cwd=copy)
    here = run_study(small / file).sealed
    other = next((copy / "reports" / "runs" / STUDY).glob("*/record.json"))
    assert json.loads(other.with_name("run.json").read_text("utf-8"))["host"] == "elsewhere"
    assert other.parent.name == here.key
    assert other.read_bytes() == (here.folder / "record.json").read_bytes()
