"""What is said of rows that lack a value: how many, whom the answer is about, and when that is all.

An estimate from complete rows is one of the people and periods that have them. It is also one of
all of them if, given what the analysis holds fixed, whether a value is missing has nothing to do
with what the outcome would have been (Little and Rubin 2019, Statistical Analysis with Missing
Data, section 3.2). Every design says both in the same words.
"""

from collections.abc import Sequence

from evalkit.results.words import counted, listed

CONDITION = "values are missing whatever the outcome would have been"
"""When what is left speaks for all."""


def say_left_out(
    left_out: int,
    of: int,
    given: Sequence[str] = (),
    *,
    lacking: str = "a value",
    what: str = "row",
    also: str = "",
) -> str:
    """Say how many of all rows lack a value and are left out, and when that does no harm.

    `given` names what the analysis holds fixed, in plain words ("the unit", "the period"), `also`
    what else must hold. Returns "" where nothing is missing.
    """
    if not left_out:
        return ""
    lack = "lacks" if left_out == 1 else "lack"
    is_ = "is" if left_out == 1 else "are"
    return (
        f"{counted(left_out, what)} of {of:,} {lack} {lacking} and {is_} left out. "
        f"{say_condition(given, also=also)}"
    )


def say_condition(given: Sequence[str] = (), *, about: str = "the rest", also: str = "") -> str:
    """Say whom an estimate is about where values are missing, and when it holds for all."""
    held = f", given {listed(list(given))}," if given else ""
    more = f", and {also}" if also else ""
    return f"The answer is about {about}, and holds for all if{held} {CONDITION}{more}."


def name_lacking(outcomes: int, causes: int) -> str:
    """Name what rows lack, where so many lack an outcome and so many a measured cause."""
    if not causes:
        return "an outcome"
    return "an outcome or a measured cause" if outcomes else "a measured cause"
