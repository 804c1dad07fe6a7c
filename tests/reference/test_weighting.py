"""Weights and matches, against R's survey and Matching."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.matching import fit_matched, match_nearest
from evalkit.fits.propensity import (
    entropy_weights,
    fit_propensity,
    propensity_weights,
    with_constant,
)
from evalkit.fits.weighting import effective_number, fit_weighted_difference

JOBS = ("weighting",)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Weighted and matched differences, their errors and effective numbers are R's."""
    agree(value, reproduce(value["name"], table("weighting")))


def reproduce(name: str, frame: pd.DataFrame) -> dict[str, float]:
    """Select the public function that computes a stored value, and call it."""
    outcome, treated = frame["y"].to_numpy(), frame["treated"].to_numpy() == 1
    design = with_constant(frame[["x1", "x2", "x3"]].to_numpy(float))
    method, what = name.split("_", 1)
    if method in ("propensity", "survey"):
        fit = fit_weighted_difference(outcome, treated, propensity_weights(design, treated, what))
        return {"estimate": fit.estimate, "std_error": float(np.sqrt(np.sum(fit.influence**2)))}
    if method == "entropy":
        model = entropy_weights(design, treated, "treated")
        if what == "effective":
            return {"estimate": effective_number(model.fitted.weights[~treated])}
        return {"estimate": fit_weighted_difference(outcome, treated, model).estimate}
    score = design @ fit_propensity(design, treated)
    cells = frame["x2"].to_numpy() if what == "exact" else None
    narrow = method == "nearest" and what != "exact"
    caliper = 0.2 * float(score.std(ddof=1)) if narrow else np.inf
    matches = match_nearest(score, treated, cells=cells, caliper=caliper)
    if what == "matched":
        return {"estimate": matches.count}
    found = fit_matched(outcome, matches, score, treated, design)
    return {"estimate": found.estimate, "std_error": found.std_error}
