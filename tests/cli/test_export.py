"""`evalkit export` names its forms, refuses plainly, and writes where it is told."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evalkit.cli.export import Form, export
from evalkit.errors import DataError
from evalkit.exports.export import FORMATS

ROOT = Path(__file__).resolve().parents[2]
HEAVY = "{'pandas', 'numpy', 'openpyxl', 'docx', 'ipywidgets', 'IPython'}"


def _run(*arguments: str) -> tuple[int, str]:
    application = typer.Typer()
    application.command()(export)
    done = CliRunner().invoke(application, list(arguments))
    return done.exit_code, done.output


def test_help_names_the_forms_and_the_folder() -> None:
    """The help says what can be written, and where."""
    code, written = _run("--help")
    assert code == 0
    for words in ("--format", "--out", "html", "xlsx", "docx", "summary"):
        assert words in written


def test_the_forms_are_those_that_can_be_made() -> None:
    """The command offers each form that there is, and no other."""
    assert [form.value for form in Form] == list(FORMATS)


def test_an_unknown_form_is_refused() -> None:
    """A form that cannot be made is refused before anything is read."""
    code, written = _run("staff_wellbeing", "--format", "pdf")
    assert code == 2
    assert "--format" in written


def test_a_study_that_is_not_released_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The message names no path, and nothing is written."""
    monkeypatch.chdir(ROOT)
    with pytest.raises(DataError, match="no released study has this name"):
        export("nothing", None, tmp_path / "out", tmp_path)
    assert not (tmp_path / "out").exists()


def test_naming_the_command_loads_nothing_heavy() -> None:
    """Importing the command brings in no table, no document and no page."""
    code = f"import sys, evalkit.cli.export; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
