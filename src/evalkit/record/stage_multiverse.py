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

_TITLE = "What all the analyses say together"
_WORDS = (
    "How far apart the analyses that the plan allows lie, and how rare as much would be if the "
    "intervention had been handed to others by lot."
)
_COUNTS = {
    "analyses": "Analyses that the plan allows",
    "estimated": "Of them, possible on these data",
    "same_side": "On the same side of zero as the middle one",
    "above_zero": "Intervals wholly above zero",
    "below_zero": "Intervals wholly below zero",
    "draws": "Times handed out by lot",
}
_SIZES = {
    "lowest": "Lowest estimate",
    "median": "Middle estimate",
    "highest": "Highest estimate",
}
_P_VALUES = {
    "p_median": "p-value of the middle estimate, all analyses at once",
    "p_beyond_zero": "p-value of how many intervals leave out zero",
}


def stage_multiverse(staging: Staging, multiverse: Multiverse | None) -> None:
    """Stage the analyses, their figure and their summary; nothing where the plan allows none."""
    parameters = staging.parameters
    if multiverse is None or not isinstance(parameters, DesignStudy):
        return
    title, words = TABLES[NAME].title, TABLES[NAME].description
    frame = _shown(multiverse.curve, parameters)
    staging.table(shown_spec(NAME, title, words, parameters, frame), frame)
    options = effect_options(parameters)
    staging.figure(CHART, chart=CHART, table=NAME, title=title, options=options)
    told = pd.DataFrame([summarise_multiverse(multiverse)])
    staging.table(_summary_spec(told, parameters.outcome_unit), told)


def _shown(curve: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Leave out columns that hold nothing, and count people in whole tens."""
    kept = curve.dropna(axis="columns", how="all").rename(columns={"df": "interval_df"})
    if parameters.data_rows == "people" and "n" in kept:
        kept["n"] -= kept["n"] % TENS
    return kept


def _summary_spec(told: pd.DataFrame, unit: str) -> TableSpec:
    return TableSpec(SUMMARY, _TITLE, _WORDS, tuple(_column(str(name), unit) for name in told))


def _column(name: str, unit: str) -> Column:
    if name in _COUNTS:
        return Column(name, _COUNTS[name], "estimate", decimals=0)
    if name in _SIZES:
        return Column(name, _SIZES[name], "estimate", ("data",), decimals=3, unit=unit)
    return Column(name, _P_VALUES[name], "estimate", ("data",), decimals=3)
