"""What became of the gap: recovered, its interval covers, and the claim is the right one."""

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.health_inequalities import check_earlier_gap, check_inequalities
from evalkit.equity.gap_change import ALL, CHANGE, POOREST, REST, estimate_gap_change
from evalkit.equity.study import Opened, study_inequalities
from evalkit.errors import AnalysisError
from evalkit.findings.health_inequalities import conclude_inequalities
from evalkit.results import Finding, pick_row
from evalkit.study.schemas.health_inequalities import HealthInequalities
from tests.equity.conftest import Maker

MISSED = 5
"""Of 40 intervals at 95%, more than 6 misses have a chance below 1 in 500."""


def find(answers: pd.DataFrame, units: pd.DataFrame, parameters: HealthInequalities) -> Finding:
    """Answer the question as the notebook does."""
    known = pd.DataFrame({"dimension": ["Sex"], "answers": [1], "known": [1], "share": [100.0]})
    opened = Opened(answers, units, known, pd.DataFrame(), pd.DataFrame())
    checks = check_inequalities(opened, parameters)
    return conclude_inequalities(study_inequalities(opened, parameters), checks, parameters)


def test_the_change_is_the_difference_of_the_two_effects(
    maker: Maker, parameters: HealthInequalities
) -> None:
    """The gap's change equals the poorest's effect less the rest's, in one table."""
    rows = estimate_gap_change(*maker(1, poorest=0.2, rest=0.6), parameters)
    sizes = {group: pick_row(rows, group=group)["estimate"] for group in (ALL, POOREST, REST)}
    change = pick_row(rows, group=CHANGE)["estimate"]
    assert change == pytest.approx(sizes[POOREST] - sizes[REST])
    assert {"estimate", "conf_low", "conf_high"} <= set(rows.select_dtypes("number"))
    assert sizes[POOREST] < sizes[ALL] < sizes[REST]


def test_intervals_hold_the_change(maker: Maker, parameters: HealthInequalities) -> None:
    """Of 40 made-up studies, the change of -0.4 lies in nearly all of their intervals."""
    rows = [
        pick_row(
            estimate_gap_change(*maker(s, people=5000, poorest=0.1, rest=0.5), parameters),
            group=CHANGE,
        )
        for s in range(40)
    ]
    missed = sum(not row["conf_low"] <= -0.4 <= row["conf_high"] for row in rows)
    assert missed <= MISSED
    assert np.mean([row["estimate"] for row in rows]) == pytest.approx(-0.4, abs=0.08)


@pytest.mark.parametrize(
    ("poorest", "rest", "claim"),
    [
        (0.2, 1.0, "mean up, gap wider"),
        (1.0, 0.0, "gap closed"),
        (0.0, -1.0, "gap closed by levelling down"),
        (-1.0, 0.0, "gap wider"),
        (0.0, 0.0, "unclear"),
    ],
)
def test_each_world_has_its_claim(
    maker: Maker, parameters: HealthInequalities, poorest: float, rest: float, claim: str
) -> None:
    """A rising mean with a growing gap says both, one closed by loss says so, noise neither."""
    found = find(*maker(11, people=30_000, poorest=poorest, rest=rest), parameters)
    assert found.claim == claim


def test_a_mean_that_rises_by_who_answers_is_no_gain(
    maker: Maker, parameters: HealthInequalities
) -> None:
    """Where the poorest lose and mostly fall silent, the mean rises, and no gain is said of it."""
    answers, units = maker(14, people=60_000, poorest=-1.0)
    poor = answers["deprivation_decile"] <= 2
    answers.loc[poor, "outcome"] -= 4
    begun = answers["unit"].isin(units.loc[units["start"].notna(), "unit"])
    silent = poor & begun & (answers["period"] >= "2024-01") & (answers.index % 10 < 8)
    kept = answers[~silent].reset_index(drop=True)
    changes = estimate_gap_change(kept, units, parameters)
    assert pick_row(changes, group=ALL)["conf_low"] > 0
    assert find(kept, units, parameters).claim == "gap wider"


def test_a_gap_that_moved_before_stops_the_claim(
    maker: Maker, parameters: HealthInequalities
) -> None:
    """Where the gap was closing already in those wards, nothing is claimed for the programme."""
    answers, units = maker(12, people=30_000, drift=0.1)
    check = check_earlier_gap(answers, units, parameters)
    assert check.verdict == "concern"
    assert find(answers, units, parameters).claim == "cannot be told"


def test_without_starts_it_only_describes(maker: Maker, parameters: HealthInequalities) -> None:
    """With no units mapped, the answer says who fares worse, and that this is no reason why."""
    answers, _ = maker(13)
    known = pd.DataFrame({"dimension": ["Sex"], "answers": [1], "known": [1], "share": [100.0]})
    opened = Opened(answers, None, known, pd.DataFrame(), pd.DataFrame())
    finding = conclude_inequalities(study_inequalities(opened, parameters), [], parameters)
    assert finding.claim == "poorest fare worse"
    assert "not why" in finding.answer


@pytest.mark.parametrize("start", [None, "2024-01"])
def test_nobody_or_everybody_with_it_is_refused(
    maker: Maker, parameters: HealthInequalities, start: str | None
) -> None:
    """Where no unit began, or all did, there is nothing to compare with."""
    answers, units = maker(14, people=2000)
    with pytest.raises(AnalysisError):
        estimate_gap_change(answers, units.assign(start=start), parameters)
