"""Stage what a register of stories shows: shares acted on, touchpoints heard, and who may read."""

import pandas as pd

from evalkit.record.stage_topic import PERCENT, Kinds, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, Margin, TableSpec
from evalkit.results import Result

KINDS = Kinds(("stories",), PERCENT, 0)
_AS_WRITTEN = ("text", "learning", "action")
_LABELS = {
    "story": "Story",
    "teller": "Told by",
    "touchpoint": "Where along the journey",
    "theme": "What it teaches about",
    "text": "In their words",
    "learning": "What was learned",
    "action": "What is done",
    "came_of_it": "What came of it",
}


def stage_shares(staging: Staging, result: Result) -> None:
    """Stage the shares of stories that were acted on, of all and by who told them.

    The shares of all are the totals of those by teller: no teller's may be had by subtraction.
    """
    for name, title, rows, totals in (
        ("estimates", "Were stories acted on?", result.estimates["group"] == "all", ()),
        ("by_teller", "By who told the story", result.estimates["group"] != "all", ("term",)),
    ):
        columns = (
            words("label", "What"),
            KINDS.share("estimate", "Share", "n", 0),
            *(
                Column(
                    end, said, "percentage", KINDS.sources, "n", 0, PERCENT, "people", "estimate"
                )
                for end, said in (
                    ("conf_low", "Lower end of interval"),
                    ("conf_high", "Upper end of interval"),
                )
            ),
            Column("level", "Level of interval", "estimate", decimals=3),
            KINDS.people("n", "Stories"),
            *(words(k, k.capitalize()) for k in ("term", "outcome", "facet", "group", "method")),
        )
        text = "Of stories that were not withdrawn. Done in time is of the actions that were due."
        shown = result.estimates.loc[rows, [column.name for column in columns]]
        if len(shown):
            sums_of = None if totals else "by_teller"
            spec = TableSpec(name, title, text, columns, totals_elsewhere=totals, sums_of=sums_of)
            staging.table(spec, shown)


def stage_stories(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage the stories that the audience may read; nothing where there is none."""
    if frame.empty:
        return
    columns = tuple(
        Column(name, label, "text" if name in _AS_WRITTEN else "label")
        for name, label in _LABELS.items()
        if name in frame
    )
    text = "Those whose tellers agreed to be read here, in the order in which they were told."
    staging.table(TableSpec("stories", "The stories", text, columns), frame)


def stage_heard(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage where along the journey stories came from."""
    columns = (
        words("touchpoint", "Where along the journey"),
        words("heard", "Whether a story was heard"),
        KINDS.people("stories", "Stories"),
    )
    text = "Where stories came from. It says nothing of how common anything is."
    staging.table(TableSpec("heard", "Where stories came from", text, columns), frame)


def stage_overdue(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage by owner how many actions were agreed, done, and are open past their day."""
    columns = (
        words("owner", "Owner"),
        *(KINDS.people(name, name.capitalize()) for name in ("actions", "done", "overdue")),
    )
    text = "Actions agreed on from stories that were not withdrawn."
    margins = (Margin("owner", "all"),)
    staging.table(TableSpec("actions", "Who does what", text, columns, margins), frame)
