"""Statistical process control: which points of a chart have a special cause, and what to say.

Four rules of Making Data Count, in the order in which they name a point: a point outside the
limits; a trend of seven points; two of three points near a limit; a shift of seven points to one
side of the mean. Every point of a trend or shift is named, and nothing crosses a rebase. Rules
as NHSRplotthedots applies them. A chart tells that a process changed, never why.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats

RULES = ("outside", "trend", "two_of_three", "shift")
"""The rules in their order: a point is named by the first that applies."""

FEWEST = 13
"""With fewer points the limits are uncertain, which a chart must say."""

Improvement = Literal["higher", "lower", "neither"]
Kind = Literal[
    "common_cause",
    "special_cause_improvement",
    "special_cause_concern",
    "special_cause_neutral_high",
    "special_cause_neutral_low",
]
Assurance = Literal["consistent_pass", "consistent_fail", "inconsistent"]

VARIATION_WORDS: dict[str, str] = {
    "common_cause": "Common cause variation: no sign of change",
    "special_cause_improvement": "Special cause variation for the better",
    "special_cause_concern": "Special cause variation that gives concern",
    "special_cause_neutral_high": "Special cause variation, high",
    "special_cause_neutral_low": "Special cause variation, low",
}
ASSURANCE_WORDS: dict[str, str] = {
    "consistent_pass": "Can be expected to meet the target",
    "consistent_fail": "Can be expected to miss the target unless the process changes",
    "inconsistent": "Will sometimes meet the target and sometimes miss it, by chance",
}


@dataclass(frozen=True, slots=True)
class Conventions:
    """How the rules count; the defaults are those of Making Data Count.

    `trend_points` 7 is six successive differences of one sign. `near_outside` lets points outside
    the limits count as near; `same_side` asks that all three of two in three lie on one side.
    """

    trend_points: int = 7
    shift_points: int = 7
    near_outside: bool = False
    same_side: bool = True


@dataclass(frozen=True, slots=True)
class ChartSummary:
    """The icons of a chart in words: variation of the latest point, assurance against a target.

    `assurance` is None without a target or a better direction. `remarks` are warnings.
    """

    variation: Kind
    assurance: Assurance | None
    words: str
    remarks: tuple[str, ...]


def apply_rules(chart: pd.DataFrame, conventions: Conventions | None = None) -> pd.DataFrame:
    """Say of each point of a chart which rules apply: yes/no columns named as `RULES`."""
    chosen = conventions or Conventions()
    found = [_rules_of(part, chosen) for _, part in chart.groupby("part", sort=True)]
    return pd.concat(found)


def name_points(
    chart: pd.DataFrame,
    improvement: Improvement = "higher",
    conventions: Conventions | None = None,
) -> pd.DataFrame:
    """Return the chart with `rule` (first that applies, or empty) and `kind` of each point.

    A special cause is for the better where its point lies on the better side of the mean.
    """
    rules = apply_rules(chart, conventions)
    first = np.select([rules[name] for name in RULES], RULES, default="")
    rising = (chart["value"].diff() > 0).to_numpy()
    side = np.sign(chart["value"].to_numpy(float) - chart["mean"].to_numpy(float))
    high = (side > 0) | ((side == 0) & rising)
    if improvement == "neither":
        special = np.where(high, "special_cause_neutral_high", "special_cause_neutral_low")
    else:
        better = high == (improvement == "higher")
        special = np.where(better, "special_cause_improvement", "special_cause_concern")
    return chart.assign(rule=first, kind=np.where(first == "", "common_cause", special))


def judge_target(
    chart: pd.DataFrame, target: float | None, improvement: Improvement
) -> Assurance | None:
    """Say whether the process as it now is will meet a target, from the last point's limits."""
    if target is None or improvement == "neither":
        return None
    lower, upper = float(chart["lower"].iloc[-1]), float(chart["upper"].iloc[-1])
    if lower <= target <= upper:
        return "inconsistent"
    return "consistent_fail" if (target > upper) == (improvement == "higher") else "consistent_pass"


def summarise_chart(
    points: pd.DataFrame,
    improvement: Improvement = "higher",
    *,
    target: float | None = None,
    fix_after: int | None = None,
) -> ChartSummary:
    """Put the latest point's variation and the assurance into words, with what limits them.

    `points` as `name_points` returns them; `fix_after` as the chart was made with.
    """
    if "kind" not in points:
        raise AnalysisError("points: their kind is not known. Name them with name_points first.")
    kind: Kind = points["kind"].iloc[-1]
    assurance = judge_target(points, target, improvement)
    said = [VARIATION_WORDS[kind]]
    if assurance is not None:
        said.append(ASSURANCE_WORDS[assurance])
    words = ". ".join(said) + "."
    return ChartSummary(kind, assurance, words, _warn_short(points, fix_after))


def _warn_short(points: pd.DataFrame, fix_after: int | None) -> tuple[str, ...]:
    sizes = points.groupby("part").size().clip(upper=fix_after)
    short = int((sizes < FEWEST).sum())
    if not short:
        return ()
    which = "The limits" if len(sizes) == 1 else f"The limits of {short} of {len(sizes)} parts"
    return (
        f"{which} rest on fewer than {FEWEST} points (the fewest: {int(sizes.min())}), so they are "
        "uncertain.",
    )


def _rules_of(part: pd.DataFrame, conventions: Conventions) -> pd.DataFrame:
    value, mean, lower, upper, near_lower, near_upper = (
        part[name].to_numpy(float)
        for name in ("value", "mean", "lower", "upper", "near_lower", "near_upper")
    )
    outside = (value > upper) | (value < lower)
    side = np.sign(value - mean)
    near = ((value > near_upper) | (value < near_lower)) & (conventions.near_outside | ~outside)
    steps = np.sign(np.diff(value))
    return pd.DataFrame(
        {
            "outside": outside,
            "trend": _in_trend(steps, conventions.trend_points),
            "two_of_three": _two_of_three(near, side, conventions.same_side),
            "shift": _in_run(side, conventions.shift_points),
        },
        index=part.index,
    )


def _in_run(signs: Floats, length: int) -> Flags:
    """Flag members of runs of `length` and more equal signs; zero ends a run."""
    flags = np.zeros(len(signs), dtype=bool)
    for end in range(length, len(signs) + 1):
        run = signs[end - length : end]
        flags[end - length : end] |= run[0] != 0 and bool(np.all(run == run[0]))
    return flags


def _in_trend(steps: Floats, points: int) -> Flags:
    """Flag points of trends: the members of runs of steps, and the point before each run."""
    moving = _in_run(steps, points - 1)
    return np.asarray(np.append(False, moving) | np.append(moving, False))


def _two_of_three(near: Flags, side: Floats, same_side: bool) -> Flags:
    """Flag near points of windows of three in which two are near one limit."""
    flags = np.zeros(len(near), dtype=bool)
    for start in range(len(near) - 2):
        window = slice(start, start + 3)
        for which in (1.0, -1.0):
            close = near[window] & (side[window] == which)
            together = not same_side or bool(np.all(side[window] == which))
            if close.sum() >= 2 and together:
                flags[window] |= close
    return flags
