"""Checks of a dose: that it moved, over doses that can be compared, straight on and one way.

They read what the design shows beside its estimate: `dose_variation`, `dose_bands`, `dose_steps`,
`bend_tests` and `curve`.
"""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.asked import DESCRIPTION, NOT_RUN, Asked, answer, cannot_tell
from evalkit.checks.judging import POWER, Estimate, p_words, shown_p, worst
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

MOVEMENT = Asked(
    "dose_moves",
    "The dose moves within units by more than what is held fixed explains",
    "How many units' doses change, and how much of the dose's variation is left to compare?",
    "If it fails, neither an effect nor its absence can be shown from these data",
)
STRAIGHT = Asked(
    "straight",
    "A step more of the dose does the same wherever one starts",
    "Does the curve bend?",
    "If it fails, the answer is an average over doses, and a step may do more or less than it says",
)
OVERLAP = Asked(
    "dose_overlap",
    "Every dose was had by units that also had others",
    "Can the bands of dose be compared within units, and how many units were in each?",
    "If it fails, the answer reaches over doses at which nobody was compared",
)
ONE_WAY = Asked(
    "one_way",
    "More of the dose goes the same way from the least to the most",
    "Does a step from one band of dose to the next go against the slope?",
    "If it fails, more is not always better or always worse, and one slope misleads",
)
FEWEST_MOVING = 10
LEAST_LEFT = 0.05
"""Share of the dose's variation that must be left within units, periods and adjusters."""


def check_dose_moves(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Count the units whose dose changes, and what is left of it to compare."""
    found = result.tables["dose_variation"].set_index("measure")["value"]
    moving, units = (int(found[name]) for name in ("units whose dose changes", "units"))
    left = float(found["share left within units, periods and adjusters"])
    enough = moving >= FEWEST_MOVING and left >= LEAST_LEFT
    return answer(
        MOVEMENT,
        "passes" if enough else "concern",
        f"The dose changes in {moving} of {counted(units, 'unit')}; of its variation "
        f"{number(100 * left, 0)}% is left within units, periods and what is held fixed",
        DESCRIPTION,
        {"moving": moving, "units": units, "share_left": 100 * left},
        0,
    )


def check_dose_overlap(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Ask whether units link every band with the others, and whether enough units were in each."""
    bands = result.tables["dose_bands"]
    if len(bands) < 2:
        return cannot_tell(OVERLAP, "There is one band of dose only, so no others to compare with")
    apart, fewest = int(bands["mean_outcome"].isna().sum()), int(bands["units"].min())
    verdict: Verdict = "passes" if fewest >= FEWEST_MOVING else "cannot tell"
    verdict = "concern" if apart else verdict
    said = {
        "passes": "All can be compared",
        "concern": f"{counted(apart, 'band')} cannot be compared with the others",
        "cannot tell": "All can be compared, but the smallest rests on few units",
    }[verdict]
    return answer(
        OVERLAP,
        verdict,
        f"{counted(len(bands), 'band')} of dose, the smallest with {counted(fewest, 'unit')}. "
        f"{said}",
        f"A description, not a test; {FEWEST_MOVING} units in each are asked for",
        {"bands": len(bands), "apart": apart, "fewest": fewest, "asked_for": FEWEST_MOVING},
        0,
    )


def check_one_way(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge every step between bands by how far it may go against the slope.

    The steps' intervals hold for all together, so no more is asked of them here.
    """
    steps = result.tables["dose_steps"]
    ends = steps[["conf_low", "conf_high"]].to_numpy(float)
    if steps.empty or not np.isfinite(ends).all():
        return cannot_tell(ONE_WAY, "There are no two bands of dose that can be compared")
    sign = -1.0 if float(result.headline["estimate"]) >= 0 else 1.0
    against = sign * steps["difference"].to_numpy(float)
    half = np.ptp(ends, axis=1) / 2
    tail = (1 - parameters.confidence_level) / len(steps) / 2
    reach = half * (1 + stats.norm.ppf(POWER) / stats.norm.isf(tail))
    matters = float(parameters.minimum_important_difference)
    verdict = worst(
        [_judge_step(*step, matters) for step in zip(against, half, reach, strict=True)]
    )
    return _word_steps(verdict, against, float(reach.max()), matters, parameters)


def _judge_step(against: float, half: float, reach: float, matters: float) -> Verdict:
    """A step with the slope is harmless, however large; one against it as soon as it matters."""
    if against + half < matters:
        return "passes"
    if against - half > 0:
        return "concern"
    return "passes" if reach <= matters else "cannot tell"


def _word_steps(
    verdict: Verdict, against: Floats, reach: float, matters: float, parameters: Any
) -> Check:
    unit, worst_step = parameters.outcome_unit, max(0.0, float(against.max()))
    decimals = decimals_for(worst_step, reach, matters)
    said = {
        "passes": "No sign of one that matters",
        "concern": "That is more than chance explains",
        "cannot tell": "Not shown, but one that matters could have been missed",
    }[verdict]
    found = f"the furthest by {number(worst_step, decimals)} {unit}"
    contrary = int((against > 0).sum())
    return answer(
        ONE_WAY,
        verdict,
        f"Of {counted(len(against), 'step')} from band to band, {contrary or 'none'} "
        f"{'go' if contrary != 1 else 'goes'} against the slope"
        f"{f', {found}' if contrary else ''}. {said}",
        f"Would find {number(reach, decimals)} {unit} against it four times in five at every step; "
        f"{number(matters, decimals)} is taken to matter",
        {
            "steps": len(against),
            "against": contrary,
            "furthest": worst_step,
            "detectable": reach,
            "matters": matters,
        },
        dict.fromkeys(("furthest", "detectable", "matters"), decimals),
    )


def check_straight(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Test for a bend; where none is found, ask whether one that matters could have been missed."""
    tests, curve = result.tables["bend_tests"].dropna(subset=["p_value"]), result.tables["curve"]
    if tests.empty:
        return cannot_tell(STRAIGHT, "There are too few different doses to see a bend")
    smallest = min(1.0, len(tests) * float(tests["p_value"].min()))
    wide = curve.pivot_table(index="dose", columns="shape", values="difference")
    apart = float(wide.drop(columns="linear").sub(wide["linear"], axis=0).abs().max().max())
    matters = float(parameters.minimum_important_difference)
    verdict: Verdict = "passes" if apart < matters else "cannot tell"
    if smallest < 1 - parameters.confidence_level:
        verdict = "concern"
    decimals = decimals_for(apart, matters)
    said = {
        "passes": "No sign of a bend that matters",
        "concern": "It bends",
        "cannot tell": "No bend is shown, but the curves drawn are that far from straight",
    }[verdict]
    return answer(
        STRAIGHT,
        verdict,
        f"Curves that may bend run up to {number(apart, decimals)} {parameters.outcome_unit} from "
        f"the straight one ({p_words(smallest)} for a bend). {said}",
        f"A bend of {number(matters, decimals)} is taken to matter" if apart else NOT_RUN,
        {"furthest": apart, "p_value": shown_p(smallest), "matters": matters},
        {"furthest": decimals, "matters": decimals, "p_value": 3},
    )
