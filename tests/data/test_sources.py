"""Sources are read and checked as a whole: every breach at once, and never a value."""

import datetime
import hashlib
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.data.contracts import check_columns, check_values, refuse_identifiers, type_columns
from evalkit.data.datapackage import is_synthetic
from evalkit.data.identifiers import find_identifier_columns, looks_like_nhs_number
from evalkit.data.roles import kinds_of
from evalkit.data.sources import read_sources
from evalkit.errors import DataError, DisclosureError, EvalkitError, ParameterError
from evalkit.study.schema import StaffWellbeing
from evalkit.study.schemas.design_study import RoleKind

IDENTIFIERS = [
    "nhs_number",
    "NHS Number",
    "NhsNo",
    "DATE_OF_BIRTH",
    "dob",
    "Postcode",
    "post code",
    "e-mail",
    "EmailAddress",
    "patient name",
    "PatientName",
    "Surname",
    "phone",
    "patient_id",
]
Build = Callable[..., StaffWellbeing]
# Where, what is wrong, and what to do next; a list of problems has a heading.
SENTENCES = re.compile(
    r"(staff|patient)_\w+ \(\S+\): (\d+ problems\.|.+\. [A-Z].+\.)|  - .+\. [A-Z].+\."
)


def _staff(project: Path, *rows: str, header: str = "trust,year,burnt_out,answers,london") -> None:
    (project / "data/staff.csv").write_text("\n".join([header, *rows]) + "\n")


def _fault(parameters: StaffWellbeing, kind: type[EvalkitError] = DataError) -> str:
    with pytest.raises(kind) as caught:
        read_sources(parameters)
    message = str(caught.value)
    assert all(SENTENCES.fullmatch(line) for line in message.splitlines())
    return message


def test_sources_as_the_contract_says(project: Path, make_parameters: Build) -> None:
    """Each source holds its mapped columns typed by role, its hash, rows and profile."""
    sources = read_sources(make_parameters())
    staff = sources["staff"]
    assert (staff.name, staff.profile, staff.layout, staff.rows) == ("staff", "staff", "table", 5)
    content = (project / "data/staff.csv").read_bytes()
    assert staff.sha256 == hashlib.sha256(content).hexdigest()
    assert staff.synthetic is False
    assert staff.frame["trust"].tolist()[2] == "007"
    assert staff.frame["year"].tolist()[:2] == ["2021", "2022"]
    assert staff.frame["burnt_out"].tolist() == [25.0, 30.0, 35.5, 33.0, 28.0]
    assert staff.frame["answers"].isna().tolist() == [False, False, False, True, False]
    assert staff.frame["london"].tolist() == [True, True, False, False, False]
    assert sources["patient"].profile == "cqc_survey"


def test_unmapped_columns_are_not_kept(project: Path, make_parameters: Build) -> None:
    """What the study does not map is not in the source."""
    _staff(
        project,
        "R0A,2021,25,40,yes,hello",
        "R0B,2021,26,40,no,hello",
        header="trust,year,burnt_out,answers,london,comment",
    )
    assert "comment" not in read_sources(make_parameters())["staff"].frame


@pytest.mark.parametrize("hidden", "\u202e\u2066\u200d\u00ad\ufeff\u2028\x1b\x00\x85")
@pytest.mark.parametrize(
    ("column", "kind"), [("trust", "code"), ("trust_name", "text"), ("year", "period")]
)
def test_characters_that_cannot_be_seen_are_refused(
    hidden: str, column: str, kind: RoleKind
) -> None:
    """In codes, names and periods they are refused by column and row, and not repeated."""
    texts = pd.Series(["R0A", f"q{hidden}z", " R0B\n", None], index=[2, 3, 4, 5], dtype="str")
    frame, problems = type_columns(texts.to_frame(column), {"role": column}, {"role": kind})
    assert problems == []
    found = check_values(frame, {"role": column}, {"role": kind})
    told = [problem for problem in found if "cannot be seen" in problem]
    assert told[0].startswith(
        f"column '{column}' (role): values that hold characters that cannot be seen: 1 (row 3). "
    )
    assert hidden not in "".join(found)
    assert "q" not in told[0].replace("quarter", "")


