"""Checks of a study of carers: who answered, who was lost, and whether that makes the answer."""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.judging import POWER, judge
from evalkit.inference.estimates import Estimate
from evalkit.measures.carers import SACE_DOMAINS
from evalkit.measures.carers_lost import find_tipping_point
from evalkit.measures.carers_study import Compared, Described, pick_estimand
from evalkit.measures.measurement_invariance import LARGEST_CFI_FALL, LARGEST_RMSEA_RISE
from evalkit.results import Check, Verdict
from evalkit.results.words import interval, number, values_table
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

WHOLE = 90.0
"""Per cent of carers who answered any domain who should have answered all six."""
LOST_GAP = 10.0
"""Percentage points by which shares lost may differ between arms."""


def check_carers(described: Described, compared: Compared, parameters: UnpaidCarers) -> list[Check]:
    """Ask what a score of carers rests on; of an effect, whether losses or the past make it."""
    checks = [check_whole(described), check_same(described)]
    if compared.is_empty or compared.lost_gap is None or compared.first_gap is None:
        return checks
    lost = check_lost(compared.lost_gap, parameters)
    return [
        *checks,
        check_first_wave(compared.first_gap, parameters),
        lost,
        check_estimands(compared, parameters, lost_alike=lost.verdict != "concern"),
        check_shift(compared, parameters),
        check_earlier_change(),
    ]


def check_whole(described: Described) -> Check:
    """Ask of how many who answered any domain all six are there: the score needs them all."""
    answers = described.carers.rows[list(SACE_DOMAINS)].notna()
    some = answers.any(axis=1)
    share = 100 * float(answers[some].all(axis=1).mean())
    return Check(
        "Nearly everybody who answers, answers all six domains",
        "Of those who answered any domain, how many have a score?",
        "passes" if share >= WHOLE else "concern",
        f"{number(share, 0)}% of answers are whole",
        f"Below {number(WHOLE, 0)}% it is a concern",
        "If it fails, those with a score differ from those without one",
        values_table({"whole": share, "limit": WHOLE}, 0),
        name="whole_answers",
    )


def check_same(described: Described) -> Check:
    """Ask whether the score measures the same in units with the programme and without."""
    words = (
        "The score measures the same in both kinds of unit",
        "How much worse do the six questions fit when both are told by one scale?",
    )
    consequence = "If it fails, a difference may lie in how questions are understood"
    if described.same.empty:
        said = "Units are of one kind, or the six questions do not measure one thing"
        return Check(*words, "cannot tell", said, "", consequence, name="same_measure")
    steps = described.same
    fall, rise = -float(steps["cfi_change"].min()), float(steps["rmsea_change"].max())
    poor = steps["holds"].iloc[0] == "no"
    verdict: Verdict = "cannot tell"
    if steps["holds"].iloc[-1] == "yes":
        verdict = "passes"
    elif fall > LARGEST_CFI_FALL and not poor:
        verdict = "concern"
    return Check(
        *words,
        verdict,
        f"From step to step CFI falls by {number(fall, 3)} at most, and RMSEA rises by "
        f"{number(rise, 3)}" + (", and one scale fits poorly to begin with" if poor else ""),
        f"A fall of more than {LARGEST_CFI_FALL:.3f} is a concern; where RMSEA alone rises by more "
        f"than {LARGEST_RMSEA_RISE:.3f} it cannot be told",
        consequence,
        values_table(
            {
                "cfi_fall": fall,
                "rmsea_rise": rise,
                "cfi_limit": LARGEST_CFI_FALL,
                "rmsea_limit": LARGEST_RMSEA_RISE,
            },
            3,
        ),
        name="same_measure",
    )


def check_first_wave(gap: Estimate, parameters: UnpaidCarers) -> Check:
    """Ask whether both kinds of unit began alike."""
    matters = parameters.minimum_important_difference or abs(gap.std_error)
    reach = _reach(gap)
    return Check(
        "Carers of both kinds of unit began alike",
        "How far apart was quality of life at the first wave?",
        judge(gap.conf_low, gap.conf_high, reach, matters / 2, matters),
        f"With the programme less without: {number(gap.estimate)} points "
        f"({interval(gap.conf_low, gap.conf_high, gap.level)})",
        f"A difference of {number(reach)} would have been found four times in five",
        "If it fails, carers who began elsewhere may have changed otherwise in any case",
        _values(gap, reach),
        name="first_wave",
    )


