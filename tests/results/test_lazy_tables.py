"""Tables made on demand: once, by name, and not before they are read."""

import pandas as pd
import pytest

from evalkit.results.lazy_tables import LazyTables


def test_a_table_is_made_once_and_only_when_read() -> None:
    """Listing and counting make nothing; reading twice makes one."""
    made: list[str] = []

    def make() -> pd.DataFrame:
        made.append("a")
        return pd.DataFrame({"x": [1]})

    tables = LazyTables({"a": make})
    assert list(tables) == ["a"]
    assert len(tables) == 1
    assert "a" in tables
    assert made == []
    assert tables["a"] is tables["a"]
    assert made == ["a"]


def test_an_unknown_name_is_refused() -> None:
    """A table that the design does not make is a key error, as in any mapping."""
    with pytest.raises(KeyError):
        LazyTables({})["a"]
