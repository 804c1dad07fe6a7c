"""Stage what a study of the Friends and Family Test found: series, parts of the change, modes."""

import pandas as pd

from evalkit.record.stage_topic import Kinds, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Result
from evalkit.study.schemas.friends_and_family import FriendsAndFamily

POINTS = "percentage points"
KINDS = Kinds(("feedback",), "%", 1)
_MOVED = "Ways of asking that moved"
_CHARTS = {
    "series_collected": (
        "Feedback as it was collected",
        "Percentages of each period, with limits of what was usual before. Where the ways of "
        "asking moved, points to either side cannot be compared.",
    ),
    "series_adjusted": (
        "Feedback, collected as before",
        "The same, had answers come by the ways of asking, and from the groups, of before.",
    ),
}


def stage_chart(staging: Staging, name: str, frame: pd.DataFrame) -> None:
    """Stage a process chart and its figure: `series_collected` or `series_adjusted`."""
    title, description = _CHARTS[name]
    parameters = staging.parameters_of(FriendsAndFamily)
    labels = {
        "value": "Value",
        "mean": "Mean before the start",
        "lower": "Lower limit",
        "upper": "Upper limit",
    }
    columns = (
        Column("period", "Period", "period"),
        *(KINDS.figure(column, label, "base") for column, label in labels.items()),
        KINDS.people("base", "Answers"),
        words("kind", "Kind of point"),
        words("broken", _MOVED),
    )
    shown = frame[[column.name for column in columns]]
    staging.table(TableSpec(name, title, description, columns), shown)
    options = {
        "start_period": parameters.start_period,
        "outcome_name": parameters.outcome_name,
        "outcome_unit": "%",
        "decimals": 1,
    }
    staging.figure(name, chart="feedback", table=name, title=title, options=options)


def stage_series(staging: Staging, series: pd.DataFrame) -> None:
    """Stage the percentages of each period with their intervals, and the answers behind them."""
    labels = {"positive": "Positive", "negative": "Negative", "dont_know": "Don't know"}
    columns = [Column("period", "Period", "period"), KINDS.people("answers", "Answers")]
    for name, label in labels.items():
        columns.append(KINDS.share(name, label, "answers"))
        for end, said in (("low", "lower end of interval"), ("high", "upper end of interval")):
            columns.append(KINDS.end(f"{name}_{end}", f"{label}, {said}", name, "answers", "%"))
    columns.append(KINDS.figure("response_rate", "Response rate", "answers"))
    text = "From added counts, with Wilson intervals; don't know counts among all answers."
    shown = series[[column.name for column in columns]]
    staging.table(TableSpec("periods", "Period by period", text, tuple(columns)), shown)


def stage_modes(staging: Staging, by_mode: pd.DataFrame) -> None:
    """Stage how many answers came in each way of asking, before and after, and what they said."""
    columns = [words("mode", "Way of asking")]
    for when, said in (("before", "before"), ("after", "after")):
        columns += [
            KINDS.people(f"answers_{when}", f"Answers {said}"),
            KINDS.figure(f"share_{when}", f"Share of answers {said}", f"answers_{when}"),
            KINDS.share(f"percentage_{when}", f"Percentage {said}", f"answers_{when}"),
        ]
    text = (
        "How answers were collected, and the percentage among those collected in each way. "
        "A way of asking with other people, or another mood, moves the whole when its share moves."
    )
    staging.table(TableSpec("by_mode", "By way of asking", text, tuple(columns)), by_mode)


def stage_breaks(staging: Staging, chart: pd.DataFrame) -> None:
    """Stage the periods in which the ways of asking moved; nothing where none did."""
    broken = chart.loc[chart["broken"] != "", ["period", "broken"]]
    if not broken.empty:
        columns = (Column("period", "Period", "period"), words("broken", _MOVED))
        text = "Points by which a way of asking gained or lost since the period before."
        staging.table(TableSpec("breaks", "Breaks in how it was asked", text, columns), broken)


def stage_change(staging: Staging, result: Result) -> None:
    """Stage the change and its parts, with their figure, and the bounds for non-response."""
    parameters = staging.parameters_of(FriendsAndFamily)
    points = Kinds(("feedback",), POINTS, 2)
    columns = (
        words("label", "What"),
        points.figure("estimate", "Change", "n"),
        points.figure("conf_low", "Lower end of interval", "n"),
        points.figure("conf_high", "Upper end of interval", "n"),
        points.figure("std_error", "Standard error", "n"),
        Column("level", "Level of interval", "estimate", decimals=3),
        Column("interval_df", "Degrees of freedom of the interval", "estimate", decimals=0),
        KINDS.people("n", "Answers"),
        Column("clusters", "Periods", "count", decimals=0, counts="organisations"),
        *(
            words(name, name.capitalize())
            for name in ("term", "outcome", "facet", "group", "method")
        ),
    )
    text = f"Change in {parameters.outcome_name} from the time before, and what it goes with."
    title = "The change, and what it goes with"
    staging.table(
        TableSpec("estimates", title, text, columns),
        result.estimates.rename(columns={"df": "interval_df"})[[c.name for c in columns]],
    )
    options = {
        "outcome_name": parameters.outcome_name,
        "outcome_unit": POINTS,
        "minimum_important_difference": parameters.minimum_important_difference,
    }
    staging.figure("estimates", chart="effects", table="estimates", title=title, options=options)
    _stage_bounds(staging, result.tables["nonresponse"], points)


def stage_icons(staging: Staging, icons: pd.DataFrame) -> None:
    """Stage what the process charts say of their latest points, in words."""
    columns = (words("series", "Series"), words("says", "What its chart says"))
    text = "By the rules of Making Data Count. A chart says that something changed, never why."
    staging.table(TableSpec("icons", "What the charts say", text, columns), icons)


def _stage_bounds(staging: Staging, bounds: pd.DataFrame, points: Kinds) -> None:
    if bounds.empty:
        return
    labels = {
        "points": "Those who did not answer differ by up to",
        "steady_low": "Lowest change, if alike before and after",
        "steady_high": "Highest change, if alike before and after",
        "free_low": "Lowest change, if otherwise each time",
        "free_high": "Highest change, if otherwise each time",
        "tipping": "Difference at which there may be no change",
    }
    columns = tuple(points.figure(name, label) for name, label in labels.items())
    text = (
        "The change within ways of asking among all who were asked, had those who did not answer "
        "differed from those who did."
    )
    title = "If those who did not answer differ"
    staging.table(TableSpec("nonresponse", title, text, columns), bounds)
