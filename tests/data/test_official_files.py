"""The data path on the two official files as published."""

from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data.cqc_adult_inpatient import read_cqc_adult_inpatient, read_cqc_bands
from evalkit.data.nhs_staff_survey import read_nhs_staff_survey
from evalkit.data.panel import make_panel, panel_coverage
from evalkit.data.sources import read_sources
from evalkit.data.spreadsheets import read_sheets
from evalkit.study.schema import StaffWellbeing

STAFF = "staff_survey/staff_survey_trusts_2021_2024.csv"
PATIENTS = "inpatient_survey/Adult-Inpatient-Survey-2022.ods"
DERIVED = "inpatient_survey/inpatient_scores_long_2020_2022.csv"
# The published first differences are rounded to four decimals.
ROUNDED = 0.0005
SLOPES = {"exposure": -0.0010, "stress": -0.0049, "autonomy": -0.0005, "enough_staff": 0.0037}
QUESTION = r"Q\d+(_\d+)?"


@cache
def _survey(path: Path) -> pd.DataFrame:
    return read_cqc_adult_inpatient(path)


def _real(make_parameters: Callable[..., StaffWellbeing]) -> StaffWellbeing:
    """Burnout and overall experience, with the other measures as causes to adjust for."""
    return make_parameters(
        subgroups=[],
        adjust_for=["stress", "autonomy", "enough_staff"],
        periods=["2021", "2022"],
        staff_layout="nhs_staff_survey",
        staff_file="{data_root}/" + STAFF,
        staff_columns={
            "unit": "ODS code",
            "unit_name": "Organisation name",
            "period": "Year",
            "exposure": "Burned_out_rate",
            "exposure_base": "Burned_out_base",
            "stress": "Stress_rate",
            "autonomy": "Autonomy_rate",
            "enough_staff": "Enough_staff_rate",
        },
        patient_layout="cqc_adult_inpatient",
        patient_file="{data_root}/" + PATIENTS,
        patient_columns={
            "unit": "trust",
            "period": "year",
            "outcome": "Q46",
            "outcome_base": "Q46_n",
            "felt": "Q45",
            "felt_base": "Q45_n",
        },
    )


def test_scores_and_bases_equal_the_derived_table(data_root: Path) -> None:
    """Every question's score, base and respondents equal those of the table made from the file."""
    wide = _survey(data_root / PATIENTS)
    derived = pd.read_csv(data_root / DERIVED, dtype={"year": "str"})
    for question, rows in derived.groupby("question"):
        ours = wide.dropna(subset=[question]).set_index(["trust", "year"]).sort_index()
        theirs = rows.set_index(["trust", "year"]).sort_index()
        pd.testing.assert_index_equal(ours.index, theirs.index)
        for column, derived_column in (
            (question, "score"),
            (f"{question}_n", "n_q"),
            ("n_trust", "n_trust"),
        ):
            np.testing.assert_array_equal(ours[column], theirs[derived_column])


def test_layout_of_the_survey(data_root: Path) -> None:
    """133 trusts in 2022, 132 and 130 before; overall experience is also its own section."""
    wide = _survey(data_root / PATIENTS)
    assert wide.groupby("year").size().to_dict() == {"2020": 130, "2021": 132, "2022": 133}
    latest = wide[wide["year"] == "2022"]
    np.testing.assert_allclose(latest["Q46"], latest["S10"], atol=1e-12)
    np.testing.assert_allclose(latest["Q45"], latest["S09"], atol=1e-12)
    assert wide[wide["year"] != "2022"]["S10"].isna().all()
    questions = wide.columns[wide.columns.str.fullmatch(QUESTION)]
    suppressed = latest[questions].isna().sum().sum()
    assert (len(questions), suppressed, latest["n_trust"].sum()) == (45, 7, 63224)


def test_bases_belong_to_their_own_year(data_root: Path) -> None:
    """In no trust and year does a question have more answers than there are respondents."""
    wide = _survey(data_root / PATIENTS)
    bases = wide.filter(regex=r"^Q.*_n$")
    assert (bases.sub(wide["n_trust"], axis=0).max() <= 0).all()


def test_the_key_gives_the_columns_their_meaning(data_root: Path) -> None:
    """The workbook's own key says of each column that is used what the reader takes it for."""
    rows = read_sheets(data_root / PATIENTS, "survey")["Key"]
    key = {str(row[1]): str(row[2]).strip() for row in rows}
    assert key["meanQx"] == "Mean trust score for question x"
    assert key["Qx_tres"] == "Number of respondents (per trust) for question x"
    assert key["n_tpat"] == "Total number of respondents (per trust)"
    assert key["Qx_mean_H"] == "Mean trust score for question x"
    assert key["Qx_Base_unw"] == "Unweighted base (per question)"
    assert key["Qx_Zfinal"] == "Adjusted z score for question x"
    assert "0 = Not applicable, 1 = Much worse" in key["bandQx"]


def test_bands_split_at_the_published_limits(data_root: Path) -> None:
    """All 5,978 rated cells have the band that 1.645, 1.960 and 3.090 give their Z score."""
    bands = read_cqc_bands(data_root / PATIENTS)
    rated = bands[bands["question"].str.startswith("Q")].dropna(subset=["band"])
    steps = np.searchsorted([1.645, 1.960, 3.090], rated["z"].abs(), side="right")
    assert len(rated) == 5978
    np.testing.assert_array_equal(rated["band"], 4 + np.sign(rated["z"]) * steps)


def test_staff_survey_as_published(data_root: Path) -> None:
    """1,075 rows, one a trust and year; rates are numbers from 0 to 100, codes are texts."""
    staff = read_nhs_staff_survey(data_root / STAFF)
    assert len(staff) == 1075
    assert not staff.duplicated(["ODS code", "Year"]).any()
    assert staff["Burned_out_rate"].between(0, 100).all()
    assert staff["Year"].dropna().str.fullmatch(r"20\d\d").all()


def test_first_differences_with_a_common_year_change(
    data_root: Path, project: Path, make_parameters: Callable[..., StaffWellbeing]
) -> None:
    """The slopes of change on change over 131 trusts are those computed independently."""
    parameters = _real(make_parameters)
    panel = make_panel(read_sources(parameters), parameters)
    values = ["outcome", *SLOPES]
    change = panel.pivot_table(index="unit", columns="time", values=values).dropna()
    moved = {role: change[role][2022] - change[role][2021] for role in values}
    slopes = {role: np.polyfit(moved[role], moved["outcome"], 1)[0] for role in SLOPES}
    assert slopes == pytest.approx(SLOPES, abs=ROUNDED)
    assert len(change) == 131


def test_coverage_of_the_join(
    data_root: Path, project: Path, make_parameters: Callable[..., StaffWellbeing]
) -> None:
    """131 trusts are in both files in both years; R1F never matches, staff file it as two."""
    parameters = _real(make_parameters)
    tables = read_sources(parameters)
    panel = make_panel(tables, parameters)
    assert panel.groupby("unit").size().value_counts()[2] == 131
    assert "R1F" in set(tables["patient"].frame["trust"])
    assert "R1F" not in set(panel["unit"])
    coverage = panel_coverage(tables, parameters).set_index(["counted", "found_in"])["count"]
    assert coverage["rows", "both"] == len(panel)
    assert coverage["units", "patients only"] >= 1
    assert not tables["staff"].synthetic
    assert panel[["exposure_variance", "outcome_variance", "felt_variance"]].gt(0).all(axis=None)
