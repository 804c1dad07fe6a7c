"""What a check asks, and how what was seen is put into words with its numbers beside it."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.checks.judging import judge, reach_of
from evalkit.results import Check, Verdict
from evalkit.results.words import decimals_for, interval, number, values_table

NOT_RUN = "Nothing: the test could not be run"
HOPELESS = 100.0
"""A test that finds nothing smaller than this many times what matters is no test."""

DESCRIPTION = "A description, not a test"


@dataclass(frozen=True, slots=True)
class Asked:
    """An assumption, the question that tests it, and what follows where it fails."""

    name: str
    assumption: str
    question: str
    consequence: str


@dataclass(frozen=True, slots=True)
class Seen:
    """An estimate that ought to be zero, its interval, and the size found four times in five."""

    estimate: float
    low: float
    high: float
    reach: float
    level: float


def seen_in(row: pd.Series) -> Seen:
    """Take from a row of estimates what a check judges by."""
    estimate, low, high = (float(row[name]) for name in ("estimate", "conf_low", "conf_high"))
    return Seen(estimate, low, high, reach_of(row), float(row["level"]))


def cannot_tell(asked: Asked, reason: str, numbers: Mapping[str, float] | None = None) -> Check:
    """Say that the assumption could not be tested, and why."""
    return answer(asked, "cannot tell", reason, NOT_RUN, numbers or {})


def answer(
    asked: Asked,
    verdict: Verdict,
    finding: str,
    power: str,
    numbers: Mapping[str, float],
    decimals: int | dict[str, int] = 2,
) -> Check:
    """Make the check, the numbers of its words beside it, rounded as the words say them."""
    return Check(
        asked.assumption,
        asked.question,
        verdict,
        finding,
        power,
        asked.consequence,
        values_table(dict(numbers), decimals),
        name=asked.name,
    )


def answer_by(
    asked: Asked,
    seen: Seen,
    matters: float,
    what: str,
    *,
    harmless: float | None = None,
    unit: str = "",
    measure: str = "would be enough to make the answer",
    decimals: int | None = None,
) -> Check:
    """Judge an estimate that ought to be zero: `what` was seen, and what size would matter.

    `harmless` is `matters` where it is not given. `measure` says by what standard `matters` was
    chosen; it follows that number. An estimate without an interval cannot tell.
    """
    numbers = [seen.estimate, seen.low, seen.high, seen.reach]
    if not np.isfinite(numbers).all() or seen.reach > HOPELESS * matters:
        return cannot_tell(asked, "With so few to compare, no interval that says anything is found")
    bound = matters if harmless is None else harmless
    verdict = judge(seen.low, seen.high, seen.reach, bound, matters)
    fine = {"seen": seen.estimate, "low": seen.low, "high": seen.high, "detectable": seen.reach}
    fine["matters"] = matters
    places = decimals_for(*fine.values()) if decimals is None else decimals
    after = f" {unit}" if unit else ""
    within = interval(seen.low, seen.high, seen.level, places)
    said = {
        "passes": "No sign of one that matters",
        "concern": "That is more than chance explains",
        "cannot tell": "Not shown, but one that matters could have been missed",
    }[verdict]
    return answer(
        asked,
        verdict,
        f"{what}: {number(seen.estimate, places)}{after} ({within}). {said}",
        f"Would find {number(seen.reach, places)}{after} or more four times in five; "
        f"{number(matters, places)}{after} {measure}",
        fine | {"level": 100 * seen.level},
        dict.fromkeys(fine, places),
    )
