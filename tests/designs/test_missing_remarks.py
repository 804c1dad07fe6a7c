"""What is said of rows that lack a value."""

from evalkit.designs.missing_remarks import say_condition, say_left_out


def test_nothing_is_said_where_nothing_is_missing() -> None:
    """No row left out, no words."""
    assert say_left_out(0, 40) == ""


def test_count_share_and_condition_stand_in_it() -> None:
    """How many of how many, whom the answer is about, and what must hold for it to be all."""
    assert say_left_out(1200, 4000, ["the unit", "the period"], lacking="an outcome") == (
        "1,200 rows of 4,000 lack an outcome and are left out. The answer is about the rest, and "
        "holds for all if, given the unit and the period, values are missing whatever the outcome "
        "would have been."
    )


def test_one_row_is_singular_and_nothing_given_is_not_named() -> None:
    """Grammar holds for one row and for no covariates."""
    assert say_left_out(1, 40).startswith("1 row of 40 lacks a value and is left out.")
    assert say_condition(about="these") == (
        "The answer is about these, and holds for all if values are missing whatever the outcome "
        "would have been."
    )
