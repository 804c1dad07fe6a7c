"""How far trends may have parted: read from a design's bounds, and said with its number."""

from collections.abc import Callable

import pandas as pd
import pytest

from evalkit.checks.honest_trends import check_honest_trends
from evalkit.checks.judging import Estimate
from evalkit.designs.staggered_sensitivity import EVERY, FIRST, MOVES, TURNS_BY
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]


def bounds(first: float, every: float) -> pd.DataFrame:
    """Return bounds of both averages, with their breakdowns."""
    return pd.DataFrame(
        {
            "average": [FIRST, FIRST, EVERY, EVERY],
            "restriction": [MOVES, TURNS_BY] * 2,
            "breakdown": [first, 5.0, every, 5.0],
        }
    )


@pytest.mark.parametrize(
    ("tables", "verdict", "words"),
    [
        ({"honest_did": bounds(0.2, 1.0)}, "passes", "at most 1.00 times as much"),
        ({"honest_did": bounds(2.0, 0.994)}, "concern", "at most 0.99 times as much"),
        ({"honest_did": bounds(2.0, 0.0)}, "concern", "even if trends never parted"),
        ({"honest_did": bounds(2.0, 1.0).head(0)}, "cannot tell", "not two periods before"),
        ({}, "cannot tell", "not two periods before"),
    ],
    ids=["as much as before", "less", "not even parallel", "no past", "no bounds"],
)
def test_verdicts(
    make: Make,
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Callable[[Check], None],
    tables: dict[str, pd.DataFrame],
    verdict: str,
    words: str,
) -> None:
    """The mean over all periods decides: less than was seen before undoes a clear answer."""
    table = make(seed=2)
    plain = small(table, parameters)
    result = Result(plain.design, plain.estimates, plain.primary, True, tables)
    check = check_honest_trends(table, result, parameters, small)
    assert check.verdict == verdict
    assert words in check.finding
    numbers_stand(check)


@pytest.mark.parametrize("every", [0.0, 0.5])
def test_an_unclear_answer_cannot_be_undone(
    make: Make, small: Estimate, parameters: DifferenceInDifferences, every: float
) -> None:
    """Where the interval holds zero, trends that leave it there are no concern."""
    table = make(seed=2, effect=0.0)
    plain = small(table, parameters)
    assert plain.headline["conf_low"] < 0 < plain.headline["conf_high"]
    tables = {"honest_did": bounds(2.0, every)}
    result = Result(plain.design, plain.estimates, plain.primary, True, tables)
    assert check_honest_trends(table, result, parameters, small).verdict == "cannot tell"
