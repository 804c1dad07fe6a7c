"""How large a size is beside the smallest difference that matters, in words and as a value."""

from typing import Literal

import pandas as pd

from evalkit.results.words import number


def beside_least(size: float, least: float, unit: str, ends: tuple[float, float]) -> str:
    """Write `2.0 times` the smallest difference that matters, or `40% of` it where smaller.

    Where `ends`, the interval of `size`, hold sizes on both sides of that difference, it says so.
    """
    share = abs(size) / least
    times = f"{number(share, 1)} times" if share >= 1 else f"{number(100 * share, 0)}% of"
    said = f"{times} the smallest difference that would matter ({number(least)} {unit})"
    if any(ends[0] < bound < ends[1] for bound in (-least, least)):
        return f"{said}; its interval reaches from less than that to more"
    return said


def interval_beside_least(
    row: "pd.Series[float]", least: float
) -> Literal["all of it", "some of it", "none of it"]:
    """Say how much of an interval that leaves out zero is as large as matters.

    `row` has `conf_low` and `conf_high`, both on one side of zero.
    """
    low, high = sorted((abs(row["conf_low"]), abs(row["conf_high"])))
    if low >= least:
        return "all of it"
    return "none of it" if high < least else "some of it"


def say_beside_least(row: "pd.Series[float]", least: float) -> str:
    """Complete "The gain ... the smallest difference that matters" by rule from its interval."""
    return {
        "all of it": "is at least as large as",
        "some of it": "may or may not be as large as",
        "none of it": "is smaller than",
    }[interval_beside_least(row, least)]


def value_beside_least(size: float, least: float) -> tuple[str, float, int]:
    """Return name, value and decimals of the number that `beside_least` says."""
    share = abs(size) / least
    if share >= 1:
        return "times_important", share, 1
    return "percent_of_important", 100 * share, 0
