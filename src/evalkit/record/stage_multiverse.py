"""Stage every analysis that a plan allows: their table and figure, and what they say together."""

import pandas as pd

from evalkit.planning.multiverse import Multiverse, summarise_multiverse
from evalkit.record.design_specs import shown_spec
from evalkit.record.design_tables import TABLES
from evalkit.record.stage_design import effect_options
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.design_study import DesignStudy

NAME, CHART, SUMMARY = "specifications", "specification_curve", "multiverse"
TENS = 10
"""Where rows are people, rows are counted in whole tens: the difference of two tells of nobody."""

_EACH = (
    "Each mark is one analysis, from the lowest estimate to the highest; the marks under it show "
    "what it chooses. The choices are those that the plan names."
)
_TITLE = "What all the analyses say together"
_WORDS = (
    "How far apart the analyses that the plan allows lie, and how rare as much would be if the "
    "intervention had been handed to others by lot."
)
_NAMES = {
    "analyses": "Analyses that the plan allows",
    "estimated": "Of them, possible on these data",
    "lowest": "Lowest estimate",
    "median": "Middle estimate",
    "highest": "Highest estimate",
    "same_side": "Estimates on the same side of zero as the middle one",
    "above_zero": "Intervals wholly above zero",
    "below_zero": "Intervals wholly below zero",
    "p_median": "p-value of the middle estimate, all analyses at once",
    "p_beyond_zero": "p-value of how many intervals leave out zero",
    "draws": "Times that it was handed out by lot",
}
_DECIMALS = 3


def stage_multiverse(staging: Staging, multiverse: Multiverse | None) -> None:
    """Stage the analyses, their figure and their summary; nothing where the plan allows none."""
    parameters = staging.parameters
    if multiverse is None or not isinstance(parameters, DesignStudy):
        return
    title = TABLES[NAME].title
    frame = _shown(multiverse.curve, parameters)
    staging.table(shown_spec(NAME, title, _EACH, parameters, frame), frame)
    options = effect_options(parameters)
    staging.figure(CHART, chart=CHART, table=NAME, title=title, options=options)
    told = summarise_multiverse(multiverse)
    rows = {_NAMES[name]: round(value, _DECIMALS) for name, value in told.items()}
    staging.table(_summary_spec(), pd.DataFrame({"name": list(rows), "value": rows.values()}))


def _shown(curve: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Leave out columns that hold nothing, and count people in whole tens."""
    kept = curve.dropna(axis="columns", how="all").rename(columns={"df": "interval_df"})
    if parameters.table_rows == "people" and "n" in kept:
        kept["n"] -= kept["n"] % TENS
    return kept


def _summary_spec() -> TableSpec:
    """Numbers of several kinds in one column, each rounded as it may be told."""
    columns = (Column("name", "Number", "label"), Column("value", "Value", "estimate", ("data",)))
    return TableSpec(SUMMARY, _TITLE, _WORDS, columns)
