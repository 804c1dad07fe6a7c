"""What a study did not measure is told, and so is a subgroup that it could not estimate."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.findings.not_measured import list_not_measured_by_design
from evalkit.study.parameters import load_parameters
from evalkit.study.schemas.design_study import DesignStudy

FILE = Path(__file__).resolve().parents[2] / "parameters" / "difference_in_differences.yml"
TABLE = pd.DataFrame({"outcome": [7.0], "relational": [7.0], "functional": [7.0], "felt": [7.0]})


@pytest.fixture(name="study", scope="module")
def study_fixture() -> DesignStudy:
    """Return the made-up pathway's study, with one named subgroup."""
    study = load_parameters(FILE)
    assert isinstance(study, DesignStudy)
    return study.model_copy(update={"subgroups": ["more_deprived"]})


def test_a_named_subgroup_without_a_row_is_told(study: DesignStudy) -> None:
    """A subgroup that the design refused does not vanish without a word."""
    absent = list_not_measured_by_design(TABLE, study, pd.DataFrame())
    assert [line for line in absent if line.startswith("By more deprived: ")]


def test_a_subgroup_with_its_rows_is_not_told(study: DesignStudy) -> None:
    """A subgroup that was estimated is not among what is absent, nor one nobody asked for."""
    rows = pd.DataFrame({"group": ["more_deprived:difference", "more_deprived:yes"]})
    for found in (rows, None):
        absent = list_not_measured_by_design(TABLE, study, found)
        assert not [line for line in absent if "more deprived" in line]
    none = study.model_copy(update={"subgroups": []})
    absent = list_not_measured_by_design(TABLE, none, pd.DataFrame())
    assert absent[-1] == "For whom the difference is larger"
