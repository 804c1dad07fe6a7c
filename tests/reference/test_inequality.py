"""Indices of inequality against R's formulas and its sandwich package."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evalkit.equity.concentration_index import fit_concentration_index
from evalkit.equity.inequality_indices import (
    fit_relative_index,
    fit_slope_index,
    fit_slope_index_of_groups,
)
from evalkit.equity.places import fit_gap

JOBS = ("inequality",)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each inequality value stored is found by the public functions."""
    agree(value, reproduce(value["name"], table("inequality")))


def reproduce(name: str, people: pd.DataFrame) -> Mapping[str, float]:
    """Return the value of that name."""
    group, weight = people["imd_decile"].to_numpy(), people["weight"].to_numpy()
    if name == "gap_decile10_minus_1":
        ends = people[people["imd_decile"].isin([1, 10])]
        top, least = ends["top_box"].to_numpy(float), (ends["imd_decile"] == 10).to_numpy()
        return asdict(fit_gap(top, least, ends["weight"].to_numpy()))
    outcome, weighted, kind = name.split("/")
    y = people[outcome].to_numpy(float)
    w = weight if weighted == "w" else np.ones(len(people))
    calls: dict[str, Callable[[], Any]] = {
        "SII_individual_wls": lambda: fit_slope_index(y, group, w),
        "SII_grouped_wls": lambda: of_groups(y, group, w),
        "SII_logit": lambda: fit_slope_index(y, group, w, form="logistic"),
        "logit_slope": lambda: fit_slope_index(y, group, w, form="log_odds"),
        "RII_linear_ratio": lambda: fit_relative_index(y, group, w),
        "RII_mean_ratio": lambda: fit_relative_index(y, group, w, form="mean_ratio"),
        "RII_log_poisson": lambda: fit_relative_index(y, group, w, form="log_line"),
        "concentration_index_grouped_rank": lambda: fit_concentration_index(y, group, w),
        "concentration_index_convenient_regression": lambda: fit_concentration_index(y, group, w),
        "erreygers": lambda: fit_concentration_index(y, group, w, form="erreygers"),
        "wagstaff": lambda: fit_concentration_index(y, group, w, form="wagstaff"),
    }
    return asdict(calls[kind]())


def of_groups(y: np.ndarray, group: np.ndarray, weight: np.ndarray) -> Any:
    """Return the slope index of the means of groups."""
    population = np.bincount(group, weight)[1:]
    return fit_slope_index_of_groups(np.bincount(group, weight * y)[1:] / population, population)
