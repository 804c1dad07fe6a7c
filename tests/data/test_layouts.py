"""The official layouts are told from other files, which are refused with what is missing."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import openpyxl
import pytest

from evalkit.data.cqc_adult_inpatient import read_cqc_adult_inpatient, read_cqc_bands
from evalkit.data.nhs_staff_survey import read_nhs_staff_survey
from evalkit.data.sources import read_sources
from evalkit.errors import DataError
from evalkit.study.schema import StaffWellbeing

Sheets = dict[str, list[list[Any]]]


def _survey() -> Sheets:
    """A made-up workbook in the official layout: two trusts, one question, one past year."""
    return {
        "Guidance": [["NHS Adult Inpatient Survey 2022"], ["Introduction"]],
        "Trust_Scores": [
            ["TrustCode", "trustname", "n_tpat", "meanQ46", "bandQ46", "Q46_Zfinal", "meanS10"],
            ["R0A", "Alpha", 400, 8.25, 6, 2.1, 8.25],
            ["R0B", "Beta", 300, "*", 0, None, "*"],
        ],
        "Trust_Respondents": [
            ["TrustCode", "trustname", "Q46_tres"],
            ["R0B", "Beta", 29],
            ["R0A", "Alpha", 390],
        ],
        "Historical_Comparisonsto2021": [
            ["SurveyYear", "TrustCode", "trustname", "n_tpat_H", "Q46_mean_H", "Q46_Base_unw"],
            [2021, "R0A", "Alpha", 410, 8.5, 401],
        ],
    }


def _save(path: Path, sheets: Sheets) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(row)
    book.save(path)
    return path


def test_survey_by_hand(tmp_path: Path) -> None:
    """Scores meet their own trust's base and year; suppressed scores are missing."""
    frame = read_cqc_adult_inpatient(_save(tmp_path / "survey.xlsx", _survey()))
    assert frame["trust"].tolist() == ["R0A", "R0A", "R0B"]
    assert frame["year"].tolist() == ["2021", "2022", "2022"]
    np.testing.assert_array_equal(frame["Q46"], [8.5, 8.25, np.nan])
    np.testing.assert_array_equal(frame["Q46_n"], [401, 390, 29])
    np.testing.assert_array_equal(frame["n_trust"], [410, 400, 300])
    np.testing.assert_array_equal(frame["S10"], [np.nan, 8.25, np.nan])


def test_bands_by_hand(tmp_path: Path) -> None:
    """A band and Z score for each trust and question; band 0 is none."""
    bands = read_cqc_bands(_save(tmp_path / "survey.xlsx", _survey()))
    assert bands["question"].tolist() == ["Q46", "Q46"]
    assert bands["year"].tolist() == ["2022", "2022"]
    assert bands["band"].tolist()[0] == 6
    assert bands["band"].isna().tolist() == [False, True]
    assert bands["z"].tolist()[0] == 2.1


def test_another_workbook_is_refused_with_its_missing_sheets(tmp_path: Path) -> None:
    """What a workbook lacks of the official layout is listed."""
    sheets = _survey()
    del sheets["Trust_Scores"], sheets["Historical_Comparisonsto2021"]
    with pytest.raises(DataError) as caught:
        read_cqc_adult_inpatient(_save(tmp_path / "other.xlsx", sheets))
    assert "2 sheets are missing (Trust_Scores, Historical_Comparisons...)" in str(caught.value)


@pytest.mark.parametrize(
    ("sheet", "cell", "content", "message"),
    [
        ("Trust_Scores", (0, 2), "n", "lacks 1 columns of the official layout (Trust_Scores: n_t"),
        ("Trust_Scores", (1, 3), "qzxj", "1 columns hold texts that are neither numbers"),
        ("Guidance", (0, 0), "Another survey", "names no survey year"),
        ("Historical_Comparisonsto2021", (0, 3), "n", "lacks n_tpat_H"),
    ],
)
def test_changed_workbooks(
    tmp_path: Path, sheet: str, cell: tuple[int, int], content: str, message: str
) -> None:
    """A column, a year or a number that is not as published is said, never shown."""
    sheets = _survey()
    sheets[sheet][cell[0]][cell[1]] = content
    with pytest.raises(DataError) as caught:
        read_cqc_adult_inpatient(_save(tmp_path / "survey.xlsx", sheets))
    assert message in str(caught.value)
    assert "qzxj" not in str(caught.value)


def test_a_trust_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Respondents that would double a trust's row are a fault of the data."""
    sheets = _survey()
    sheets["Trust_Respondents"].append(["R0A", "Alpha", 1])
    with pytest.raises(DataError, match="more than once"):
        read_cqc_adult_inpatient(_save(tmp_path / "survey.xlsx", sheets))


STAFF = "ODS code,Year,Organisation name,Stress_rate,Stress_base\n"


def test_staff_table_by_hand(tmp_path: Path) -> None:
    """Rates and bases are numbers, NA is missing, codes are texts, rows keep their numbers."""
    path = tmp_path / "staff.csv"
    path.write_text(f"{STAFF}007,2021,Alpha,40.5,54\nR0B,2021,NA,NA,NA\n")
    frame = read_nhs_staff_survey(path)
    assert frame["ODS code"].tolist() == ["007", "R0B"]
    assert frame["Organisation name"].isna().tolist() == [False, True]
    np.testing.assert_array_equal(frame["Stress_rate"], [40.5, np.nan])
    assert frame.index.tolist() == [2, 3]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("trust,Year,Stress_rate,Stress_base\nR0A,2021,1,2\n", "is not the Staff Survey table"),
        ("ODS code,Year,Stress_rate\nR0A,2021,1\n", "is not the Staff Survey table"),
        (f"{STAFF}R0A,2021,A,140.5,54\n", "values lie outside 0 to 100 in 1 columns"),
        (f"{STAFF}R0A,2021,A,many,54\n", "values are no numbers in 1 columns"),
    ],
)
def test_other_staff_tables(
    tmp_path: Path, content: str, message: str, is_well_formed: Callable[[object], bool]
) -> None:
    """A table that is not as published is refused by its columns, not its values."""
    path = tmp_path / "staff.csv"
    path.write_text(content)
    with pytest.raises(DataError) as caught:
        read_nhs_staff_survey(path)
    assert message in str(caught.value)
    assert is_well_formed(caught.value)
    assert "many" not in str(caught.value)


def test_layouts_are_reached_from_parameters(
    project: Path, make_parameters: Callable[..., StaffWellbeing]
) -> None:
    """A study that names the layouts reads both through them."""
    _save(project / "data/survey.xlsx", _survey())
    rows = "R0A,2021,Alpha,40.5,54\nR0B,2022,Beta,41,60\n"
    (project / "data/staff.csv").write_text(STAFF + rows)
    sources = read_sources(
        make_parameters(
            subgroups=[],
            staff_layout="nhs_staff_survey",
            staff_columns={"unit": "ODS code", "period": "Year", "exposure": "Stress_rate"},
            patient_layout="cqc_adult_inpatient",
            patient_file="data/survey.xlsx",
            patient_columns={"unit": "trust", "period": "year", "outcome": "Q46"},
        )
    )
    assert sources["staff"].frame["Stress_rate"].tolist() == [40.5, 41.0]
    assert sources["patient"].frame["Q46"].isna().sum() == 1
    assert sources["patient"].layout == "cqc_adult_inpatient"
