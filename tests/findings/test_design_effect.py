"""The answer of a design in words: the claim by rule, and every number in the values."""

import re
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.findings.comparisons import COMPARISONS
from evalkit.findings.design_effect import choose_claim, conclude
from evalkit.reports.reading_age import AIM, reading_age
from evalkit.results import Check, Result, Verdict
from evalkit.study import load_parameters
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.design_study import DesignStudy

ROOT = Path(__file__).resolve().parents[2]
CAUSAL = re.compile(r"\b(improved|made worse|caused|effect of|led to|because of|impact)\b")


@pytest.fixture(scope="module")
def parameters() -> DesignStudy:
    """Return a study with a smallest difference of 0.2."""
    loaded = load_parameters(ROOT / "parameters" / "difference_in_differences.yml")
    assert isinstance(loaded, DesignStudy)
    return loaded


def result(
    low: float,
    high: float,
    *,
    design: str = "difference_in_differences",
    cause: bool = True,
    term: str = "effect",
) -> Result:
    """Return a result with one row, in the middle of its interval."""
    row = {"term": term, "estimate": (low + high) / 2, "std_error": 0.1, "conf_low": low}
    row |= {"conf_high": high, "level": 0.95, "n": 40, "clusters": 10, "method": "m", "df": 9.0}
    frame = pd.DataFrame([row])
    return Result(design, frame, {"term": term, "method": "m"}, permits_cause=cause)


def check(verdict: Verdict, *, blocks: bool = True, name: str = "trends") -> Check:
    """Return a check with a number in its words and in its table."""
    values = pd.DataFrame({"name": ["drift"], "value": [0.04]})
    words = ("Trends were alike", "Were they?", verdict, "The drift was 0.04", "", "Then not")
    return Check(*words, table=values, name=name, blocks=blocks)


TABLE = pd.DataFrame({"unit": ["a", "b"], "time": [1, 2], "period": ["2021-01", "2021-02"]})


@pytest.mark.parametrize(
    ("low", "high", "cause", "verdict", "claim"),
    [
        (0.1, 0.5, True, "passes", "improved"),
        (-0.5, -0.1, True, "passes", "worsened"),
        (0.1, 0.5, False, "passes", "associated with better"),
        (-0.5, -0.1, False, "passes", "associated with worse"),
        (-0.1, 0.1, True, "passes", "no difference that matters"),
        (-0.1, 0.3, True, "passes", "unclear"),
        (0.1, 0.5, True, "concern", "cannot be told"),
        (0.1, 0.5, True, "cannot tell", "cannot be told"),
        (-0.1, 0.1, True, "cannot tell", "cannot be told"),
    ],
)
def test_the_claim_follows_the_numbers(
    parameters: DesignStudy, low: float, high: float, cause: bool, verdict: Verdict, claim: str
) -> None:
    """Interval, smallest difference, checks and design decide; nothing else does."""
    assert choose_claim(result(low, high, cause=cause), [check(verdict)], parameters) == claim


def test_a_check_that_does_not_block_changes_no_claim(parameters: DesignStudy) -> None:
    """It is told among the limits instead."""
    found = conclude(TABLE, result(0.1, 0.5), [check("concern", blocks=False)], parameters)
    assert found.claim == "improved"
    assert "In doubt in these data: that trends were alike." in found.limits


@pytest.mark.parametrize(
    ("verdicts", "said"),
    [
        ({"mode": "passes"}, "The checks there found none that stands against it."),
        ({}, "No check of them was made."),
        (
            {"spill_over": "concern", "mode": "passes"},
            "Of the checks there, spill over raises a concern. The others found nothing",
        ),
        (
            {"spill_over": "concern", "balance": "concern", "mode": "cannot tell"},
            "Of the checks there, spill over and balance raise a concern; mode could not tell.",
        ),
    ],
)
def test_an_effect_is_told_with_what_the_checks_found(
    parameters: DesignStudy, verdicts: dict[str, Verdict], said: str
) -> None:
    """Each check that raises a concern or could not tell is named beside the causal verb."""
    checks = [check(verdict, blocks=False, name=name) for name, verdict in verdicts.items()]
    found = conclude(TABLE, result(0.1, 0.5), checks, parameters)
    assert found.claim == "improved"
    assert said in " ".join(found.meaning)
    assert ("found nothing against it" in " ".join(found.meaning)) == (
        len(set(verdicts.values())) > 1 and "passes" in verdicts.values()
    )


