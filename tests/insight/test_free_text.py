"""What people wrote shows as text: never run, never a formula, never a person's particulars."""

import pytest

from evalkit.insight.free_text import REMOVED, remove_unseen, show_text


@pytest.mark.parametrize(
    "text",
    ["=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "-2 out of 10", "+44", "\t=1+1", "[c]", "max", "＝1"],
)
def test_text_is_no_formula_and_no_mark_of_ours(text: str) -> None:
    """Whatever it starts with, a quotation mark stands before it, and around a mark of ours."""
    shown = show_text(text)
    assert shown.startswith("“") and shown.endswith("”")
    assert shown not in ("[c]", "max")


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Ring 07700 900123 or 020 7946 0018", f"Ring {REMOVED} or {REMOVED}"),
        ("NHS number 943 476 5919.", f"NHS number {REMOVED}."),
        ("Write to a.b@example.org", f"Write to {REMOVED}"),
        ("We live at M1 1AE, m1 1ae", f"We live at {REMOVED}, {REMOVED}"),
        ("Nurse Sampleton and Dr Mary Placeholder were kind", f"{REMOVED} and {REMOVED} were kind"),
        ("Born 03/04/1950, in bay 12 for 3 days", f"Born {REMOVED}, in bay 12 for 3 days"),
        ("See http://example.org/x now", f"See {REMOVED} now"),
    ],
)
def test_personal_particulars_are_taken_out(text: str, kept: str) -> None:
    """Numbers of persons, addresses and titled names go; other numbers stay."""
    assert show_text(text) == f"“{kept}”"


def test_right_to_left_words_stay_and_marks_of_direction_go() -> None:
    """Arabic and Hebrew are kept as they are written; an override would turn the page around."""
    assert show_text("شكرا لكم") == "“شكرا لكم”"
    assert remove_unseen("תודה \u202eהמסור\u202c") == "תודה המסור"
    assert remove_unseen("one\ntwo\x00\u2028three") == "one two three"


def test_long_texts_are_cut_at_a_word() -> None:
    """A text is shown on one line of at most 180 characters and says that it goes on."""
    shown = show_text("word " * 100)
    assert len(shown) < 190 and shown.endswith("word ...”")
