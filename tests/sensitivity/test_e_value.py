"""E-values: the published example, standardised differences, refusal."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.sensitivity.e_value import e_value, e_value_of_difference


def test_published_example() -> None:
    """Risk ratio 3.9 (1.8 to 8.7): 3.9 + sqrt(3.9 x 2.9) = 7.26; limit 1.8 + sqrt(1.8 x .8) = 3."""
    found = e_value(3.9, 1.8, 8.7)
    assert found.point == pytest.approx(7.26, abs=0.005)
    assert found.limit == pytest.approx(3.0)


def test_protective_ratios_are_turned_round() -> None:
    """A ratio of one half needs what a ratio of two needs; the nearer limit is the upper one."""
    found = e_value(0.5, 0.25, 0.8)
    assert found.point == pytest.approx(2 + np.sqrt(2))
    assert found.limit == pytest.approx(1.25 + np.sqrt(1.25 * 0.25))


def test_interval_that_holds_one() -> None:
    """Where the interval holds no association, its E-value is 1."""
    assert e_value(1.2, 0.9, 1.6).limit == 1


def test_standardised_difference_by_hand() -> None:
    """d = 0.5, error 0.1: ratio exp(0.455) = 1.576; limit exp(0.455 - 0.178) = 1.319."""
    found = e_value_of_difference(0.5, 0.1)
    assert found.risk_ratio == pytest.approx(np.exp(0.455))
    assert found.point == pytest.approx(1.5762 + np.sqrt(1.5762 * 0.5762), abs=1e-3)
    assert found.limit == pytest.approx(1.3192 + np.sqrt(1.3192 * 0.3192), abs=1e-3)


def test_a_cause_of_that_strength_suffices() -> None:
    """The bias factor of a cause with both strengths equal to the E-value is the ratio itself."""
    strength = e_value(2.3, 1.5, 3.0).point
    assert strength**2 / (2 * strength - 1) == pytest.approx(2.3)


@pytest.mark.parametrize("ratio", [(-0.2, -0.4, 0.1), (2.0, 2.5, 3.0)])
def test_differences_and_misplaced_limits_are_refused(ratio: tuple[float, float, float]) -> None:
    """A number that cannot be a ratio in its interval is refused, saying what to give."""
    with pytest.raises(AnalysisError, match="Give ratios"):
        e_value(*ratio)