def check_lost(gap: Estimate, parameters: UnpaidCarers) -> Check:
    """Ask whether as many carers were lost with the programme as without.

    Whole percentage points alone are said: finer ones would undo the rounding of counts.
    """
    reach = _reach(gap)
    return Check(
        "The programme did not change who goes on caring and answers",
        "Were more carers lost in one kind of unit than in the other?",
        judge(gap.conf_low, gap.conf_high, reach, LOST_GAP / 2, LOST_GAP),
        f"With the programme less without: {number(gap.estimate, 0)} percentage points "
        f"({interval(gap.conf_low, gap.conf_high, gap.level, 0)})",
        f"A difference of {number(reach, 0)} would have been found four times in five",
        "If it fails, those who still care are other people in the two, and an effect on them may "
        "be a difference between people",
        _values(gap, reach, decimals=0),
        name="lost_alike",
    )


def check_estimands(compared: Compared, parameters: UnpaidCarers, *, lost_alike: bool) -> Check:
    """Ask whether the answer depends on whose quality of life is counted; blocks if it does.

    Where more were lost in one kind of unit, those left are other people: the answer then stands
    only where both ways of counting say the same.
    """
    both = {n: pick_estimand(compared.estimands, n) for n in ("while_caring", "treatment_policy")}
    sizes = {name: float(row["estimate"]) for name, row in both.items()}
    sides = {_side(row) for row in both.values()}
    apart = abs(sizes["while_caring"] - sizes["treatment_policy"])
    matters = parameters.minimum_important_difference or np.inf
    against = np.prod(list(sizes.values())) < 0 and apart >= matters / 2
    unsure = not lost_alike and len(sides) > 1
    verdict: Verdict = "concern" if against or unsure or apart >= matters else "passes"
    return Check(
        "The answer does not depend on whose quality of life is counted",
        "How far apart are the effects on those who still care, and on all who were asked?",
        verdict,
        f"Those who still care: {number(sizes['while_caring'])} points; all: "
        f"{number(sizes['treatment_policy'])}; apart: {number(apart)}",
        "Apart by as much as matters, or by half of it on two sides of zero, is a concern; where "
        "more were lost in one kind of unit, so is an effect that only one of them shows",
        "If it fails, what became of caring makes the answer, not the quality of life",
        values_table({**sizes, "apart": apart}),
        name="estimands_agree",
        blocks=True,
    )


def check_shift(compared: Compared, parameters: UnpaidCarers) -> Check:
    """Ask how much those lost must have differed from others like them to undo the answer."""
    row = pick_estimand(compared.estimands, "treatment_policy")
    side = _side(row)
    words = (
        "Those lost with the programme fared as others like them",
        "How much must they have differed before the answer changes?",
    )
    consequence = "If it fails, what nobody was told by those lost could undo the answer"
    limit = parameters.lost_shift
    if side == 0:
        said = "Of all who were asked there is no clear effect that they could undo"
        return Check(*words, "cannot tell", said, "", consequence, name="lost_fared")
    tip = find_tipping_point(compared.estimands, side)
    worse = "worse" if side > 0 else "better"
    if np.isinf(tip):
        most = 2 * limit
        said = f"Not even {number(most)} points {worse} would undo it, the most that was tried"
        table = values_table({"tried": most, "limit": limit})
        return Check(*words, "passes", said, "", consequence, table, name="lost_fared")
    return Check(
        *words,
        "passes" if abs(tip) >= limit else "concern",
        f"{number(abs(tip))} points {worse} would undo it",
        f"Less than {number(limit)} points is a concern",
        consequence,
        values_table({"tipping_point": abs(tip), "limit": limit}),
        name="lost_fared",
    )


def check_earlier_change() -> Check:
    """Say that one wave before cannot show whether both would have changed alike."""
    return Check(
        "Without the programme carers of both kinds of unit would have changed alike",
        "Did they change alike before?",
        "cannot tell",
        "There is a single wave before the programme",
        "",
        "If it fails, the difference in change is not the programme's",
        name="earlier_change",
    )


def _side(row: "pd.Series[float]") -> int:
    """1 where the interval lies above zero, -1 where it lies below, 0 where zero is in it."""
    return int(row["conf_low"] > 0) - int(row["conf_high"] < 0)


def _reach(gap: Estimate) -> float:
    """Size of a difference that the interval excludes zero for, four times in five."""
    df = gap.df if np.isfinite(gap.df) else 1e9
    quantiles = stats.t.ppf([0.5 + gap.level / 2, POWER], df)
    return float(quantiles.sum() * gap.std_error)


def _values(gap: Estimate, reach: float, *, decimals: int = 2) -> pd.DataFrame:
    held = {"difference": gap.estimate, "low": gap.conf_low, "high": gap.conf_high}
    return values_table(held | {"reach": reach}, decimals)
