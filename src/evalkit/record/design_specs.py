"""Specifications of the tables that designs stage: words, units, and what each number rests on."""

import pandas as pd

from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.design_study import DesignStudy

DATA = ("data",)
_PEOPLE = ("base", "answers")
_ORGANISATIONS = ("units", "clusters", "treated_units")
_AVERAGES = ("mean",)
_SERIES = ("observed", "fitted", "counterfactual", "counterfactual_low", "counterfactual_high")
_ROWS = ("n", "rows")
_WHOLE = (*_ROWS, "period", "periods", "missing", "rank")
_IN_UNITS = ("estimate", "conf_low", "conf_high", "std_error", "band_low", "band_high")
_LABELS = {
    "estimate": "Difference",
    "conf_low": "Lower end of interval",
    "conf_high": "Upper end of interval",
    "band_low": "Lower end of band for all periods",
    "band_high": "Upper end of band for all periods",
    "std_error": "Standard error",
    "level": "Level of interval",
    "n": "Rows",
    "df": "Degrees of freedom of the interval",
    "interval_df": "Degrees of freedom of the interval",
    "p_value": "p-value",
    "p_holm": "p-value of the difference (Holm)",
    "base": "People who answered",
    "mean": "Average",
}
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
    name: str, title: str, parameters: DesignStudy, frame: pd.DataFrame
) -> TableSpec:
    """A table of effects: one row an effect, its label first, its keys last."""
    words = f"Difference in {parameters.outcome_name}, in {parameters.outcome_unit}."
    return TableSpec(name, title, words, _columns(parameters, frame, _ordered(frame)))


def shown_spec(
    name: str, title: str, description: str, parameters: DesignStudy, frame: pd.DataFrame
) -> TableSpec:
    """A table that a design shows beside its estimates, specified from its columns' names."""
    return TableSpec(name, title, description, _columns(parameters, frame, [str(c) for c in frame]))


def keep_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Put effects in the order of their table, and call what an interval's df is by its name.

    Disclosure rules on residual degrees of freedom are about column `df`, which is another thing.
    """
    return frame[_ordered(frame)].rename(columns={"df": "interval_df"})


def _ordered(frame: pd.DataFrame) -> list[str]:
    names = [str(name) for name in frame if frame[name].notna().any() or name in _ENDS]
    middle = [n for n in names if n not in ("label", *_LAST)]
    return ["label", *middle, *(n for n in _LAST if n in names)]


def _columns(parameters: DesignStudy, frame: pd.DataFrame, names: list[str]) -> tuple[Column, ...]:
    """Specify each column by its name; where rows are people, a number of rows is one of people."""
    renamed = frame.rename(columns={"df": "interval_df"})
    people = {*_PEOPLE, *(_ROWS if parameters.data_rows == "people" else ())}
    kept = ["interval_df" if name == "df" else str(name) for name in names]
    return tuple(_column(name, renamed, people, parameters.outcome_unit) for name in kept)


def _column(name: str, frame: pd.DataFrame, people: set[str], unit: str) -> Column:
    label = _LABELS.get(name, name.replace("_", " ").capitalize())
    if name in _ORGANISATIONS:
        return Column(name, label, "count", decimals=0, counts="organisations")
    if name in people:
        return Column(name, label, "count", DATA, decimals=0)
    if not pd.api.types.is_numeric_dtype(frame[name]) or pd.api.types.is_bool_dtype(frame[name]):
        return Column(name, label, "period" if name == "period" else "label")
    base = next((held for held in ("n", "base") if held in frame and held != name), None)
    if name in _AVERAGES and "base" in frame:
        return Column(name, label, "mean", DATA, base="base", decimals=2, unit=unit)
    decimals = 0 if name in _WHOLE else 2 if name in _SERIES else 3
    sources = () if name in _WHOLE else DATA
    measured = unit if name in (*_SERIES, *_IN_UNITS) else ""
    return Column(name, label, "estimate", sources, base=base, decimals=decimals, unit=measured)