def test_missing_columns_are_named_with_the_nearest(project: Path, make_parameters: Build) -> None:
    """Every missing column is listed once, with names that look like it."""
    _staff(project, "R0A,2021,25,40,yes", header="Trust,year,burntout,answers,london")
    message = _fault(make_parameters())
    assert message.startswith("staff_file (data/staff.csv): 2 problems.")
    assert "column 'burnt_out' (exposure) is not there. Nearest: 'burntout'." in message
    assert "column 'trust' (unit) is not there. Nearest: 'Trust'." in message


def test_a_first_row_of_values_is_not_offered_as_names(
    project: Path, make_parameters: Build
) -> None:
    """Without a header the first row's values stay out of the message."""
    _staff(project, "R0B,2022,26,40,no", header="trust qzxj,2021,25.5,400,yes")
    message = _fault(make_parameters())
    assert "Row 1 looks like values, not names: give the file a header." in message
    assert "qzxj" not in message


def test_all_breaches_of_both_sources_in_one_message(project: Path, make_parameters: Build) -> None:
    """Types, ranges, bases, gaps, periods and duplicates come together, by row number."""
    _staff(
        project,
        "R0A,2021,25,40,yes",
        "R0A,2021,101,40,no",
        ",2021,30,12.5,no",
        "R0B,21/22,abc,0,perhaps",
        "R0C,2022,31,-3,no",
    )
    (project / "data/patients.csv").write_text("trust,year,overall,answers\nR0A,2021,11,9\n")
    message = _fault(make_parameters())
    for part in (
        "column 'burnt_out' (exposure): values that are not numbers: 1 (row 5)",
        "column 'burnt_out' (exposure): values that lie outside 0 to 100: 1 (row 3)",
        "(exposure_base): values that are no positive whole numbers: 3 (rows 4, 5, 6)",
        "column 'trust' (unit): values that are missing: 1 (row 4)",
        "column 'year' (period): values that are no such periods: 1 (row 5)",
        "column 'london' (london): values that are not yes or no: 1 (row 5)",
        "patient_file (data/patients.csv): ",
        "column 'overall' (outcome): values that lie outside 0 to 10: 1 (row 2)",
        "only one unit",
        "constant: nothing to compare",
    ):
        assert part in message
    assert not any(value in message for value in ("abc", "101", "12.5", "21/22", "perhaps"))


def test_repeated_unit_and_period(project: Path, make_parameters: Build) -> None:
    """Two rows of one unit and period are counted and numbered."""
    _staff(project, "R0A,2021,25,40,yes", "R0B,2021,26,40,no", "R0A,2021,27,41,yes")
    assert "unit and period: values that stand more than once: 2 (rows 2, 4)" in _fault(
        make_parameters()
    )


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "there is a header and no rows. Export the results again."),
        (["R0A,2021,25,40,yes", "R0A,2022,26,40,yes"], "only one unit"),
        (["R0A,2021,25,40,yes", "R0B,2021,25,40,no"], "constant: nothing to compare"),
        (["R0A,2021,NA,40,yes", "R0B,2021,,40,no"], "every value is missing"),
        (["R0A,2021,0.2,40,yes", "R0B,2021,0.3,40,no"], "all values lie between 0 and 1"),
        (["R0A,2021,25,40,yes", "R0B,2021Q1,26,40,no"], "years, quarters and months are mixed"),
        (['R0A,2021,"25,5",40,yes', 'R0B,2021,"26,5",40,no'], "decimal points, not commas"),
        (['R0A,2021,"1,250",40,yes', "R0B,2021,26,40,no"], "no commas between thousands"),
        (["R0A,2021,25%,40,yes", "R0B,2021,26%,40,no"], "without the percent sign"),
        (["R0A,2021,25,40,", "R0B,2021,26,40,no"], "(london): values that are missing: 1 (row 2)"),
        (["R0A,2021,1e999,40,yes", "R0B,2021,26,40,no"], "values that are not numbers: 1 (row 2)"),
    ],
)
def test_each_breach(project: Path, make_parameters: Build, rows: list[str], message: str) -> None:
    """Each fault a table can have is found and put in words."""
    _staff(project, *rows)
    assert message in _fault(make_parameters())


