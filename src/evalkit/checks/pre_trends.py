"""Did the groups move alike before the start, and would the data have shown it if they had not?

A test of pre-trends that finds nothing says little by itself: it often has no power against
trends large enough to make the answer (Roth 2022, American Economic Review: Insights 4,
305-322). So the test passes only if the smallest straight trend that it finds four times in
five would move the estimate by less than what matters. Two tests, by what the design shows:

- leads of an event study with their covariance: all leads at once, by Hotelling's T-squared
  with the degrees of freedom of the design (with few clusters, an F test that takes the
  covariance as known rejects far too often), and its noncentral F for the power;
- otherwise the design's estimate of a false start, within the time before the true one.

By how much a trend moves leads, false start and headline is found by adding it to the data and
estimating again, so it is right for whatever weights and reference period a design has.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

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
from evalkit.checks.re_estimate import estimate_again
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

TRENDS = Asked(
    "pre_trends",
    "Without the intervention both groups would have moved alike",
    "Did they move alike before it, and would a trend that matters have been seen?",
    "If it fails, the difference may be how the groups were moving apart anyway",
)


@dataclass(frozen=True, slots=True)
class TrendTest:
    """A test of the time before the start: its p-value and the slope found four times in five.

    `slope` is how much more the outcome of those with the intervention moves in a period.
    """

    p_value: float
    slope: float
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
    return _word(test, abs(moved * test.slope), size_that_matters(result, parameters), parameters)


def smallest_slope_found(shift: Floats, covariance: Floats, df: float, alpha: float) -> float:
    """Slope for which Hotelling's test of all leads rejects four times in five.

    `shift` (k,) is by how much a slope of one moves each lead and `covariance` (k, k) theirs;
    `df` may be infinite. Roth (2022, section I) for the idea; the power is of noncentral F.
    """
    size = len(shift)
    along = float(shift @ np.linalg.solve(covariance, shift))
    lower = df - size + 1
    if np.isfinite(df):
        critical = stats.f.ppf(1 - alpha, size, lower)
        found = optimize.brentq(
            lambda away: stats.ncf.sf(critical, size, lower, away) - POWER, 1e-6, 1e6
        )
    else:
        critical = stats.chi2.ppf(1 - alpha, size)
        found = optimize.brentq(lambda away: stats.ncx2.sf(critical, size, away) - POWER, 1e-6, 1e4)
    return float(np.sqrt(found / along)) if along > 0 else np.inf


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
    if found is None:
        return None
    leads, covariance = found
    size, df = len(leads), float(np.median([degrees_of_freedom(r) for _, r in leads.iterrows()]))
    if df - size + 1 < 1 or np.linalg.matrix_rank(covariance) < size:
        return None
    slope = _small_slope(table, parameters)
    again = estimate_again(_with_trend(table, slope), parameters, estimate)
    bent = None if again is None else _read_leads(again)
    if bent is None or len(bent[0]) != size:
        return None
    values = leads["estimate"].to_numpy(float)
    shift = (bent[0]["estimate"].to_numpy(float) - values) / slope
    alpha = 1 - parameters.confidence_level
    p_value = joint_p_value(values, covariance, df)
    return TrendTest(
        p_value,
        smallest_slope_found(shift, covariance, df, alpha),
        f"{counted(size, 'difference')} before the start taken together: {p_words(p_value)}",
        {"differences_before": size, "p_value": shown_p(p_value)},
    )


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
    again = estimate_again(_with_trend(table, slope), parameters, estimate)
    if again is None:
        return np.nan
    return float(again.headline["estimate"] - result.headline["estimate"]) / slope


def _with_trend(table: pd.DataFrame, slope: float) -> pd.DataFrame:
    """Let the outcome of those with the intervention move by `slope` more in each period.

    Where every unit starts at some time, the others move away from those that start last.
    """
    first = table["first_treated"]
    moving = first.notna() if first.isna().any() else first < first.max()
    since = (table["time"] - first).where(moving, 0.0)
    return table.assign(outcome=table["outcome"] + slope * since)


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
    decimals = decimals_for(bias, matters, test.slope)
    said = {
        "passes": "No sign that they moved apart",
        "concern": "They were moving apart already",
        "cannot tell": "Not found, but these data could not have shown a trend that alone would "
        "make the answer",
    }[verdict]
    unit = parameters.outcome_unit
    fine = {"slope": test.slope, "moved_by_it": bias, "matters": matters}
    return answer(
        TRENDS,
        verdict,
        f"{test.seen}. {said}",
        f"Would find a trend of {number(test.slope, decimals)} {unit} a period four times in "
        f"five; it would move the estimate by {number(bias, decimals)}, and "
        f"{number(matters, decimals)} would be enough to make the answer",
        test.numbers | fine,
        dict.fromkeys(test.numbers, 6) | {"p_value": 3} | dict.fromkeys(fine, decimals),
    )
