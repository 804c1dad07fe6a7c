"""Who had the intervention and from when, and the same table with other starts pretended.

The tables are those of `data.design_table`: `first_treated` is the time of a unit's first
period with the intervention, missing where it never had it.
"""

from typing import Any

import numpy as np
import pandas as pd


def has_start(table: pd.DataFrame) -> bool:
    """Say whether the table knows a start for any unit."""
    return "first_treated" in table and bool(table["first_treated"].notna().any())


def has_comparison(table: pd.DataFrame) -> bool:
    """Say whether some units start at some time and others never do."""
    return has_start(table) and bool(table["first_treated"].isna().any())


def first_start(table: pd.DataFrame) -> float:
    """Time at which the first unit started."""
    return float(table["first_treated"].min())


def is_after(table: pd.DataFrame) -> "pd.Series[bool]":
    """Flag rows at or after the start: a unit's own, or the first of all where it has none."""
    start = table["first_treated"].fillna(first_start(table))
    return table["time"] >= start


def level_of_start(table: pd.DataFrame) -> str:
    """Say at which level units start together: `cluster`, or `unit` where clusters hold both."""
    starts = table[["cluster", "first_treated"]].drop_duplicates()
    return "cluster" if len(starts) == table["cluster"].nunique() else "unit"


def baseline(table: pd.DataFrame) -> pd.DataFrame:
    """Return the rows before anybody started."""
    return table[table["time"] < first_start(table)]


def group_names(table: pd.DataFrame) -> "pd.Series[str]":
    """Name each row's group: `with` the intervention at some time, or `without`."""
    ever = table["first_treated"].notna()
    return pd.Series(np.where(ever, "with", "without"), index=table.index, dtype="str")


def with_starts(
    table: pd.DataFrame, parameters: Any, starts: "pd.Series[float]"
) -> tuple[pd.DataFrame, Any]:
    """Pretend that units started at other times: the table, and the parameters to go with it."""
    pretended = table.assign(first_treated=starts, treated=(table["time"] >= starts))
    if getattr(parameters, "start_period", None) is None:
        return pretended, parameters
    labels = pretended.loc[pretended["time"] == starts.min(), "period"]
    if labels.empty:
        return pretended, parameters
    return pretended, parameters.model_copy(update={"start_period": str(labels.iloc[0])})


def with_false_start(table: pd.DataFrame, parameters: Any) -> tuple[pd.DataFrame, Any] | None:
    """Keep what lies before the start, and pretend a start in the middle of it.

    Each unit that started keeps its rows before its own start, and is pretended to have started
    earlier by half of the usual number of periods before; units with too few of them are left
    out. Returns None where fewer than two periods lie before any start.
    """
    before = table[~table["treated"] & (table["time"] < table["first_treated"].max())]
    times = np.sort(table["time"].unique())
    ever = before[before["first_treated"].notna()]
    lengths = ever.groupby("unit")["time"].nunique()
    if lengths.empty or lengths.max() < 2:
        return None
    back = max(1, int(lengths[lengths >= 2].median()) // 2)
    short = lengths.index[lengths <= back]
    kept = before[~before["unit"].isin(short)]
    position = np.searchsorted(times, kept["first_treated"].fillna(times[0])) - back
    earlier = pd.Series(times[np.maximum(position, 0)].astype(float), index=kept.index)
    return with_starts(kept, parameters, earlier.where(kept["first_treated"].notna()))
