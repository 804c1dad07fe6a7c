"""Checks of value for money: are costs all there, would the gain have come anyway, can it show."""

from typing import Any

import pandas as pd

from evalkit.checks.judging import judge
from evalkit.errors import AnalysisError
from evalkit.measures.cost_lines import count_gaps, find_absent
from evalkit.measures.value_by_design import (
    TOO_SHORT,
    estimate_answering,
    estimate_by_design,
    estimate_earlier,
    share_at_best,
)
from evalkit.measures.value_for_money import Value
from evalkit.measures.value_sample import ValueSample
from evalkit.results import Check, Verdict, pick_row
from evalkit.results.words import interval, listed, number, values_table
from evalkit.study.schemas.value_for_money import ValueForMoney

FEWEST = 5
"""Clusters a side below which resampling of clusters is not to be relied on."""

AT_BEST = 50.0
"""Per cent of answers at the best value from which a scale has too little room for a gain."""

REACH = 2.8
"""Standard errors that a test at 5% finds four times in five (Bloom 1995)."""

MISSED = 5.0
"""Per cent of unit-periods without a cost from which costs may be missing."""


def check_value(
    sample: ValueSample, units: pd.DataFrame, value: Value, parameters: ValueForMoney
) -> list[Check]:
    """Ask what a statement on costs and gains rests on."""
    return [
        check_earlier(sample, units, value, parameters),
        check_answering(sample, value, parameters),
        check_scale(sample, parameters),
        check_second_opinion(sample, value, parameters),
        check_costs(sample, parameters),
        check_clusters(sample),
    ]


def check_earlier(
    sample: ValueSample, units: pd.DataFrame, value: Value, parameters: ValueForMoney
) -> Check:
    """Ask whether the outcome moved before the start already; only then is all claim taken back."""
    words = (
        "Without the intervention, experience would have changed alike in both kinds of unit",
        "Did it change differently before the start already?",
    )
    consequence = "If it fails, the gain is not the intervention's, and no cost per gain is given"
    found = estimate_earlier(sample, units, parameters)
    if found is None:
        reason = f"There are fewer than {TOO_SHORT} periods before the start"
        return Check(*words, "cannot tell", reason, "", consequence, name="earlier")
    moved, low, high, error = found
    reach, verdict = _judge_against_gain(low, high, error, value, parameters)
    return Check(
        *words,
        verdict,
        f"Before the start the difference moved by {number(moved)} {parameters.outcome_unit} "
        f"({interval(low, high, parameters.confidence_level)})",
        f"A movement of {number(reach)} would have been found four times in five",
        consequence,
        values_table({"moved": moved, "low": low, "high": high, "reach": reach}),
        name="earlier",
        blocks=verdict == "concern",
    )


def check_answering(sample: ValueSample, value: Value, parameters: ValueForMoney) -> Check:
    """Ask whether the gain comes from who answered: some may have stopped answering."""
    words = (
        "What changed in who answers, by deprivation, does not make the gain",
        "What would the change in who answered, by deprivation, do to the gain by itself?",
    )
    consequence = "If it fails, the gain may come from who answers, and not from care"
    found = estimate_answering(sample, parameters)
    if found is None:
        reason = "The deprivation of those who answered is not in the data"
        return Check(*words, "cannot tell", reason, "", consequence, name="answering")
    moved, low, high, error = found
    reach, verdict = _judge_against_gain(low, high, error, value, parameters)
    return Check(
        *words,
        verdict,
        f"By itself it moves the gain by {number(moved)} {parameters.outcome_unit} "
        f"({interval(low, high, parameters.confidence_level)})",
        f"A movement of {number(reach)} would have been found four times in five",
        consequence,
        values_table({"moved": moved, "low": low, "high": high, "reach": reach}),
        name="answering",
        blocks=verdict == "concern",
    )


