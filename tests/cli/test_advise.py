"""`evalkit advise`: what it prints with data, without, and for a study of another kind."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evalkit.cli.advise import advise

PARAMETERS = """\
study: pathway
notebook: difference_in_differences
title: A pathway
question: Did it help?
population: twelve made-up wards
estimand: difference in mean change
intervention_name: the pathway
outcome_name: experience
outcome_unit: points
outcome_facet: overall
minimum_important_difference: 0.3
start_period: "2021Q3"
data_file: data/wards.csv
data_profile: gss_default
data_columns: {unit: ward, period: quarter, outcome: score, treated: pathway}
seed: 1
co_production: []
"""
app = typer.Typer()
app.command()(advise)


@pytest.fixture
def study(project: Path) -> Path:
    """Return the parameter file of a study in a copy of the project."""
    (project / "data").mkdir(exist_ok=True)
    path = project / "parameters" / "pathway.yml"
    path.write_text(PARAMETERS, "utf-8")
    return path


def run(path: Path) -> str:
    """Return what the command prints."""
    result = CliRunner().invoke(app, [str(path)], catch_exceptions=False)
    assert result.exit_code == 0
    return result.stdout


def test_with_data(study: Path) -> None:
    """With 12 wards and two quarters before, the comparison of changes is allowed, by its words."""
    rows = ["ward,quarter,score,pathway"]
    for ward in range(12):
        for quarter in range(1, 5):
            rows.append(f"W{ward:02d},2021Q{quarter},{6 + ward / 7 + quarter / 9:.3f},{ward % 2}")
    (study.parents[1] / "data" / "wards.csv").write_text("\n".join(rows) + "\n", "utf-8")
    said = run(study)
    assert "from the data and the roll-out" in said
    assert "difference_in_differences: allowed" in said
    assert "interrupted_time_series: not allowed" in said
    assert "needs: 8 periods or more before the start" in said
    assert "No design can show:" in said
    assert "W00" not in said


def test_before_data(study: Path) -> None:
    """Where the file is not there yet, the roll-out alone is weighed."""
    said = run(study)
    assert "from the roll-out, without data" in said
    assert "difference_in_differences: cannot be told" in said
    assert "staggered_adoption: cannot be told" in said


def test_a_plan(project: Path) -> None:
    """A plan is weighed by what it assumes, its own design among the others."""
    said = run(project / "parameters" / "plan_a_study.yml")
    assert said.startswith("plan_a_study: from what the plan assumes, without data")
    assert "difference_in_differences: allowed\n" in said
    assert "interrupted_time_series: not allowed\n" in said
    assert "No design can show:" in said


def test_a_lagged_panel(project: Path) -> None:
    """Two joined sources in which nothing starts: what they show, and what their panel allows."""
    said = run(project / "parameters" / "staff_wellbeing.yml")
    assert said.startswith("staff_wellbeing: a lagged panel of two sources, ")
    assert "130 units seen in both, over 16 periods" in said
    assert "cannot show: cause." in said
    assert "dose_response: allowed\n" in said
    assert "mediation: allowed\n" in said
    assert said.count(": not allowed\n") == 8


def test_a_lagged_panel_that_is_not_there(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Real data that are kept elsewhere are no fault: what they would have to hold is told."""
    monkeypatch.delenv("EVALKIT_DATA_ROOT", raising=False)
    said = run(project / "parameters" / "real" / "staff_wellbeing_2021_2022.yml")
    assert "whose data are not there yet" in said
    assert "dose_response: cannot be told" in said


@pytest.mark.parametrize("name", ["journey", "real/health_inequalities"])
def test_a_topic(project: Path, name: str) -> None:
    """A topic names no intervention: one message says which notebook it is."""
    said = run(project / "parameters" / f"{name}.yml")
    assert said.count("\n") == 1
    assert f"a study of the notebook {name.split('/')[-1]}, " in said
    assert "no design is chosen there" in said
