"""A plan from the command line: each wrong input one message, and a whole run without data."""

import json
import runpy
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml
from typer.testing import CliRunner, Result

from evalkit.cli import release as releasing
from evalkit.cli import run as commands

_MADE = runpy.run_path(str(Path(__file__).resolve().parents[1] / "planning" / "made_plan.py"))
values_of = _MADE["values_of"]
ROOT = Path(__file__).resolve().parents[2]


def call(*words: str) -> Result:
    """Call the commands as the program does."""
    app = typer.Typer()
    app.command("run")(commands.run)
    app.command("show")(commands.show)
    app.command("release")(releasing.release)
    return CliRunner().invoke(app, list(words))


def write(folder: Path, values: dict[str, Any]) -> str:
    """Write a parameter file."""
    path = folder / "plan.yml"
    path.write_text(yaml.safe_dump(values), "utf-8")
    return str(path)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"treated_units": 20}, "treated_units: all of 20 units"),
        ({"treated_units": 30}, "treated_units: 30 of 20 units"),
        ({"periods_before": 8}, "periods_before: 8 of 8 periods, so that the start lies outside"),
        ({"periods_before": 0}, "periods_before: given 0"),
        ({"power_wanted": 1.2}, "power_wanted: given 1.2"),
        ({"design": "diff_in_diff"}, 'design: given "diff_in_diff"'),
        ({"unitz": 20}, "unitz: no parameter has this name. Did you mean units or"),
    ],
)
def test_each_wrong_input_is_one_message(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, changes: dict[str, Any], said: str
) -> None:
    """Exit code 2, one fault, what is wrong by name, and nothing is run."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    done = call("run", write(tmp_path, {**values_of(), **changes}))
    assert done.exit_code == 2
    assert "1 fault in the parameters" in done.stderr
    assert said in done.stderr
    assert not (tmp_path / "reports").exists()


@pytest.mark.slow
def test_a_plan_is_run_shown_and_released(project: Path) -> None:
    """From the committed parameter file, tried less often, to a release without data."""
    given = yaml.safe_load((ROOT / "parameters" / "plan_a_study.yml").read_text("utf-8"))
    path = write(project, {**given, "simulations": 50, "numbers_of_units": [30]})
    ran = call("run", path, "--quiet")
    assert ran.exit_code == 0, ran.stderr
    assert ran.stdout.startswith("The study would be ")
    assert ". With 24 wards (12 of them with the co-produced discharge pathway)" in ran.stdout
    assert (
        "No data were used: these are calculations from assumptions."
        in call("show", "plan_a_study").stdout
    )
    released = call("release", "plan_a_study")
    assert released.exit_code == 0, released.stderr
    assert "No data were used: approved by rule, without a person." in released.stdout
    folder = project / "reports" / "released" / "plan_a_study"
    bundle = json.loads((folder / "bundle.json").read_text("utf-8"))
    assert bundle["sources"] == []
    assert {"power", "numbers", "intervals", "assumptions", "designs", "needs"} <= set(
        bundle["tables"]
    )
    assert "Skipped" in call("run", path, "--quiet").stdout
