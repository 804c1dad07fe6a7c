"""What data and roll-out hold that a design may need: counts of units, periods, starts."""

from dataclasses import dataclass, fields
from typing import Any

import pandas as pd

from evalkit.checks.arms import has_start, is_after


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts and yes-or-no facts; None where neither data nor parameters tell.

    Periods before and after are those of the unit that has fewest of them, among units that start;
    `starts` counts different starts. `answers_near` counts rows on the side of the threshold that
    has fewer.
    """

    units: int | None = None
    clusters: int | None = None
    periods: int | None = None
    before: int | None = None
    after: int | None = None
    with_it: int | None = None
    without: int | None = None
    starts: int | None = None
    random: bool | None = None
    dose_moves: bool | None = None
    threshold: bool | None = None
    answers_near: int | None = None
    mediator: bool | None = None
    measured_causes: int | None = None


def find_facts(table: pd.DataFrame | None, parameters: Any) -> Facts:
    """Count what a design table holds, and add what the parameters say; the table may be None."""
    said = _facts_said(parameters)
    found = {} if table is None else _facts_counted(table, parameters)
    return Facts(**(said | found))


def tabulate_facts(facts: Facts) -> pd.DataFrame:
    """List the facts that are known: `fact, value`, counts as numbers and yes or no as 1 or 0."""
    known = {f.name: getattr(facts, f.name) for f in fields(facts)}
    rows = [(name, float(value)) for name, value in known.items() if value is not None]
    return pd.DataFrame(rows, columns=["fact", "value"])


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
        "dose_moves": any(_moves(known, role) for role in ("dose", "exposure")),
    }
    if found["threshold"]:
        above = int((known["running"] >= parameters.threshold).sum())
        found["answers_near"] = min(above, len(known) - above)
    if has_start(known):
        found |= _facts_of_starts(known)
    elif "treated" in known:
        found["with_it"] = known.loc[known["treated"].astype(bool), "unit"].nunique()
        found["without"] = known.loc[~known["treated"].astype(bool), "unit"].nunique()
    return found


def _facts_of_starts(known: pd.DataFrame) -> dict[str, Any]:
    starts = known.groupby("unit")["first_treated"].first()
    ever = known[known["first_treated"].notna()]
    after = is_after(ever)
    units = starts.index[starts.notna()]
    counts = {
        name: ever[rows].groupby("unit")["time"].nunique().reindex(units, fill_value=0)
        for name, rows in (("before", ~after), ("after", after))
    }
    return {
        "with_it": int(starts.notna().sum()),
        "without": int(starts.isna().sum()),
        "starts": len(starts.dropna().unique()),
        **{name: int(count.min()) for name, count in counts.items()},
    }


def _moves(table: pd.DataFrame, role: str) -> bool:
    if role not in table:
        return False
    values = table[role].astype(float)
    return bool((values - values.groupby(table["unit"]).transform("mean")).abs().max() > 0)
