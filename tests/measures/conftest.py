"""Parameters for the tests of measures."""

from pathlib import Path

import pytest

from evalkit.study import load_parameters
from evalkit.study.schema import StudyParameters

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def parameters_with_london() -> StudyParameters:
    """Return the embedded study's parameters with London as the one grouping."""
    loaded = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    return loaded.model_copy(update={"subgroups": ["london"]})
