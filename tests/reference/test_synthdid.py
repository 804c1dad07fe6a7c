"""Synthetic difference-in-differences on the simulated sites, against R's synthdid."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.synthetic_control import fit_synthetic_control
from evalkit.fits.synthetic_difference_in_differences import fit_synthetic_difference

JOBS = ("synthdid",)
SOLVERS = 2e-4
"""Relative distance of the true minimum from where R's Frank-Wolfe stops, on these sites."""


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """The three estimators of the package equal R's, by the solver that R uses."""
    outcomes, treated, start = arrays(table("synth"))
    if value["name"] == "sc":
        fit = fit_synthetic_control(outcomes, treated, start, solver="frank_wolfe")
        return agree(value, {"estimate": fit.effect})
    weighting = "even" if value["name"] == "did" else "synthetic"
    found = fit_synthetic_difference(
        outcomes, treated, start, weighting=weighting, solver="frank_wolfe"
    )
    return agree(value, {"estimate": found.effect})


def test_the_true_minimum_is_close(table: Callable[[str], pd.DataFrame]) -> None:
    """The exact solver moves the estimate by no more than R's stopping rule leaves open."""
    outcomes, treated, start = arrays(table("synth"))
    exact = fit_synthetic_difference(outcomes, treated, start).effect
    walked = fit_synthetic_difference(outcomes, treated, start, solver="frank_wolfe").effect
    assert exact == pytest.approx(walked, rel=SOLVERS)


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, int]:
    """Return outcomes by site and period, who is treated, and the first treated column."""
    wide = frame.pivot_table(index="site", columns="period", values="y")
    start = int(np.argmax(wide.columns == frame.loc[frame["treated"] == 1, "period"].min()))
    return wide.to_numpy(), np.asarray(wide.index == "site00"), start
