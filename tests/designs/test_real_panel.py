"""The two official publications: figures computed independently, and what may be concluded."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.staff_wellbeing import check_all
from evalkit.data import make_panel, panel_coverage, read_sources
from evalkit.designs import lagged_panel
from evalkit.designs.terms import Term, make_sample
from evalkit.findings.lagged_panel import conclude
from evalkit.results import pick_row
from evalkit.study import load_parameters
from evalkit.study.schema import StaffWellbeing

ROOT = Path(__file__).resolve().parents[2]
ESTIMATE = 0.0005  # half of the last digit to which the figures are given
STD_ERROR = 0.1  # relative: the figures are given to one significant digit

# Measure: its column, whether higher is better, then pooled with year effects and errors clustered
# by trust, and change on change with a common year change and independent errors; per point.
FIGURES = {
    "burnt out": ("Burned_out", -0.065, 0.009, -0.0010, 0.009),
    "stress": ("Stress", -0.053, 0.009, -0.0049, 0.009),
    "autonomy": ("Autonomy", 0.034, 0.008, -0.0005, 0.008),
    "enough staff": ("Enough_staff", 0.042, 0.006, 0.0037, 0.0065),
}


def study(data_root: Path, measure: str) -> tuple[pd.DataFrame, StaffWellbeing]:
    """Return the panel and parameters of the real study, with another staff measure."""
    loaded = load_parameters(ROOT / "parameters/real/staff_wellbeing_2021_2022.yml")
    assert isinstance(loaded, StaffWellbeing)
    columns = loaded.staff_columns | {
        "exposure": f"{measure}_rate",
        "exposure_base": f"{measure}_base",
    }
    change = {"staff_columns": columns, "exposure_step": 1.0, "exposure_better": "higher"}
    parameters = loaded.model_copy(update=change)
    return make_panel(read_sources(parameters), parameters), parameters


@pytest.fixture(autouse=True)
def real_data(data_root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Name the folder of real data for the readers; skip where it is absent."""
    monkeypatch.setenv("EVALKIT_DATA_ROOT", str(data_root))


@pytest.mark.parametrize("name", list(FIGURES))
def test_figures_agree(data_root: Path, name: str) -> None:
    """Pooled and first-difference estimates agree to 0.0005, their errors to 10%."""
    from linearmodels.panel import FirstDifferenceOLS

    measure, pooled, pooled_error, change, change_error = FIGURES[name]
    panel, parameters = study(data_root, measure)
    table = lagged_panel.estimate(panel, parameters).estimates
    row = pick_row(table, method="pooled")
    assert row["clusters"] == 131
    assert row["estimate"] == pytest.approx(pooled, abs=ESTIMATE)
    assert row["std_error"] == pytest.approx(pooled_error, rel=STD_ERROR)
    differenced = pick_row(table, method="first_difference")
    assert differenced["estimate"] == pytest.approx(change, abs=ESTIMATE)
    sample = make_sample(panel, [Term("exposure")], Term("outcome"))
    x = pd.DataFrame(
        {"x": sample.columns[0].values, "year": (sample.period > sample.period.min()) * 1.0},
        sample.frame.index,
    )
    y = pd.Series(sample.columns[1].values, sample.frame.index)
    independent = FirstDifferenceOLS(y, x).fit()
    assert independent.std_errors["x"] == pytest.approx(change_error, rel=STD_ERROR)


def test_finding_claims_neither_effect_nor_absence(data_root: Path) -> None:
    """The association between trusts is not seen within them, and little was there to see it in."""
    parameters = load_parameters(ROOT / "parameters/real/staff_wellbeing_2021_2022.yml")
    assert isinstance(parameters, StaffWellbeing)
    tables = read_sources(parameters)
    panel, coverage = make_panel(tables, parameters), panel_coverage(tables, parameters)
    result = lagged_panel.estimate(panel, parameters)
    checks, timing = check_all(panel, coverage, result, parameters)
    finding = conclude(panel, result, checks, parameters)
    assert finding.claim == "cannot be told"
    assert "little movement within trusts to see it in" in finding.answer
    assert "Neither an effect nor its absence is shown" in finding.answer
    assert "association between trusts is not seen within trusts" in " ".join(finding.meaning)
    assert timing.empty
