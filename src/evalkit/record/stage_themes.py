"""Stage what a study of themes found: shares by theme, change, groups, carers, agreement, words."""

import pandas as pd

from evalkit.record.stage_topic import PERCENT, Kinds, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Result

POINTS = "percentage points"
SOURCES = ("comments", "codes")
SHARES, CHANGES = Kinds(SOURCES, PERCENT, 1), Kinds(SOURCES, POINTS, 1)
RATIOS = Kinds(SOURCES, "", 2)
_SHARE_COLUMNS = (
    words("label", "Theme"),
    words("group", "Group"),
    words("span", "When"),
    SHARES.figure("estimate", "Share, corrected", "coded"),
    SHARES.figure("conf_low", "Lower end of interval", "coded"),
    SHARES.figure("conf_high", "Upper end of interval", "coded"),
    Column("level", "Level of interval", "estimate", decimals=3),
    words("verdict", "Whether it could be corrected"),
    SHARES.figure("machine", "Share by the machine alone, not corrected", "comments"),
    SHARES.figure("recall", "Of those by people, the machine found", "coded_with_it"),
    SHARES.figure("recall_low", "Lower end of that", "coded_with_it"),
    SHARES.figure("recall_high", "Upper end of that", "coded_with_it"),
    SHARES.people("comments", "Comments"),
    SHARES.people("coded", "Coded by people"),
    SHARES.people("coded_with_it", "Coded by people as about it"),
    words("category", "Category"),
    words("facet", "Facet"),
)
_TITLES = {
    "themes": (
        "What people write about",
        "The share of all comments with each label, corrected for the machine's errors. A comment "
        "may have several labels. How often is not how much it matters.",
    ),
    "groups": (
        "By group, then and now",
        "The theme that is asked about, each group corrected by its own coded comments.",
    ),
    "carers": (
        "What is written about families and carers",
        "Always shown, with how much of it the machine finds: a person must read these comments.",
    ),
}


def stage_shares(staging: Staging, name: str, frame: pd.DataFrame) -> None:
    """Stage a table of shares: `themes` with its figure, `groups` or `carers`."""
    title, description = _TITLES[name]
    columns = tuple(column for column in _SHARE_COLUMNS if column.name in frame)
    shown = frame[[column.name for column in columns]].replace({"facet": {"": "none"}})
    staging.table(TableSpec(name, title, description, columns), shown)
    if name == "themes":
        options = {"name": "Share of comments, corrected"}
        staging.figure(name, chart="shares", table=name, title=title, options=options)


