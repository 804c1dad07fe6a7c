"""A study of six made-up trusts, its parameters, and where the official files may lie."""

import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.study.schema import StaffWellbeing

REPOSITORY = Path(__file__).resolve().parents[2]

STAFF_ROWS = [
    ("R0A", "2021", "25.0", "400", "yes"),
    ("R0A", "2022", "30.0", "410", "yes"),
    ("007", "2021", "35.5", "200", "no"),
    ("007", "2022", "33.0", "NA", "no"),
    ("R0C", "2021", "28.0", "300", "no"),
]
PATIENT_ROWS = [
    ("R0A", "2021", "8.1", "500"),
    ("R0A", "2022", "8.0", "510"),
    ("007", "2021", "7.9", "250"),
    ("007", "2022", "", "260"),
    ("R0D", "2021", "8.4", "100"),
]
STAFF_HEADER = "trust,year,burnt_out,answers,london"
PATIENT_HEADER = "trust,year,overall,answers"


def csv_text(header: str, rows: list[tuple[str, ...]]) -> str:
    """Write rows as CSV."""
    return "\n".join([header, *(",".join(row) for row in rows)]) + "\n"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project's root with the study's two files, where the process stands."""
    root = tmp_path / "project"
    for folder in ("notebooks", "parameters", "data"):
        (root / folder).mkdir(parents=True)
    (root / "pyproject.toml").touch()
    (root / "data/staff.csv").write_text(csv_text(STAFF_HEADER, STAFF_ROWS))
    (root / "data/patients.csv").write_text(csv_text(PATIENT_HEADER, PATIENT_ROWS))
    monkeypatch.chdir(root)
    monkeypatch.delenv("EVALKIT_PROJECT", raising=False)
    monkeypatch.delenv("EVALKIT_EXTRACTS", raising=False)
    return root


@pytest.fixture
def make_parameters() -> Callable[..., StaffWellbeing]:
    """Build the study's parameters, with changes."""

    def build(**changes: Any) -> StaffWellbeing:
        plain: dict[str, Any] = {
            "study": "tiny",
            "notebook": "staff_wellbeing",
            "title": "Tiny",
            "question": "Does it?",
            "population": "Six made-up trusts",
            "estimand": "A difference",
            "exposure_name": "burnout",
            "exposure_unit": "percentage points",
            "exposure_better": "lower",
            "exposure_kind": "percentage",
            "exposure_step": 1.0,
            "outcome_name": "overall experience",
            "outcome_unit": "points",
            "outcome_facet": "overall",
            "outcome_person_sd": 2.0,
            "primary_analysis": "within",
            "exposure_lag": 0,
            "adjust_for": [],
            "minimum_important_difference": 0.2,
            "subgroups": ["london"],
            "staff_file": "data/staff.csv",
            "staff_profile": "staff",
            "staff_columns": {
                "unit": "trust",
                "period": "year",
                "exposure": "burnt_out",
                "exposure_base": "answers",
                "london": "london",
            },
            "patient_file": "data/patients.csv",
            "patient_profile": "cqc_survey",
            "patient_columns": {
                "unit": "trust",
                "period": "year",
                "outcome": "overall",
                "outcome_base": "answers",
            },
            "seed": 1,
            "co_production": [],
        }
        return StaffWellbeing.model_validate(plain | changes)

    return build


@pytest.fixture
def is_well_formed() -> Callable[[object], bool]:
    """Tell a message of the form *where: what is wrong. What to do next.*"""

    def matches(fault: object) -> bool:
        return bool(re.fullmatch(r"\S[^:]*: .+\. [A-Z].+\.", str(fault)))

    return matches


@pytest.fixture
def data_root(monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of official files; the test is skipped where there is none."""
    named = os.environ.get("EVALKIT_DATA_ROOT")
    folder = Path(named) if named else REPOSITORY.parent / "shared" / "data"
    if not (folder / "inpatient_survey").is_dir():
        pytest.skip("no official files: set EVALKIT_DATA_ROOT to the folder that holds them")
    monkeypatch.setenv("EVALKIT_DATA_ROOT", str(folder))
    return folder
