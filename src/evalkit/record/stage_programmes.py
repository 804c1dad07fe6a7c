"""Stage what a study of programmes shows: plans, icons, charts, and what each action lacks."""

import pandas as pd

from evalkit.insight.free_text import show_text
from evalkit.measures.programme_charts import Progress
from evalkit.measures.programmes import Portfolio, say_state, tabulate_programmes
from evalkit.record.stage_topic import PERCENT, organisations, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.priority_programmes import PriorityProgrammes

_COUNTS = {
    "actions": "Actions",
    "specific_actions": "Specific and followed",
    "without_owner": "Without an owner",
    "without_due": "Without a day",
    "without_measure": "Without a measure",
    "without_target": "Without a target",
    "not_followed": "Measure without values",
    "done": "Done",
    "overdue": "Overdue",
}
_ICONS = (
    "Icons of Making Data Count in letters and words. Variation is that of the latest point: H or "
    "L for unusually high or low, ~ for usual. Assurance: P expected to meet the target, F "
    "expected to miss it, ? hit and miss. A signal is a reason to ask, and no effect."
)


def stage_programmes(staging: Staging, portfolio: Portfolio, progress: Progress) -> None:
    """Stage the portfolio, the icons with the charts as rows, and the list of actions."""
    parameters = staging.parameters_of(PriorityProgrammes)
    counts = (organisations(name, label) for name, label in _COUNTS.items())
    columns = (words("programme", "Programme"), words("specific", "Specific"), *counts)
    text = (
        "Specific: every action has an owner, a day, a measure that has values, and a target. "
        "Counts are of actions."
    )
    spec = TableSpec("portfolio", "What each programme has", text, columns)
    staging.table(spec, tabulate_programmes(portfolio.actions))
    _stage_actions(staging, portfolio)
    if not progress.points.empty:
        _stage_icons(staging, progress.icons, parameters)
        _stage_points(staging, progress.points, parameters)


def _stage_actions(staging: Staging, portfolio: Portfolio) -> None:
    actions = portfolio.actions
    frame = pd.DataFrame(
        {
            "programme": actions["programme"],
            "action": actions["action"].map(_quote),
            "owner": actions["owner"].fillna("nobody named"),
            "measure": actions["measure"].fillna("none named"),
            "due": actions["due"].dt.strftime("%Y-%m-%d").fillna("no day named"),
            "status": actions["status"].fillna("not stated"),
            "state": [say_state(row) for _, row in actions.iterrows()],
        }
    )
    labels = {
        "programme": "Programme",
        "action": "Action",
        "owner": "Owner",
        "measure": "Measure",
        "due": "Due",
        "status": "Status in the plan",
        "state": "What it lacks, or how it stands",
    }
    columns = tuple(
        Column(name, label, "text" if name == "action" else "label")
        for name, label in labels.items()
    )
    text = "Each action as its plan has it, and what it lacks to be specific."
    staging.table(TableSpec("actions", "The actions", text, columns), frame)


def _stage_icons(staging: Staging, icons: pd.DataFrame, parameters: PriorityProgrammes) -> None:
    base = "base" if "base" in icons else None
    values = {
        "latest": "Latest value",
        "mean_before": "Mean before the start",
        "mean_since": "Mean since",
    }
    kept = {name: label for name, label in values.items() if icons[name].notna().any()}
    columns = (
        words("programme", "Programme"),
        words("measure", "Measure"),
        words("variation", "Variation"),
        words("assurance", "Assurance"),
        *(_value(name, label, base, parameters) for name, label in kept.items()),
        Column("target", "Target", "estimate", ("actions",), base, 1, _unit(parameters)),
        *(
            [Column("base", "People asked, latest", "count", ("measures",), decimals=0)]
            if base
            else []
        ),
    )
    spec = TableSpec("icons", "Progress of each measure", _ICONS, columns)
    staging.table(spec, icons[[column.name for column in columns]])


def _stage_points(staging: Staging, points: pd.DataFrame, parameters: PriorityProgrammes) -> None:
    base = "base" if "base" in points else None
    numbers = {"value": "Value", "mean": "Mean", "lower": "Lower limit", "upper": "Upper limit"}
    columns = (
        words("programme", "Programme"),
        words("measure", "Measure"),
        words("icons", "Icons"),
        Column("period", "Period", "period"),
        *(_value(name, label, base, parameters) for name, label in numbers.items()),
        *([Column("base", "People asked", "count", ("measures",), decimals=0)] if base else []),
        words("kind", "Kind of point"),
    )
    title = "Usual and unusual variation, measure by measure"
    text = (
        "Each measure's values within its limits of usual variation, by Making Data Count. Points "
        "far outside stand at the row's edge."
    )
    shown = points[[column.name for column in columns]]
    staging.table(TableSpec("process_rows", title, text, columns), shown)
    options = {"start_period": parameters.start_period, "decimals": 1}
    staging.figure(
        "process_rows", chart="process_rows", table="process_rows", title=title, options=options
    )
    if parameters.programme is not None:
        _stage_charts(staging, shown, columns, parameters)


def _stage_charts(
    staging: Staging,
    points: pd.DataFrame,
    columns: tuple[Column, ...],
    parameters: PriorityProgrammes,
) -> None:
    """Stage one process chart a measure, on the page of one programme."""
    for number, (measure, of) in enumerate(points.groupby("measure", sort=False), start=1):
        name, title = f"chart_{number}", f"{str(measure)[:1].upper()}{str(measure)[1:]}"
        text = "Its values, the mean and the limits of usual variation."
        staging.table(TableSpec(name, title, text, columns), of)
        options = {
            "start_period": parameters.start_period,
            "outcome_name": str(measure),
            "outcome_unit": parameters.outcome_unit,
            "decimals": 1,
        }
        staging.figure(name, chart="process_chart", table=name, title=title, options=options)


def _value(name: str, label: str, base: str | None, parameters: PriorityProgrammes) -> Column:
    return Column(name, label, "estimate", ("measures",), base, 1, _unit(parameters))


def _unit(parameters: PriorityProgrammes) -> str:
    return PERCENT if parameters.value_kind == "percentage" else parameters.outcome_unit


def _quote(text: object) -> str:
    return show_text(text) if isinstance(text, str) else "not written"
