"""Reliability and rater agreement against R's psych and lavaan."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import pandas as pd

from evalkit.fits.one_factor import OneFactorFit, fit_one_factor
from evalkit.measures.agreement import krippendorff_alpha
from evalkit.measures.intraclass_correlation import fit_intraclass_correlations
from evalkit.measures.scale_reliability import fit_alpha, tabulate_items

JOBS = ("reliability",)
ITEM_COLUMNS = {"alpha_drop": "alpha_without", "item_rest_r": "item_rest"}


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each reliability value stored is found by the public functions."""
    agree(value, reproduce(value["name"], table("items"), table("ratings")))


def reproduce(name: str, items: pd.DataFrame, ratings: pd.DataFrame) -> Mapping[str, float]:
    """Return the value of that name."""
    kind, _, part = name.partition(":")
    if kind in ITEM_COLUMNS:
        return {"estimate": tabulate_items(items).set_index("item").loc[part, ITEM_COLUMNS[kind]]}
    wide = ratings.pivot_table(index="target", columns="rater", values="score").to_numpy()
    if kind == "ICC":
        return fit_intraclass_correlations(wide).set_index("form").loc[part].to_dict()
    if kind == "cfa_fit":
        return {"estimate": getattr(factor(items, "maximum_likelihood"), part)}
    alpha = fit_alpha(items.to_numpy(float))
    calls: dict[str, Callable[[], Mapping[str, float]]] = {
        "cronbach_alpha": lambda: asdict(alpha),
        "alpha_feldt_ci": lambda: asdict(alpha),
        "alpha_std": lambda: {"estimate": alpha.standardised},
        "omega_total_1factor_cfa": lambda: omega(items, "maximum_likelihood", False),
        "omega_total_1factor_cor_ml": lambda: omega(items, "maximum_likelihood", True),
        "omega_total_1factor_cor_minres": lambda: omega(items, "minimum_residual", True),
        "krippendorff_interval": lambda: {"estimate": krippendorff_alpha(wide, "interval")},
    }
    return calls[name]()


def factor(items: pd.DataFrame, method: Any) -> OneFactorFit:
    """Return one factor behind the items."""
    return fit_one_factor(items.to_numpy(float), method=method)


def omega(items: pd.DataFrame, method: str, standardised: bool) -> Mapping[str, float]:
    """Return omega of the items or of their z-scores."""
    return {"estimate": factor(items, method).omega(standardised=standardised)}
