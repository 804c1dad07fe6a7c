"""`evalkit serve` is one command: it explains itself, refuses plainly and imports little."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evalkit.cli.report import serve
from evalkit.errors import EnvironmentFault

HEAVY = "{'pandas', 'numpy', 'voila', 'tornado', 'ipywidgets'}"


def _run(*arguments: str) -> tuple[int, str]:
    application = typer.Typer()
    application.command()(serve)
    done = CliRunner().invoke(application, list(arguments))
    return done.exit_code, done.output


def test_help_names_port_folder_and_readers() -> None:
    """The help says what each option is for, and that only this machine is served."""
    code, written = _run("--help")
    assert code == 0
    for words in ("--port", "--released", "--readers", "on this machine only"):
        assert words in " ".join(written.split())


@pytest.mark.parametrize("port", ["-1", "65536", "http"])
def test_impossible_ports_are_refused(port: str) -> None:
    """A port that no machine has is refused before anything starts."""
    code, written = _run("--port", port)
    assert code == 2
    assert "--port" in written


def test_outside_the_project_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Away from the project the command says so, in one message."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(EnvironmentFault, match="not inside a workbench project"):
        serve(port=0)


def test_naming_the_command_loads_nothing_heavy() -> None:
    """Importing the command brings in neither the server nor any statistics."""
    code = f"import sys, evalkit.cli.report; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
