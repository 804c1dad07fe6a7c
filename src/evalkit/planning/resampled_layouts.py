"""Made-up tables from a time before: courses carried on, and what the units vary by.

A single series, or a few, say nothing about chance when they are drawn again: `continue_series`
makes others with the same trend and the same memory instead, for as many periods as are planned.
`assumed_from` reads off the values from which `layouts.draw_outcomes` draws those of other sizes.
"""

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.layouts import Assumed, as_table, forgetting

FEWEST_PERIODS = 6
"""Periods from which a trend and a memory can be read off, at least."""

LONGEST_MEMORY = 0.9
LEAST_LEFT = 0.2
ROUNDS = 50


def continue_series(before: pd.DataFrame, periods: int, rng: np.random.Generator) -> pd.DataFrame:
    """Make series like those of each cluster, with their trends and memory, `periods` long.

    Each cluster's average over its units has its own straight trend; what is left over forgets as
    AR(1), with one correlation for all and each cluster's own spread. In a short series a
    correlation r comes out too small, after Marriott and Pope (1954, Biometrika 41, 390-402) who
    show it for a mean; where a trend is taken out, by about (2 + 4 r) over the number of periods.
    """
    wide = before.pivot_table(index="cluster", columns="time", values="outcome").dropna()
    if len(wide) < 1 or wide.shape[1] < FEWEST_PERIODS:
        raise AnalysisError(
            f"series: {len(wide)} clusters with all of {wide.shape[1]} periods. At least one, and "
            f"{FEWEST_PERIODS} periods, are needed."
        )
    values, time = wide.to_numpy(float), np.arange(wide.shape[1], dtype=float)
    trend = np.polynomial.polynomial.polyfit(time, values.T, 1)
    left = values - np.polynomial.polynomial.polyval(time, trend)
    memory = _memory(left)
    spread = np.sqrt(np.sum(left**2, axis=1, keepdims=True) / (len(time) - 2))
    later = np.arange(periods, dtype=float)
    expected = np.polynomial.polynomial.polyval(later, trend)
    outcome = expected + spread * forgetting(memory, (len(wide), periods), rng)
    names = wide.index.to_numpy()
    base = float(before["outcome_base"].mean())
    return as_table(
        np.repeat(names, periods), np.tile(np.arange(periods), len(wide)), outcome, base
    )


def fit_course(course: Floats) -> tuple[Floats, float, float]:
    """Return the straight trend of one course (periods,), the spread around it, and its memory.

    With fewer periods than a memory can be read off from, none is.
    """
    time = np.arange(len(course), dtype=float)
    if len(course) < FEWEST_PERIODS:
        return np.full(len(course), course.mean()), float(course.std()), 0.0
    trend = np.polynomial.polynomial.polyval(
        time, np.polynomial.polynomial.polyfit(time, course, 1)
    )
    left = course - trend
    spread = float(np.sqrt(np.sum(left**2) / (len(course) - 2)))
    memory = _memory(left[np.newaxis, :]) if spread > 0 else 0.0
    return np.asarray(trend, dtype=float), spread, memory


def assumed_from(before: pd.DataFrame, person_sd: float) -> Assumed:
    """Read assumed values off a table of a time in which nobody had started, by moments.

    `person_sd` is the spread between people, from the survey; the number of answers must be known.
    A unit's gaps are passed over.
    """
    people = float(before["outcome_base"].mean())
    if not people > 0:
        raise AnalysisError(
            "outcome_base: the number of answers is not known, so noise cannot be told from "
            "difference between units. Map outcome_base, or give assumed values."
        )
    wide = before.pivot_table(index="unit", columns="time", values="outcome")
    if min(wide.shape) < 2:
        raise AnalysisError(
            f"assumed values: {wide.shape[0]} units and {wide.shape[1]} periods. At least two of "
            "each are needed."
        )
    values, noise = wide.to_numpy(float), person_sd**2 / people
    units, periods = values.shape
    by_unit, by_period = np.nanmean(values, axis=1), np.nanmean(values, axis=0)
    left = values - by_period - by_unit[:, np.newaxis] + np.nanmean(values)
    own = float(np.nanmean(left**2) * units / (units - 1))
    neighbours = float(np.nanmean(left[:, 1:] * left[:, :-1]) * units / (units - 1))
    course, memory = _split_course(own, neighbours, noise, periods)
    mean_noise = (course * _of_a_mean(memory) + noise) / periods
    lasting = max(float(by_unit.var(ddof=1)) - mean_noise, 0.0)
    total = lasting + course
    return Assumed(
        units=units,
        periods=periods,
        people=round(people),
        person_sd=person_sd,
        icc=min(total / person_sd**2, 0.99),
        cluster_autocorrelation=lasting / total if total > 0 else 1.0,
        autocorrelation=memory,
        period_sd=float(by_period.std(ddof=1)),
        mean=float(np.nanmean(values)),
    )


def _split_course(own: float, neighbours: float, noise: float, periods: int) -> tuple[float, float]:
    """Variance of what does not last and its memory, from moments of what means leave over.

    Taking out a mean over periods takes out part of both; the two are solved for in turn.
    """
    memory = course = 0.0
    for _ in range(ROUNDS):
        taken = _of_a_mean(memory) / periods
        course = max((own - noise * (1 - 1 / periods)) / max(1 - taken, LEAST_LEFT), 0.0)
        carried = neighbours + course * taken + noise / periods
        memory = float(np.clip(carried / course, 0.0, LONGEST_MEMORY)) if course > 0 else 0.0
    return course, memory


def _of_a_mean(memory: float) -> float:
    """By how much memory makes the variance of a long mean larger: (1 + r) / (1 - r)."""
    return (1 + memory) / (1 - memory)


def _memory(left: Floats) -> float:
    """First-order autocorrelation of what trends leave over, (clusters, periods), corrected."""
    periods = left.shape[1]
    found = float(np.sum(left[:, 1:] * left[:, :-1]) / np.sum(left**2))
    return float(np.clip((found * periods + 2) / (periods - 4), 0.0, LONGEST_MEMORY))
