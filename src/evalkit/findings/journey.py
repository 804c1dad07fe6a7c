"""The answer about the journey in words: where experience is poor, good, and not known.

The claim follows from intervals that hold for all parts at once. A part that scores low says where
to look, since questions differ; it says nothing of why. The emotional map is told, never tested.
"""

from typing import Literal

import pandas as pd

from evalkit.findings.open_questions import list_open_questions
from evalkit.measures.journey_grid import BETTER, NOT_MEASURED, POORER
from evalkit.measures.journey_result import FACET_WORDS, name_parts
from evalkit.results import Check, Finding, Result
from evalkit.results.words import capital, interval, listed, lowered, number, values_table
from evalkit.study.fields import TOUCHPOINTS
from evalkit.study.schemas.journey import Journey

Claim = Literal["a part is poorer than the rest", "no part stands out as poor"]
ENOUGH_TO_TELL = 10
"""People on the emotional map, of each role, from which a moment is told in a sentence."""
_DECIMALS = 1
_WORDING = (
    "Questions differ in what they ask and how they are answered, so that a low score says where "
    "to look, and not by how much care there is worse."
)
_MAP = (
    "The emotional map is made by people who came to make it. It starts a conversation; it is no "
    "sample, and nothing in it is tested."
)


def conclude_journey(
    result: Result,
    checks: list[Check],
    always: pd.DataFrame,
    apart: pd.DataFrame,
    parameters: Journey,
) -> Finding:
    """Choose the claim that the grid allows, and say it in plain English."""
    grid = result.tables["grid"]
    told = _told(apart)
    meaning = (
        _say_place(grid, POORER, "poorer than the average of the parts"),
        _say_place(grid, BETTER, "better than it"),
        _say_coverage(grid),
        _say_always(always, parameters),
        _say_map(told, apart),
    )
    limits = (_WORDING, *((_MAP,) if not apart.empty else ()), *list_open_questions(checks))
    return Finding(
        choose_claim(result),
        _answer(result, grid, parameters),
        tuple(said for said in meaning if said),
        limits,
        _values(result, grid, always, told, parameters),
    )


def choose_claim(result: Result) -> Claim:
    """Decide by the interval of the poorest part's distance from the average of the parts."""
    if result.headline["conf_high"] < 0:
        return "a part is poorer than the rest"
    return "no part stands out as poor"


def list_not_measured_on_journey(grid: pd.DataFrame) -> list[str]:
    """List each moment's facets that no question asked about, or too few answered."""
    absent = grid[grid["place"] == NOT_MEASURED]
    rows = []
    for code, name in TOUCHPOINTS.items():
        facets = list(absent.loc[absent["touchpoint"] == code, "facet"])
        if facets:
            words = [FACET_WORDS[str(facet)] for facet in facets]
            said = "any facet" if len(facets) == grid["facet"].nunique() else listed(words)
            rows.append(f"{name}: {said}")
    return [*rows, "People who did not answer, and those who were never asked"]


def _answer(result: Result, grid: pd.DataFrame, parameters: Journey) -> str:
    measured = _measured(grid)
    poorest, best = measured.iloc[0], measured.iloc[-1]
    name = capital(parameters.outcome_name)
    ends = (
        f"{_named(poorest)} ({number(poorest['score'], _DECIMALS)} of 10)",
        f"{_named(best)} ({number(best['score'], _DECIMALS)})",
    )
    apart = (
        f"{number(abs(poorest['difference']), _DECIMALS)} {parameters.outcome_unit} "
        f"{'below' if poorest['difference'] < 0 else 'above'} the average of the {len(measured)} "
        f"parts of the journey that were measured ({_ends(result, parameters)}, for all parts at "
        "once)"
    )
    if choose_claim(result) == "no part stands out as poor":
        return (
            f"No part of the journey stands out as poor: the lowest is {ends[0]}, {apart}, and the "
            f"highest {ends[1]}."
        )
    return f"{name} is poorest at {ends[0]}, {apart}. It is best at {ends[1]}."


def _ends(result: Result, parameters: Journey) -> str:
    row = result.headline
    return interval(row["conf_low"], row["conf_high"], parameters.confidence_level, _DECIMALS)


def _say_place(grid: pd.DataFrame, place: str, said: str) -> str:
    rows = _measured(grid)
    names = [
        f"{_named(row)} ({number(row['score'], _DECIMALS)})"
        for _, row in rows[rows["place"] == place].iterrows()
    ]
    return f"Clearly {said}: {'; '.join(names)}." if names else f"No part is clearly {said}."


