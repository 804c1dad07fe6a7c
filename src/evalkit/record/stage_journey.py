"""Stage what a study of the journey found: the grid, questions, Always Events, emotional map."""

import pandas as pd

from evalkit.measures.journey_grid import NOT_MEASURED
from evalkit.record.stage_topic import Kinds, organisations, words
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Result
from evalkit.results.words import counted
from evalkit.study.schemas.journey import Journey

_ANSWERS = "Answers to the least answered question"
_MAP = Kinds(("emotions",), "", 1)


def stage_grid(staging: Staging, result: Result) -> None:
    """Stage the grid with its figure, what is and is not measured, and the distances."""
    grid, kinds = result.tables["grid"], _kinds(staging)
    title = "Experience along the journey"
    columns = (
        words("touchpoint", "Touchpoint"),
        words("moment", "Moment"),
        words("facet", "Facet"),
        kinds.people("n", _ANSWERS),
        kinds.mean("score", "Score", "n"),
        kinds.end("conf_low", "Lower end of interval", "score", "n"),
        kinds.end("conf_high", "Upper end of interval", "score", "n"),
        words("place", "Beside the other parts"),
    )
    text = (
        "Mean score of each part, a facet at a moment. Poorer and better: clearly so, beside the "
        "average of the parts, all parts looked at together."
    )
    staging.table(TableSpec("grid", title, text, columns), grid[[c.name for c in columns]])
    options = {
        "outcome_name": staging.parameters_of(Journey).outcome_name,
        "outcome_unit": kinds.unit,
        "decimals": 1,
    }
    staging.figure("grid", chart="journey_grid", table="grid", title=title, options=options)
    _stage_coverage(staging, grid)
    _stage_estimates(staging, result, kinds)


def stage_facets(staging: Staging, facets: pd.DataFrame) -> None:
    """Stage the mean of each facet's questions, side by side."""
    kinds = _kinds(staging)
    columns = (
        words("facet", "Facet"),
        Column("items", "Questions", "estimate", decimals=0),
        kinds.people("n", _ANSWERS),
        kinds.mean("score", "Score", "n"),
        kinds.end("conf_low", "Lower end of interval", "score", "n"),
        kinds.end("conf_high", "Upper end of interval", "score", "n"),
    )
    text = "Facets are different things, and are not put into one number."
    staging.table(TableSpec("by_facet", "By facet", text, columns), facets)


def stage_items(staging: Staging, items: pd.DataFrame) -> None:
    """Stage each question's score, and how many gave the best one."""
    kinds = _kinds(staging)
    columns = [
        words("item", "Question"),
        words("wording", "What it asks"),
        words("facet", "Facet"),
        words("touchpoint", "Touchpoint"),
        kinds.people("n", "Answers"),
        kinds.mean("score", "Score", "n"),
        kinds.end("conf_low", "Lower end of interval", "score", "n"),
        kinds.end("conf_high", "Upper end of interval", "score", "n"),
    ]
    if items["top"].notna().any():
        columns.append(kinds.share("top", "Best score", "n"))
    text = "Each question's mean score, and how many gave the best one."
    shown = items[[column.name for column in columns]]
    staging.table(TableSpec("items", "Question by question", text, tuple(columns)), shown)


def stage_always(staging: Staging, always: pd.DataFrame) -> None:
    """Stage Always Events: the share to whom each always happened; nothing where there is none."""
    if always.empty:
        return
    kinds = _kinds(staging)
    columns = [
        words("wording", "Always Event"),
        words("facet", "Facet"),
        words("touchpoint", "Touchpoint"),
        kinds.people("n", "Answers"),
        kinds.share("always", "Always", "n"),
        kinds.end("conf_low", "Lower end of interval", "always", "n", "%"),
        kinds.end("conf_high", "Upper end of interval", "always", "n", "%"),
    ]
    if "target" in always:
        columns += [
            Column("target", "Target", "estimate", decimals=0, unit="%"),
            words("reached", "Target reached"),
        ]
    text = "Only the top answer counts: what usually happens did not always happen."
    shown = always[[column.name for column in columns]]
    staging.table(TableSpec("always_events", "Always Events", text, tuple(columns)), shown)


def stage_respondents(staging: Staging, respondents: pd.DataFrame) -> None:
    """Stage those who answered for themselves and for others, apart; nothing where unknown."""
    if respondents.empty:
        return
    kinds = _kinds(staging)
    columns = (
        words("respondent", "Who answered"),
        kinds.people("n", "Answers"),
        kinds.mean("score", "Mean score", "n"),
    )
    text = "People who answered for somebody else are shown apart, and in no other table."
    staging.table(TableSpec("respondents", "Who answered", text, columns), respondents)


