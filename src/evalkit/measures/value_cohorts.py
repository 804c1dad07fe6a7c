"""Units that began at one time or at several: each start beside units that never began.

With several starts, units of one start (a cohort) and all that never began are averaged before and
after that start; those that never began so have a row a cohort. Differences hold the cohort fixed,
and within each cohort units without count in sum as much as those with: the overall difference is
the mean of the cohorts' own, weighted by the people cared for since the start (stacked comparison,
Cengiz, Dube, Lindner and Zipperer 2019, Quarterly Journal of Economics 134:1405-1454; weights as in
Wing, Freedman and Hollingsworth 2024, NBER working paper 32054). Nobody who began is anybody's
comparison, so that effects that grow do not count against themselves.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.measures.value_sample import (
    COST,
    ValueSample,
    join_tables,
    refuse_mixed_editions,
    refuse_mixed_prices,
    summarise,
)
from evalkit.study.schemas.value_for_money import ValueForMoney


def make_sample(tables: Mapping[str, pd.DataFrame], parameters: ValueForMoney) -> ValueSample:
    """Join the sources by unit, and average them before and after each start.

    Raises AnalysisError for several price years, another year than the one named, a payer that is
    not there, editions of the deprivation index that are mixed, no start, a start outside the
    periods, and several starts without a unit that never began.
    """
    refuse_mixed_prices(tables["costs"], parameters)
    refuse_mixed_editions(tables["answers"], parameters)
    units = tables["units"]
    began = _find_starts(units, tables["activity"])
    since = began.fillna(began.min()).astype(int)
    activity, costs, answers = join_tables(tables, units, since, parameters)
    carers = tables.get("carers")
    whole = summarise(units, activity, costs, answers, began, parameters, carers)
    if len(whole.starts) == 1:
        return whole
    cohorts = []
    for start in whole.starts:
        of = pick_cohort(units, began, start)
        since = pd.Series(start, index=of["unit"])
        held = join_tables(tables, of, since, parameters)
        cohorts.append(summarise(of, held[0], held[1], held[2], began, parameters))
    return stack_cohorts(whole, cohorts)


def pick_cohort(units: pd.DataFrame, began: "pd.Series[float]", start: int) -> pd.DataFrame:
    """Take the units that began at one time, and those that never began."""
    times = units["unit"].map(began)
    return units[times.isna() | (times == start)]


def stack_cohorts(whole: ValueSample, cohorts: Sequence[ValueSample]) -> ValueSample:
    """Put cohorts under each other; in each, units without weigh in sum as those with."""
    names = [str(name) for name in whole.after]
    rows = []
    for at, cohort in enumerate(cohorts):
        units, with_ = cohort.units, cohort.units["treated"] == 1
        sums = units.groupby(with_)["people"].sum().reindex([False, True], fill_value=0.0)
        share = float(sums[True] / sums[False]) if sums[False] > 0 else np.nan
        weight = units["people"].where(with_, units["people"] * share)
        rows.append(units.assign(cohort=at, weight=weight))
    return replace(
        whole,
        units=pd.concat(rows, ignore_index=True),
        before=pd.concat([_with_all(c.before, names) for c in cohorts], ignore_index=True),
        after=pd.concat([_with_all(c.after, names) for c in cohorts], ignore_index=True),
    )


def hold_cohorts(sample: ValueSample) -> Floats | None:
    """Make the columns that hold the cohort fixed, (rows, cohorts - 1); None with one start."""
    cohort = sample.units["cohort"].to_numpy(int)
    found = np.unique(cohort)
    return None if len(found) == 1 else (cohort[:, None] == found[None, 1:]).astype(float)


def _with_all(sides: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    """Give each outcome a column: a payer who paid nothing paid 0, the rest is not known."""
    made = sides.reindex(columns=names)
    unpaid = [name for name in names if name.startswith(COST) and name not in sides]
    return made.assign(**dict.fromkeys(unpaid, 0.0))


def _find_starts(units: pd.DataFrame, activity: pd.DataFrame) -> "pd.Series[float]":
    """Give the time at which each unit began; NaN where it never did."""
    starts = units["start"].dropna().unique()
    if not len(starts):
        raise AnalysisError(
            "start: no unit began, so there is nothing to compare. Give each unit that had the "
            "intervention the period in which it began, and leave the others blank."
        )
    times = dict(zip(activity["period"], activity["time"], strict=True))
    outside = [s for s in starts if s not in times or times[s] == activity["time"].min()]
    if outside:
        raise AnalysisError(
            f"start: {len(outside)} of {len(starts)} lie outside the periods of activity, which "
            "must hold some before and some from each start on. Correct it, or give more periods."
        )
    if len(starts) > 1 and units["start"].notna().all():
        raise AnalysisError(
            f"start: units began in {len(starts)} different periods and none never began. Several "
            "starts are compared with units that never began: give some, or study the change with "
            "staggered_adoption, which can take units that had not begun yet."
        )
    return units.set_index("unit")["start"].map(times).astype(float)
