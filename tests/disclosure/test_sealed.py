"""What a finding rests on is counted from its primary row, by the contract of its columns."""

import pytest

from evalkit.disclosure.sealed import whole_base


@pytest.mark.parametrize(
    ("row", "base"),
    [
        ({"n": 960, "clusters": 12, "df": 4.6}, 12),
        ({"n": 9, "clusters": 40, "df": 30.0}, 9),
        ({"n": 48, "clusters": None, "df": 6.0}, 6),
        ({"n": 48, "df": None}, 48),
        ({}, None),
    ],
)
def test_an_interval_of_few_degrees_rests_on_its_clusters(
    row: dict[str, float | None], base: float | None
) -> None:
    """With clusters their number counts, not the interval's df; without, df is residual."""
    record = {
        "estimates": [{"term": "other", "n": 1}, {"term": "effect", **row}],
        "primary": {"term": "effect"},
    }
    assert whole_base(record) == base


@pytest.mark.parametrize(("base", "found"), [("n", 96), ("clusters", 8), (None, 8)])
def test_an_answer_rests_on_what_its_own_table_rests_on(base: str | None, found: float) -> None:
    """The table of estimates and the answer show one number: both are shown, or neither is."""
    column = {"name": "estimate", "base": base}
    record = {
        "estimates": [{"term": "effect", "n": 96, "clusters": 8, "df": 6.0}],
        "primary": {"term": "effect"},
        "tables": [{"name": "estimates", "columns": [column]}],
    }
    assert whole_base(record) == found