@pytest.mark.parametrize(
    ("design", "verdicts", "causal"),
    [
        ("regression_discontinuity", {"placing": "passes", "jumps_of_causes": "cannot tell"}, True),
        ("regression_discontinuity", {"placing": "cannot tell", "jumps_of_causes": "passes"}, True),
        ("regression_discontinuity", dict.fromkeys(("placing", "bandwidth"), "cannot tell"), False),
        ("regression_discontinuity", {"bandwidth": "passes"}, False),
        ("interrupted_time_series", {"control_course": "passes"}, True),
        ("interrupted_time_series", {"control_course": "cannot tell"}, False),
        ("interrupted_time_series", {"placebo_date": "passes"}, False),
    ],
)
@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.5, -0.1)])
def test_a_causal_verb_needs_what_identifies_it(
    parameters: DesignStudy,
    design: str,
    verdicts: dict[str, Verdict],
    causal: bool,
    ends: tuple[float, float],
) -> None:
    """A threshold or a control of which nothing could be shown gives an association, and why."""
    checks = [check(verdict, blocks=False, name=name) for name, verdict in verdicts.items()]
    found = conclude(TABLE, result(*ends, design=design), checks, parameters)
    assert (found.claim in {"improved", "worsened"}) == causal
    assert ("may not be read as an effect" in " ".join(found.meaning)) != causal
    assert causal or found.claim.startswith("associated")


@pytest.mark.parametrize("design", ["dose_response", "mediation", "weighted_comparison"])
@pytest.mark.parametrize("ends", [(-0.1, 0.3), (0.1, 0.5)])
def test_what_cannot_be_told_is_no_change_either(
    parameters: DesignStudy, design: str, ends: tuple[float, float]
) -> None:
    """Where no cause may be told, neither is it unclear whether one thing changed another."""
    found = result(*ends, design=design, cause=False)
    answer = conclude(TABLE, found, [check("concern")] * (ends[0] > 0), parameters).answer
    name, outcome = parameters.intervention_name, parameters.outcome_name
    assert f"whether {outcome} goes with {name}" in answer
    assert "changed" not in answer


def test_before_and_after_asks_of_a_change_alone(parameters: DesignStudy) -> None:
    """Without a comparison the outcome may have changed; nothing is said to have changed it."""
    found = result(-0.1, 0.3, design="before_after", cause=False)
    answer = conclude(TABLE, found, [], parameters).answer
    name, outcome = parameters.intervention_name, parameters.outcome_name
    assert f"It is unclear whether {outcome} changed once {name} began" in answer


def test_lower_may_be_better(parameters: DesignStudy) -> None:
    """A fall in what should fall is an improvement."""
    lower = parameters.model_copy(update={"outcome_better": "lower"})
    assert choose_claim(result(-0.5, -0.1), [], lower) == "improved"


@pytest.mark.parametrize("design", sorted(COMPARISONS))
@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.5, -0.1), (-0.1, 0.1), (-0.1, 0.3)])
def test_no_causal_verb_without_permission(
    parameters: DesignStudy, design: str, ends: tuple[float, float]
) -> None:
    """A design that permits no cause never says what did what."""
    answer = conclude(TABLE, result(*ends, design=design, cause=False), [], parameters).answer
    told = answer.replace("does not show that", "").replace("caused it", "")
    assert not CAUSAL.search(told), answer


def test_before_and_after_only_describes(parameters: DesignStudy) -> None:
    """Without a comparison a change is a change, whatever the design says it permits."""
    found = conclude(TABLE, result(0.1, 0.5, design="before_after"), [], parameters)
    assert found.claim == "changed for the better"
    assert "This describes a change" in found.answer


ASSOCIATIONS = ("dose_response", "mediation", "weighted_comparison")
"""Designs whose results never permit a cause."""
PLAIN = {"intervention_name": "the programme", "outcome_name": "patient experience"}