def _say_coverage(grid: pd.DataFrame) -> str:
    measured = int((grid["place"] != NOT_MEASURED).sum())
    return (
        f"Of {len(grid)} parts, {grid['touchpoint'].nunique()} moments in "
        f"{grid['facet'].nunique()} facets, {measured} were measured and {len(grid) - measured} "
        "were not: nothing is known of those, good or poor."
    )


def _say_always(always: pd.DataFrame, parameters: Journey) -> str:
    if always.empty:
        return ""
    rows = always.sort_values("always", kind="stable")
    low, high = rows.iloc[0], rows.iloc[-1]
    said = (
        f"Of {len(rows)} Always Events, the one that always happened to the fewest is "
        f"“{low['wording']}” ({number(low['always'], _DECIMALS)}%), and to the most "
        f"“{high['wording']}” ({number(high['always'], _DECIMALS)}%)."
    )
    if "reached" not in rows:
        return said
    reached = int((rows["reached"] == "yes").sum())
    which = f"{reached} of them" if reached else "None"
    return f"{said} {which} clearly reached the target of {parameters.always_target:g}%."


def _told(apart: pd.DataFrame) -> pd.DataFrame:
    """Keep the moments that enough patients and staff marked, the furthest apart first."""
    if apart.empty:
        return apart
    enough = (apart["n_patient"] >= ENOUGH_TO_TELL) & (apart["n_staff"] >= ENOUGH_TO_TELL)
    return apart[enough]


def _say_map(told: pd.DataFrame, apart: pd.DataFrame) -> str:
    if apart.empty:
        return ""
    if told.empty:
        return (
            "On the emotional map too few patients and staff who agreed to be shown marked the "
            "same moment for it to be told in a sentence; the figure shows what may be shown."
        )
    row = told.iloc[0]
    size = number(abs(row["discordance"]), _DECIMALS)
    if row["discordance"] == 0:
        return "On the emotional map patients and staff felt alike at each moment that can be told."
    return (
        f"On the emotional map patients and staff lie furthest apart at {lowered(row['moment'])}: "
        f"staff felt it {size} {'better' if row['discordance'] > 0 else 'worse'}, on a scale from "
        f"-2 to 2 (medians {number(row['median_staff'], _DECIMALS)} and "
        f"{number(row['median_patient'], _DECIMALS)})."
    )


def _values(
    result: Result,
    grid: pd.DataFrame,
    always: pd.DataFrame,
    told: pd.DataFrame,
    parameters: Journey,
) -> pd.DataFrame:
    measured, row = _measured(grid), result.headline
    numbers = {
        "poorest": measured["score"].iloc[0],
        "best": measured["score"].iloc[-1],
        "difference": row["estimate"],
        "difference_low": row["conf_low"],
        "difference_high": row["conf_high"],
        "level": 100 * parameters.confidence_level,
        "scale": 10,
        "parts": len(grid),
        "moments": grid["touchpoint"].nunique(),
        "facets": grid["facet"].nunique(),
        "parts_measured": len(measured),
        "parts_not_measured": len(grid) - len(measured),
    }
    for place in (POORER, BETTER):
        rows = measured[measured["place"] == place]
        keys = rows["touchpoint"] + "_" + rows["facet"]
        numbers |= dict(zip("score_" + keys.str.lower(), rows["score"], strict=True))
    if not always.empty:
        numbers |= {
            "always_events": len(always),
            "always_lowest": always["always"].min(),
            "always_highest": always["always"].max(),
        }
        if "reached" in always:
            numbers["reached"] = int((always["reached"] == "yes").sum())
            numbers["target"] = parameters.always_target or 0.0
    if not told.empty:
        first = told.iloc[0]
        numbers |= {"apart": first["discordance"], "map_end": 2}
        numbers |= {
            "staff_median": first["median_staff"],
            "patients_median": first["median_patient"],
        }
    return values_table(
        {k: float(v) for k, v in numbers.items()}, dict.fromkeys(numbers, _DECIMALS)
    )


def _measured(grid: pd.DataFrame) -> pd.DataFrame:
    return grid[grid["place"] != NOT_MEASURED].sort_values("score", kind="stable")


def _named(row: pd.Series) -> str:
    return lowered(str(name_parts(row.to_frame().T).iloc[0]))
