"""Specifications of the tables that designs stage: words, units, and what each number rests on."""

from dataclasses import replace

import pandas as pd

from evalkit.record.design_columns import Meaning, base_label, meaning_of, unit_of
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.design_study import DesignStudy

DATA = ("data",)
_PEOPLE = ("base", "answers")
_ORGANISATIONS = ("units", "clusters", "treated_units")
_AVERAGES = ("mean",)
_ROWS = ("n", "rows")
_OF_PEOPLE = ("rollout", "density", "overlap")
"""Tables whose `n` counts people, whatever a row of the data is."""

_LABELS = {"n": "Rows", "rows": "Rows", "answers": "Answers"}
_ENDS = ("conf_low", "conf_high")
_LAST = ("term", "outcome", "facet", "group", "method")


def headline_spec() -> TableSpec:
    """Each number that the finding says, at the precision at which it says it."""
    columns = (
        Column("name", "Number", "label"),
        Column("value", "Value", "estimate", DATA, decimals=6),
    )
    words = "Every number in the answer and what it means, rounded as it is said."
    return TableSpec("headline", "The numbers of the answer", words, columns)


def estimates_spec(
    name: str, title: str, parameters: DesignStudy, frame: pd.DataFrame, lead: str = ""
) -> TableSpec:
    """A table of effects: one row an effect, its label first, its keys last; `lead` tells of it."""
    outcome = "each part of experience" if name == "facets" else parameters.outcome_name
    words = f"{lead} Difference in {outcome}, in {parameters.outcome_unit}.".strip()
    return TableSpec(name, title, words, _columns(name, parameters, frame, _ordered(frame)))


def shown_spec(
    name: str, title: str, description: str, parameters: DesignStudy, frame: pd.DataFrame
) -> TableSpec:
    """A table that a design shows beside its estimates, specified from its columns' names."""
    columns = _columns(name, parameters, frame, [str(c) for c in frame])
    return TableSpec(name, title, description, columns)


def keep_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Put effects in the order of their table, and call what an interval's df is by its name.

    Disclosure rules on residual degrees of freedom are about column `df`, which is another thing.
    """
    return frame[_ordered(frame)].rename(columns={"df": "interval_df"})


def _ordered(frame: pd.DataFrame) -> list[str]:
    names = [str(name) for name in frame if frame[name].notna().any() or name in _ENDS]
    middle = [n for n in names if n not in ("label", *_LAST)]
    return ["label", *middle, *(n for n in _LAST if n in names)]


def _columns(
    table: str, parameters: DesignStudy, frame: pd.DataFrame, names: list[str]
) -> tuple[Column, ...]:
    renamed = frame.rename(columns={"df": "interval_df"})
    kept = ["interval_df" if name == "df" else str(name) for name in names]
    return tuple(_column(table, name, renamed, parameters) for name in kept)


def _column(table: str, name: str, frame: pd.DataFrame, parameters: DesignStudy) -> Column:
    counted = _count(table, name, frame, parameters)
    if counted is not None:
        return counted
    meaning = _meaning(table, name, frame)
    label, values = meaning.label, frame[name]
    if not pd.api.types.is_numeric_dtype(values) or pd.api.types.is_bool_dtype(values):
        return Column(name, label, "period" if name == "period" else "label")
    base = next((held for held in ("n", "base") if held in frame and held != name), None)
    unit = unit_of(meaning, parameters)
    if name in _AVERAGES and "base" in frame:
        return Column(name, label, "mean", DATA, base="base", decimals=2, unit=unit)
    sources = () if meaning.measure == "whole" else DATA
    return Column(name, label, "estimate", sources, base=base, decimals=meaning.places, unit=unit)


def _count(table: str, name: str, frame: pd.DataFrame, parameters: DesignStudy) -> Column | None:
    """Specify a count, or nothing where the column is none.

    A row of a panel is a unit in a period: a number of rows is no number of people. How many are
    missing then rests on the rows that there are, because where one or two are, nothing about
    people need be hidden.
    """
    panel = parameters.table_rows == "panel" and table not in _OF_PEOPLE
    if name in _ORGANISATIONS or (panel and name in _ROWS):
        label = _LABELS.get(name, meaning_of(table, name).label)
        return Column(name, label, "count", decimals=0, counts="organisations")
    if name in (*_PEOPLE, *_ROWS):
        label = base_label(parameters) if name == "base" or table in _OF_PEOPLE else _LABELS[name]
        return Column(name, label, "count", DATA, decimals=0)
    if name == "missing" and panel and "rows" in frame:
        label = meaning_of(table, name).label
        return Column(name, label, "estimate", base="rows", decimals=0)
    return None


def _meaning(table: str, name: str, frame: pd.DataFrame) -> Meaning:
    """Say what a column is; what stands beside labels of ratios is none of the outcome's units."""
    meaning = meaning_of(table, name)
    labels = frame["label"].astype(str) if "label" in frame else pd.Series(dtype=str)
    ratios = len(labels) > 0 and labels.str.startswith("Ratio").all()
    return (
        replace(meaning, measure="ratio") if ratios and meaning.measure == "difference" else meaning
    )
