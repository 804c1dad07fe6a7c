"""Confirmatory factors and their invariance across groups against R's lavaan."""

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.fits.confirmatory_factors import FactorFit
from evalkit.measures.measurement_invariance import fit_factors

JOBS = ("invariance",)
NAMES = ("one", "two", "three")
FACTORS = {f"x{i + 1}": NAMES[i // 3] for i in range(9)}
ALIKE = {"chisq", "df", "cfi", "tli", "rmsea", "srmr"}


def test_value(
    value: dict[str, Any], agree: Callable[[dict[str, Any], Mapping[str, float]], None]
) -> None:
    """Each value of lavaan's is found by the public functions."""
    agree(value, reproduce(value["name"]))


@cache
def fit(step: str) -> FactorFit:
    """Return the fit of a step, or of everyone together."""
    table = pd.read_csv(Path(__file__).with_name("invariance.csv"))
    if step == "alone":
        return fit_factors(table, FACTORS)
    return fit_factors(table, FACTORS, group="group", step=step)


def reproduce(name: str) -> Mapping[str, float]:
    """Return the value of that name."""
    kind, _, part = name.partition(":")
    if part in ALIKE:
        return {"estimate": getattr(fit(kind), part)}
    if part == "logl":
        return {"estimate": fit(kind).log_likelihood}
    if kind == "loading":
        return {"estimate": fit("alone").standardised[0, list(FACTORS).index(part)]}
    if kind == "correlation":
        one, other = (NAMES.index(f) for f in part.split("~"))
        return {"estimate": fit("alone").factor_correlations[0, one, other]}
    scalar, at = fit("scalar"), NAMES.index(part)
    if kind == "variance":
        return {"estimate": scalar.factor_cov[1, at, at]}
    return {"estimate": scalar.factor_means[1, at], "std_error": scalar.mean_errors[1, at]}
