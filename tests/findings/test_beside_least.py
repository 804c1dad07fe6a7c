"""A size beside the smallest difference that matters: its own words, and those of its interval."""

import pytest

from evalkit.findings.beside_least import beside_least

BOTH = "its interval reaches from less than that to more"


@pytest.mark.parametrize(
    ("size", "said"), [(1.0, "2.0 times"), (-0.2, "40% of"), (0.5, "1.0 times"), (0.0, "0% of")]
)
def test_a_size_is_told_in_times_or_per_cent_of_what_matters(size: float, said: str) -> None:
    """From what matters on in times, below it in per cent, whichever the sign."""
    whole = beside_least(size, 0.5, "points", (size, size))
    assert whole == f"{said} the smallest difference that would matter (0.50 points)"


@pytest.mark.parametrize(
    ("ends", "both"),
    [
        ((0.1, 0.9), True),
        ((-0.9, -0.1), True),
        ((-0.9, 0.9), True),
        ((0.6, 0.9), False),
        ((-0.4, 0.4), False),
    ],
)
def test_an_interval_that_crosses_what_matters_is_said(
    ends: tuple[float, float], both: bool
) -> None:
    """An interval with sizes on both sides of what matters, up or down, is said, and no other."""
    assert (BOTH in beside_least(0.5, 0.5, "points", ends)) == both