def stage_changes(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage how each label's share changed; nothing where no change was asked for."""
    if frame.empty:
        return
    columns = (
        words("label", "Theme"),
        CHANGES.figure("estimate", "Change, corrected", "coded"),
        CHANGES.figure("conf_low", "Lower end of interval", "coded"),
        CHANGES.figure("conf_high", "Upper end of interval", "coded"),
        Column("p_holm", "p-value, for all labels (Holm)", "estimate", SOURCES, "coded", 3),
        SHARES.figure("before", "Share before", "coded_before"),
        SHARES.figure("after", "Share after", "coded_after"),
        CHANGES.figure("machine_change", "Change by the machine alone, not corrected", "coded"),
        SHARES.people("coded_before", "Coded by people before"),
        SHARES.people("coded_after", "Coded by people after"),
        SHARES.people("coded", "The fewer of the two"),
        words("verdict", "Whether it could be corrected"),
    )
    text = (
        "The difference of the corrected shares, after less before, largest first. Intervals are "
        "for each label alone; the p-value is for all of them together."
    )
    there = tuple(column for column in columns if column.name in frame)
    shown = frame.loc[frame["verdict"] == "corrected", [column.name for column in there]]
    staging.table(TableSpec("changes", "What changed", text, there), shown)


def stage_result(staging: Staging, result: Result, subgroups: pd.DataFrame) -> None:
    """Stage the estimates, by facet and by group."""
    text = "The theme that is asked about, corrected; and what the machine alone would have said."
    _stage_estimates(staging, "estimates", "The theme asked about", text, result.estimates)
    text = "Comments with any label of a facet, corrected in the same way."
    _stage_estimates(staging, "facets", "By facet of experience", text, result.tables["facets"])
    if not subgroups.empty:
        text = "The same within each group, corrected by its own coded comments."
        _stage_estimates(staging, "subgroups", "By group of those who wrote", text, subgroups)


def stage_carried(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage what the theme's shares would be if the machine erred alike in every group."""
    columns = (
        words("group", "Group"),
        words("span", "When"),
        SHARES.figure("estimate", "Share, corrected by the group's own", "coded"),
        SHARES.figure("carried", "Share, if it errs alike in all", "coded"),
        SHARES.figure("carried_low", "Lower end of that", "coded"),
        SHARES.figure("carried_high", "Upper end of that", "coded"),
        SHARES.figure("machine", "Share by the machine alone", "coded"),
        SHARES.people("coded", "Coded by people"),
    )
    text = (
        "A second opinion that assumes more: that the machine finds the theme as often in each "
        "group and at each time. Where the two differ, it does not."
    )
    title = "If the machine erred alike in every group"
    staging.table(TableSpec("carried", title, text, columns), frame[[c.name for c in columns]])


def stage_agreement(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage how far people agreed on each label; nothing where none was coded by two."""
    if not frame["coded"].any():
        return
    measures = {
        "alpha": "Krippendorff's alpha",
        "ac1": "Gwet's coefficient AC1",
        "kappa": "Cohen's kappa",
    }
    ends = {"": "", "_low": ", lower end", "_high": ", upper end"}
    figures = [
        RATIOS.figure(f"{name}{end}", f"{label}{said}", "coded")
        for name, label in measures.items()
        for end, said in ends.items()
    ]
    columns = (
        words("label", "Theme"),
        *figures,
        SHARES.people("given", "Comments given it"),
        SHARES.people("coded", "Comments coded by two people or more"),
    )
    text = (
        "Nothing is concluded where alpha is too low, as the check on agreement says. Where a "
        "label is rare, alpha and kappa are low though people agree; Gwet's measure is not. "
        "Cohen's is of the first two people."
    )
    title = "How far people agree on what a comment is about"
    staging.table(TableSpec("agreement", title, text, columns), frame)


def stage_feelings(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage how comments feel; nothing where it is not recorded."""
    if frame.empty:
        return
    columns = (
        words("span", "When"),
        words("feeling", "Feeling"),
        SHARES.share("estimate", "Share", "comments"),
        SHARES.people("with_it", "Comments that felt so"),
        SHARES.people("comments", "Comments"),
    )
    text = "Of comments whose feeling is known. No average is made of it, and it is no score."
    staging.table(TableSpec("feelings", "How comments feel", text, columns), frame)


def stage_quotes(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage words of those who agreed; nothing where nobody did."""
    if frame.empty:
        return
    columns = (Column("words", "In their words", "text"), words("feeling", "Feeling"))
    text = "Of those who agreed to be quoted, read by a person first. They stand for themselves."
    staging.table(TableSpec("quotes", "In people's own words", text, columns), frame)


def _stage_estimates(
    staging: Staging, name: str, title: str, text: str, frame: pd.DataFrame
) -> None:
    shares = (frame["term"] == "share").all()
    kinds, measure = (SHARES, "Share") if shares else (CHANGES, "Change")
    columns = (
        words("label", "What"),
        kinds.figure("estimate", measure, "n"),
        kinds.figure("conf_low", "Lower end of interval", "n"),
        kinds.figure("conf_high", "Upper end of interval", "n"),
        kinds.figure("std_error", "Standard error", "n"),
        Column("level", "Level of interval", "estimate", decimals=3),
        kinds.people("n", "Comments coded by people"),
        *(words(key, key.capitalize()) for key in ("term", "outcome", "facet", "group", "method")),
    )
    staging.table(TableSpec(name, title, text, columns), frame[[c.name for c in columns]])