def test_bases_with_rounding_dust_are_whole(project: Path, make_parameters: Build) -> None:
    """A base that weighting left a millionth from whole is a whole number."""
    _staff(project, "R0A,2021,25,40.0000000004,yes", "R0B,2021,26,41,no")
    assert read_sources(make_parameters())["staff"].rows == 2


def test_the_parameter_says_which_source_is_meant(project: Path, make_parameters: Build) -> None:
    """Where one file serves both, each message begins with the parameter that gives it."""
    message = _fault(make_parameters(staff_file="data/patients.csv"))
    assert message.startswith("staff_file (data/patients.csv): ")
    both = "trust,year,burnt_out,answers,london,overall\nR0A,2021,25,40,yes,8\n"
    (project / "data/dup.csv").write_text(both + "R0A,2021,26,40,no,7\n")
    message = _fault(make_parameters(staff_file="data/dup.csv", patient_file="data/dup.csv"))
    for parameter in ("staff_file", "patient_file"):
        assert f"{parameter} (data/dup.csv): 2 problems.\n" in message
    assert message.count("unit and period: values that stand more than once: 2") == 2


def test_files_that_cannot_be_read_come_together(project: Path, make_parameters: Build) -> None:
    """A file that is missing does not hide what is wrong with the other, nor an identifier."""
    staff_file = make_parameters(staff_file="data/absent.csv")
    (project / "data/patients.csv").write_text("trust,year,overall,answers\n")
    message = _fault(staff_file)
    assert "staff_file (data/absent.csv): there is no such file." in message
    assert "patient_file (data/patients.csv): there is a header and no rows." in message
    (project / "data/patients.csv").write_text("trust,year,overall,answers,dob\nR0A,2021,8,9,x\n")
    message = _fault(staff_file, DisclosureError)
    assert message.startswith("patient_file (data/patients.csv): 1 columns that identify people")


def test_official_layouts_name_the_parameter(project: Path, make_parameters: Build) -> None:
    """A file that is not in the layout the study names is told of by its parameter."""
    openpyxl.Workbook().save(project / "data/book.xlsx")
    changes = {"patient_file": "data/book.xlsx", "patient_layout": "cqc_adult_inpatient"}
    message = _fault(make_parameters(staff_layout="nhs_staff_survey", **changes))
    assert "staff_file (data/staff.csv): is not the Staff Survey table of trusts" in message
    assert "patient_file (data/book.xlsx): is not the CQC Adult Inpatient Survey work" in message
    message = _fault(make_parameters(staff_layout="nhs_staff_survey", staff_file="data/book.xlsx"))
    assert (
        "staff_file (data/book.xlsx): the Staff Survey table of trusts is read as CSV. S" in message
    )


MONTHS = [datetime.date(2023, month, 1) for month in (1, 2)]


@pytest.mark.parametrize("ending", ["xlsx", "parquet", "ods"])
@pytest.mark.parametrize("as_datetime", [False, True])
def test_dates_on_the_first_are_months(
    project: Path, make_parameters: Build, ending: str, as_datetime: bool
) -> None:
    """What a spreadsheet made of 2023-01 is read as 2023-01, also beside months as text."""
    dates: list[Any] = pd.to_datetime(MONTHS).to_list() if as_datetime else MONTHS
    _save_staff(project / f"data/staff.{ending}", [*dates, *dates])
    parameters = make_parameters(staff_file=f"data/staff.{ending}")
    periods = read_sources(parameters)["staff"].frame["year"].tolist()
    assert periods == ["2023-01", "2023-02"] * 2
    if ending == "xlsx":
        _save_staff(project / "data/staff.xlsx", [*dates, "2023-01", "2023-02"])
        assert read_sources(parameters)["staff"].frame["year"].tolist() == periods


