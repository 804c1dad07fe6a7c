"""A plan's answer in words: what it would find, whether that is enough, and what would be.

The claim is chosen by a rule: whether the design's own intervals mislead, then the power at the
smallest difference that matters against the power wanted, chance allowed for. Nothing else.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.findings.comparisons import COMPARISONS, put
from evalkit.planning.advise import NONE_CAN_SHOW
from evalkit.planning.planned_parameters import ENDLESS, make_design_parameters
from evalkit.planning.planned_power import Needed, Trials
from evalkit.planning.planned_precision import (
    find_design_effect,
    find_number,
    find_precision,
)
from evalkit.planning.planned_tables import count_treated
from evalkit.results import Check, Finding
from evalkit.results.words import counted, decimals_for, measured, number, values_table
from evalkit.study.schemas.plan_a_study import PlanAStudy

Claim = Literal["large enough", "about large enough", "too small", "would mislead"]

ERRORS = 2
"""Monte Carlo standard errors by which power must differ from what is wanted to be told from it."""

_OFTEN = {0.5: "every other time", 0.8: "four times in five", 0.9: "nine times in ten"}
_ASSUMED = (
    "These are calculations from assumptions, made before any data were seen: they say what a "
    "study could find, and nothing of what it will find"
)


_ON_THE_PAST = (
    "Past data say how units differ, move and are missing, and the study is assumed to be like "
    "that time; nothing of the intervention was seen, so this says what a study could find, and "
    "nothing of what it will find"
)


@dataclass(frozen=True, slots=True)
class _Words:
    """What the sentences share: sizes and numbers as they are written."""

    layout: str
    often: str
    important: str
    found: str
    decimals: int


def conclude_plan(trials: Trials, needed: Needed, checks: list[Check]) -> Finding:
    """Choose the claim that the trial allows, and say it in plain English."""
    claim, words = choose_claim(trials, checks), _phrase(trials)
    meaning = (
        _say_power(trials, words),
        _say_disagreement(checks),
        _say_needed(trials.plan, needed, words),
        _say_intervals(trials),
        _say_answers(trials.plan, words),
        _say_design_effect(trials.plan),
    )
    hidden = COMPARISONS[trials.plan.design].hidden
    basis = _ASSUMED if trials.past is None else _ON_THE_PAST
    limits = (f"{basis}.", f"{put(hidden, make_design_parameters(trials.plan))}.")
    answer = _answer(claim, trials, needed, words)
    values = _values(trials, needed, words)
    return Finding(claim, answer, tuple(said for said in meaning if said), limits, values)


def choose_claim(trials: Trials, checks: list[Check]) -> Claim:
    """Decide by rule: intervals that mislead, then power against the power that is wanted."""
    if any(check.blocks and check.verdict != "passes" for check in checks):
        return "would mislead"
    found = trials.main.power(trials.plan.minimum_important_difference)
    margin = ERRORS * max(found.error, 1 / trials.plan.simulations)
    if found.value - margin >= trials.plan.power_wanted:
        return "large enough"
    return "too small" if found.value + margin < trials.plan.power_wanted else "about large enough"


def list_not_shown(plan: PlanAStudy) -> list[str]:
    """List what no study of whatever design could show."""
    return [*NONE_CAN_SHOW, f"Whether {plan.intervention_name} works: nothing was measured"]


def _phrase(trials: Trials) -> _Words:
    plan, found = trials.plan, trials.main.detectable().value
    sizes = [size for size in (found, _by_formula(plan)) if np.isfinite(size)]
    decimals = decimals_for(*sizes)
    treated = count_treated(plan, plan.units)
    having = f" ({treated:,} of them with {plan.intervention_name})" if treated < plan.units else ""
    return _Words(
        f"With {counted(plan.units, plan.unit_name)}{having} over "
        f"{counted(plan.periods, plan.period_name)}",
        _OFTEN.get(plan.power_wanted, f"{100 * plan.power_wanted:g}% of the time"),
        measured(plan.minimum_important_difference, plan.outcome_unit),
        f"{number(found, decimals)} {plan.outcome_unit}" if np.isfinite(found) else "",
        decimals,
    )


def _answer(claim: Claim, trials: Trials, needed: Needed, words: _Words) -> str:
    if claim == "would mislead":
        return (
            f"{words.layout} this design would mislead. Where nothing changes it would see a "
            f"difference in {_percent(trials.main.false_alarms().value)}% of studies, and "
            f"{number(100 * (1 - trials.plan.confidence_level), 1).removesuffix('.0')}% would be "
            "right. Plan another design."
        )
    found = (
        f"find a difference of {words.found} {words.often}"
        if words.found
        else f"find no difference that was tried {words.often}"
    )
    short = f" {_say_would_need(trials, needed)}" if claim == "too small" else ""
    return (
        f"The study would be {claim}. {words.layout} it would {found}. The smallest difference "
        f"that matters is {words.important}.{short}"
    )


def _say_would_need(trials: Trials, needed: Needed) -> str:
    name = trials.plan.unit_name
    if needed.units is None:
        most = max(one.units for one in trials.tried)
        return f"None of the numbers tried, up to {counted(most, name)}, would be enough."
    about = "about " if needed.known == "foretold" else ""
    return f"It would need {about}{counted(needed.units, name)}."


def _say_power(trials: Trials, words: _Words) -> str:
    plan = trials.plan
    found = trials.main.power(plan.minimum_important_difference)
    formula = find_precision(plan, plan.units)
    said = ""
    if formula is not None:
        level, size = plan.confidence_level, plan.minimum_important_difference
        power = formula.power(size, level=level)
        said = (
            f" By formula it is {_percent(power)}%, and the difference found {words.often} is "
            f"{number(_by_formula(plan), words.decimals)} {plan.outcome_unit}."
        )
    return (
        f"A true difference of {words.important} would be found in {_percent(found.value)}% of "
        f"{plan.simulations:,} made-up studies (Monte Carlo error {number(100 * found.error, 1)} "
        f"percentage points).{said}"
    )


def _say_disagreement(checks: list[Check]) -> str:
    """Say which of the two to believe, where trial and formula are further apart than by chance."""
    if all(check.verdict != "concern" for check in checks if check.name == "formula"):
        return ""
    return (
        "Trial and formula disagree by more than chance: the formula takes units as alike and "
        "outcomes as normal. Go by the trial, which asks the design itself."
    )


def _say_needed(plan: PlanAStudy, needed: Needed, words: _Words) -> str:
    formula = find_number(plan)
    by_formula = "" if formula is None else f"by formula, {counted(formula, plan.unit_name)}"
    if needed.units is None:
        return f"{by_formula[:1].upper()}{by_formula[1:]} would find it." if by_formula else ""
    fewest = "at most " if needed.known == "at_most" else ""
    about = "about " if needed.known == "foretold" else ""
    error = f" (Monte Carlo error {number(needed.error, 0)})" if needed.known == "tried" else ""
    ending = f"; {by_formula}" if by_formula else ""
    return (
        f"To find {words.important} {words.often} takes {fewest}{about}"
        f"{counted(needed.units, plan.unit_name)}{error}{ending}."
    )


def _say_intervals(trials: Trials) -> str:
    plan, main = trials.plan, trials.main
    held = main.coverage(plan.minimum_important_difference)
    return (
        f"The design's own {100 * plan.confidence_level:g}% interval held the true difference in "
        f"{_percent(held.value)}% of made-up studies, and saw one where there was none in "
        f"{_percent(main.false_alarms().value)}%."
    )


def _say_answers(plan: PlanAStudy, words: _Words) -> str:
    """Say what more answers would do, where a formula tells."""
    more = _with_more_answers(plan)
    if not more:
        return ""
    twice, many = (f"{number(size, words.decimals)} {plan.outcome_unit}" for size in more.values())
    return (
        f"By formula, with twice as many answers from each {plan.unit_name} and {plan.period_name} "
        f"it would find {twice}, and with as many as one likes {many}."
    )


def _say_design_effect(plan: PlanAStudy) -> str:
    """Say what it costs that whole units have it, where a formula tells."""
    effect = find_design_effect(plan, plan.units)
    if effect is None:
        return ""
    return (
        f"By formula it takes {number(effect, 1)} times as many answers as a trial that puts "
        f"single people into two groups by lot (the design effect), since answers of one "
        f"{plan.unit_name} are alike and some of them only show what was there before."
    )


def _with_more_answers(plan: PlanAStudy) -> dict[str, float]:
    """What would be found with twice the answers and with endless ones; empty without a formula."""
    if plan.people is None:
        return {}
    larger = {"twice_the_answers": 2 * plan.people, "endless_answers": ENDLESS}
    sizes = {
        f"detectable_with_{name}": _by_formula(plan.model_copy(update={"people": people}))
        for name, people in larger.items()
    }
    return sizes if all(np.isfinite(size) for size in sizes.values()) else {}


def _values(trials: Trials, needed: Needed, words: _Words) -> pd.DataFrame:
    """Every number that the sentences say, shares in per cent."""
    plan, main, important = trials.plan, trials.main, trials.plan.minimum_important_difference
    found, power = main.detectable(), main.power(important)
    formula = find_precision(plan, plan.units)
    numbers: dict[str, float] = {
        "detectable": found.value,
        "detectable_by_formula": _by_formula(plan),
        "detectable_error": found.error,
        "minimum_important_difference": important,
        "power_wanted": 100 * plan.power_wanted,
        "power": 100 * power.value,
        "power_error": 100 * power.error,
        "power_by_formula": np.nan,
        "units": plan.units,
        "units_with_it": count_treated(plan, plan.units),
        "units_needed": np.nan if needed.units is None else needed.units,
        "units_needed_error": round(needed.error) if np.isfinite(needed.error) else np.nan,
        "units_needed_by_formula": find_number(plan) or np.nan,
        "most_units_tried": max(one.units for one in trials.tried),
        "periods": plan.periods,
        "studies": plan.simulations,
        "level": 100 * plan.confidence_level,
        "coverage": 100 * main.coverage(important).value,
        "false_alarms": 100 * main.false_alarms().value,
        "false_alarms_allowed": 100 * (1 - plan.confidence_level),
    }
    more = _with_more_answers(plan)
    effect = find_design_effect(plan, plan.units)
    numbers |= {**more, "design_effect": np.nan if effect is None else effect}
    if formula is not None:
        power_by_formula = formula.power(important, level=plan.confidence_level)
        numbers["power_by_formula"] = 100 * power_by_formula
    known = {name: value for name, value in numbers.items() if np.isfinite(value)}
    places = dict.fromkeys(known, 0) | dict.fromkeys({*_SIZES, *more}, words.decimals)
    places |= {"minimum_important_difference": 4, "detectable_error": words.decimals + 1}
    tenths = ("design_effect", "level", "power_error", "power_wanted", "false_alarms_allowed")
    places |= dict.fromkeys(tenths, 1)
    return values_table(known, places)


_SIZES = {"detectable", "detectable_by_formula"}


def _by_formula(plan: PlanAStudy) -> float:
    """The effect that is found as often as wanted, by formula; NaN where there is none."""
    formula = find_precision(plan, plan.units)
    if formula is None:
        return float("nan")
    return formula.detectable_effect(power=plan.power_wanted, level=plan.confidence_level)


def _percent(share: float) -> str:
    return number(100 * share, 0)