def _judge_against_gain(
    low: float, high: float, error: float, value: Value, parameters: ValueForMoney
) -> tuple[float, Verdict]:
    """Return what would have been found, and whether a movement matters beside the gain."""
    gain = abs(float(pick_row(value.consequences, key="outcome")["difference"]))
    matters = max(gain, parameters.minimum_important_difference or 0.0)
    reach = REACH * error
    return reach, judge(low, high, reach, matters / 2, matters)


def check_scale(sample: ValueSample, parameters: ValueForMoney) -> Check:
    """Ask whether the scale has room for a gain."""
    share = share_at_best(sample, parameters)
    full = share >= AT_BEST
    return Check(
        "The scale has room to show a gain",
        "How many gave the best value before the start already?",
        "concern" if full else "passes",
        f"{number(share, 1)}% of answers before the start had the best value",
        f"From {number(AT_BEST, 0)}% it is a concern",
        "If it fails, a gain cannot show, and its absence cannot be told from none",
        values_table({"at_best": share, "limit": AT_BEST}, {"at_best": 1, "limit": 0}),
        name="scale",
        blocks=bool(full),
    )


def check_second_opinion(sample: ValueSample, value: Value, parameters: ValueForMoney) -> Check:
    """Ask whether a design with its own inference finds the same gain over all periods."""
    several = len(sample.starts) > 1
    design = "staggered adoption" if several else "difference-in-differences over all periods"
    words = ("A design with its own inference finds the same gain", f"What does {design} find?")
    consequence = "If it fails, the gain depends on how periods and units are weighted"
    try:
        row: pd.Series[Any] = estimate_by_design(sample, parameters)
    except AnalysisError as error:
        reason = f"The design cannot be used here: {error}"
        return Check(*words, "cannot tell", reason, "", consequence, name="second_opinion")
    gain = pick_row(value.consequences, key="outcome")
    low, high = float(row["conf_low"]), float(row["conf_high"])
    alike = low <= gain["difference"] <= high
    return Check(
        *words,
        "passes" if alike else "concern",
        f"{number(row['estimate'])} {parameters.outcome_unit} "
        f"({interval(low, high, parameters.confidence_level)}); here {number(gain['difference'])}",
        "A comparison of two ways, not a test",
        consequence,
        values_table(
            {"design": row["estimate"], "low": low, "high": high, "here": gain["difference"]}
        ),
        name="second_opinion",
    )


def check_costs(sample: ValueSample, parameters: ValueForMoney) -> Check:
    """Ask whether every kind of cost is there, in every unit and period with the intervention."""
    absent = find_absent(sample, parameters)
    silent, all_ = count_gaps(sample)
    share = 100 * silent / all_ if all_ else 100.0
    verdict: Verdict = "concern" if absent or share >= MISSED else "passes"
    named = listed([item.replace("_", " ") for item in absent]) if absent else "nothing"
    return Check(
        "Every cost is there",
        "Which kinds of cost are missing, and in how many units and periods is none recorded?",
        verdict,
        f"Missing: {named}; {number(share, 1)}% of units and periods have no cost",
        f"A kind that is missing, or {number(MISSED, 0)}% of units and periods, is a concern",
        "A cost left out makes a gain look cheaper than it is",
        values_table(
            {"absent": len(absent), "without_cost": share, "limit": MISSED},
            {"absent": 0, "without_cost": 1, "limit": 0},
        ),
        name="costs",
    )


def check_clusters(sample: ValueSample) -> Check:
    """Ask whether there are enough clusters on either side to be resampled."""
    ever = sample.units.groupby("cluster")["treated"].max()
    with_, without = int((ever == 1).sum()), int((ever == 0).sum())
    return Check(
        "There are at least five clusters on either side",
        "How many clusters stand on each side?",
        "passes" if min(with_, without) >= FEWEST else "concern",
        f"{with_} with the intervention and {without} without",
        f"Fewer than {FEWEST} on a side is a concern",
        "With few clusters the intervals are too narrow",
        values_table({"side_with": with_, "side_without": without, "limit": FEWEST}, 0),
        name="clusters",
    )