@pytest.mark.parametrize(
    "other",
    [
        datetime.date(2023, 3, 15),
        datetime.datetime(2023, 3, 1, 12),
        "Jan 2023",
        "202301",
        202301,
        "2023-01-01T00:00:00",
    ],
)
def test_other_dates_are_refused(project: Path, make_parameters: Build, other: object) -> None:
    """Another day, a time of day or another form is refused by row, with how to write it."""
    _save_staff(project / "data/staff.xlsx", [MONTHS[0], MONTHS[1], MONTHS[0], other])
    message = _fault(make_parameters(staff_file="data/staff.xlsx"))
    assert "column 'year' (period): values that are no such periods: 1 (row 5). Write" in message
    assert "2023-01; in Excel, format the column as Text first." in message


def test_times_with_a_zone_are_refused(project: Path, make_parameters: Build) -> None:
    """A time with a time zone may be of another month elsewhere, so it is no period."""
    _save_staff(project / "data/staff.parquet", pd.to_datetime([*MONTHS, *MONTHS], utc=True))
    message = _fault(make_parameters(staff_file="data/staff.parquet"))
    assert "values that are no such periods: 4" in message


def test_an_unknown_date_is_missing(project: Path, make_parameters: Build) -> None:
    """A blank among dates is a missing period."""
    _save_staff(project / "data/staff.parquet", pd.to_datetime([*MONTHS, MONTHS[0], None]))
    message = _fault(make_parameters(staff_file="data/staff.parquet"))
    assert "(period): values that are missing: 1 (row 5)" in message


def _save_staff(path: Path, periods: Any) -> None:
    """Write two trusts' results in these four periods."""
    table = pd.DataFrame({"trust": ["R0A", "R0A", "R0B", "R0B"], "year": periods})
    table = table.assign(burnt_out=[25, 26, 27, 28.5], answers=40, london="no")
    if path.suffix == ".parquet":
        table.to_parquet(path, index=False)
    else:
        table.to_excel(path, index=False, engine="odf" if path.suffix == ".ods" else None)


def test_an_empty_file(project: Path, make_parameters: Build) -> None:
    """A file of no bytes gets one message."""
    (project / "data/staff.csv").write_text("")
    assert "staff_file (data/staff.csv): the file is empty" in _fault(make_parameters())


@pytest.mark.parametrize(
    "column",
    IDENTIFIERS,
)
def test_identifier_columns_are_refused(project: Path, make_parameters: Build, column: str) -> None:
    """A column that identifies people stops the run, mapped or not, whatever its case."""
    header = f"trust,year,burnt_out,answers,london,{column}"
    _staff(project, "R0A,2021,25,40,yes,xqz", "R0B,2021,26,40,no,xqz", header=header)
    message = _fault(make_parameters(), DisclosureError)
    assert column in message
    assert "xqz" not in message


def test_columns_that_count_are_no_identifiers() -> None:
    """Names of organisations, and shares or counts about identifiers, identify nobody."""
    columns = ["trust_name", "Organisation name", "email_response_rate", "Emotional_manager_rate"]
    assert find_identifier_columns([*columns, "Mobile working score", "unit_name"]) == []


def test_nhs_numbers_in_any_column_read(project: Path, make_parameters: Build) -> None:
    """Ten digits with the right check digit are refused even in a column with a harmless name."""
    _staff(project, "R0A,2021,25,40,yes", "943 476 5919,2021,26,40,no")
    message = _fault(make_parameters(), DisclosureError)
    assert "column 'trust' holds what look like NHS numbers: 1 (row 3)" in message
    assert "943" not in message


@pytest.mark.parametrize(
    ("text", "likely"),
    [
        ("9434765919", True),
        ("943-476-5919", True),
        ("9434765918", False),
        ("943476591", False),
        ("1111111111", False),
    ],
)
def test_check_digit(text: str, likely: bool) -> None:
    """943 476 5919 is the published example; by hand its weighted sum is 299, 299 mod 11 = 2."""
    assert looks_like_nhs_number(text) is likely


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"staff_file": None}, "neither is given. Give one of the two."),
        ({"staff_connection": "warehouse"}, "both are given. Give one of the two."),
        ({"staff_query": "t"}, "one of them alone is given. Give both, or neither."),
        ({"adjust_for": ["occupancy"]}, "occupancy: named in the study and mapped to no column"),
        ({"mediator_name": "stress"}, "mediator: named in the study"),
        (
            {"patient_columns": {"unit": "trust", "period": "year"}},
            "outcome: missing from patient_columns",
        ),
        (
            {"patient_columns": {"unit": "a", "period": "b", "outcome": "c", "relatonal": "d"}},
            "relatonal: no role of patient_columns, nor in adjust_for or subgroups. The nearest "
            "role is relational",
        ),
        (
            {
                "patient_columns": {"unit": "a", "period": "b", "outcome": "c", "london": "d"},
            },
            "london: mapped for staff and for patients",
        ),
        (
            {"patient_columns": {"unit": "a", "period": "c", "outcome": "c"}},
            "column c: mapped to roles that need number and period",
        ),
    ],
)
def test_maps_that_cannot_be(
    project: Path, make_parameters: Build, changes: dict[str, Any], message: str
) -> None:
    """Column maps and origins that make no sense are faults of the parameters."""
    with pytest.raises(ParameterError) as caught:
        read_sources(make_parameters(**changes))
    assert message in str(caught.value)


