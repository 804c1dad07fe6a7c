"""Checks of a study of inequalities: who is known, who answers, and whether gaps moved before."""

import pandas as pd

from evalkit.checks.judging import judge, reach_of
from evalkit.equity.gap_change import CHANGE, estimate_gap_change
from evalkit.equity.study import Opened
from evalkit.errors import AnalysisError
from evalkit.results import Check, Verdict, pick_row
from evalkit.results.words import interval, number, values_table
from evalkit.study.schemas.health_inequalities import HealthInequalities

KNOWN = 90.0
"""Per cent of rows of which a characteristic should be known."""

RATE_GAP = 10.0
"""Percentage points by which two groups' response rates may differ."""

RATE_REACH = 2.8
"""Standard errors that a test at 5% finds four times in five (Bloom 1995)."""

TOO_SHORT = 4
"""Fewest periods before the start in which a gap's own movement can be looked for."""


def check_inequalities(opened: Opened, parameters: HealthInequalities) -> list[Check]:
    """Ask what a comparison of groups rests on; of a change in the gap, whether it moved before."""
    checks = [check_known(opened.known), check_response(opened.response)]
    if opened.units is not None:
        checks.append(check_response_change(opened.response_change))
        checks.append(check_earlier_gap(opened.answers, opened.units, parameters))
    return checks


def check_known(known: pd.DataFrame) -> Check:
    """Ask of how many the characteristics are known: those not known may fare differently."""
    least = known.sort_values("share", kind="stable").iloc[0]
    verdict: Verdict = "passes" if least["share"] >= KNOWN else "concern"
    return Check(
        "Groups are known of nearly everybody",
        "Of how many is each characteristic known?",
        verdict,
        f"Least often known: {str(least['dimension']).lower()}, of {number(least['share'], 1)}%",
        f"Below {number(KNOWN, 0)}% it is a concern",
        "If it fails, a group may fare better or worse than those known of it",
        values_table({"least_known": least["share"], "limit": KNOWN}, {"limit": 0}),
        name="known_groups",
    )


def check_response(response: pd.DataFrame) -> Check:
    """Ask whether groups answered alike often, by deprivation above all.

    How far apart is not said: beside the rates that are shown it would give a hidden one back.
    """
    words = (
        "Groups answered alike often",
        "Are groups' response rates far apart?",
    )
    consequence = (
        "If it fails, those who answered differ from those who did not in ways that no weighting "
        "by group mends"
    )
    if response.empty:
        return Check(
            *words,
            "cannot tell",
            "Who could have answered is not in the data",
            "",
            consequence,
            name="response",
        )
    spread = response.groupby("dimension", sort=False)["rate"].agg(lambda r: r.max() - r.min())
    widest = str(spread.idxmax())
    verdict: Verdict = "passes" if spread.max() <= RATE_GAP else "concern"
    apart = "More" if verdict == "concern" else "No more"
    return Check(
        *words,
        verdict,
        f"{apart} than {number(RATE_GAP, 0)} percentage points apart: {widest.lower()}",
        f"More than {number(RATE_GAP, 0)} percentage points is a concern",
        consequence,
        values_table({"limit": RATE_GAP}, 0),
        name="response",
    )


def check_response_change(moved: pd.DataFrame) -> Check:
    """Ask whether the poorest came to answer more or less often where the programme came."""
    words = (
        "The programme did not change who answers",
        "Did the response of the most deprived fifth move against the rest's?",
    )
    consequence = "If it fails, the change in the gap may come from who answers, not from care"
    if moved.empty:
        return Check(
            *words,
            "cannot tell",
            "Who could have answered is not known by provider and period",
            "",
            consequence,
            name="response_change",
        )
    row = moved.iloc[0]
    reach = RATE_REACH * float(row["error"])
    verdict = judge(row["low"], row["high"], reach, RATE_GAP / 2, RATE_GAP)
    return Check(
        *words,
        verdict,
        f"The response rate of the most deprived fifth, less the rest's, moved by "
        f"{number(row['change'], 1)} percentage points "
        f"({interval(row['low'], row['high'], 0.95, 1)})",
        f"A movement of {number(reach, 1)} would have been found four times in five",
        consequence,
        values_table({**{str(k): v for k, v in row.items()}, "reach": reach}, 1),
        name="response_change",
    )


def check_earlier_gap(
    answers: pd.DataFrame, units: pd.DataFrame, parameters: HealthInequalities
) -> Check:
    """Ask whether the gap moved already before the start, as if it had begun half-way there."""
    found = _placebo(answers, units, parameters)
    words = (
        "Without the intervention the gap would have moved alike in both kinds of unit",
        "Did the gap change before the start, in units that were to have the intervention?",
    )
    consequence = "If it fails, the change in the gap is not the intervention's"
    if isinstance(found, str):
        return Check(*words, "cannot tell", found, "", consequence, name="earlier_gap", blocks=True)
    low, high, reach = float(found["conf_low"]), float(found["conf_high"]), reach_of(found)
    matters = max(abs(float(found["whole"])), parameters.minimum_important_difference or 0.0)
    verdict = judge(low, high, reach, matters / 2, matters)
    ends = interval(low, high, parameters.confidence_level)
    return Check(
        *words,
        verdict,
        f"Before the start the gap moved by {number(found['estimate'])} "
        f"{parameters.outcome_unit} ({ends})",
        f"A movement of {number(reach)} would have been found four times in five",
        consequence,
        values_table({"moved": found["estimate"], "low": low, "high": high, "reach": reach}),
        name="earlier_gap",
        blocks=True,
    )


def _placebo(
    answers: pd.DataFrame, units: pd.DataFrame, parameters: HealthInequalities
) -> "pd.Series[float] | str":
    """Estimate the gap's change before the start; or say why that cannot be."""
    first = units["start"].dropna().min()
    before = answers[answers["period"] < first]
    periods = sorted(before["period"].unique())
    if len(periods) < TOO_SHORT:
        return f"There are fewer than {TOO_SHORT} periods before the first start"
    middle = periods[len(periods) // 2]
    moved = units.assign(start=units["start"].mask(units["start"].notna(), middle))
    try:
        early = estimate_gap_change(before, moved, parameters)
        whole = estimate_gap_change(answers, units, parameters)
    except AnalysisError as fault:
        return str(fault).partition(". ")[0]
    row = pick_row(early, group=CHANGE)
    both: pd.Series[float] = row.copy()
    both["whole"] = pick_row(whole, group=CHANGE)["estimate"]
    return both
