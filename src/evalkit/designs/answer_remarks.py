"""What is said of people's answers that were averaged before a design followed their units."""

import pandas as pd

from evalkit.designs.missing_remarks import say_left_out

WEIGHTED = (
    "Within each unit and period answers count by their weights, so averages are of the people "
    "whom the answers stand for."
)


def say_averaged(table: pd.DataFrame) -> tuple[str, ...]:
    """Say how answers count and how many lack an outcome; nothing of a panel that was given."""
    if "unanswered" not in table:
        return ()
    lacking, of = int(table["unanswered"].sum()), int(table["answers"].sum())
    lost = say_left_out(
        lacking, of, ("the unit", "the period"), lacking="an outcome or a weight", what="answer"
    )
    weighted = "effective_base" in table
    if not weighted:
        lost = lost.replace("an outcome or a weight", "an outcome")
    return (*([WEIGHTED] if weighted else []), *([lost] if lost else []))