def _package(folder: Path, path: str, sha256: str, synthetic: object = True) -> None:
    resources = [{"path": path, "hash": f"sha256:{sha256}"}]
    content = {"synthetic": synthetic, "resources": resources}
    (folder / "datapackage.json").write_text(json.dumps(content))


def test_synthetic_needs_the_listed_hash(project: Path, make_parameters: Build) -> None:
    """A package above the file that lists its hash makes it synthetic; a changed file is not."""
    digest = hashlib.sha256((project / "data/staff.csv").read_bytes()).hexdigest()
    _package(project / "data", "staff.csv", digest)
    sources = read_sources(make_parameters())
    assert sources["staff"].synthetic is True
    assert sources["patient"].synthetic is False
    with (project / "data/staff.csv").open("a") as stream:
        stream.write("R0E,2021,29,100,no\n")
    assert read_sources(make_parameters())["staff"].synthetic is False


@pytest.mark.parametrize("synthetic", [False, "true", 1, None])
def test_synthetic_must_be_said_plainly(tmp_path: Path, synthetic: object) -> None:
    """Only the JSON value true says synthetic."""
    (tmp_path / "a.csv").write_text("a\n")
    _package(tmp_path, "a.csv", "0" * 64, synthetic)
    assert not is_synthetic(tmp_path / "a.csv", "0" * 64, tmp_path)


def test_synthetic_search_stays_in_the_project(tmp_path: Path) -> None:
    """A package above the project's root has no say."""
    inside = tmp_path / "project" / "data"
    inside.mkdir(parents=True)
    (inside / "a.csv").write_text("a\n")
    _package(tmp_path, "project/data/a.csv", "0" * 64)
    assert not is_synthetic(inside / "a.csv", "0" * 64, tmp_path / "project")
    _package(tmp_path / "project", "data/a.csv", "0" * 64)
    assert is_synthetic(inside / "a.csv", "0" * 64, tmp_path / "project")


CELL = st.sampled_from(
    ["", " ", "NA", "R0A", "007", "2021", "2021Q1", "25", "1e3", "-1", "101", "25,5", "yes"]
) | st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
MARKER = "qzxj"


@settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(rows=st.lists(st.lists(CELL, min_size=5, max_size=5), max_size=6))
def test_any_cells_pass_or_break_the_contract(make_parameters: Build, rows: list[Any]) -> None:
    """Any table of texts is typed and checked without a fault of our own, nor a value told."""
    parameters = make_parameters()
    mapped = parameters.staff_columns
    kinds: dict[str, RoleKind] = kinds_of(parameters, "staff")
    marked = [
        [f"{MARKER}{cell}" if index == 2 else cell for index, cell in enumerate(row)]
        for row in rows
    ]
    columns = list(mapped.values())
    texts = pd.DataFrame(marked, columns=columns, dtype="str")
    texts.index = pd.RangeIndex(2, len(texts) + 2)
    before = texts.copy()
    try:
        refuse_identifiers("staff", columns, texts)
    except DisclosureError:
        return
    frame, problems = type_columns(texts, mapped, kinds)
    problems += check_columns(mapped, columns) + check_values(frame, mapped, kinds)
    assert problems
    assert MARKER not in " ".join(problems)
    pd.testing.assert_frame_equal(texts, before)
