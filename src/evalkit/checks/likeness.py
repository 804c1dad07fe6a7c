"""Are groups that were made alike by weights or matches alike, and is enough left of them?

They read what the design shows beside its estimate: `balance` after weighting, `sample`, and
`hidden_cause`. A tenth of a standard deviation is the usual sign of imbalance in averages (Austin
2009, Statistics in Medicine 28, 3083-3107). Some weights make averages agree by construction, which
then says nothing: squares and products of causes are therefore compared too, by the design itself,
and may differ by a quarter (Rubin 2001, Health Services and Outcomes Research Methodology 2,
169-188).
"""

from itertools import combinations_with_replacement
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.asked import DESCRIPTION, Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate
from evalkit.checks.re_estimate import effect_on
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted, decimals_for, number

LIKENESS = Asked(
    "likeness",
    "The groups that are compared are alike in what was measured",
    "How far apart are their measured causes, their squares and products, once made alike?",
    "If it fails, what still differs may have made the difference",
)
OVERLAP = Asked(
    "overlap",
    "Enough people could have been in either group",
    "As how many of each group does the comparison count?",
    "If it fails, a few rows carry the answer, or most have nobody to be compared with",
)
ROBUST = Asked(
    "doubly_robust",
    "Likeness and a model of the outcome lead to one answer",
    "Does the estimate that is right if either of the two is right differ?",
    "If it fails, one of the two is wrong, and nobody knows which",
)
HIDDEN = Asked(
    "hidden_cause",
    "Nothing unmeasured both led people to have it and moves the outcome",
    "How strong would such a cause have to be to make the difference?",
    "If it fails, the difference, or part of it, is that cause's",
)
UNLIKE = 0.1
UNLIKE_SHAPE = 0.25
"""Standard deviations by which squares and products of causes may differ."""

MOST_CAUSES = 6
"""With more measured causes squares alone are compared: products would be too many."""

FEWEST_WORTH = 30
LEAST_SHARE = 0.25
"""Share of the smaller group's rows that each group must still be worth.

The larger may hold any number of rows like none of the smaller: they are not needed.
"""


