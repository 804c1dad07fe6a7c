"""Which checks apply to which design, in the order in which a referee would ask.

A check that blocks is one without which its design claims nothing: it holds the assumption that
makes the comparison mean what it says, or the interval hold what it says. Some must pass, since a
comparison means nothing where they cannot be told; of others only a concern stops a claim.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from evalkit.checks.answers import check_answers, check_mode
from evalkit.checks.balance import check_balance
from evalkit.checks.carried import check_lead, check_unmeasured
from evalkit.checks.composition import check_composition, check_missing
from evalkit.checks.doses import check_dose_moves, check_straight
from evalkit.checks.groups import check_groups
from evalkit.checks.honest_trends import check_honest_trends
from evalkit.checks.judging import Estimate
from evalkit.checks.left_out import check_left_out
from evalkit.checks.likeness import (
    check_doubly_robust,
    check_hidden_cause,
    check_likeness,
    check_overlap,
)
from evalkit.checks.matched import check_control_course, check_match
from evalkit.checks.placebo_units import check_placebo_units
from evalkit.checks.placebos import check_placebo_date, check_placebo_outcomes
from evalkit.checks.pre_trends import check_pre_trends
from evalkit.checks.residual_autocorrelation import check_residual_autocorrelation
from evalkit.checks.specification import check_specification
from evalkit.checks.spill_over import check_spill_over
from evalkit.checks.threshold import (
    check_bandwidth,
    check_jumps_of_causes,
    check_placebo_thresholds,
    check_placing,
)
from evalkit.results import Check, Result

CheckFunction = Callable[[pd.DataFrame, Result, Any, Estimate], Check]

WHO_ANSWERS: tuple[CheckFunction, ...] = (
    check_composition,
    check_answers,
    check_mode,
    check_missing,
)

OF_CHANGES: tuple[CheckFunction, ...] = (
    check_pre_trends,
    check_placebo_date,
    check_placebo_outcomes,
    check_placebo_units,
    check_balance,
    check_spill_over,
    *WHO_ANSWERS,
    check_left_out,
    check_specification,
    check_groups,
)

CHECKS: dict[str, tuple[CheckFunction, ...]] = {
    "before_after": (check_placebo_date, *WHO_ANSWERS, check_left_out),
    "difference_in_differences": OF_CHANGES,
    "staggered_adoption": (OF_CHANGES[0], check_honest_trends, *OF_CHANGES[1:]),
    "interrupted_time_series": (
        check_control_course,
        check_placebo_date,
        check_placebo_outcomes,
        check_residual_autocorrelation,
        check_answers,
        check_mode,
        check_missing,
        check_specification,
    ),
    "stepped_wedge": (
        check_placebo_outcomes,
        check_spill_over,
        check_answers,
        check_mode,
        check_missing,
        check_left_out,
        check_groups,
    ),
    "synthetic_control": (
        check_match,
        check_placebo_date,
        check_placebo_outcomes,
        check_placebo_units,
        check_spill_over,
        *WHO_ANSWERS,
        check_left_out,
    ),
    "dose_response": (
        check_dose_moves,
        check_lead,
        check_straight,
        check_placebo_outcomes,
        check_left_out,
        check_specification,
        check_groups,
    ),
    "mediation": (
        check_lead,
        check_unmeasured,
        check_left_out,
        check_specification,
        check_groups,
    ),
    "regression_discontinuity": (
        check_placing,
        check_jumps_of_causes,
        check_placebo_thresholds,
        check_placebo_outcomes,
        check_bandwidth,
    ),
    "weighted_comparison": (
        check_likeness,
        check_overlap,
        check_doubly_robust,
        check_hidden_cause,
        check_placebo_outcomes,
        check_left_out,
        check_groups,
    ),
}

MUST_PASS: dict[str, tuple[str, ...]] = {
    "before_after": (),
    "difference_in_differences": ("pre_trends", "groups"),
    "staggered_adoption": ("pre_trends", "groups"),
    "interrupted_time_series": (),
    "stepped_wedge": ("groups",),
    "synthetic_control": ("placebo_units",),
    "dose_response": ("groups", "dose_moves"),
    "mediation": ("groups",),
    "regression_discontinuity": (),
    "weighted_comparison": ("groups", "likeness", "overlap"),
}
"""Checks without which a design claims nothing: that they cannot tell is enough to stop it."""

MAY_NOT_FAIL = (
    "composition",
    "mode",
    "left_out",
    "residual_autocorrelation",
    "match",
    "control_course",
    "placing",
    "jumps_of_causes",
    "placebo_thresholds",
    "lead",
)
"""Checks whose concern stops a claim, in every design that asks them."""


def check_all(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> list[Check]:
    """Run every check of the result's design, and mark those without which nothing is claimed."""
    must = MUST_PASS[result.design]
    found = [check(table, result, parameters, estimate) for check in CHECKS[result.design]]
    return [replace(check, blocks=_blocks(check, must)) for check in found]


def _blocks(check: Check, must: tuple[str, ...]) -> bool:
    return check.name in must or (check.name in MAY_NOT_FAIL and check.verdict == "concern")
