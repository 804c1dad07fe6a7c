"""Made-up tables from assumed values, before data are seen, and the roll-out that is planned.

Of unit i in period t with m answers the outcome is a level (of variance ICC x CAC x SD^2), a
course that forgets (AR(1), of variance ICC x (1 - CAC) x SD^2), what a period brings to all, and
the mean of m people's noise (of variance (1 - ICC) x SD^2 / m). ICC is the share of all variance
between people that lies between unit-periods; CAC, the cluster autocorrelation, is the lasting
share of that (Hooper, Teerenstra, de Hoop and Eldridge 2016, Statistics in Medicine 35,
4718-4728). Outcomes are normal, and not held within a scale.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import with_starts
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

MONTHS = 12
FIRST_YEAR = 2001
NEVER = np.nan


@dataclass(frozen=True, slots=True)
class Assumed:
    """Assumed values: sizes, spread between people, and what of it lies between units.

    `people` answer in each unit and period; `autocorrelation` is that of neighbouring periods in
    the part of a unit's course that does not last; `period_sd` is what a period brings to all.
    """

    units: int
    periods: int
    people: int
    person_sd: float
    icc: float
    cluster_autocorrelation: float = 0.8
    autocorrelation: float = 0.0
    period_sd: float = 0.0
    mean: float = 0.0


def draw_outcomes(assumed: Assumed, rng: np.random.Generator) -> Floats:
    """Draw outcomes (units, periods) in which nobody has started."""
    _refuse_impossible(assumed)
    size = (assumed.units, assumed.periods)
    between = assumed.icc * assumed.person_sd**2
    lasting = between * assumed.cluster_autocorrelation
    level = rng.normal(0, np.sqrt(lasting), (assumed.units, 1))
    course = np.sqrt(between - lasting) * forgetting(assumed.autocorrelation, size, rng)
    shared = rng.normal(0, assumed.period_sd, (1, assumed.periods))
    noise = np.sqrt((1 - assumed.icc) * assumed.person_sd**2 / assumed.people)
    outcome = assumed.mean + level + course + shared + rng.normal(0, noise, size)
    return np.asarray(outcome, dtype=float)


def roll_out(
    table: pd.DataFrame, parameters: Any, starts: Sequence[float], size: float
) -> tuple[pd.DataFrame, Any]:
    """Let clusters start as planned, and add an effect of `size` from then on.

    `starts` has one entry a cluster, in order of appearance: how many periods of the table lie
    before its start, or NaN where it never starts. Returns the table and the parameters to go
    with it. Raises AnalysisError for starts that cannot be, and for counts.
    """
    if parameters.outcome_kind == "count":
        raise AnalysisError(
            "outcome_kind: an effect is added to the outcome, and counts are no measure to add to. "
            "Plan on rates, as outcome_kind number."
        )
    codes, names = pd.factorize(table["cluster"])
    times = np.sort(table["time"].unique())
    if len(starts) != len(names):
        raise AnalysisError(
            f"starts: {len(starts)} given for {len(names)} clusters. Give one for each."
        )
    planned = np.asarray(starts, dtype=float)
    known = planned[np.isfinite(planned)]
    if not len(known) or known.min() < 1 or known.max() >= len(times):
        raise AnalysisError(
            f"starts: each must lie after the first and before the end of {len(times)} periods, "
            "and one cluster at least must start. Plan other starts, or more periods."
        )
    first = np.full(len(planned), np.nan)
    first[np.isfinite(planned)] = times[known.astype(int)]
    moved, changed = with_starts(table, parameters, pd.Series(first[codes], index=table.index))
    return moved.assign(outcome=moved["outcome"] + size * moved["treated"]), changed


def forgetting(correlation: float, size: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Make courses of variance one whose neighbouring periods correlate, (units, periods)."""
    news = rng.normal(size=size)
    course = np.empty(size)
    course[:, 0] = news[:, 0]
    for t in range(1, size[1]):
        course[:, t] = correlation * course[:, t - 1] + np.sqrt(1 - correlation**2) * news[:, t]
    return course


def as_table(unit: np.ndarray, time: np.ndarray, outcome: Floats, people: float) -> pd.DataFrame:
    """Lay out outcomes (units, periods) as a design table of months in which nobody started."""
    start = FIRST_YEAR * MONTHS
    periods = [f"{FIRST_YEAR + t // MONTHS}-{t % MONTHS + 1:02d}" for t in range(time.max() + 1)]
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "period": np.array(periods)[time],
            "time": time + start,
            "outcome": outcome.ravel(),
            "outcome_base": people,
            "cluster": unit,
            "first_treated": NEVER,
            "treated": False,
            "weight": 1.0,
        }
    )


def _refuse_impossible(assumed: Assumed) -> None:
    shares = {
        "icc": assumed.icc,
        "cluster_autocorrelation": assumed.cluster_autocorrelation,
        "autocorrelation": assumed.autocorrelation,
    }
    wrong = [name for name, share in shares.items() if not 0 <= share <= 1]
    sizes = {"units": assumed.units, "periods": assumed.periods, "people": assumed.people}
    wrong += [name for name, size in sizes.items() if size < (1 if name == "people" else 2)]
    wrong += ["person_sd"] if not assumed.person_sd > 0 else []
    wrong += ["period_sd"] if assumed.period_sd < 0 else []
    if wrong:
        raise AnalysisError(
            f"{', '.join(wrong)}: cannot be. Correlations lie from 0 to 1, spreads are above 0, "
            "and there are at least two units and periods and one person."
        )
