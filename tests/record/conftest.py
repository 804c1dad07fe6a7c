"""A staging folder over the parameters of the real study, with made-up sources."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from evalkit.record import Staging, open_staging
from evalkit.study.parameters import load_parameters
from evalkit.study.schema import StudyParameters

REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Source:
    """What the record needs to know of a source."""

    name: str
    synthetic: bool
    profile: str = "staff"
    layout: str = "table"
    sha256: str = "0" * 64
    rows: int = 3


@pytest.fixture(scope="session")
def parameters() -> StudyParameters:
    """The parameters of the real study."""
    return load_parameters(REPOSITORY / "parameters" / "staff_wellbeing.yml")


@pytest.fixture
def make_staging(
    tmp_path: Path, parameters: StudyParameters, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Staging]:
    """Open a staging folder of this name, over two sources that are synthetic or not."""

    def make(
        name: str = "staging", *, synthetic: bool = True, patient: bool | None = None
    ) -> Staging:
        monkeypatch.setenv("EVALKIT_STAGING", str(tmp_path / name))
        staff = Source("staff", synthetic)
        other = Source("patient", synthetic if patient is None else patient)
        return open_staging(parameters, {"staff": staff, "patient": other})

    return make


@pytest.fixture
def estimates() -> pd.DataFrame:
    """One estimate, as designs give it."""
    row = {
        "term": "exposure",
        "estimate": 0.05,
        "std_error": 0.1,
        "conf_low": -0.15,
        "conf_high": 0.25,
        "level": 0.95,
        "n": 40,
        "clusters": 20,
        "outcome": "outcome",
        "facet": "overall",
        "group": "all",
        "method": "within",
        "df": None,
        "label": "Within trusts",
    }
    return pd.DataFrame([row])
