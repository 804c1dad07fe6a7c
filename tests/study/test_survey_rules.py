"""Parameters of surveys and of filling in: what holds together, and each fault in one line."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.errors import ParameterError
from evalkit.study.parameters import validate

FOLDER = Path(__file__).resolve().parents[2] / "parameters"
FILLED = {"data_rows": "people", "missing_data": "multiple_imputation"}


def faults_of(study: str, mapped: dict[str, str] | None = None, **changes: Any) -> list[str]:
    """List the lines of the refusal of an embedded study with other values; none if taken."""
    values = yaml.safe_load((FOLDER / f"{study}.yml").read_text("utf-8"))
    values["data_columns"] |= mapped or {}
    try:
        validate(values | changes, "x.yml")
    except ParameterError as refusal:
        return [line.strip() for line in str(refusal).splitlines()[1:]]
    return []


def test_a_survey_that_fills_in_is_taken() -> None:
    """Strata, sampling units, weights and a further column to fill in from, all mapped."""
    mapped = {"stratum": "region", "sampling_unit": "site", "weight": "w", "mood": "mood"}
    changes = {**FILLED, "imputed_from": ["mood", "felt"], "single_unit_strata": "adjust"}
    assert faults_of("before_after", mapped, **changes) == []


@pytest.mark.parametrize(
    ("study", "changes", "words"),
    [
        ("before_after", {"missing_data": "multiple_imputation"}, "data_rows is panel"),
        (
            "before_after_worst_chosen",
            {**FILLED, "period_correlation": None},
            "chosen by their results (selected)",
        ),
        (
            "difference_in_differences",
            {**FILLED, "inference": "permutation", "alternatives": {}},
            "inference permutation makes its interval without one",
        ),
        ("before_after", {**FILLED, "imputed_from": ["mood"]}, "no column is given for mood"),
        ("before_after", {**FILLED, "imputed_from": ["felt", "felt"]}, "more than once"),
        ("before_after", {**FILLED, "imputed_from": ["unit"]}, "unit has a part of its own"),
        ("before_after", {"imputed_from": ["felt"]}, "read only with missing_data"),
        ("before_after", {"imputations": 5}, "read only with missing_data"),
        ("before_after", {"single_unit_strata": "adjust"}, "data_columns maps no stratum"),
    ],
)
def test_each_fault_is_one_line(study: str, changes: dict[str, Any], words: str) -> None:
    """What would be ignored, or cannot be, is refused before anything is read."""
    faults = faults_of(study, **changes)
    assert len(faults) == 1, faults
    assert words in faults[0]
