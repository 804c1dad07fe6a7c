"""Checks of a dose: that it moved, and that more of it does the same wherever one starts.

They read what the design shows beside its estimate: `dose_variation`, `bend_tests` and `curve`.
"""

from typing import Any

import pandas as pd

from evalkit.checks.asked import DESCRIPTION, NOT_RUN, Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate, p_words, shown_p
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
