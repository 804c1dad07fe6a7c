"""The course of a control before the start, in the units of what the study asks."""

from collections.abc import Callable
from types import SimpleNamespace

import pandas as pd
import pytest

from evalkit.checks.judging import Estimate
from evalkit.checks.matched import check_control_course
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Stand = Callable[[Check], None]
SLOPES = {"label": "Difference in slope before, per month", "estimate": 0.01, "level": 0.95}
SLOPES |= {"conf_low": -0.02, "conf_high": 0.04}


@pytest.mark.parametrize(("primary", "periods"), [("level", 8), ("slope", 1)])
def test_a_slope_is_judged_per_period(
    make: Callable[..., pd.DataFrame],
    small: Estimate,
    parameters: DifferenceInDifferences,
    numbers_stand: Stand,
    primary: str,
    periods: int,
) -> None:
    """Where the slope answers, its difference before the start is not added up over the periods."""
    row = {"term": "effect", "estimate": 0.5, "conf_low": 0.1, "conf_high": 0.9, "level": 0.95}
    tables = {"baseline": pd.DataFrame([SLOPES])}
    result = Result(
        "interrupted_time_series", pd.DataFrame([row]), {"term": "effect"}, True, tables
    )
    asked = SimpleNamespace(**parameters.model_dump() | {"primary": primary})
    check = check_control_course(make(), result, asked, small)
    after = make()
    assert after.loc[after["treated"], "time"].nunique() == 8
    seen = check.table.set_index("name").loc["seen", "value"]
    assert seen == pytest.approx(round(periods * 0.01, 3), abs=0.005)
    assert check.finding.startswith("By the end" if periods > 1 else "Difference in slope")
    numbers_stand(check)
