"""What a set of estimates shows, in the sentences of alternative text."""

from collections.abc import Mapping

import pandas as pd

from evalkit.charts.intervals import ENDS
from evalkit.charts.words import count_words
from evalkit.results.words import decimals_for, listed, number

NOT_SHOWN = "not shown"
_MOST_DECIMALS = 3


def difference_words(outcome_name: str, step: str) -> str:
    """Name what the estimates are: a difference in the outcome, for a step of the exposure."""
    return f"Difference in {outcome_name} {step}".strip()


def shown_decimals(rows: pd.DataFrame, asked: int | None) -> int:
    """Return the decimals asked for; or two, and three where two would show some bound as zero."""
    if asked is not None:
        return asked
    values = rows[ENDS].round(_MOST_DECIMALS).to_numpy().ravel()
    return decimals_for(*(float(value) for value in values if not pd.isna(value)))


def estimate_words(row: "pd.Series[float]", decimals: int) -> str:
    """Write an estimate and its interval, or say what is not shown."""
    if pd.isna(row["estimate"]):
        return NOT_SHOWN
    written = number(row["estimate"], decimals)
    if pd.isna(row["conf_low"]) or pd.isna(row["conf_high"]):
        return f"{written} (interval {NOT_SHOWN})"
    low, high = (number(row[name], decimals) for name in ("conf_low", "conf_high"))
    return f"{written} ({low} to {high})"


def range_sentence(rows: pd.DataFrame, decimals: int, where: str = "") -> str:
    """Say which rows have the lowest and the highest estimate."""
    shown = rows.dropna(subset=["estimate"])
    noun = f"estimate {where}".strip()
    if shown.empty:
        return f"No {noun} can be shown."
    told = [
        f"{row['label']}, {estimate_words(row, decimals)}"
        for row in (shown.iloc[shown["estimate"].argmin()], shown.iloc[shown["estimate"].argmax()])
    ]
    if len(shown) == 1:
        return f"The one {noun} shown is {told[0]}."
    return f"The lowest {noun} is {told[0]}; the highest is {told[1]}."


def interval_words(rows: pd.DataFrame, decimals: int) -> str:
    """Say how many intervals lie on which side of zero, for example `two lie wholly above zero`.

    Bounds count as they are shown: one that rounds to zero is not above it.
    """
    bounds = _bounds(rows, decimals)
    above, below = bounds["conf_low"] > 0, bounds["conf_high"] < 0
    places = {
        "wholly above zero": above,
        "wholly below zero": below,
        "on both sides of zero": ~(above | below),
    }
    return _told(places)


def intervals_sentence(
    rows: pd.DataFrame, decimals: int, least: float | None, what: str = "intervals"
) -> str:
    """Say where the intervals lie beside zero and beside `least`, if anything would matter."""
    bounds = _bounds(rows, decimals)
    if bounds.empty:
        return ""
    sentence = f"Of the {what}, {interval_words(rows, decimals)}"
    if least is None:
        return f"{sentence}."
    above, below = bounds["conf_low"] >= least, bounds["conf_high"] <= -least
    short = (bounds["conf_low"] > -least) & (bounds["conf_high"] < least)
    places = {
        "wholly beyond it above zero": above,
        "wholly beyond it below zero": below,
        "wholly short of it": short,
        "on both sides of it": ~(above | below | short),
    }
    return f"{sentence}; beside the minimum important difference, {_told(places)}."


def missing_sentence(names: "pd.Series[str]") -> str:
    """Name what is not drawn; nothing where all is."""
    return f"Withheld or missing: {listed(list(names))}." if len(names) else ""


def _bounds(rows: pd.DataFrame, decimals: int) -> pd.DataFrame:
    shown = rows.dropna(subset=["estimate"])
    return shown[["conf_low", "conf_high"]].dropna().round(decimals)


def _told(places: "Mapping[str, pd.Series[bool]]") -> str:
    """Say how many intervals lie in each place that holds any."""
    counts = {place: int(inside.sum()) for place, inside in places.items()}
    told = [
        f"{count_words(count)} {'lies' if count == 1 else 'lie'} {place}"
        for place, count in counts.items()
        if count
    ]
    return listed(told) if told else "none is shown"
