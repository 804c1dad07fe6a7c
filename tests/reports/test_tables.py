"""Released tables on a page: what tells a reader something, in words that a reader knows."""

import re
from typing import Any

import pytest

from evalkit.reports.bundle import Column, Table
from evalkit.reports.tables import write_table

EFFECT = {"label": "With it", "estimate": 0.3, "conf_low": 0.1, "conf_high": 0.5, "level": 0.95}
KEYS = {"term": "event", "method": "callaway_santanna", "group": "all"}
LABELS = {"conf_low": "Lower end of interval", "conf_high": "Upper end of interval"}


def table_of(*rows: dict[str, Any]) -> Table:
    """Make a table whose columns are words or estimates to three decimals."""
    columns = tuple(
        Column(name, LABELS.get(name, name), "label", "", None)
        if isinstance(value, str)
        else Column(name, LABELS.get(name, name), "estimate", "", 3)
        for name, value in rows[0].items()
    )
    return Table("Effects", "Seen.", columns, rows)


def headings(written: str) -> list[str]:
    """Return the headings of columns."""
    return re.findall(r'<th scope="col"[^>]*>([^<]*)<', written)


def test_keys_of_programs_are_not_shown_to_readers() -> None:
    """Where rows have labels, keys such as the method's name in the code are left out."""
    assert headings(write_table(table_of(EFFECT | KEYS)))[0] == "Label"
    assert not {"Term", "Method", "Group"} & set(headings(write_table(table_of(EFFECT | KEYS))))
    assert headings(write_table(table_of(KEYS))) == ["Term", "Method", "Group"]


def test_a_level_that_all_share_is_told_in_the_headings() -> None:
    """One level is no column: the ends are called those of a 95% interval; two levels are one."""
    one = headings(write_table(table_of(EFFECT, EFFECT)))
    assert one[2:] == ["Lower end of 95% interval", "Upper end of 95% interval"]
    two = headings(write_table(table_of(EFFECT, EFFECT | {"level": 0.9})))
    assert "Level" in two
    assert "Lower end of interval" in two


def test_columns_of_nothing_are_left_out() -> None:
    """A column without any value tells nothing; a hidden one says that it is hidden."""
    blank: dict[str, Any] = EFFECT | {"period": "", "n": None}
    assert not {"Period", "N"} & set(headings(write_table(table_of(blank))))
    assert "N" in headings(write_table(table_of(EFFECT | {"n": "[c]"})))


@pytest.mark.parametrize(("value", "shown"), [(0.0, "under 0.001"), (0.012, "0.012")])
def test_no_p_value_is_nought(value: float, shown: str) -> None:
    """A p-value that rounds to nought is said to be under the smallest that is written."""
    assert f">{shown}</td>" in write_table(table_of(EFFECT | {"p_value": value}))
