"""A plan's answer: each claim from made intervals, its sentence by hand, its numbers on record."""

import runpy
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from evalkit.disclosure.numerals import numbers_in, unknown_numerals
from evalkit.findings.planned_study import conclude_plan, list_not_shown
from evalkit.planning.plan_checks import check_false_alarms, check_formula
from evalkit.planning.planned_power import Intervals, Needed, Trials, Tried
from evalkit.planning.planned_tables import lay_out

_MADE = runpy.run_path(str(Path(__file__).resolve().parents[1] / "planning" / "made_plan.py"))
make_plan = _MADE["make_plan"]
STUDIES = 200
NEEDED = Needed(34, 3.2, "tried")


def trials_with(reach: float, alarms: int = 0, **changes: Any) -> Trials:
    """Return a trial in which exactly four in five find `reach`, chance left out."""
    plan = make_plan(**{"simulations": STUDIES, **changes})
    low = np.linspace(-2 * reach, 0, STUDIES + 2)[1:-1]
    low += -reach - np.sort(low)[STUDIES - int(0.8 * STUDIES)]
    low = np.minimum(low, -1e-6)
    low[:alarms] = 0.01
    ends = Intervals(low, np.full(STUDIES, 3 * reach))
    return Trials(plan, (Tried(lay_out(plan), {0.0: ends}, True),))


def conclude(trials: Trials, needed: Needed = NEEDED) -> Any:
    """Conclude with the one check that may block."""
    return conclude_plan(trials, needed, [check_false_alarms(trials)])


@pytest.mark.parametrize(
    ("reach", "claim"),
    [(0.1, "large enough"), (0.2, "about large enough"), (0.4, "too small")],
)
def test_claims_follow_the_power(reach: float, claim: str) -> None:
    """Against 0.2 that matters: 0.1 found four times in five is enough, 0.4 is not."""
    finding = conclude(trials_with(reach))
    assert finding.claim == claim
    assert finding.answer.startswith(f"The study would be {claim}. ")


def test_too_small_says_what_is_needed() -> None:
    """The sentence as a commissioner reads it, by hand."""
    assert conclude(trials_with(0.4)).answer == (
        "The study would be too small. With 20 wards (10 of them with the pathway) over 8 quarters "
        "it would find a difference of 0.40 points four times in five. The smallest difference "
        "that matters is 0.2 points. It would need 34 wards."
    )


@pytest.mark.parametrize(
    ("needed", "said"),
    [
        (Needed(4400, np.nan, "foretold"), " It would need about 4,400 wards."),
        (
            Needed(None, np.nan, "none"),
            " None of the numbers tried, up to 20 wards, would be enough.",
        ),
    ],
)
def test_what_is_not_known_is_not_said_as_if(needed: Needed, said: str) -> None:
    """A number that was foretold is about so; and there may be none."""
    assert conclude(trials_with(0.4), needed).answer.endswith(said)


def test_intervals_that_mislead_leave_no_other_claim() -> None:
    """Where 30 of 200 studies see what is not there, their power is told no more."""
    finding = conclude(trials_with(0.05, alarms=30))
    assert finding.claim == "would mislead"
    assert "would see a difference in 15% of studies, and 5% would be right" in finding.answer
    assert "find" not in finding.answer


def test_a_design_that_finds_nothing_says_so() -> None:
    """With three in ten refused nothing is found four times in five."""
    trials = trials_with(0.1)
    low = np.where(np.arange(STUDIES) < 60, np.nan, trials.main.sizes[0.0].low)
    high = np.where(np.isnan(low), np.nan, 1.0)
    refusing = Tried(trials.main.layout, {0.0: Intervals(low, high)}, True)
    answer = conclude(Trials(trials.plan, (refusing,)), Needed(None, np.nan, "none")).answer
    assert "would find no difference that was tried four times in five" in answer


@pytest.mark.parametrize(
    ("wanted", "words"), [(0.9, "nine times in ten"), (0.85, "85% of the time")]
)
def test_how_often_is_said_in_words(wanted: float, words: str) -> None:
    """Nine times in ten, and a share without words of its own."""
    assert words in conclude(trials_with(0.1, power_wanted=wanted)).answer


def test_trial_and_formula_stand_side_by_side() -> None:
    """Power, the size found and the units needed are told both ways; the rest by formula."""
    power, units, _, answers, clusters = conclude(trials_with(0.4)).meaning
    assert "% of 200 made-up studies" in power
    assert "By formula it is" in power
    assert units.startswith("To find 0.2 points four times in five takes 34 wards (Monte Carlo")
    assert "; by formula, " in units
    assert "twice as many answers from each ward and quarter" in answers
    assert "times as many answers as a trial that puts single people into two groups" in clusters


@pytest.mark.parametrize(("reach", "apart"), [(0.6, True), (0.26, False)])
def test_that_trial_and_formula_disagree_is_said(reach: float, apart: bool) -> None:
    """By formula 0.26 is found: 0.6 is told to be otherwise, and 0.26 is not."""
    trials = trials_with(reach)
    finding = conclude_plan(trials, NEEDED, [check_formula(trials)])
    assert ("Trial and formula disagree" in " ".join(finding.meaning)) is apart


def test_without_a_formula_none_is_told() -> None:
    """Mediation: nothing by formula, and all units have more or less of it."""
    finding = conclude(trials_with(0.4, design="mediation", **_MADE["OF_DESIGN"]["mediation"]))
    assert "formula" not in " ".join((finding.answer, *finding.meaning))
    assert "With 20 wards over 8 quarters it would" in finding.answer


@pytest.mark.parametrize("reach", [0.05, 0.2, 0.4])
@pytest.mark.parametrize("alarms", [0, 30])
def test_every_number_said_is_on_record(reach: float, alarms: int) -> None:
    """Each number of the sentences stands in the values or among the parameters."""
    trials = trials_with(reach, alarms)
    finding = conclude(trials)
    known = numbers_in(trials.plan.model_dump().values())
    known |= numbers_in(f"{value:g}" for value in finding.values["value"])
    said = " ".join((finding.answer, *finding.meaning, *finding.limits))
    assert unknown_numerals(said, known) == 0
    assert finding.values["name"].is_unique


def test_nothing_is_said_to_work() -> None:
    """A plan shows of no intervention that it works, and says so."""
    assert list_not_shown(make_plan())[-1] == "Whether the pathway works: nothing was measured"
    assert "calculations from assumptions" in conclude(trials_with(0.1)).limits[0]
