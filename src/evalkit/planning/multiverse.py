"""The multiverse of a study: the analyses that its protocol allows, as one table and one summary.

What the alternatives are stands in the parameters (`alternatives`), so that it is registered with
the rest of the plan. Sources: Steegen, Tuerlinckx, Gelman and Vanpaemel 2016, Perspectives on
Psychological Science 11:702-712; Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour
4:1208-1214.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.judging import Estimate
from evalkit.designs.imputed import with_few_imputations
from evalkit.errors import AnalysisError
from evalkit.planning.specification_curve import infer_jointly, tabulate_specifications
from evalkit.study.alternative_rules import OUTCOME

JOINT_DRAWS = 99
"""Times that starts are given out anew; each runs every analysis."""

PLANNED, ALLOWED = "The plan's own", "Also allowed"
"""Which analysis a row is; the chart marks the first of the two."""


@dataclass(frozen=True, slots=True)
class Multiverse:
    """All analyses of one study.

    `curve` has a row for each that could be estimated, from the lowest estimate up: `rank,
    analysis`, a column a choice in words, and the numbers. `failed` counts those that could not.
    `joint` is the test of all together; it is empty where nothing can be exchanged.
    """

    curve: pd.DataFrame
    failed: int
    joint: pd.DataFrame


def run_multiverse(
    table: pd.DataFrame, parameters: Any, estimate: Estimate, *, draws: int = JOINT_DRAWS
) -> Multiverse | None:
    """Run every analysis that the plan allows; None where it allows no other than its own.

    Raises AnalysisError where none can be estimated.
    """
    allowed = parameters.alternatives
    if not allowed:
        return None
    curve, failed = tabulate_specifications(table, parameters, estimate, allowed)
    try:
        quick = with_few_imputations(parameters)
        joint = infer_jointly(table, quick, estimate, allowed, draws=draws)
    except AnalysisError:
        joint = pd.DataFrame()
    return Multiverse(_name_analyses(curve, parameters), failed, joint)


def summarise_multiverse(multiverse: Multiverse) -> dict[str, float]:
    """Sum up: how many analyses, where their estimates lie, and what they say together.

    Counts, estimates in the outcome's units, and p-values where there is a joint test: `p_median`
    of the middle estimate, `p_beyond_zero` of how many intervals leave out zero on the usual side.
    """
    curve, joint = multiverse.curve, multiverse.joint
    estimates = curve["estimate"]
    middle = float(estimates.median())
    above, below = int((curve["conf_low"] > 0).sum()), int((curve["conf_high"] < 0).sum())
    told: dict[str, float] = {
        "analyses": len(curve) + multiverse.failed,
        "estimated": len(curve),
        "lowest": float(estimates.min()),
        "median": middle,
        "highest": float(estimates.max()),
        "same_side": int((np.sign(estimates) == np.sign(middle)).sum()),
        "above_zero": above,
        "below_zero": below,
    }
    if joint.empty:
        return told
    p_value = joint.set_index("statistic")["p_value"]
    return told | {
        "p_median": float(p_value["median estimate"]),
        "p_beyond_zero": float(p_value["share of intervals beyond zero"]),
        "draws": int(joint["draws"].iloc[0]),
    }


def _name_analyses(curve: pd.DataFrame, parameters: Any) -> pd.DataFrame:
    """Say which analysis is the plan's own, and name the outcome's facet."""
    named = curve.drop(columns="main")
    named.insert(1, "analysis", np.where(curve["main"], PLANNED, ALLOWED))
    if OUTCOME in named:
        named[OUTCOME] = named[OUTCOME].replace(OUTCOME, parameters.outcome_facet)
    return named
