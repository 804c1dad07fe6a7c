"""Which checks apply to which design, in the order in which a referee would ask.

A check that blocks is one without which its design claims nothing: it holds the assumption that
makes the comparison mean what it says, or the interval hold what it says.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from evalkit.checks.answers import check_answers, check_mode
from evalkit.checks.balance import check_balance
from evalkit.checks.composition import check_composition, check_missing
from evalkit.checks.groups import check_groups
from evalkit.checks.judging import Estimate
from evalkit.checks.left_out import check_left_out
from evalkit.checks.placebo_units import check_placebo_units
from evalkit.checks.placebos import check_placebo_date, check_placebo_outcomes
from evalkit.checks.pre_trends import check_pre_trends
from evalkit.checks.residual_autocorrelation import check_residual_autocorrelation
from evalkit.checks.specification import check_specification
from evalkit.checks.spill_over import check_spill_over
from evalkit.results import Check, Result

CheckFunction = Callable[[pd.DataFrame, Result, Any, Estimate], Check]

WHO_ANSWERS: tuple[CheckFunction, ...] = (
    check_composition,
    check_answers,
    check_mode,
    check_missing,
)

CHECKS: dict[str, tuple[CheckFunction, ...]] = {
    "before_after": (check_placebo_date, *WHO_ANSWERS, check_left_out, check_groups),
    "difference_in_differences": (
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
    ),
    "staggered_adoption": (
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
    ),
    "interrupted_time_series": (
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
        check_specification,
        check_groups,
    ),
    "synthetic_control": (
        check_placebo_date,
        check_placebo_outcomes,
        check_placebo_units,
        check_spill_over,
        *WHO_ANSWERS,
        check_left_out,
    ),
    "dose_response": (check_placebo_outcomes, check_left_out, check_specification, check_groups),
    "mediation": (check_left_out, check_specification, check_groups),
    "regression_discontinuity": (check_placebo_outcomes, check_specification, check_groups),
    "weighted_comparison": (
        check_placebo_outcomes,
        check_left_out,
        check_specification,
        check_groups,
    ),
}

BLOCKING: dict[str, tuple[str, ...]] = {
    "before_after": ("composition",),
    "difference_in_differences": ("pre_trends", "composition", "left_out", "groups"),
    "staggered_adoption": ("pre_trends", "composition", "left_out", "groups"),
    "interrupted_time_series": ("residual_autocorrelation",),
    "stepped_wedge": ("groups", "left_out"),
    "synthetic_control": ("placebo_units",),
    "dose_response": ("groups", "left_out"),
    "mediation": ("groups",),
    "regression_discontinuity": (),
    "weighted_comparison": ("groups",),
}


def check_all(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> list[Check]:
    """Run every check of the result's design, and mark those without which nothing is claimed."""
    blocking = BLOCKING[result.design]
    found = [check(table, result, parameters, estimate) for check in CHECKS[result.design]]
    return [replace(check, blocks=check.name in blocking) for check in found]
