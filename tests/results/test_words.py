"""Numbers into words."""

import pytest

from evalkit.results import words


@pytest.mark.parametrize(
    ("value", "decimals", "said"),
    [(0.054, 2, "0.05"), (-0.0004, 2, "0.00"), (-0.5, 1, "-0.5"), (1234.6, 0, "1,235")],
)
def test_number(value: float, decimals: int, said: str) -> None:
    """Numbers have fixed decimals, thousands, and no minus before zero."""
    assert words.number(value, decimals) == said


def test_interval_says_its_level() -> None:
    """The level stands with the bounds, and is the one of the row."""
    assert words.interval(-0.01, 0.2, 0.9) == "90% interval -0.01 to 0.20"


@pytest.mark.parametrize(
    ("period", "word"), [("2021Q1", "quarter"), ("2021", "year"), ("2021-03", "month")]
)
def test_period_word(period: str, word: str) -> None:
    """The length of a period is read from how it is written."""
    assert words.period_word(period) == word


def test_three_decimals_where_two_would_hide() -> None:
    """A bound that is not zero is not shown as zero."""
    assert words.decimals_for(0.1, 0.004) == 3
    assert words.decimals_for(0.1, 0.006, 0.0) == 2
    assert words.decimals_for(-0.0003, 0.1) == 4
    assert words.decimals_for(1e-12, 0.1) == 6


@pytest.mark.parametrize(
    ("value", "unit", "said"),
    [
        (0.2, "points", "0.2 points"),
        (1.0, "percentage points", "1 percentage point"),
        (1.0, "points per month", "1 point per month"),
        (2.0, "days per 1,000", "2 days per 1,000"),
    ],
)
def test_one_of_a_unit_is_in_the_singular(value: float, unit: str, said: str) -> None:
    """A size of one has a unit without its plural's letter, whatever follows `per`."""
    assert words.measured(value, unit) == said


def test_lists_and_counts() -> None:
    """Lists and small counts read as a sentence would."""
    assert words.listed(["a", "b", "c"]) == "a, b and c"
    assert words.listed(["a"]) == "a"
    assert words.counted_in_words(1, "quarter") == "one quarter"
    assert words.counted_in_words(12, "quarter") == "12 quarters"


def test_values_table_is_rounded_as_said() -> None:
    """The table behind a sentence holds the numbers as the sentence says them."""
    table = words.values_table({"a": 0.123, "b": -0.0001}, {"a": 1})
    assert table["value"].tolist() == [0.1, 0.0]
