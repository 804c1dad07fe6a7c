"""Numbers and lists as words."""

import pandas as pd
import pytest

from evalkit.charts.words import (
    count_words,
    labels,
    level_words,
    require_columns,
    with_unit,
)
from evalkit.errors import DataError


def test_counts_are_written_in_letters() -> None:
    """A count adds no numeral to a text, and its noun agrees."""
    assert [count_words(n, "method") for n in (0, 1, 20, 21)] == [
        "no methods",
        "one method",
        "twenty methods",
        "many methods",
    ]


def test_the_level_is_named_only_where_all_rows_share_it() -> None:
    """Two levels in one table are not told as one."""
    assert level_words(pd.DataFrame({"level": [0.95, 0.95]})) == "95% interval"
    assert level_words(pd.DataFrame({"level": [0.95, 0.9]})) == "interval"
    assert level_words(pd.DataFrame({"estimate": [1.0]})) == "interval"


def test_a_row_without_a_label_is_named_by_its_key() -> None:
    """Keys become plain words; a given label is left as it is written."""
    frame = pd.DataFrame({"method": ["first_difference", "within"], "label": [None, "NHS only"]})
    assert labels(frame, "method").tolist() == ["First difference", "NHS only"]


def test_a_long_name_has_its_unit_on_a_line_of_its_own() -> None:
    """A unit goes to a second line as a whole."""
    assert with_unit("a name", "points", 40) == "a name (points)"
    assert with_unit("a name", "points", 10) == "a name\n(points)"
    assert with_unit("a name", "") == "a name"


def test_a_very_long_name_is_spread_over_lines_of_like_length() -> None:
    """No line is left with a single word."""
    lines = with_unit("how well people said that they were cared for here", "points", 40).split(
        "\n"
    )
    assert [len(line.split()) for line in lines] == [7, 4]


def test_a_table_that_cannot_be_drawn_is_refused_with_all_that_it_lacks() -> None:
    """One message names every missing column; an empty table has its own."""
    frame = pd.DataFrame({"estimate": [1.0]})
    with pytest.raises(DataError, match=r"lacks columns \(2\): conf_low, conf_high"):
        require_columns(frame, ("estimate", "conf_low", "conf_high"), "facets")
    with pytest.raises(DataError, match=r"chart facets: its table has no rows"):
        require_columns(frame.iloc[:0], ("estimate",), "facets")
