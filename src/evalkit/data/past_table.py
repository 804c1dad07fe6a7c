"""The table of a time before a study: what a plan takes unequal units, gaps and courses from."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.data.periods import calendar_index, period_kinds
from evalkit.data.roles import columns_of
from evalkit.data.sources import Source
from evalkit.errors import DataError
from evalkit.study.schemas.plan_a_study import PlanAStudy

PERCENT = 100.0


def make_past_table(sources: Mapping[str, Source], plan: PlanAStudy) -> pd.DataFrame:
    """Name the columns of past data by their roles, and keep the last periods, as many as planned.

    Columns: `unit, cluster` (the unit where none is mapped), `place` (0 for the first period kept),
    `outcome` where mapped (yes as 100 and no as 0; rows without a value are gaps, and left out),
    `outcome_base` (NaN unknown), and where the roll-out is decided `start` (periods after the first
    start; NaN never). Sorted by cluster, unit and place. Raises DataError for periods of another
    kind than planned, or fewer of them, and for a roll-out that is not the one of the plan.
    """
    source = sources["data"]
    columns = columns_of(plan, source.name)
    frame = pd.DataFrame({role: source.frame[column] for role, column in columns.items()})
    frame = frame.assign(place=_place(frame["period"], plan))
    frame = frame[frame["place"].between(0, plan.periods - 1)].reset_index(drop=True)
    table = pd.DataFrame({"unit": frame["unit"].astype(str), "place": frame["place"]})
    table["cluster"] = frame.get("cluster", frame["unit"]).astype(str)
    table["outcome_base"] = frame.get("outcome_base", pd.Series(np.nan, frame.index)).astype(float)
    if "outcome" in frame:
        scale = PERCENT if plan.outcome_kind == "yes_no" else 1.0
        table["outcome"] = frame["outcome"].astype("Float64").astype(float) * scale
    start = _start(frame, plan)
    if start is not None:
        table["start"] = start
    table = table.dropna(subset=["outcome"]) if "outcome" in table else table
    table = table.sort_values(["cluster", "unit", "place"], kind="stable", ignore_index=True)
    if start is not None:
        _refuse_other_roll_out(table, plan)
    return table


def _place(periods: "pd.Series[str]", plan: PlanAStudy) -> "pd.Series[int]":
    """Count each row's periods from the first that is kept; negative before it."""
    kind = period_kinds(periods).iloc[0]
    if kind != plan.period_name:
        raise DataError(
            f"period_name: {plan.period_name}, and the periods of the past data are {kind}s. "
            f"Plan in {kind}s, or give data by {plan.period_name}."
        )
    time = calendar_index(periods)
    last = int(time.max())
    if plan.data_until is not None:
        if plan.data_until not in set(periods):
            raise DataError(
                f"data_until ({plan.data_until}): not among the {periods.nunique()} periods of "
                "the past data. Give one of them, written as in the data, or null."
            )
        last = int(time[periods == plan.data_until].iloc[0])
    held = last - int(time.min()) + 1
    if held < plan.periods:
        raise DataError(
            f"periods: {plan.periods} are planned, and the past data hold {held}. Plan at most "
            f"{held}, or give a longer past."
        )
    return time - last + plan.periods - 1


def _start(frame: pd.DataFrame, plan: PlanAStudy) -> "pd.Series[float] | None":
    """Return by how many periods each row's start follows the first; NaN never, None undecided."""
    if "treated" in frame:
        return frame["treated"].astype(bool).map({True: 0.0, False: np.nan})
    if "first_treated" not in frame:
        return None
    known = frame["first_treated"].notna()
    if not known.any():
        raise DataError("first_treated: empty in every row, so nobody starts. Take it out.")
    if set(period_kinds(frame.loc[known, "first_treated"])) != {plan.period_name}:
        raise DataError(
            f"first_treated: not all starts are {plan.period_name}s. Write them by the same kind "
            "as the periods."
        )
    start = pd.Series(np.nan, index=frame.index)
    start[known] = calendar_index(frame.loc[known, "first_treated"]).astype(float)
    return start - start.min()


def _refuse_other_roll_out(table: pd.DataFrame, plan: PlanAStudy) -> None:
    """Require one start a cluster, and as many clusters and with it as the plan says."""
    starts = table.assign(start=table["start"].fillna(-1.0)).groupby("cluster")["start"]
    several = int((starts.min() < starts.max()).sum())
    if several:
        raise DataError(
            f"treated, first_treated: {several} clusters hold units that have it and others, or "
            "several starts. Give each cluster one, or map no cluster."
        )
    first = starts.first()
    having, wanted = int((first >= 0).sum()), plan.treated_units or plan.units
    if (len(first), having) != (plan.units, wanted):
        raise DataError(
            f"treated, first_treated: the past data have {len(first)} units or clusters, {having} "
            f"of them with it; the plan says {plan.units}, {wanted} of them. Give units "
            f"{len(first)} and treated_units {having}, or map neither role."
        )
    last = int(first.max()) + (plan.periods_before or 0)
    if plan.periods_before is not None and last >= plan.periods:
        raise DataError(
            f"first_treated: the last starts {last} periods in, of {plan.periods}. Plan more "
            "periods, or fewer before the first start."
        )
