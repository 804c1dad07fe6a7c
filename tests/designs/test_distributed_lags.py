"""Which moves first: staff first, patients first, both at once, and too few periods."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import distributed_lags
from evalkit.errors import AnalysisError
from evalkit.results import pick_row
from evalkit.study.schema import StaffWellbeing


def shifted_panel(seed: int, shift: int) -> pd.DataFrame:
    """Make a panel in which the outcome follows the exposure by `shift` periods."""
    rng = np.random.default_rng(seed)
    trusts, periods = 80, 12
    x = rng.normal(size=(periods + 4, trusts))
    frame = {
        "unit": np.tile([f"T{i:02d}" for i in range(trusts)], periods),
        "time": np.repeat(np.arange(periods), trusts),
        "exposure": x[2 : 2 + periods].ravel(),
        "outcome": (
            x[2 - shift : 2 - shift + periods] + rng.normal(size=(periods, trusts))
        ).ravel(),
    }
    panel = pd.DataFrame(frame)
    return panel.assign(period=(2001 + panel["time"]).astype(str))


@pytest.fixture
def lag_one(simple: StaffWellbeing) -> StaffWellbeing:
    """Return parameters in which staff are to come one period first."""
    return simple.model_copy(update={"exposure_lag": 1})


@pytest.mark.parametrize(("shift", "concern"), [(1, False), (0, True), (-1, True)])
def test_weight_lies_where_the_outcome_follows(
    lag_one: StaffWellbeing, shift: int, concern: bool
) -> None:
    """The true lag has the weight; weight at the same time or after rejects the order."""
    result = distributed_lags.estimate(shifted_panel(1, shift), lag_one)
    terms = result.estimates[result.estimates["term"] == "exposure"].set_index("shift")
    assert terms["estimate"].idxmax() == shift
    assert terms.loc[shift, "estimate"] == pytest.approx(1.0, abs=0.15)
    assert (result.headline["p_value"] < 0.001) == concern


def test_joint_test_holds_its_level(lag_one: StaffWellbeing) -> None:
    """With the true order the joint test rejects in about 5% of 200 seeds."""
    p = [
        distributed_lags.estimate(shifted_panel(s, 1), lag_one).headline["p_value"]
        for s in range(200)
    ]
    assert 2 <= sum(value < 0.05 for value in p) <= 21  # exact 99.9% range of Binomial(200, 0.05)


def test_too_soon_is_the_sum_of_its_terms(lag_one: StaffWellbeing) -> None:
    """The row `too_soon` adds up the same period and the lead."""
    table = distributed_lags.estimate(shifted_panel(2, 0), lag_one).estimates
    terms = table[table["term"] == "exposure"].set_index("shift")["estimate"]
    assert pick_row(table, term="too_soon")["estimate"] == pytest.approx(terms[0] + terms[-1])


def test_detectable_is_found_four_times_in_five(lag_one: StaffWellbeing) -> None:
    """The detectable size is 1.99 + 0.85 standard errors for 80 trusts."""
    result = distributed_lags.estimate(shifted_panel(3, 1), lag_one)
    ratio = distributed_lags.detectable(result) / result.headline["std_error"]
    assert ratio == pytest.approx(1.990 + 0.846, abs=0.002)


def test_too_few_periods_are_refused(
    simple: StaffWellbeing, make_noisy: Callable[..., pd.DataFrame]
) -> None:
    """Two periods cannot tell lags from leads; the message says how many can."""
    with pytest.raises(AnalysisError, match="has 2; telling lags from leads needs at least 5"):
        distributed_lags.estimate(make_noisy(1, 0.5, periods=2), simple)
