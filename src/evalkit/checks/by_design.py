"""Which checks apply to which design, in the order in which a referee would ask.

A check that blocks is one without which its design claims nothing: it holds the assumption that
makes the comparison mean what it says, or the interval hold what it says. Some must pass, since a
comparison means nothing where they cannot be told; of others only a concern stops a claim. Without
some a difference may be told, but not its cause. The rest say how far an answer goes: they change
no claim, and the finding names those that raise a concern and those that could not tell.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pandas as pd

from evalkit.checks.answers import check_answers, check_mode
from evalkit.checks.balance import check_balance
from evalkit.checks.carried import check_lead, check_unmeasured
from evalkit.checks.composition import check_composition, check_missing
from evalkit.checks.constant_effect import check_constant_effect
from evalkit.checks.doses import (
    check_dose_moves,
    check_dose_overlap,
    check_one_way,
    check_straight,
)
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
from evalkit.designs.imputed import with_few_imputations
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
        check_constant_effect,
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
        check_dose_overlap,
        check_lead,
        check_straight,
        check_one_way,
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

ONE_MUST_PASS: dict[str, tuple[str, ...]] = {
    "interrupted_time_series": ("control_course",),
    "regression_discontinuity": ("placing", "jumps_of_causes"),
}
"""Checks of which one at least must pass before a causal verb is used: else it is an association.

A control is a picture of what would have been only where it is known to have run alike before. That
people just short of a threshold and just past it are alike is known only where nobody was placed,
or where measured causes do not jump. What a difference is, without its cause, can be told anyway.
"""

MAY_NOT_FAIL = (
    "composition",
    "mode",
    "left_out",
    "residual_autocorrelation",
    "match",
    "control_course",
    "constant_effect",
    "placing",
    "jumps_of_causes",
    "placebo_thresholds",
    "lead",
    "one_way",
)
"""Checks whose concern stops a claim, in every design that asks them."""

CONTRADICT_CAUSE = ("placebo_date", "placebo_outcomes", "placebo_units")
"""Checks whose concern stops a claim where the result may be read as cause.

A difference where there can be none says that something else makes such differences. That
contradicts an effect, or its absence. It contradicts neither an association nor a change that is
only described, which any cause may have made: there it stands among the limits instead.
"""


def check_all(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> list[Check]:
    """Run every check of the result's design, and mark those without which nothing is claimed.

    Where values are filled in, checks that estimate again and again do so fewer times.
    """
    quick = with_few_imputations(parameters)
    found = [check(table, result, quick, estimate) for check in CHECKS[result.design]]
    return [replace(check, blocks=_blocks(check, result)) for check in found]


def support_cause(result: Result, checks: list[Check]) -> bool:
    """Say whether design and checks allow a causal verb; a check not made has not passed."""
    needed = ONE_MUST_PASS.get(result.design, ())
    passed = {check.name for check in checks if check.verdict == "passes"}
    return result.permits_cause and (not needed or not passed.isdisjoint(needed))


def _blocks(check: Check, result: Result) -> bool:
    if check.name in MUST_PASS[result.design]:
        return True
    fatal = (*MAY_NOT_FAIL, *(CONTRADICT_CAUSE if result.permits_cause else ()))
    return check.name in fatal and check.verdict == "concern"
