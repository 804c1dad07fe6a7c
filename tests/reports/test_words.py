"""Released values become text at their precision, and no text becomes markup."""

import pytest

from evalkit.reports.bundle import Cell, Column, Table
from evalkit.reports.tables import write_table
from evalkit.reports.words import escape, show_interval, show_value

MINUS = "\N{MINUS SIGN}"


@pytest.mark.parametrize(
    ("value", "decimals", "text"),
    [
        (0.2, 2, "0.20"),
        (-0.04, 2, f"{MINUS}0.04"),
        (2080, None, "2,080"),
        (130.0, None, "130"),
        (0.125, None, "0.125"),
        ("[c]", 2, "[c]"),
        (None, 2, "[x]"),
    ],
)
def test_values_keep_their_precision(value: Cell, decimals: int | None, text: str) -> None:
    """A value is shown at its released precision; a mark is shown as it stands."""
    assert show_value(value, decimals) == text


def test_interval_gives_way_to_its_mark() -> None:
    """A suppressed estimate shows its mark alone, not an interval of marks."""
    columns = tuple(
        Column(name, name, "estimate", "", 2) for name in ("estimate", "conf_low", "conf_high")
    )
    table = Table("t", "", columns, ())
    shown = {"estimate": 0.2, "conf_low": -0.1, "conf_high": 0.5}
    assert show_interval(shown, table) == f"0.20 ({MINUS}0.10 to 0.50)"
    assert show_interval(dict.fromkeys(shown, "[c]"), table) == "[c]"


def test_markup_is_shown_as_text() -> None:
    """Angle brackets, quotes and ampersands are escaped in text and in attributes."""
    assert escape("<a href=\"x\" b='y'>&") == "&lt;a href=&quot;x&quot; b=&#x27;y&#x27;&gt;&amp;"


def test_table_escapes_and_explains() -> None:
    """Captions, headings and cells are escaped; `[c]` and `[x]` are explained only where shown."""
    columns = (Column("a", "<i>", "label", "", None), Column("b", "B", "count", "<u>", None))
    plain = write_table(Table("<b>", "", columns, ({"a": "<s>", "b": 12},)))
    for raw in ("<i>", "<u>", "<b>", "<s>"):
        assert raw not in plain
        assert escape(raw) in plain
    assert "confidential" not in plain
    marked = write_table(Table("t", "", columns, ({"a": "x", "b": "[c]"}, {"a": "y", "b": None})))
    assert "[c] means confidential" in marked
    assert "[x] means not available" in marked
