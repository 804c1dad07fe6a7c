"""California's tobacco control programme, against R's synthdid and the published table."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.synthetic_control import fit_synthetic_control
from evalkit.fits.synthetic_difference_in_differences import (
    fit_synthetic_difference,
    placebo_effects,
)

JOBS = ("prop99",)
PLACEBO_DRAWS = 0.15
"""The published errors are of random placebos whose seed was not published; ours take every state
once. The spread of 200 draws from so few, heavy-tailed placebos is uncertain by this much."""
SOLVERS = 2e-4
"""Relative distance of the true minimum from where R's Frank-Wolfe stops, on these states."""


@pytest.fixture(scope="module")
def states(published: Callable[[str], pd.DataFrame]) -> tuple[np.ndarray, np.ndarray, int]:
    """Return packs by state and year, which state is treated, and the first treated column."""
    frame = published("prop99")
    wide = frame.pivot_table(index="State", columns="Year", values="PacksPerCapita")
    start = int(np.argmax(wide.columns == frame.loc[frame["treated"] == 1, "Year"].min()))
    return wide.to_numpy(), np.asarray(wide.index == "California"), start


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    states: tuple[np.ndarray, np.ndarray, int],
) -> None:
    """Estimates equal R's and the published; published errors are met as closely as drawn."""
    name = value["name"].removesuffix("_published")
    agree({k: v for k, v in value.items() if k != "se"}, {"estimate": effect(name, states)})
    if "se" in value and name != "sc_outcomes_only":
        assert placebo_error(name, states) == pytest.approx(value["se"], rel=PLACEBO_DRAWS)


def effect(name: str, states: tuple[np.ndarray, np.ndarray, int]) -> float:
    """Estimate by one of the three estimators, with the solver that R uses."""
    if name.startswith("sc"):
        return fit_synthetic_control(*states, solver="frank_wolfe").effect
    weighting = "even" if name == "did" else "synthetic"
    return fit_synthetic_difference(*states, weighting=weighting, solver="frank_wolfe").effect


def placebo_error(name: str, states: tuple[np.ndarray, np.ndarray, int]) -> float:
    """Spread of the effects of nothing, every untreated state taken once."""
    outcomes, treated, start = states
    if name == "sc":
        donors = outcomes[~treated]
        rows = np.arange(len(donors))
        return float(
            np.std(
                [fit_synthetic_control(donors, rows == row, start).effect for row in rows], ddof=1
            )
        )
    weighting = "even" if name == "did" else "synthetic"
    rng = np.random.default_rng(1)
    return float(placebo_effects(*states, 99, rng, weighting=weighting).std(ddof=1))


def test_the_true_minimum_is_close(states: tuple[np.ndarray, np.ndarray, int]) -> None:
    """The exact solver moves the estimate by no more than R's stopping rule leaves open."""
    exact = fit_synthetic_difference(*states).effect
    assert exact == pytest.approx(-15.60382787, rel=SOLVERS)
