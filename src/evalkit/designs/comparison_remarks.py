"""What a weighted comparison says of itself: of whom it speaks, how alike, how sure, what hides."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.comparison_sample import ComparisonSample
from evalkit.designs.missing_remarks import say_left_out
from evalkit.designs.survey_sample import say_drawn
from evalkit.inference.arrays import Floats
from evalkit.results.types import pick_row
from evalkit.results.words import counted, listed, number
from evalkit.study.schemas.weighted_comparison import WeightedComparison

UNLIKE = 0.1
"""Difference in standard deviations from which on a cause counts as unlike."""

HARD = 20.0
"""Percentage points by which a hidden cause is taken to differ, in the sentence about it."""

WHOM = {
    "overlap": "those who, by what was measured, could have been in either group",
    "treated": "those who had the intervention",
    "everyone": "everyone in the data",
    "matched": "those with the intervention who found a match near enough",
}


def make_remarks(
    sample: ComparisonSample,
    weights: Floats,
    estimates: pd.DataFrame,
    tables: dict[str, pd.DataFrame],
    few: int,
    parameters: WeightedComparison,
) -> tuple[str, ...]:
    """Say whom the answer is about, how alike the groups became, what may hide, how errors came."""
    plain = float(pick_row(estimates, method="unadjusted")["estimate"])
    return (
        f"As they are, before they are made alike, the groups differ by {number(plain)} "
        f"{parameters.outcome_unit}.",
        f"The answer is about {WHOM[_whom(parameters)]}.",
        *_worth(tables, parameters),
        *_still_unlike(tables["balance"]),
        *_hidden(tables, parameters),
        _error_in_words(sample, few, parameters),
        *_left_out(sample, weights),
        *_outside(sample, weights, estimates, parameters),
    )


def _whom(parameters: WeightedComparison) -> str:
    own = {"overlap_weights": "overlap", "matching": "matched"}
    return own.get(parameters.method, parameters.effect_for)


def _noun(parameters: WeightedComparison) -> str:
    return "people" if parameters.data_rows == "people" else "rows"


def _worth(tables: dict[str, pd.DataFrame], parameters: WeightedComparison) -> Iterator[str]:
    rows, noun = tables["sample"], _noun(parameters)
    worth = [number(value, 0) for value in rows["effective_n"]]
    yield (
        f"Made alike, the {rows['n'][0]:,} {noun} with the intervention tell as much as {worth[0]} "
        f"would, and the {rows['n'][1]:,} without it as much as {worth[1]}."
    )


def _still_unlike(balance: pd.DataFrame) -> Iterator[str]:
    unlike = balance.loc[balance["difference_after"].abs() > UNLIKE, "cause"]
    if len(unlike):
        named = listed([str(cause) for cause in unlike])
        yield f"Still unlike by more than {UNLIKE:g} standard deviations: {named}."


def _hidden(tables: dict[str, pd.DataFrame], parameters: WeightedComparison) -> Iterator[str]:
    """How strong a cause that nobody measured must be, beside what the measured ones do."""
    hidden, without = tables["hidden_cause"], tables["without_each"]
    known = hidden[hidden["effect_that_leaves_unsure"] > 0]
    if known.empty:
        return
    row, unit = known[known["commoner_by"] == HARD].iloc[0], parameters.outcome_unit
    yield (
        f"If a cause that nobody measured were {HARD:g} percentage points commoner among those "
        f"with the intervention, it would have to move {parameters.outcome_name} by "
        f"{number(row['effect_that_leaves_unsure'])} {unit} to leave the difference unsure, and by "
        f"{number(row['effect_that_leaves_nothing'])} to be all of it."
    )
    strength = tables["e_value"].set_index("of")["strength"]
    yield (
        "On the scale of risk ratios it would have to go with both by "
        f"{number(strength['interval'])} to leave it unsure, and by "
        f"{number(strength['estimate'])} to be all of it (E-value)."
    )
    if len(without):
        most = without.iloc[0]
        yield (
            f"For comparison: without {most['left_out']}, the measured cause that counts most, the "
            f"difference would be {number(most['estimate'])}."
        )


def _error_in_words(sample: ComparisonSample, few: int, parameters: WeightedComparison) -> str:
    if sample.drawn is not None:
        return (
            f"{say_drawn(sample.drawn, sample.drawn.design.df, parameters)} It allows for the "
            "weights that make the groups alike having been fitted to the data."
        )
    clustered, noun = sample.clusters < len(sample.outcome), _noun(parameters)
    by = f"{noun} of one cluster being alike ({sample.clusters} clusters)"
    if parameters.method == "matching":
        serving = f"{noun} that served as a match more than once (Abadie and Imbens)"
        return (
            f"The interval allows for {by if clustered else serving}, and takes the chance of "
            "having the intervention as known."
        )
    if sample.clusters < few:
        return (
            f"With {counted(sample.clusters, 'cluster')} the interval comes from leaving each out "
            "in turn, the weights fitted anew each time (jackknife)."
        )
    return (
        f"The interval allows for {by if clustered else 'each row by itself'}, and for the weights "
        "having been fitted to the data."
    )


def _left_out(sample: ComparisonSample, weights: Floats) -> Iterator[str]:
    lost = float(np.mean(weights[sample.treated] == 0))
    if lost:
        share = "less than 1%" if lost < 0.01 else f"{number(100 * lost, 0)}%"
        yield f"Of those with the intervention, {share} found no match and count for nothing."
    if sample.left_out:
        yield say_left_out(
            sample.left_out,
            sample.rows,
            ["the group", "the measured causes"],
            also="the difference is the same for all",
        )
    if sample.weightless:
        yield f"{counted(sample.weightless, 'row')} left out: weight is missing or nought."


def _outside(
    sample: ComparisonSample,
    weights: Floats,
    estimates: pd.DataFrame,
    parameters: WeightedComparison,
) -> list[str]:
    """Say so where those with the intervention, less the difference, are what no outcome can be."""
    treated = sample.treated & (weights > 0)
    level = float(np.average(sample.outcome[treated], weights=weights[treated]))
    adjusted = estimates.loc[estimates["method"] != "unadjusted", "estimate"].to_numpy(float)
    return say_outside_range(
        level - adjusted,
        parameters.outcome_kind,
        "on average, by at least one of the ways shown",
        "the regression's lines reach further than the outcome can",
    )