def check_likeness(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge the standardised differences that weighting or matching left, of shapes too."""
    balance = result.tables["balance"]
    before, after = balance["difference_before"].abs(), balance["difference_after"].abs()
    differed, unlike = (int((size > UNLIKE).sum()) for size in (before, after))
    most, furthest = balance.iloc[int(before.argmax())], balance.iloc[int(after.argmax())]
    shapes = _differences_of_shapes(table, parameters, estimate)
    known = {name: size for name, size in shapes.items() if np.isfinite(size)}
    bent = sum(abs(size) > UNLIKE_SHAPE for size in known.values())
    verdict: Verdict = "cannot tell" if shapes and not known else "passes"
    verdict = "concern" if unlike or bent else verdict
    said, numbers = _word_shapes(known, bent)
    return answer(
        LIKENESS,
        verdict,
        f"Of {counted(len(balance), 'measured cause')}, {differed} differed by more than "
        f"{number(UNLIKE, 1)} standard deviations before, most of all {_plain(most)} "
        f"({number(most['difference_before'])}), and {unlike} in the comparison, where the "
        f"furthest apart is {_plain(furthest)} ({number(furthest['difference_after'])}). {said}",
        DESCRIPTION,
        {
            "causes": len(balance),
            "differed": differed,
            "unlike": unlike,
            "limit": UNLIKE,
            "furthest_before": float(most["difference_before"]),
            "furthest": float(furthest["difference_after"]),
            **numbers,
        },
    )


def _word_shapes(known: dict[str, float], bent: int) -> tuple[str, dict[str, float]]:
    if not known:
        return "No square or product of causes could be compared", {}
    name = max(known, key=lambda one: abs(known[one]))
    numbers = {"shapes": len(known), "bent": bent, "shape_limit": UNLIKE_SHAPE}
    return (
        f"Of {len(known)} squares and products of causes, {bent} differ by more than "
        f"{number(UNLIKE_SHAPE)}; the furthest apart is {name} ({number(known[name])})",
        numbers | {"furthest_shape": known[name]},
    )


def _differences_of_shapes(
    table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> dict[str, float]:
    """Differences that the design leaves in each square and product, in standard deviations.

    The square of a cause with two values is the cause, and is left out. NaN where the design
    cannot estimate one.
    """
    roles = [role for role in parameters.adjust_for if role in table]
    if not roles:
        return {}
    causes = table[roles].astype(float)[table["outcome"].notna()]
    scaled = (causes - causes.mean()) / causes.std()
    few = len(roles) <= MOST_CAUSES
    found = {}
    for one, other in combinations_with_replacement(roles, 2):
        if (one != other and not few) or (one == other and causes[one].nunique() < 3):
            continue
        shape = (scaled[one] * scaled[other]).reindex(table.index)
        named = f"{one} squared" if one == other else f"{one} by {other}"
        found[named.replace("_", " ")] = _left_in(shape, table, parameters, estimate)
    return found


def _left_in(
    shape: "pd.Series[float]", table: pd.DataFrame, parameters: Any, estimate: Estimate
) -> float:
    """Difference that is left in a shape, by the mean of the two groups' spreads."""
    row = effect_on(shape, table, parameters, estimate)
    spread = float(np.sqrt(shape.groupby(table["treated"].astype(bool)).var().mean()))
    return float(row["estimate"]) / spread if row is not None and spread > 0 else float("nan")


def _plain(row: pd.Series) -> str:
    return str(row["cause"]).replace("_", " ")


def check_overlap(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Judge how many rows each group is worth, and what share of it that is."""
    groups = result.tables["sample"]
    rows, worth = groups["n"].astype(float), groups["effective_n"].astype(float)
    least = max(FEWEST_WORTH, LEAST_SHARE * float(rows.min()))
    enough = bool((worth >= least).all())
    numbers = {
        "with_it": float(rows.iloc[0]),
        "with_it_worth": float(worth.iloc[0]),
        "without": float(rows.iloc[1]),
        "without_worth": float(worth.iloc[1]),
        "asked_for": least,
    }
    said = [f"{number(value, 0)}" for value in numbers.values()]
    noun = "people" if parameters.table_rows == "people" else "rows"
    return answer(
        OVERLAP,
        "passes" if enough else "concern",
        f"{said[0]} {noun} with the intervention tell as much as {said[1]} would, and {said[2]} "
        f"without it as much as {said[3]}; {said[4]} of each are asked for",
        DESCRIPTION,
        numbers,
        0,
    )


def check_doubly_robust(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Compare the answer with the doubly robust estimate, to the least difference that matters."""
    rows = result.estimates[result.estimates["method"] == "doubly_robust"]
    if rows.empty or result.headline["method"] == "doubly_robust":
        return cannot_tell(ROBUST, "There is no other estimate to compare with")
    shift = float(rows.iloc[0]["estimate"] - result.headline["estimate"])
    matters = float(parameters.minimum_important_difference)
    decimals = decimals_for(matters)
    return answer(
        ROBUST,
        "passes" if abs(shift) < matters else "concern",
        f"The doubly robust estimate differs by {number(shift, decimals)}; "
        f"{number(matters, decimals)} would matter",
        DESCRIPTION,
        {"differs_by": shift, "matters": matters},
        decimals,
    )


def check_hidden_cause(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Say how strong a hidden cause must be to leave the difference unsure: no data can test it."""
    hidden = result.tables["hidden_cause"]
    needed = hidden[hidden["effect_that_leaves_unsure"] > 0]
    if needed.empty:
        return cannot_tell(HIDDEN, "No data can test it, and the difference is unsure without one")
    row, unit = needed.iloc[int(len(needed) > 1)], parameters.outcome_unit
    return answer(
        HIDDEN,
        "cannot tell",
        f"No data can test it. One that is {number(row['commoner_by'], 0)} percentage points "
        f"commoner among those with the intervention would leave the difference unsure if it moved "
        f"the outcome by {number(row['effect_that_leaves_unsure'])} {unit}",
        "Nothing: no data can test it",
        {"commoner_by": row["commoner_by"], "moves_by": row["effect_that_leaves_unsure"]},
    )
