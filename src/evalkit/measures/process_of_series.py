"""The process chart of a series that an intervention interrupts: limits from the time before.

Mean and limits are those of the points before the start, and are held, so that points from the
start on are judged by what was usual until then. Percentages with known answers have limits of a
p' chart, counts with a known base those of a u' chart, other series those of an XmR chart
(`process_limits`). A season is not taken out. The chart tells that a process changed, never why.
"""

import numpy as np
import pandas as pd

from evalkit.designs.interrupted_series import Series, arrange
from evalkit.measures.process_control import FEWEST, Kind, name_points
from evalkit.measures.process_limits import chart_percentages, chart_rates, chart_xmr
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

POINTS: dict[Kind, str] = {
    "common_cause": "Usual variation",
    "special_cause_improvement": "Unusual, for the better",
    "special_cause_concern": "Unusual, for the worse",
    "special_cause_neutral_high": "Unusual, high",
    "special_cause_neutral_low": "Unusual, low",
}
"""The icons of a process chart, in words."""


def tabulate_process(table: pd.DataFrame, parameters: InterruptedTimeSeries) -> pd.DataFrame:
    """Chart the series with the intervention: `period, value, mean, lower, upper, kind`.

    `base` is there where it is known for all. Empty with fewer than `FEWEST` points before.
    """
    found = arrange(table, parameters)
    series = found.treated
    before = int(np.sum(series.time < found.start))
    if before < FEWEST:
        return pd.DataFrame()
    limits = _limits(series, before, parameters)
    points = name_points(limits, parameters.outcome_better)
    columns = {"period": series.period} | {n: points[n] for n in ("value", "mean", "lower")}
    chart = pd.DataFrame(columns | {"upper": points["upper"], "kind": points["kind"].map(POINTS)})
    return chart.assign(base=series.base) if np.isfinite(series.base).all() else chart


def _limits(series: Series, before: int, parameters: InterruptedTimeSeries) -> pd.DataFrame:
    known = bool(np.isfinite(series.base).all())
    if parameters.outcome_kind == "percentage" and known:
        events = series.outcome * series.base / 100
        return chart_percentages(events, series.base, fix_after=before)
    if parameters.outcome_kind == "count" and known:
        per = parameters.rate_per
        return chart_rates(series.outcome, series.base, per=per, fix_after=before)
    return chart_xmr(series.outcome, fix_after=before)
