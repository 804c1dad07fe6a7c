"""Subgroups: for whom is the association larger? The difference first, the groups beside it.

Compares: the within-trust association in trusts of a group with that in the other trusts.
Estimates: both, and their difference (the interaction), in one model for each grouping.
Must hold: as `lagged_panel`, in both groups. Groups were named in the protocol.
Uncertainty: clustered by trust; the differences' p-values are adjusted by Holm over groupings.
Source: Holm 1979.
"""

from dataclasses import replace

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.lagged_panel import as_table, primary_terms
from evalkit.designs.terms import Sample, Term, make_sample
from evalkit.designs.within_fit import WithinFit, fit_within
from evalkit.results import Result
from evalkit.study.schema import StaffWellbeing

FEWEST_TRUSTS = 10
"""A group with fewer trusts than this is named but not estimated."""


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate each named grouping; a group of under ten trusts is left out.

    Rows have `group` = `<role>:yes | <role>:no | <role>:difference`, and on the difference
    `p_holm`. The table is empty where no grouping can be estimated.
    """
    sample = make_sample(panel, primary_terms(parameters), Term("outcome"))
    rows = [
        row
        for role in parameters.subgroups
        if (member := _membership(panel, sample, role)) is not None
        for row in _compare_groups(sample, member, role)
    ]
    if not rows:
        return Result("subgroup_effects", pd.DataFrame(), {})
    table = as_table(rows, parameters, outcome="outcome", facet=parameters.outcome_facet)
    return Result("subgroup_effects", _adjust(table), {"group": "difference"})


def _membership(panel: pd.DataFrame, sample: Sample, role: str) -> np.ndarray | None:
    """For each row of the sample, whether its trust is in the group; None if too few are."""
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
    fit = fit_within([*split, *rest], sample.period, sample.unit)
    trusts = len(np.unique(sample.unit[member]))
    contrast = {
        "yes": (np.array([1.0, 0.0]), trusts),
        "no": (np.array([0.0, 1.0]), sample.units - trusts),
        "difference": (np.array([1.0, -1.0]), sample.units),
    }
    rows_inside = {"yes": member.sum(), "no": (~member).sum(), "difference": sample.n}
    return [
        _row(fit, weights, role, part, units, int(rows_inside[part]))
        for part, (weights, units) in contrast.items()
    ]


def _row(
    fit: WithinFit, weights: np.ndarray, role: str, part: str, units: int, n: int
) -> dict[str, object]:
    words = role.replace("_", " ")
    label = {"yes": f"{words}: yes", "no": f"{words}: no", "difference": f"{words}: difference"}
    return {
        "term": "exposure",
        "coef": float(weights @ fit.coef[:2]),
        "se": float(np.sqrt(weights @ fit.cov[:2, :2] @ weights)),
        "n": n,
        "clusters": units,
        "df": float(units - 1),
        "group": f"{role}:{part}",
        "method": "within_corrected",
        "label": label[part].capitalize(),
    }


def _adjust(table: pd.DataFrame) -> pd.DataFrame:
    """Add Holm's p-value to each difference."""
    is_difference = table["group"].str.endswith(":difference")
    t = table["estimate"] / table["std_error"]
    p = pd.Series(2 * stats.t.sf(np.abs(t), table["df"]), table.index)[is_difference].sort_values()
    holm = (p * np.arange(len(p), 0, -1)).cummax().clip(upper=1.0)
    return table.assign(p_holm=holm.reindex(table.index))
