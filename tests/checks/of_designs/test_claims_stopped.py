"""A difference where there can be none stops a claim of cause, and only that."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.checks.by_design import CONTRADICT_CAUSE, check_all
from evalkit.checks.judging import Estimate
from evalkit.findings.design_effect import conclude
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]
Asked = tuple[pd.DataFrame, DifferenceInDifferences]


@pytest.fixture
def moved(make: Make, parameters: DifferenceInDifferences) -> Asked:
    """Return units that gained, in whose parking, too, half a point came with the start."""
    table = make(units=24, treated=12)
    noise = np.random.default_rng(4).normal(0, 0.2, len(table))
    named = parameters.model_copy(update={"placebo_outcomes": ["parking"]})
    return table.assign(parking=6 + 0.5 * table["treated"] + noise), named


def ask(asked: Asked, result: Result, estimate: Estimate) -> tuple[str, dict[str, Check]]:
    """Return the claim and the checks by name."""
    table, parameters = asked
    checks = check_all(table, result, parameters, estimate)
    claim = conclude(table, result, checks, parameters).claim
    return claim, {check.name: check for check in checks}


def test_a_placebo_outcome_that_moved_stops_the_claim(small: Estimate, moved: Asked) -> None:
    """Parking moved by as much as the outcome, so what moved it may have made the answer."""
    claim, checks = ask(moved, small(*moved), small)
    assert checks["placebo_outcomes"].verdict == "concern"
    assert checks["placebo_outcomes"].blocks
    assert claim == "cannot be told"


def test_a_placebo_that_stayed_stops_nothing(small: Estimate, moved: Asked) -> None:
    """The same units with parking as it was: improved."""
    table, parameters = moved
    still = table.assign(parking=table["parking"] - 0.5 * table["treated"])
    claim, checks = ask((still, parameters), small(still, parameters), small)
    assert checks["placebo_outcomes"].verdict == "passes"
    assert claim == "improved"


def test_an_association_is_told_all_the_same(small: Estimate, moved: Asked) -> None:
    """An association may be anything's work, and so may that of a placebo outcome."""
    claim, checks = ask(moved, replace(small(*moved), permits_cause=False), small)
    assert not any(checks[name].blocks for name in CONTRADICT_CAUSE)
    assert claim == "associated with better"
