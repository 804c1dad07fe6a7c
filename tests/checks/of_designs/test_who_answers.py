"""Composition, answers, mode, missing outcomes and balance: who is compared with whom."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.answers import check_answers, check_mode
from evalkit.checks.balance import check_balance, tabulate_balance
from evalkit.checks.composition import check_composition, check_missing, with_absent_rows
from evalkit.checks.judging import Estimate
from evalkit.results import Check
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
Stand = Callable[[Check], None]
AFTER = 8


@pytest.mark.parametrize("alike", [True, False])
@pytest.mark.parametrize(("leaving", "verdict"), [(0, "passes"), (6, "concern")])
def test_composition(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    leaving: int,
    verdict: str,
    alike: bool,
) -> None:
    """Six of 20 units that leave at the start, of one group or of both, are a concern."""
    table = make()
    names = table["unit"].unique()
    leavers = [*names[:leaving], *(names[20 : 20 + leaving] if alike else [])]
    gone = table["unit"].isin(leavers) & (table["time"] >= AFTER)
    table = table[~gone]
    check = check_composition(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    assert f"{20 - leaving} of 20 units with the intervention" in check.finding
    numbers_stand(check)


@pytest.mark.parametrize(
    ("spread", "fewer", "verdict"),
    [(0.1, 1.0, "passes"), (0.1, 0.6, "concern"), (3.0, 1.0, "cannot tell")],
)
def test_answers(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    spread: float,
    fewer: float,
    verdict: str,
) -> None:
    """As many answers pass, 40% fewer worry, and numbers all over the place cannot tell."""
    table = make()
    rng = np.random.default_rng(3)
    base = 100 * np.exp(rng.normal(0, spread, len(table)))
    table["outcome_base"] = base * np.where(table["treated"], fewer, 1.0)
    check = check_answers(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_answers_unknown(make: Make, small: Estimate, parameters: DifferenceInDifferences) -> None:
    """Without numbers of answers the check says what to map."""
    table = make().assign(outcome_base=np.nan)
    check = check_answers(table, small(table, parameters), parameters, small)
    assert check.verdict == "cannot tell"
    assert "may map it as outcome_base" in check.finding


def test_answers_of_people_are_counted(
    make: Make, small: Estimate, parameters: DifferenceInDifferences
) -> None:
    """Where a row is an answer, rows are the answers: half as many after the start worry."""
    units = make(units=12, treated=6)
    times = np.where(units["treated"], 5, 10)
    table = units.loc[units.index.repeat(times)].reset_index(drop=True)
    people = parameters.model_copy(update={"data_rows": "people"})
    check = check_answers(table, small(units, parameters), people, small)
    values = check.table.set_index("name")["value"]
    assert check.verdict == "concern"
    assert values["seen"] == pytest.approx(-50.0)


@pytest.mark.parametrize(
    ("noise", "moved", "verdict"),
    [(0.02, 0.0, "passes"), (0.02, 0.2, "concern"), (0.3, 0.0, "cannot tell")],
)
def test_mode(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    noise: float,
    moved: float,
    verdict: str,
) -> None:
    """The same mode passes, a jump by 20 points worries, and a share that swings cannot tell."""
    table = make()
    rng = np.random.default_rng(3)
    share = 0.4 + rng.normal(0, noise, len(table)) + moved * table["treated"]
    table["mode_share"] = share.clip(0, 1)
    check = check_mode(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


@pytest.mark.parametrize(
    ("before", "after", "units", "verdict"),
    [
        (0.0, 0.0, 40, "passes"),
        (0.02, 0.02, 160, "passes"),
        (0.02, 0.3, 40, "concern"),
        (0.3, 0.3, 10, "cannot tell"),
    ],
)
def test_missing(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    before: float,
    after: float,
    units: int,
    verdict: str,
) -> None:
    """Few missing pass; many more with the intervention worry; many at random cannot tell."""
    table = make(units=units, treated=units // 2)
    rng = np.random.default_rng(6)
    lost = rng.random(len(table)) < np.where(table["treated"], after, before)
    table.loc[lost, "outcome"] = np.nan
    check = check_missing(table, small(table, parameters), parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_absent_rows_are_missing_outcomes(make: Make) -> None:
    """A unit without a row in a period gets one, its outcome missing and its start kept."""
    table = make(units=4, treated=2, periods=10)
    whole = with_absent_rows(table.drop(index=[9]))
    assert len(whole) == len(table)
    added = whole[whole["outcome"].isna()].iloc[0]
    assert (added["time"], added["first_treated"], added["treated"]) == (9, 8.0, True)


@pytest.mark.parametrize(
    ("units", "apart", "verdict"),
    [(1600, 0.0, "passes"), (40, 2.0, "concern"), (40, 0.0, "cannot tell")],
)
def test_balance(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    units: int,
    apart: float,
    verdict: str,
) -> None:
    """Many like units pass, groups two deviations apart worry, and 20 a group cannot tell."""
    table = make(units=units, treated=units // 2, periods=12)
    table["outcome"] += apart * 0.4 * table["first_treated"].notna()
    result = small(make(), parameters)
    check = check_balance(table, result, parameters, small)
    assert check.verdict == verdict
    numbers_stand(check)


def test_balance_by_hand(parameters: DifferenceInDifferences) -> None:
    """Means 1, 3 against 2, 6: 2 less, deviation root of (2 + 8) / 2, so -2 / root 5."""
    table = pd.DataFrame(
        {
            "unit": list("abcd"),
            "time": 0,
            "outcome": [1.0, 3.0, 2.0, 6.0],
            "first_treated": [1.0, 1.0, np.nan, np.nan],
        }
    )
    row = tabulate_balance(table, parameters).iloc[0]
    assert (row["with_it"], row["without"]) == (2.0, 4.0)
    assert row["difference"] == pytest.approx(-2 / np.sqrt(5))
    assert row["std_error"] == pytest.approx(np.sqrt(1 + (4 / 5) / 8))
