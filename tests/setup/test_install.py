"""The script that makes `.venv`: what it says when it cannot, and that it does nothing twice."""

import ast
import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
OLDEST_THAT_READS_IT = (3, 8)


@pytest.fixture
def install() -> ModuleType:
    """Return .ci/install.py as a module."""
    spec = importlib.util.spec_from_file_location("install", ROOT / ".ci" / "install.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_an_old_python_is_named(install: ModuleType) -> None:
    """Python 3.10 is refused with the version, the one needed and the command to give."""
    message = install.fault_of_interpreter((3, 10), True)
    assert "version 3.10 is too old" in message
    assert "PYTHON=python3.11" in message


def test_an_old_python_can_read_the_script() -> None:
    """The script parses on an old Python, which could not say what is wrong otherwise."""
    source = (ROOT / ".ci" / "install.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=OLDEST_THAT_READS_IT)


def test_a_missing_venv_module_is_named(install: ModuleType) -> None:
    """A Python without venv is refused with the package to install."""
    message = install.fault_of_interpreter((3, 11), False)
    assert "python3-venv" in message


def test_a_good_python_passes(install: ModuleType) -> None:
    """Python 3.11 with venv has no fault."""
    assert install.fault_of_interpreter((3, 11), True) is None


def test_nothing_is_installed_twice(
    install: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Once the stamp stands, pip runs again only when the file has changed."""
    calls: list[list[str]] = []
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "run_pip", lambda arguments: calls.append(arguments) or 0)
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1")
    assert install.install("packages", lock, ["-r"]) == 0
    assert install.install("packages", lock, ["-r"]) == 0
    assert len(calls) == 1
    lock.write_text("a==2")
    assert install.install("packages", lock, ["-r"]) == 0
    assert len(calls) == 2


def test_a_failed_installation_leaves_no_stamp(
    install: ModuleType,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """If pip fails there is one message, an exit code, and the next call tries again."""
    monkeypatch.setattr(install, "VENV", tmp_path)
    monkeypatch.setattr(install, "ROOT", tmp_path)
    monkeypatch.setattr(install, "LOG", tmp_path / "install.log")
    monkeypatch.setattr(install, "run_pip", lambda arguments: 1)
    lock = tmp_path / "requirements.lock"
    lock.write_text("a==1")
    assert install.install("packages", lock, []) == 6
    assert "could not be installed" in capsys.readouterr().err
    assert not (tmp_path / "installed-packages").exists()


def test_make_names_a_missing_interpreter(tmp_path: Path) -> None:
    """`make` with an interpreter that is not there says so in one message and makes nothing."""
    shutil.copy(ROOT / "Makefile", tmp_path)
    run = subprocess.run(
        ["make", "study", "PYTHON=no-such-python"], cwd=tmp_path, capture_output=True, text=True
    )
    assert run.returncode != 0
    assert "no-such-python: not found. Install Python 3.11 or newer" in run.stderr
    assert not (tmp_path / ".venv").exists()


def test_every_target_makes_its_own_environment() -> None:
    """Each target that runs the package depends on `environment`."""
    lines = (ROOT / "Makefile").read_text(encoding="utf-8").splitlines()
    rules = {line.split(":")[0]: line for line in lines if "## " in line and not line[0].isspace()}
    for target in ("study", "serve", "test", "lint", "lab", "mutants", "calibrate"):
        assert rules[target].startswith(f"{target}: environment "), target


def test_the_installed_package_is_this_one() -> None:
    """The tests run this tree's code, not another copy that happens to be installed."""
    code = "import evalkit; print(evalkit.__file__)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert Path(run.stdout.strip()).is_relative_to(ROOT / "src")
