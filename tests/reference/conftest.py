"""Values of independent software, and how a number of ours is held against one of them."""

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

HERE = Path(__file__).resolve().parent
FIELDS = {
    "estimate": "estimate",
    "se": "std_error",
    "ci_low": "conf_low",
    "ci_high": "conf_high",
    "p": "p_value",
    "df": "df",
}
AT_ZERO = 1e-8
"""Absolute tolerance where the stored number is zero, as the stored files ask."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Give a test that asks for `value` each value of the files that its module names in JOBS."""
    if "value" in metafunc.fixturenames:
        values = [v for job in metafunc.module.JOBS for v in read_values(job)]
        metafunc.parametrize("value", values, ids=[v["name"] for v in values])


def read_values(job: str) -> list[dict[str, Any]]:
    """Return the stored values of one file."""
    return json.loads((HERE / f"{job}.json").read_text("utf-8"))["values"]


@pytest.fixture
def agree() -> Callable[[dict[str, Any], Mapping[str, float]], None]:
    """Return a function that fails unless each number stored is found within its tolerance."""

    def check(value: dict[str, Any], found: Mapping[str, float]) -> None:
        numbers = [(name, FIELDS[name]) for name in FIELDS if value.get(name) is not None]
        assert numbers, f"{value['name']} stores no number to compare"
        for stored, ours in numbers:
            assert ours in found, f"{value['name']}: {ours} is stored and was not computed"
            expected = value[stored]
            absolute = value.get("tol_abs", AT_ZERO if expected == 0 else 0.0)
            relative = 0.0 if "tol_abs" in value else value.get("tol_rel", 0.0)
            assert found[ours] == pytest.approx(expected, rel=relative, abs=absolute), ours

    return check


@pytest.fixture(scope="session")
def table() -> Callable[[str], pd.DataFrame]:
    """Return a reader of the simulated tables that stand beside the values."""
    return lambda name: pd.read_csv(HERE / f"{name}.csv")


@pytest.fixture(scope="session")
def published(data_root: Path) -> Callable[[str], pd.DataFrame]:
    """Return a reader of the published tables, which stay outside the project."""
    places = {"mpdta": "replication/mpdta.csv", "prop99": "replication/california_prop99.csv"}
    return lambda name: pd.read_csv(data_root / places[name], sep=None, engine="python")
