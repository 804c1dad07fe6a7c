"""Did the groups move alike before the start, and would the data have shown it if they had not?

A test of pre-trends that finds nothing says little by itself: it often has no power against
trends large enough to make the answer (Roth 2022, American Economic Review: Insights 4,
305-322). So the check passes only if the smallest straight trend that it finds four times in
five would move the estimate by less than what matters. Tests, by what the design shows:

- an event study with its covariance: the slope of its differences before the start, by t, which
  has most power against the trends that do most harm; and all of them at once, by Hotelling's
  T-squared with the design's degrees of freedom (an F test that takes the covariance as known
  rejects far too often with few clusters). Each at half of the error allowed (Bonferroni);
- otherwise the design's estimate of a false start, within the time before the true one.

By how much a trend moves differences, false start and headline is found by adding it to the data
and estimating again, so it is right for whatever weights and reference period a design has.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.arms import has_comparison, with_false_start
from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import (
    POWER,
    Estimate,
    degrees_of_freedom,
    p_words,
    reach_of,
    shown_p,
    size_that_matters,
    standard_error,
)
from evalkit.checks.re_estimate import estimate_again, estimate_whole
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import decimals_for, number

TRENDS = Asked(
    "pre_trends",
    "Without the intervention both groups would have moved alike",
    "Did they move alike before it, and would a trend that matters have been seen?",
    "If it fails, the difference may be how the groups were moving apart anyway",
)


@dataclass(frozen=True, slots=True)
class TrendTest:
    """A test of the time before the start: its p-value and the slope found four times in five.

    `reach` is how much more the outcome of those with the intervention moves in a period; the
    p-value is that of all tests made together.
    """

    p_value: float
    reach: float
    seen: str
    numbers: dict[str, float]


def check_pre_trends(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Test for trends before the start, and pass only where one that matters would be seen."""
    if not has_comparison(table) and not _has_staggered_starts(table):
        return cannot_tell(
            TRENDS, "There is no group without the intervention to compare trends with"
        )
    test = _test_leads(table, result, parameters, estimate)
    test = test or _test_false_start(table, parameters, estimate)
    if test is None:
        return cannot_tell(
            TRENDS, "There are too few periods before the start to see how groups moved"
        )
    moved = _moved_by_trend(table, result, parameters, estimate)
    return _word(test, abs(moved * test.reach), size_that_matters(result, parameters), parameters)


def fit_trend(leads: Floats, covariance: Floats, shift: Floats) -> tuple[float, float]:
    """Slope of the differences before the start, and its error.

    `shift` (k,) is by how much a slope of one moves each of `leads` (k,), whose covariance is
    (k, k). Least squares through them and the reference, which is zero by making.
    """
    weights = shift - shift.sum() / (len(shift) + 1)
    weights = weights / (weights @ shift)
    return float(weights @ leads), float(np.sqrt(weights @ covariance @ weights))


def found_slope(error: float, df: float, tail: float) -> float:
    """Slope that a two-sided t-test with `tail` on each side finds four times in five."""
    return float(stats.t.isf(tail, df) + stats.t.ppf(POWER, df)) * error


def joint_p_value(leads: Floats, covariance: Floats, df: float) -> float:
    """P-value of Hotelling's T-squared that all leads are zero; `df` may be infinite."""
    size = len(leads)
    wald = float(leads @ np.linalg.solve(covariance, leads))
    if not np.isfinite(df):
        return float(stats.chi2.sf(wald, size))
    lower = df - size + 1
    return float(stats.f.sf(wald * lower / (df * size), size, lower))


