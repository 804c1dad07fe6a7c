"""What the parameters of a plan must be together: arms, periods, spread, and what a design reads.

A rule reads the values that are right by themselves, says nothing where one it needs is wrong,
and yields one line a fault.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.study.matching import repeated

Values = Mapping[str, Any]

STARTS = (
    "before_after",
    "difference_in_differences",
    "staggered_adoption",
    "interrupted_time_series",
    "stepped_wedge",
    "synthetic_control",
)
"""Designs in which something starts, so that there are periods before."""

IN_STEPS = ("staggered_adoption", "stepped_wedge")
ALL_HAVE_IT = ("before_after", "dose_response", "mediation")
NEVER_WITHOUT = (
    "difference_in_differences",
    "synthetic_control",
    "regression_discontinuity",
    "weighted_comparison",
)
"""Designs that compare with units which never have it."""

OWN = {
    "dose_sd": ("dose_response", "mediation"),
    "dose_step": ("dose_response", "mediation"),
    "mediator_correlation": ("mediation",),
    "group_difference": ("weighted_comparison",),
}
"""Assumed values that some designs read and no others."""


def check_plan_arms(values: Values) -> Iterator[str]:
    """Require units with it, and without it where the design compares with those."""
    if not _has(values, "design", "units", "treated_units", "steps"):
        return
    design, units, treated = (values[name] for name in ("design", "units", "treated_units"))
    if design in ALL_HAVE_IT:
        if treated is not None:
            yield f"treated_units: {treated}, and {design} has no units without it. Give null."
        return
    if treated is not None and treated > units:
        yield f"treated_units: {treated} of {units} units. Give fewer than units."
    elif (treated is None or treated == units) and _needs_others(design, values["steps"]):
        yield (
            f"treated_units: all of {units} units, and {design} compares with units that do not "
            "have it. Give fewer than units."
        )
    elif values["steps"] > (treated or units):
        yield (
            f"steps: {values['steps']} groups of {treated or units} units that start. "
            "Give fewer steps."
        )


def check_plan_numbers(values: Values) -> Iterator[str]:
    """Refuse a size given twice, and numbers of units that leave a group empty."""
    for name in ("effects", "numbers_of_units"):
        for value in repeated([f"{value:g}" for value in values.get(name, [])]):
            yield f"{name}: {value} stands in it more than once. Keep one."
    if not _has(values, "design", "numbers_of_units", "treated_units", "steps"):
        return
    least = values["steps"] + (values["treated_units"] is not None)
    small = [number for number in values["numbers_of_units"] if number < least]
    if small:
        yield (
            f"numbers_of_units: {', '.join(map(str, small))} leaves a group without any. Give at "
            f"least {least}."
        )


def check_plan_periods(values: Values) -> Iterator[str]:
    """Require a start inside the periods where a design has one, and none where it has not."""
    if not _has(values, "design", "periods", "periods_before", "steps", "periods_per_step"):
        return
    design, periods, before = (values[n] for n in ("design", "periods", "periods_before"))
    steps, apart = values["steps"], values["periods_per_step"]
    if design not in STARTS:
        if before is not None:
            yield f"periods_before: {before}, and {design} has no start. Give null."
    elif before is None:
        yield f"periods_before: missing. Give the periods before the start, of {periods} in all."
    elif before >= periods:
        yield (
            f"periods_before: {before} of {periods} periods, so that the start lies outside. "
            f"Give 1 to {periods - 1}."
        )
    elif before + (steps - 1) * apart >= periods:
        yield (
            f"steps, periods_per_step: the last of {steps} groups starts after "
            f"{before + (steps - 1) * apart} of {periods} periods. Give more periods, or fewer "
            "steps."
        )
    if design == "staggered_adoption" and steps < 2:
        yield "steps: 1, and staggered_adoption has two or more starts. Give 2 or more."
    if design not in IN_STEPS and steps > 1:
        yield f"steps: {steps}, and {design} has one start. Give 1."


def check_plan_spread(values: Values) -> Iterator[str]:
    """Require one of two ways of saying how units differ, and less of it than people differ."""
    if not _has(values, "person_sd", "unit_sd", "drift_sd", "icc", "cac", "data_columns"):
        return
    if "outcome" in values["data_columns"]:
        return
    sds, shares = ([values[n] for n in pair] for pair in (("unit_sd", "drift_sd"), ("icc", "cac")))
    by_sds = None not in sds and shares == [None, None]
    by_shares = None not in shares and sds == [None, None]
    if not by_sds and not by_shares:
        yield (
            "unit_sd, drift_sd, icc, cac: give either unit_sd and drift_sd, or icc and cac, and "
            "null for the other two."
        )
    elif (
        by_sds
        and values["person_sd"] is not None
        and sum(sd**2 for sd in sds) >= values["person_sd"] ** 2
    ):
        yield (
            f"unit_sd, drift_sd: are together as large as person_sd ({values['person_sd']:g}), "
            "which is the spread of all answers. Give smaller ones."
        )


def check_plan_own(values: Values) -> Iterator[str]:
    """Require the assumed values that a design reads, and refuse those that it does not."""
    for name, designs in OWN.items():
        if not _has(values, "design", name):
            continue
        design, given = values["design"], values[name] is not None
        if design in designs and not given:
            yield f"{name}: missing. {design} needs it."
        if design not in designs and given:
            yield f"{name}: given, and {design} does not read it. Give null."


def _needs_others(design: str, steps: int) -> bool:
    return design in NEVER_WITHOUT or (design == "stepped_wedge" and steps == 1)


def _has(values: Values, *names: str) -> bool:
    return all(name in values for name in names)
