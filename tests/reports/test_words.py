"""Released values become text at their precision, and no text becomes markup."""

import pytest

from evalkit.reports.bundle import Cell, Column, Table
from evalkit.reports.tables import write_table
from evalkit.reports.words import (
    end_sentence,
    escape,
    fewest_decimals,
    say,
    show_interval,
    show_value,
)

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
        (-0.0, None, "0"),
        (-0.0, 2, "0.00"),
        (-0.001, 2, "0.00"),
        (-0.001, 3, f"{MINUS}0.001"),
    ],
)
def test_values_keep_their_precision(value: Cell, decimals: int | None, text: str) -> None:
    """A value is shown at its released precision; a mark is shown as it stands."""
    assert show_value(value, decimals) == text


@pytest.mark.parametrize(
    ("value", "low", "high", "text"),
    [
        (8.0, 7.6, 8.3, "8.0 (7.6 to 8.3)"),
        (82.9, 80.0, 85.0, "82.9 (80.0 to 85.0)"),
        (8, 7, 9, "8 (7 to 9)"),
        (0.0, -0.25, 0.5, f"0.00 ({MINUS}0.25 to 0.50)"),
        (1234.0, 1200.5, 1300.0, "1,234.0 (1,200.5 to 1,300.0)"),
        (0.00001, 0.0, 0.00002, "0.00001 (0.00000 to 0.00002)"),
        (8.0, "[c]", 8.25, "8.00 ([c] to 8.25)"),
    ],
)
def test_an_interval_stands_at_one_precision(value: Cell, low: Cell, high: Cell, text: str) -> None:
    """Where rows have precisions of their own, that of the number released most finely."""
    names = ("value", "conf_low", "conf_high")
    table = Table("t", "", tuple(Column(n, n, "mean", "", None) for n in names), ())
    row = dict(zip(names, (value, low, high), strict=True))
    assert show_interval(row, table, "value") == text


def test_interval_gives_way_to_its_mark() -> None:
    """A suppressed estimate shows its mark alone, not an interval of marks."""
    columns = tuple(
        Column(name, name, "estimate", "", 2) for name in ("estimate", "conf_low", "conf_high")
    )
    table = Table("t", "", columns, ())
    shown = {"estimate": 0.2, "conf_low": -0.1, "conf_high": 0.5}
    assert show_interval(shown, table) == f"0.20 ({MINUS}0.10 to 0.50)"
    assert show_interval(dict.fromkeys(shown, "[c]"), table) == "[c]"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("-0.04 (-0.10 to -.5)", f"{MINUS}0.04 ({MINUS}0.10 to {MINUS}.5)"),
        ("2021-22, 2026-03-01, COVID-19, S-01 and well-being", None),
        ("a < -1", f"a &lt; {MINUS}1"),
    ],
)
def test_a_minus_is_shown_as_one(text: str, shown: str | None) -> None:
    """A hyphen right before a number is a minus; one within a date, a code or a word is not."""
    assert say(text) == (shown or text)


@pytest.mark.parametrize(
    ("values", "decimals"),
    [([0.1, 0.0, "[c]", None], 2), ([0.1, -0.004], 3), ([0.0002], 4), ([], 2)],
)
def test_fewest_decimals_hide_nothing(values: list[Cell], decimals: int) -> None:
    """Two decimals, or as many as keep all but zero from showing as zero."""
    assert fewest_decimals(values) == decimals


def test_sentences_end() -> None:
    """A full stop is put where there is no end, and nowhere else."""
    assert [end_sentence(text) for text in ("One", "One.", "One?", "")] == [
        "One.",
        "One.",
        "One?",
        "",
    ]


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