@pytest.mark.parametrize("design", sorted(COMPARISONS))
@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.5, -0.1), (-0.1, 0.1), (-0.1, 0.3)])
@pytest.mark.parametrize("verdicts", [["passes"], ["concern"], ["concern", "cannot tell"]])
def test_an_answer_is_plain(
    parameters: DesignStudy, design: str, ends: tuple[float, float], verdicts: list[Verdict]
) -> None:
    """With plain names for what was done and asked, no answer asks for more than the aim."""
    plain, checks = parameters.model_copy(update=PLAIN), [check(verdict) for verdict in verdicts]
    for cause in (False,) if design in ASSOCIATIONS else (True, False):
        found = conclude(TABLE, result(*ends, design=design, cause=cause), checks, plain)
        assert reading_age([found.answer]) <= AIM, found.answer


@pytest.mark.parametrize("design", sorted(COMPARISONS))
@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.5, -0.1), (-0.1, 0.1), (-0.1, 0.3)])
def test_an_answer_holds_its_size_and_its_interval(
    parameters: DesignStudy, design: str, ends: tuple[float, float]
) -> None:
    """One sentence has what happened, its size and unit, and both ends of the interval."""
    found = result(*ends, design=design, cause=design not in ASSOCIATIONS)
    answer = conclude(TABLE, found, [], parameters).answer
    size, way = abs(sum(ends) / 2), "higher" if sum(ends) >= 0 else "lower"
    held = f"(95% interval {ends[0]:.2f} to {ends[1]:.2f})."
    size_told = f"{size:.2f} {parameters.outcome_unit}"
    told = rf"(ed .* by {size_told}|was {size_told} {way}( than before)?) {re.escape(held)}"
    assert re.search(told, answer), answer
    assert f" {way} " in answer


@pytest.mark.parametrize(("cause", "said"), [(True, "to the control"), (False, "earlier level")])
def test_a_series_alone_is_compared_with_its_own_past(
    parameters: DesignStudy, cause: bool, said: str
) -> None:
    """A series is told against its control where it has one, and against its trend otherwise."""
    found = result(0.1, 0.5, design="interrupted_time_series", cause=cause, term="level")
    answer = conclude(TABLE, found, [], parameters).answer
    assert f"0.30 {parameters.outcome_unit} higher (" in answer
    assert said in answer


@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.1, 0.1), (-0.1, 0.3)])
def test_a_slope_is_told_per_period(parameters: DesignStudy, ends: tuple[float, float]) -> None:
    """A change in slope, and the smallest that would matter, are so much a month."""
    found = result(*ends, design="interrupted_time_series", term="slope")
    told = conclude(TABLE, found, [], parameters)
    assert f"{parameters.outcome_unit} per month higher (" in told.answer
    assert f"(0.2 {parameters.outcome_unit} per month)" in told.meaning[0]


@pytest.mark.parametrize("ends", [(0.1, 0.5), (-0.1, 0.1), (-0.1, 0.3), (-0.5, -0.004)])
@pytest.mark.parametrize("verdict", ["passes", "concern"])
def test_every_number_said_stands_in_the_values(
    parameters: DesignStudy, ends: tuple[float, float], verdict: Verdict
) -> None:
    """Each numeral of the sentences is a value of the finding, or a parameter."""
    found = conclude(TABLE, result(*ends), [check(verdict)], parameters)
    said = " ".join([found.answer, *found.meaning])
    numerals = {float(text) for text in re.findall(r"(?<![\w.])-?\d+(?:\.\d+)?", said)}
    values = set(found.values["value"].abs()) | set(found.values["value"])
    assert {n for n in numerals if not np.isclose(list(values), n).any()} == set()


def test_a_design_has_its_comparison() -> None:
    """Every notebook of a design has words for what it compares, and no others are there."""
    designs = {name for name, schema in SCHEMAS.items() if issubclass(schema, DesignStudy)}
    assert designs == set(COMPARISONS)


def test_the_words_name_no_placeholder(parameters: DesignStudy) -> None:
    """No brace of a template is left in a sentence."""
    for design in COMPARISONS:
        found: Any = conclude(TABLE, result(0.1, 0.5, design=design), [], parameters)
        assert "{" not in " ".join([found.answer, *found.meaning, *found.limits])
