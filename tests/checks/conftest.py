"""Parameters for the tests of checks."""

from pathlib import Path

import pytest

from evalkit.study import load_parameters
from evalkit.study.schema import StaffWellbeing

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def simple() -> StaffWellbeing:
    """Return the embedded study's parameters."""
    loaded = load_parameters(ROOT / "parameters" / "staff_wellbeing.yml")
    assert isinstance(loaded, StaffWellbeing)
    return loaded
