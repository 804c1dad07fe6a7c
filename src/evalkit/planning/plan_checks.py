"""Whether a plan's figures may be relied on: its design's intervals, refusals, needs, formula."""

import re

import numpy as np
import pandas as pd

from evalkit.planning.advise import Advice
from evalkit.planning.plan_tables import advise_on_plan
from evalkit.planning.planned_power import Share, Trials
from evalkit.planning.planned_precision import FORMULAS, find_precision
from evalkit.results import Check, Verdict
from evalkit.results.words import decimals_for, listed, number, values_table

ERRORS = 2
"""Monte Carlo standard errors beyond which a share is told from what it should be."""

TWICE = 2
"""False alarms that many times as frequent as they should be leave nothing to be concluded."""

MOST_REFUSED = 0.05
ALIKE = 0.1
"""Formula and trial are alike where they are no further apart than this share, and chance."""

_NUMERAL = re.compile(r"\d+")
_VERDICTS: dict[str, Verdict] = {
    "allowed": "passes",
    "allowed, with reservations": "concern",
    "not allowed": "concern",
    "cannot tell": "cannot tell",
}


def check_plan(trials: Trials) -> list[Check]:
    """Ask of a plan what its figures rest on."""
    return [
        check_false_alarms(trials),
        check_coverage(trials),
        check_refusals(trials),
        check_needs(trials),
        check_formula(trials),
    ]


def check_false_alarms(trials: Trials) -> Check:
    """Ask how often a difference is seen where there is none; twice too often blocks."""
    found, allowed = trials.main.false_alarms(), 1 - trials.plan.confidence_level
    limit = allowed + ERRORS * _error(allowed, trials)
    verdict: Verdict = "passes" if limit <= TWICE * allowed else "cannot tell"
    if not found.value <= limit:
        verdict = "concern"
    return Check(
        "Where nothing changes, a difference is seen no more often than the interval allows",
        "How often would it see a difference where there is none?",
        verdict,
        f"In {_percent(found.value)}% of made-up studies without an effect the interval left out "
        f"zero, where {_percent(allowed)}% would be right",
        f"{_percent(limit)}% would have been told from {_percent(allowed)}%",
        "A difference that is seen may be none; the power is then no guide either",
        _numbers(found, allowed, limit, trials),
        name="false_alarms",
        blocks=bool(verdict == "concern" and found.value > TWICE * allowed),
    )


def check_coverage(trials: Trials) -> Check:
    """Ask how often the interval holds the true difference."""
    level = trials.plan.confidence_level
    found = trials.main.coverage(trials.plan.minimum_important_difference)
    limit = level - ERRORS * _error(level, trials)
    verdict: Verdict = "passes" if found.value >= limit else "concern"
    return Check(
        "The interval holds the true difference as often as it says",
        "How often would its interval hold the true difference?",
        verdict,
        f"In {_percent(found.value)}% of made-up studies the interval held the true difference, "
        f"where it says {_percent(level)}%",
        f"{_percent(limit)}% would have been told from {_percent(level)}%",
        "The study would say that it is surer than it is",
        _numbers(found, level, limit, trials),
        name="coverage",
    )


def check_refusals(trials: Trials) -> Check:
    """Ask how often the design would not answer at all."""
    refused = trials.main.refused
    return Check(
        "The design can be estimated on such data",
        "Could the study be done with such data?",
        "passes" if refused <= MOST_REFUSED else "concern",
        f"The design refused {_percent(refused)}% of made-up studies",
        f"{trials.plan.simulations} made-up studies were tried",
        "A study that is refused finds nothing; each counts so in the power",
        values_table({"refused": 100 * refused, "simulations": trials.plan.simulations}, 1),
        name="refusals",
    )


def check_needs(trials: Trials) -> Check:
    """Ask whether the plan has what its design needs."""
    plan = trials.plan
    own = next(one for one in advise_on_plan(plan) if one.design == plan.design)
    said = _say_needs(own)
    return Check(
        "The plan has what its design needs",
        "Does the plan have what its design needs?",
        _VERDICTS[own.allowed],
        said,
        "a description, not a test",
        "Without it the answer would rest on something else than the design",
        _numbers_said(said),
        name="needs",
    )


def check_formula(trials: Trials) -> Check:
    """Ask whether formula and trial say the same of the effect that is found."""
    plan, tried = trials.plan, trials.main.detectable()
    formula = find_precision(plan, plan.units)
    question, assumption = "Do trial and formula agree?", "Trial and formula agree"
    consequence = "Where they differ the trial is right for the design as it is; the formula is not"
    if formula is None or np.isnan(tried.value):
        why = (
            "The effect that is found is beyond those tried"
            if plan.design in FORMULAS
            else "This design has no formula that holds for such a plan, so it was only tried"
        )
        return Check(assumption, question, "cannot tell", why, "", consequence, name="formula")
    size = formula.detectable_effect(power=plan.power_wanted, level=plan.confidence_level)
    reach = ALIKE * size + ERRORS * float(np.nan_to_num(tried.error))
    decimals = decimals_for(tried.value, size)
    return Check(
        assumption,
        question,
        "passes" if abs(tried.value - size) <= reach else "concern",
        f"Tried, a difference of {number(tried.value, decimals)} {plan.outcome_unit} is found as "
        f"often as wanted; by formula ({FORMULAS[plan.design]}), {number(size, decimals)}",
        f"A distance of {number(reach, decimals)} {plan.outcome_unit} would have been seen",
        consequence,
        values_table({"tried": tried.value, "by_formula": size, "reach": reach}, decimals),
        name="formula",
    )


def _say_needs(own: Advice) -> str:
    parts = [
        f"{words}: {listed(list(needs))}"
        for words, needs in (
            ("Not met", own.unmet),
            ("Weak without", own.reservations),
            ("To be found out", own.unknown),
        )
        if needs
    ]
    return "; ".join(parts) if parts else f"Met: {listed(list(own.met))}"


def _numbers_said(words: str) -> pd.DataFrame:
    """The numbers that words hold, in their order, so that each is on record."""
    said = [float(text) for text in _NUMERAL.findall(words)]
    names = [f"need_{place}" for place in range(1, len(said) + 1)]
    return pd.DataFrame({"name": names, "value": said})


def _numbers(found: Share, right: float, limit: float, trials: Trials) -> pd.DataFrame:
    shares = {"found": found.value, "monte_carlo_error": found.error, "right": right}
    rows = {name: 100 * share for name, share in {**shares, "limit": limit}.items()}
    return values_table(rows | {"simulations": float(trials.plan.simulations)}, 1)


def _error(share: float, trials: Trials) -> float:
    known = trials.plan.simulations * (1 - trials.main.refused)
    return float(np.sqrt(share * (1 - share) / max(known, 1)))


def _percent(share: float) -> str:
    return f"{round(100 * share, 1):g}"
