"""The table that a design estimates from: one row a unit and period, or one an answer."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.data.periods import calendar_index, period_kinds
from evalkit.data.problems import join_problems
from evalkit.data.roles import columns_of, kinds_of
from evalkit.data.sources import Source
from evalkit.data.unit_periods import average_answers
from evalkit.errors import DataError
from evalkit.study.fields import FACETS
from evalkit.study.schemas.design_study import DesignStudy

PERCENT = 100.0
"""An answer of yes counts 100 and no counts 0, so that averages are percentages."""


def make_table(sources: Mapping[str, Source], parameters: DesignStudy) -> pd.DataFrame:
    """Name a design's columns by their roles, with calendar times and who had started when.

    Columns: `unit, unit_name, period, time, outcome, outcome_base, cluster, weight`, each role
    mapped, and where the design has a start `first_treated` (time of the first period with the
    intervention; missing where there never was one) and `treated` (whether the row lies at or
    after it). Rows are sorted by unit and time. For a design that follows units, answers of people
    are averaged to one row a unit and period (`unit_periods`). Raises DataError for periods or
    starts that the data do not have.
    """
    source = sources["data"]
    columns = columns_of(parameters, source.name)
    frame = pd.DataFrame({role: source.frame[column] for role, column in columns.items()})
    frame = _choose_periods(_choose_rows(frame, parameters), parameters)
    frame["time"] = calendar_index(frame["period"])
    frame = _type(frame, parameters)
    frame = average_answers(_with_defaults(frame), parameters)
    frame = _with_start(frame, parameters)
    return frame.sort_values(["unit", "time"], kind="stable", ignore_index=True)


def tabulate_coverage(table: pd.DataFrame) -> pd.DataFrame:
    """Count what is there, by group: `group, units, clusters, periods, rows, missing`."""
    rows = [_count(name, part) for name, part in _groups(table)]
    return pd.DataFrame(rows)


def tabulate_averages(table: pd.DataFrame) -> pd.DataFrame:
    """Average the outcome by group and period: `group, period, units, mean, base`.

    Units count by their weight, and not without one; `base` is the number of answers, or of rows
    where it is unknown.
    """
    rows = [
        {
            "group": name,
            "period": period,
            "units": int(part["unit"].nunique()),
            "mean": float(np.average(part["outcome"], weights=part["weight"])),
            "base": int(part["outcome_base"].fillna(1).sum()),
        }
        for name, group in _groups(table)[1:] or _groups(table)
        for period, part in _counting(group).groupby("period")
    ]
    return pd.DataFrame(rows)


def _counting(table: pd.DataFrame) -> pd.DataFrame:
    """Keep rows with an outcome and a weight above nought."""
    return table[table["outcome"].notna() & (table["weight"] > 0)]


def _choose_rows(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Keep the rows that the study is about, and a role that only chose them no longer."""
    for role, value in parameters.only.items():
        frame = frame[frame[role].astype("string") == value]
        if frame.empty:
            raise DataError(
                join_problems("only", [f"no row has {value} as its {role}. Give another value."])
            )
    return frame.copy()


def _choose_periods(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    also = [period for window in parameters.alternatives.get("periods", []) for period in window]
    _refuse_absent("periods", parameters.periods or [], frame)
    _refuse_absent("alternatives, periods", also, frame)
    if parameters.periods is None:
        return frame
    return frame[frame["period"].isin(parameters.periods)].copy()


def _refuse_absent(name: str, periods: list[str], frame: pd.DataFrame) -> None:
    absent = sorted(set(periods) - set(frame["period"]))
    if absent:
        told = (
            f"{len(absent)} are not in the data ({', '.join(absent)}). "
            "Take them out, or give data for them."
        )
        raise DataError(join_problems(name, [told]))


def _type(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Turn numbers into floats, and yes or no into true or false; answers into percentages."""
    kinds = kinds_of(parameters, "data")
    typed = frame.copy()
    for role in [str(name) for name in frame if name in kinds]:
        if kinds[role] == "yes_no" and role != "outcome" and role not in FACETS:
            typed[role] = typed[role].astype(bool)
        elif kinds[role] == "yes_no":
            typed[role] = typed[role].astype("Float64").astype(float) * PERCENT
        elif kinds[role] in ("score", "percentage", "events", "count", "number"):
            typed[role] = typed[role].astype(float)
    return typed


def _with_defaults(frame: pd.DataFrame) -> pd.DataFrame:
    names = frame["unit_name"].fillna(frame["unit"]) if "unit_name" in frame else frame["unit"]
    made = {
        "unit_name": names,
        "cluster": frame["cluster"] if "cluster" in frame else frame["unit"],
        "outcome_base": frame.get("outcome_base", np.nan),
        "weight": frame.get("weight", 1.0),
    }
    return frame.assign(**made)


def _with_start(frame: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Add `first_treated` and `treated`, from the start of each unit or from one for all."""
    if "first_treated" in frame:
        start = frame["first_treated"]
        first = pd.Series(np.nan, index=frame.index)
        known = start.notna()
        _refuse_other_kind(start[known], frame["period"])
        first[known] = calendar_index(start[known]).astype(float)
        _refuse_moving_start(frame["unit"], first)
    elif (period := getattr(parameters, "start_period", None)) is not None:
        first = _one_start(frame, str(period))
    else:
        return frame
    return frame.assign(first_treated=first, treated=(frame["time"] >= first).fillna(False))


def _one_start(frame: pd.DataFrame, period: str) -> "pd.Series[float]":
    """Give the one start to every unit of the group that had the intervention."""
    if period not in set(frame["period"]):
        raise DataError(
            f"start_period ({period}): not among the {frame['period'].nunique()} periods of the "
            "data. Give the first period with the intervention, written as in the data."
        )
    start = float(frame.loc[frame["period"] == period, "time"].iloc[0])
    first = pd.Series(start, index=frame.index)
    if "treated" in frame:
        return first.where(frame["treated"])
    return first.where(~frame["control"]) if "control" in frame else first


def _refuse_other_kind(starts: "pd.Series[str]", periods: "pd.Series[str]") -> None:
    kinds = set(period_kinds(starts).dropna()) | set(period_kinds(periods).dropna())
    if len(kinds) > 1:
        raise DataError(
            f"first_treated: starts and periods are of {len(kinds)} kinds "
            f"({', '.join(sorted(kinds))}). Write both by the same kind."
        )


def _refuse_moving_start(unit: "pd.Series[str]", first: "pd.Series[float]") -> None:
    starts = first.fillna(-1).groupby(unit).nunique()
    several = int((starts > 1).sum())
    if several:
        raise DataError(
            f"first_treated: {several} units have more than one start. Give each unit one, the "
            "same in all of its rows."
        )


def _groups(table: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """All rows; and where some units start and others never do, the two apart."""
    groups = [("all", table)]
    if "first_treated" in table:
        ever = table["first_treated"].notna()
        named = (("with the intervention", table[ever]), ("without", table[~ever]))
        groups += [(name, part) for name, part in named if len(part) and not ever.all()]
    return groups


def _count(name: str, part: pd.DataFrame) -> dict[str, object]:
    return {
        "group": name,
        "units": int(part["unit"].nunique()),
        "clusters": int(part["cluster"].nunique()),
        "periods": int(part["time"].nunique()),
        "rows": len(part),
        "missing": int(part["outcome"].isna().sum()),
    }
