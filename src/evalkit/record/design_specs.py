"""Specifications of the tables that designs stage: words, units, and what each number rests on."""

import pandas as pd

from evalkit.record.tables import Column, Kind, TableSpec
from evalkit.study.schemas.design_study import DesignStudy

DATA = ("data",)
_PEOPLE = ("base", "answers")
_ORGANISATIONS = ("units", "clusters", "treated_units")
_AVERAGES = ("mean", "observed")
_SERIES = ("observed", "fitted", "counterfactual", "counterfactual_low", "counterfactual_high")
_WHOLE = ("n", "periods", "rows", "missing", "rank")
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
    return _spec(name, title, words, _ordered(frame), parameters.outcome_unit)


def shown_spec(
    name: str, title: str, description: str, parameters: DesignStudy, frame: pd.DataFrame
) -> TableSpec:
    """A table that a design shows beside its estimates, specified from its columns' names."""
    return _spec(name, title, description, [str(c) for c in frame], parameters.outcome_unit, frame)


def keep_columns(frame: pd.DataFrame) -> pd.DataFrame:
    """Put effects in the order of their table, and call what an interval's df is by its name.

    Disclosure rules on residual degrees of freedom are about column `df`, which is another thing.
    """
    return frame[_ordered(frame)].rename(columns={"df": "interval_df"})


def _ordered(frame: pd.DataFrame) -> list[str]:
    names = [str(name) for name in frame if frame[name].notna().any()]
    middle = [n for n in names if n not in ("label", *_LAST)]
    return ["label", *middle, *(n for n in _LAST if n in names)]


def _spec(
    name: str,
    title: str,
    description: str,
    names: list[str],
    unit: str,
    frame: pd.DataFrame | None = None,
) -> TableSpec:
    renamed = ["interval_df" if n == "df" else n for n in names]
    base = next((n for n in ("n", "base") if n in renamed), None)
    columns = tuple(_column(n, base, unit, frame) for n in renamed)
    return TableSpec(name, title, description, columns)


def _column(name: str, base: str | None, unit: str, frame: pd.DataFrame | None) -> Column:
    label = _LABELS.get(name, name.replace("_", " ").capitalize())
    if name in _ORGANISATIONS:
        return Column(name, label, "count", decimals=0, counts="organisations")
    if name in _PEOPLE:
        return Column(name, label, "count", DATA, decimals=0)
    if _is_words(name, frame):
        return Column(name, label, "period" if name == "period" else "label")
    if name in _AVERAGES and base == "base":
        return Column(name, label, "mean", DATA, base=base, decimals=2, unit=unit)
    kind: Kind = "estimate"
    if name in _SERIES:
        return Column(name, label, kind, DATA, base=base, decimals=2, unit=unit)
    if name in _WHOLE:
        return Column(name, label, kind, base=None if name == base else base, decimals=0)
    in_units = name in ("estimate", "conf_low", "conf_high", "std_error", "band_low", "band_high")
    return Column(name, label, kind, DATA, base=base, decimals=3, unit=unit if in_units else "")


def _is_words(name: str, frame: pd.DataFrame | None) -> bool:
    if frame is not None and name in frame:
        numeric = pd.api.types.is_numeric_dtype(frame[name])
        return not numeric or pd.api.types.is_bool_dtype(frame[name])
    return name in ("label", "period", "cohort", "unit", *_LAST)