def stage_map(
    staging: Staging, table: pd.DataFrame, apart: pd.DataFrame, marks: pd.DataFrame
) -> None:
    """Stage the emotional map with its figure, where patients and staff lie apart, and consent."""
    if table.empty:
        return
    title = "The emotional map"
    place = (words("touchpoint", "Touchpoint"), words("moment", "Moment"))
    columns = (
        *place,
        words("role", "Role"),
        _MAP.people("n", "People"),
        _MAP.mean("median", "Median", "n"),
        _MAP.mean("lower", "Lower quartile", "n"),
        _MAP.mean("upper", "Upper quartile", "n"),
    )
    text = "How each moment felt, from very bad to very good. Told, and not tested."
    staging.table(
        TableSpec("emotional_map", title, text, columns), table[[c.name for c in columns]]
    )
    options = {"outcome_name": "How it felt"}
    staging.figure(
        "emotional_map", chart="emotional_map", table="emotional_map", title=title, options=options
    )
    _stage_apart(staging, apart, place)
    agreed = (
        words("role", "Role"),
        _MAP.people("people", "People who made marks"),
        _MAP.people("agreed", "Of them agreed to these readers"),
    )
    text = "Marks of people who did not agree to these readers are in no table and no figure."
    staging.table(TableSpec("map_consent", "Who agreed to be shown", text, agreed), marks)


def _stage_apart(staging: Staging, apart: pd.DataFrame, place: tuple[Column, ...]) -> None:
    if apart.empty:
        return
    columns = (
        *place,
        _MAP.people("n_patient", "Patients"),
        _MAP.mean("median_patient", "Median of patients", "n_patient"),
        _MAP.people("n_staff", "Staff"),
        _MAP.mean("median_staff", "Median of staff", "n_staff"),
        _MAP.people("n", "Fewer of the two"),
        _MAP.mean("discordance", "Staff less patients", "n"),
    )
    text = "Above none, staff thought better of a moment than patients felt it."
    staging.table(
        TableSpec("apart", "Where patients and staff lie apart", text, columns),
        apart[[c.name for c in columns]],
    )


def _stage_coverage(staging: Staging, grid: pd.DataFrame) -> None:
    facets = list(dict.fromkeys(grid["facet"]))
    said = grid.assign(
        said=[
            NOT_MEASURED if place == NOT_MEASURED else counted(int(items), "question")
            for place, items in zip(grid["place"], grid["items"], strict=True)
        ]
    )
    wide = said.pivot_table(
        index=["touchpoint", "moment"], columns="facet", values="said", aggfunc="first"
    )
    columns = (
        words("touchpoint", "Touchpoint"),
        words("moment", "Moment"),
        *(words(facet, facet.capitalize()) for facet in facets),
    )
    text = (
        "Which parts of the journey a question asks about. Not measured is neither good nor poor."
    )
    frame = wide.reset_index()[[c.name for c in columns]]
    staging.table(TableSpec("parts_asked", "What was measured", text, columns), frame)


def _stage_estimates(staging: Staging, result: Result, kinds: Kinds) -> None:
    columns = (
        words("label", "Part of the journey"),
        kinds.figure("estimate", "Difference from the average of the parts", "n"),
        kinds.figure("conf_low", "Lower end of interval", "n"),
        kinds.figure("conf_high", "Upper end of interval", "n"),
        kinds.figure("std_error", "Standard error", "n"),
        Column("level", "Level of interval", "estimate", decimals=3),
        kinds.people("n", _ANSWERS),
        organisations("clusters", "Units"),
        *(
            words(name, name.capitalize())
            for name in ("term", "outcome", "facet", "group", "method")
        ),
    )
    title = "Each part beside the average of the parts"
    text = "Intervals hold for all parts at once."
    shown = result.estimates[[column.name for column in columns]]
    staging.table(TableSpec("estimates", title, text, columns), shown)
    parameters = staging.parameters_of(Journey)
    options = {"outcome_name": parameters.outcome_name, "outcome_unit": parameters.outcome_unit}
    staging.figure("estimates", chart="effects", table="estimates", title=title, options=options)


def _kinds(staging: Staging) -> Kinds:
    names = [source.name for source in staging.sources]
    source = "answers" if "answers" in names else "scores"
    return Kinds((source,), staging.parameters_of(Journey).outcome_unit, 2)