def _test_leads(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> TrendTest | None:
    found = _read_leads(result)
    shift = None if found is None else _shift_of(found[0], table, parameters, estimate)
    if found is None or shift is None:
        return None
    leads, covariance = found
    values, size = leads["estimate"].to_numpy(float), len(leads)
    df = float(np.median([degrees_of_freedom(row) for _, row in leads.iterrows()]))
    slope, error = fit_trend(values, covariance, shift)
    if not error > 0:
        return None
    p_values = {"slope": 2 * float(stats.t.sf(abs(slope) / error, df))}
    if 1 < size <= df and np.linalg.matrix_rank(covariance) == size:
        p_values["together"] = joint_p_value(values, covariance, df)
    tests = len(p_values)
    tail = (1 - parameters.confidence_level) / 2 / tests
    decimals = decimals_for(slope)
    together = (
        f"; all {size} differences before the start together, {p_words(p_values['together'])}"
        if "together" in p_values
        else ""
    )
    return TrendTest(
        min(1.0, tests * min(p_values.values())),
        found_slope(error, df, tail),
        f"They moved apart by {number(slope, decimals)} {parameters.outcome_unit} a period before "
        f"the start ({p_words(p_values['slope'])}){together}",
        {"differences_before": size, "slope": round(slope, decimals)}
        | {f"p_value_{name}": shown_p(p) for name, p in p_values.items()},
    )


def _shift_of(
    leads: pd.DataFrame, table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> Floats | None:
    """By how much each difference before the start moves where the groups part by one a period."""
    slope = _small_slope(table, parameters)
    again = estimate_whole(_with_trend(table, parameters, slope), parameters, estimate)
    bent = None if again is None else _read_leads(again)
    if bent is None or len(bent[0]) != len(leads):
        return None
    moved = bent[0]["estimate"].to_numpy(float) - leads["estimate"].to_numpy(float)
    return np.asarray(moved / slope)


def _read_leads(result: Result) -> tuple[pd.DataFrame, Floats] | None:
    """Return the rows of an event study before the start, and the covariance of their estimates."""
    events = result.estimates[result.estimates["term"] == "event"]
    wide = result.tables.get("event_covariance")
    if events.empty or wide is None:
        return None
    order = wide["period"].astype(int).tolist()
    whole = wide.drop(columns="period").to_numpy(float)
    events = events.assign(period=events["period"].astype(int))
    leads = events[(events["period"] < 0) & (events["std_error"] > 0)].sort_values("period")
    if leads.empty or not set(leads["period"]) <= set(order):
        return None
    at = [order.index(period) for period in leads["period"]]
    return leads, whole[np.ix_(at, at)]


def _test_false_start(table: pd.DataFrame, parameters: Any, estimate: Estimate) -> TrendTest | None:
    pretended = with_false_start(table, parameters)
    result = None if pretended is None else estimate_again(*pretended, estimate)
    if pretended is None or result is None:
        return None
    row = result.headline
    moved = _moved_by_trend(pretended[0], result, pretended[1], estimate)
    error = standard_error(row)
    if not error > 0 or moved == 0:
        return None
    size, df = abs(float(row["estimate"])) / error, degrees_of_freedom(row)
    p_value = 2 * float(stats.t.sf(size, df) if np.isfinite(df) else stats.norm.sf(size))
    decimals = decimals_for(row["estimate"])
    return TrendTest(
        p_value,
        reach_of(row) / abs(moved),
        f"A start pretended earlier shows a difference of "
        f"{number(row['estimate'], decimals)} ({p_words(p_value)})",
        {"pretended": round(row["estimate"], decimals), "p_value": shown_p(p_value)},
    )


def _moved_by_trend(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> float:
    """By how much the headline moves where those with the intervention gain one a period."""
    slope = _small_slope(table, parameters)
    again = estimate_again(_with_trend(table, parameters, slope), parameters, estimate)
    if again is None:
        return np.nan
    return float(again.headline["estimate"] - result.headline["estimate"]) / slope


def _with_trend(table: pd.DataFrame, parameters: Any, slope: float) -> pd.DataFrame:
    """Let the outcome of those with the intervention move by `slope` more in each period.

    Where every unit starts at some time, the others move away from those that start last.
    """
    first = table["first_treated"]
    moving = first.notna() if first.isna().any() else first < first.max()
    since = (table["time"] - first).where(moving, 0.0)
    return table.assign(outcome=table["outcome"] + slope * since * _per_row(table, parameters))


def _per_row(table: pd.DataFrame, parameters: Any) -> "pd.Series[float] | float":
    """By how much the outcome of a row moves where what is compared moves by one.

    Counts with a base are compared as a rate.
    """
    base = table["outcome_base"]
    if parameters.outcome_kind != "count" or base.isna().all():
        return 1.0
    return base / float(getattr(parameters, "rate_per", 1.0))


def _small_slope(table: pd.DataFrame, parameters: Any) -> float:
    return float(parameters.minimum_important_difference / table["time"].nunique())


def _has_staggered_starts(table: pd.DataFrame) -> bool:
    return "first_treated" in table and len(table["first_treated"].dropna().unique()) > 1


def _word(test: TrendTest, bias: float, matters: float, parameters: Any) -> Check:
    if not np.isfinite(bias):
        return cannot_tell(TRENDS, "What a trend would do to the estimate could not be found")
    verdict: Verdict = "passes" if bias <= matters else "cannot tell"
    if test.p_value < 1 - parameters.confidence_level:
        verdict = "concern"
    decimals = decimals_for(bias, matters, test.reach)
    said = {
        "passes": "No sign that they moved apart",
        "concern": "They were moving apart already",
        "cannot tell": "Not found, but these data could not have shown a trend that alone would "
        "make the answer",
    }[verdict]
    unit = parameters.outcome_unit
    fine = {"trend_found": test.reach, "moved_by_it": bias, "matters": matters}
    return answer(
        TRENDS,
        verdict,
        f"{test.seen}. {said}",
        f"Would find a trend of {number(test.reach, decimals)} {unit} a period four times in "
        f"five; it would move the estimate by {number(bias, decimals)}, and "
        f"{number(matters, decimals)} would be enough to make the answer",
        test.numbers | fine,
        dict.fromkeys(test.numbers, 6) | dict.fromkeys(fine, decimals),
    )
