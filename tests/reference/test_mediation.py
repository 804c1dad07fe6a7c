"""Paths of mediation against lavaan and lm, their bootstrap against boot."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.mediation_bootstrap import (
    bias_corrected_interval,
    bootstrap_rows,
    percentile_interval,
)
from evalkit.fits.mediation_paths import Layout, fit_mediation

JOBS = ("mediation",)
DRAWS = 5000
ONE = {
    "a": "path_a",
    "b": "path_b",
    "cp": "direct",
    "ind": "indirect",
    "tot": "total",
    "M~X": "path_a",
    "Y~M(simple)": "mediator_alone",
    "Total": "total",
    "b(M|X)": "path_b",
    "Direct": "direct",
}


@pytest.fixture(scope="module")
def found(table: Callable[[str], pd.DataFrame]) -> dict[str, pd.DataFrame | dict[str, float]]:
    """Return the three fits and the two bootstrap intervals."""
    data = table("mediation")
    x, y = data["X"].to_numpy(), data["Y"].to_numpy()
    m, both = data[["M"]].to_numpy(), data[["M", "M2"]].to_numpy()
    z = data[["Z"]].to_numpy()
    ols = fit_mediation(x, m, y)
    return {
        "lavaan_ml": fit_mediation(x, m, y, convention="ml"),
        "ols": ols,
        "lavaan_parallel_cov": fit_mediation(x, both, y, z, convention="ml"),
        **_resampled(np.column_stack([x, m, y]), row(ols, "indirect")["estimate"]),
    }


def _resampled(columns: np.ndarray, point: float) -> dict[str, dict[str, float]]:
    paths = bootstrap_rows(columns, Layout(1), DRAWS, np.random.default_rng(42))
    draws = paths.indirect[:, 0]
    intervals = {
        "boot_indirect_perc": percentile_interval(draws, 0.95),
        "boot_indirect_bias_corrected": bias_corrected_interval(draws, point, 0.95),
    }
    common = {"estimate": point, "std_error": float(draws.std(ddof=1))}
    return {
        name: common | {"conf_low": low, "conf_high": high}
        for name, (low, high) in intervals.items()
    }


def row(fit: pd.DataFrame, term: str, mediator: int | None = None) -> dict[str, float]:
    """Pick one row of a fit."""
    rows = fit[fit["term"] == term]
    if mediator:
        rows = rows[rows["mediator"] == mediator]
    return rows.iloc[0].to_dict()


def reproduce(name: str, found: dict[str, Any]) -> Mapping[str, float]:
    """Find our number for one stored value."""
    if name == "sobel":
        return row(found["ols"], "indirect")
    if ":" not in name:
        return found[name]
    fit, item = name.split(":", 1)
    if fit != "lavaan_parallel_cov":
        return row(found[fit], ONE[item])
    if item[-1].isdigit():
        term = {"a": "path_a", "b": "path_b", "i": "indirect"}[item[0]]
        return row(found[fit], term, int(item[-1]))
    return row(found[fit], ONE[item])


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    found: dict[str, Any],
) -> None:
    """Every path, error and interval equals R's to the stored tolerance."""
    agree(value, reproduce(value["name"], found))
