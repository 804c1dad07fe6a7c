"""`evalkit advise`: what it prints with data, without, and for a study of another kind."""

from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from evalkit.cli.advise import advise
from evalkit.errors import ParameterError

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
    """With 12 wards and two quarters before, the comparison of changes is allowed."""
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
    assert "staggered_adoption: not allowed" in said


def test_another_kind_of_study(project: Path) -> None:
    """A study that is no study of an intervention is refused with what to give."""
    path = project / "parameters" / "staff_wellbeing.yml"
    with pytest.raises(ParameterError, match="staff_wellbeing is not the notebook of a design"):
        CliRunner().invoke(app, [str(path)], catch_exceptions=False)
