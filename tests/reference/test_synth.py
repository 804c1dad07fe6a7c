"""Synthetic control on outcomes alone, against a quadratic program in R."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.synthetic_control import fit_placebos, fit_synthetic_control
from evalkit.fits.synthetic_difference_in_differences import fit_synthetic_difference
from evalkit.inference.placebo import rank_p

JOBS = ("synth",)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Weights, fit, gaps, the placebo rank and the plain difference equal R's."""
    agree(value, reproduce(value["name"], table("synth")))


def reproduce(name: str, frame: pd.DataFrame) -> dict[str, float]:
    """Select the public function that computes a stored value, and call it."""
    wide = frame.pivot_table(index="site", columns="period", values="y")
    outcomes, treated = wide.to_numpy(), np.asarray(wide.index == "site00")
    start = int(np.argmax(wide.columns == frame.loc[frame["treated"] == 1, "period"].min()))
    if name == "did_2x2":
        fit = fit_synthetic_difference(outcomes, treated, start, weighting="even")
        return {"estimate": fit.effect}
    control = fit_synthetic_control(outcomes, treated, start)
    kind, _, which = name.partition(":")
    if kind == "weight":
        return {"estimate": control.weights[wide.index.get_loc(which)]}
    if kind == "gap":
        return {"estimate": control.gap[wide.columns.get_loc(int(which.removeprefix("t=")))]}
    if kind == "placebo_rmspe_ratio_rank_p":
        placebos = fit_placebos(outcomes, treated, start, 99, np.random.default_rng(1))
        p = rank_p(control.rmspe_ratio, placebos.rmspe_ratios)
        return {"estimate": control.rmspe_ratio, "p_value": p}
    return {"estimate": {"pre_rmspe": control.pre_rmspe, "att_post_mean": control.effect}[kind]}
