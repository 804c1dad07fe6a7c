"""Subgroups: for whom is the association larger? The difference first, the groups beside it.

Compares: the within-trust association in trusts of a group with that in the other trusts.
Estimates: both, and their difference (the interaction), in one model for each grouping.
Must hold: as `lagged_panel`, in both groups. Groups were named in the protocol.
Uncertainty: jackknife over trusts, with the degrees of freedom of the smaller group; the
differences' p-values are adjusted by Holm over groupings.
Source: Holm 1979.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.lagged_panel import as_table, corrects_noise, primary_terms
from evalkit.designs.terms import Sample, Term, make_sample
from evalkit.designs.within_fit import (
    cross_products,
    jackknife_cov,
    period_dummies,
    solve_within,
)
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.schema import StaffWellbeing

FEWEST_TRUSTS = 10
"""A group with fewer trusts than this is named but not estimated."""


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate each named grouping; a group of under ten trusts is left out.

    Rows have `group` = `<role>:yes | <role>:no | <role>:difference`, and on the difference
    `p_holm`. The table is empty where no grouping can be estimated.
    """
    noise = corrects_noise(panel, parameters)
    sample = make_sample(panel, primary_terms(parameters), Term("outcome"), noise=noise)
    rows = [
        row
        for role in parameters.subgroups
        if (member := _membership(panel, sample, role)) is not None
        for row in _compare_groups(sample, member, role)
    ]
    rows = [row | {"method": "within_corrected" if noise else "within"} for row in rows]
    if not rows:
        return Result("subgroup_effects", pd.DataFrame(), {})
    table = as_table(rows, parameters, outcome="outcome", facet=parameters.outcome_facet)
    return Result("subgroup_effects", _adjust(table), {"group": "difference"})


def _membership(panel: pd.DataFrame, sample: Sample, role: str) -> np.ndarray | None:
    """For each row of the sample, whether its trust is in the group; None if too few are."""
    values = panel.groupby("unit")[role].agg(["min", "max"])
    changing = int((values["min"] != values["max"]).sum())
    if changing:
        raise AnalysisError(
            f"subgroups: {role} changes over time in {changing} trusts, so they belong to no one "
            "group. Give a yes or no that stays the same in a trust, or leave it out."
        )
    of_trust = panel.groupby("unit")[role].first().astype(bool)
    member = of_trust.reindex(sample.frame.index.get_level_values("unit")).to_numpy()
    inside = len(np.unique(sample.unit[member]))
    enough = min(inside, sample.units - inside) >= FEWEST_TRUSTS
    return member if enough else None


def _compare_groups(sample: Sample, member: np.ndarray, role: str) -> list[dict[str, object]]:
    exposure, *rest = sample.columns
    split = [
        replace(exposure, values=exposure.values * inside, variance=exposure.variance * inside)
        for inside in (member, ~member)
    ]
    products = cross_products([*split, *rest], period_dummies(sample.period), sample.unit)
    fit = solve_within(products, ("yes", "no"), sample.n)
    cov = jackknife_cov(products, 2)
    trusts = len(np.unique(sample.unit[member]))
    parts = {
        "yes": ([1.0, 0.0], trusts, trusts, member.sum()),
        "no": ([0.0, 1.0], sample.units - trusts, sample.units - trusts, (~member).sum()),
        "difference": ([1.0, -1.0], sample.units, min(trusts, sample.units - trusts), sample.n),
    }
    return [
        {
            "term": "exposure",
            "coef": float(np.array(weights) @ fit.coef),
            "se": float(np.sqrt(np.array(weights) @ cov @ np.array(weights))),
            "n": int(n),
            "clusters": units,
            "df": float(smaller - 1),
            "group": f"{role}:{part}",
            "label": _label(role, part),
        }
        for part, (weights, units, smaller, n) in parts.items()
    ]


def _label(role: str, part: str) -> str:
    words = role.replace("_", " ")
    return f"{words}: {'yes less no' if part == 'difference' else part}".capitalize()


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's p-value to each difference."""
    is_difference = table["group"].str.endswith(":difference")
    t = table["estimate"] / table["std_error"]
    p = pd.Series(2 * stats.t.sf(np.abs(t), table["df"]), table.index)[is_difference].sort_values()
    holm = (p * np.arange(len(p), 0, -1)).cummax().clip(upper=1.0)
    return table.assign(p_holm=holm.reindex(table.index))
