"""What data and roll-out hold that a design may need: counts of units, periods, starts."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import has_start, is_after
from evalkit.inference.arrays import Floats
from evalkit.study.schemas.staff_wellbeing import StaffWellbeing

SWEEPS = 20
"""Times that means of units and of periods are taken out; once is enough where none is missing."""

TINY = 1e-6


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts and yes-or-no facts; None where neither data nor parameters tell.

    `before` and `after` count the periods before and from the start, seen in any unit that starts;
    `before_each` those of the unit that has fewest before its own. `starts` counts different
    starts, `starts_inside` those no later than the last period. `donors` are units that never
    start and have a value in every period, `gaps` units that start and lack one. On the side of
    the threshold that has fewer, `answers_a_side` counts rows, `answers_near` those within the
    bandwidth asked (None where none is), and `values_a_side` different places.
    """

    units: int | None = None
    clusters: int | None = None
    periods: int | None = None
    before: int | None = None
    after: int | None = None
    before_each: int | None = None
    with_it: int | None = None
    without: int | None = None
    clusters_with: int | None = None
    clusters_without: int | None = None
    rows_with: int | None = None
    rows_without: int | None = None
    donors: int | None = None
    gaps: int | None = None
    starts: int | None = None
    starts_inside: int | None = None
    random: bool | None = None
    dose_moves: bool | None = None
    threshold: bool | None = None
    values_a_side: int | None = None
    answers_a_side: int | None = None
    answers_near: int | None = None
    mediator: bool | None = None
    measured_causes: int | None = None


def find_facts(table: pd.DataFrame | None, parameters: Any) -> Facts:
    """Count what a design table holds, and add what the parameters say; the table may be None."""
    said = _facts_said(parameters)
    found = {} if table is None else _facts_counted(table, parameters)
    return Facts(**(said | found))


def find_facts_of_panel(panel: pd.DataFrame | None, parameters: StaffWellbeing) -> Facts:
    """Count what a panel of staff and patients holds, in which nothing starts; it may be None."""
    found: dict[str, Any] = (
        {} if panel is None else _facts_counted(panel.assign(cluster=panel["unit"]), parameters)
    )
    found |= {"mediator": parameters.mediator_name is not None, "threshold": False}
    found |= {"starts": 0, "starts_inside": 0, "before": 0, "after": 0, "random": False}
    found |= {"with_it": 0, "clusters_with": 0, "rows_with": 0}
    found |= {"without": found.get("units"), "clusters_without": found.get("units")}
    return Facts(**found, measured_causes=len(parameters.adjust_for))


def _facts_said(parameters: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"measured_causes": len(parameters.adjust_for)}
    if getattr(parameters, "start_period", None) is not None:
        said["starts"] = 1
    if getattr(parameters, "allocation", None) is not None:
        said["random"] = parameters.allocation == "random"
    if getattr(parameters, "threshold", None) is not None:
        said["threshold"] = True
    if getattr(parameters, "mediator_name", None) is not None:
        said["mediator"] = True
    return said


def _facts_counted(table: pd.DataFrame, parameters: Any) -> dict[str, Any]:
    known = table.dropna(subset=["outcome"])
    found: dict[str, Any] = {
        "units": known["unit"].nunique(),
        "clusters": known["cluster"].nunique(),
        "periods": known["time"].nunique(),
        "mediator": "mediator" in known,
        "threshold": "running" in known and getattr(parameters, "threshold", None) is not None,
        "dose_moves": _moves(known, "dose" if "dose" in known else "exposure"),
    }
    if found["threshold"]:
        found |= _facts_near(known["running"].dropna().to_numpy(float), parameters)
    if has_start(known):
        found |= _facts_of_starts(known) | _facts_of_values(table, known)
        found |= _facts_of_groups(known, known["first_treated"].notna())
    elif "treated" in known:
        found |= _facts_of_groups(known, known["treated"].astype(bool))
    elif "first_treated" in known:
        found |= {"starts": 0, "starts_inside": 0}
    return found


def _facts_near(running: Floats, parameters: Any) -> dict[str, Any]:
    distance = (running - parameters.threshold) * (-1 if parameters.offered_side == "below" else 1)
    sides = (distance[distance < 0], distance[distance >= 0])
    width = parameters.bandwidth
    return {
        "values_a_side": min(len(np.unique(side)) for side in sides),
        "answers_a_side": min(len(side) for side in sides),
        "answers_near": None
        if width is None
        else min(int((np.abs(side) < width).sum()) for side in sides),
    }


def _facts_of_starts(known: pd.DataFrame) -> dict[str, Any]:
    starts = known.groupby("unit")["first_treated"].first().dropna()
    ever = known[known["first_treated"].notna()]
    after = is_after(ever)
    before_each = ever[~after].groupby("unit")["time"].nunique()
    inside = starts[starts <= known["time"].max()]
    return {
        "starts": starts.nunique(),
        "starts_inside": inside.clip(lower=known["time"].min()).nunique(),
        "before": ever.loc[~after, "time"].nunique(),
        "after": ever.loc[after, "time"].nunique(),
        "before_each": int(before_each.reindex(starts.index, fill_value=0).min()),
    }


def _facts_of_values(table: pd.DataFrame, known: pd.DataFrame) -> dict[str, int]:
    """Count units that have, and lack, a value in some period of the table."""
    ever = table.groupby("unit")["first_treated"].first().notna()
    seen = known.groupby("unit")["time"].nunique().reindex(ever.index, fill_value=0)
    whole = seen == table["time"].nunique()
    return {"donors": int((whole & ~ever).sum()), "gaps": int((~whole & ever).sum())}


def _facts_of_groups(known: pd.DataFrame, has_it: "pd.Series[bool]") -> dict[str, int]:
    """Count units, clusters and rows with the intervention and without it."""
    sides = {"with": known[has_it], "without": known[~has_it]}
    return {
        "with_it": sides["with"]["unit"].nunique(),
        "without": sides["without"]["unit"].nunique(),
        **{f"clusters_{name}": side["cluster"].nunique() for name, side in sides.items()},
        **{f"rows_{name}": len(side) for name, side in sides.items()},
    }


def _moves(table: pd.DataFrame, role: str) -> bool:
    """Say whether a role moves within units of two clusters, and not in every unit alike."""
    if role not in table:
        return False
    part = table.dropna(subset=[role])
    values = part[role].astype(float)
    apart = values - values.groupby(part["unit"]).transform("mean")
    if part.loc[apart.abs() > TINY * values.abs().max(), "cluster"].nunique() < 2:
        return False
    for _ in range(SWEEPS):
        apart = apart - apart.groupby(part["time"]).transform("mean")
        apart = apart - apart.groupby(part["unit"]).transform("mean")
    return bool(apart.abs().max() > TINY * values.abs().max())
