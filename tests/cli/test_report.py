"""`evalkit serve` is one command: it explains itself, refuses plainly and imports little."""

import subprocess
import sys
from pathlib import Path

import pytest
import typer
from jupyter_client.ioloop.manager import AsyncIOLoopKernelManager
from traitlets.config import Config
from typer.testing import CliRunner

from evalkit.cli.report import serve
from evalkit.errors import EnvironmentFault
from evalkit.reports import server
from evalkit.runs.kernel_client import PromptClient

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


def test_pages_do_not_wait_for_their_kernels(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server talks with kernels by the client that begins as soon as they are ready."""
    given: dict[str, object] = {}
    monkeypatch.setattr(server, "serve_report", lambda *_, **options: given.update(options))
    assert _run("--port", "0")[0] == 0
    assert given["client"] is PromptClient
    chosen = Config({"KernelManager": {"client_factory": given["client"]}})
    assert isinstance(AsyncIOLoopKernelManager(config=chosen).client(), PromptClient)


def test_naming_the_command_loads_nothing_heavy() -> None:
    """Importing the command brings in neither the server nor any statistics."""
    code = f"import sys, evalkit.cli.report; print(sorted({HEAVY} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
