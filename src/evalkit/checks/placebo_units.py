"""Would the design find as large an effect for units that never had the intervention?

The estimate is ranked among those for sets of never-treated units that are pretended to have
started when the others did (Abadie, Diamond and Hainmueller 2010, Journal of the American
Statistical Association 105, 493-505). Its rank is a p-value of a permutation test, which can be
no smaller than one in the number of sets and the true one. Where the study fills in what is
missing, all of them are from complete rows, so that like is ranked among like.
"""

from math import comb
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.arms import has_comparison, level_of_start, with_starts
from evalkit.checks.asked import Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate, excludes_zero, p_words, shown_p, standard_error
from evalkit.checks.re_estimate import (
    QUICK_DRAWS,
    compare_by,
    estimate_again,
    fills_in,
    without_facets,
)
from evalkit.inference.arrays import Floats
from evalkit.results import Check, Result, Verdict
from evalkit.results.words import counted

UNITS = Asked(
    "placebo_units",
    "Units without the intervention do not show such differences by themselves",
    "Is the estimate larger than those for units that never had it, pretended to have it?",
    "If it fails, a difference of this size is nothing unusual",
)
FEWEST = 4
"""Clusters without the intervention, at least: two to pretend with and two to compare."""

TINY = 1e-9
"""A match before the start is not taken to be closer than this."""

MOST_SETS = 99
"""Pretended sets of units, at most: the smallest p-value is then one in a hundred."""


def check_placebo_units(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Rank the estimate among those of never-treated clusters pretended to be treated.

    Where clusters hold units with and without the intervention, units take their place. A design
    that makes its own placebos (`Result.tables["placebos"]`) is asked for them.
    """
    if "placebos" in result.tables:
        return _word_own(result.tables["placebos"], result, parameters)
    if not has_comparison(table):
        return cannot_tell(UNITS, "Every unit had the intervention")
    level = level_of_start(table)
    starts = table.groupby(level)["first_treated"].min()
    treated, never = starts.dropna(), starts.index[starts.isna()]
    if len(never) < FEWEST:
        return cannot_tell(
            UNITS,
            f"There are {len(never)} {level}s without the intervention, too few to pretend that "
            "some of them had it",
            {"without": len(never)},
        )
    size = min(len(treated), len(never) // 2)
    never_table = without_facets(table[table[level].isin(never)], parameters)
    same, whole = compare_by(table, result.headline, parameters, estimate)
    rows = [
        again.headline
        for chosen in _draw_sets(list(never), treated, size, parameters.seed)
        if (again := _pretend(never_table, level, chosen, same, estimate)) is not None
    ]
    if not rows:
        return cannot_tell(UNITS, "It could not be estimated for units without the intervention")
    by_error = size < len(treated)
    rows_used = "" if fills_in(same) == fills_in(parameters) else " from complete rows"
    found = np.array([_size(row, by_error) for row in rows])
    return _word(found, _size(whole, by_error), result.headline, parameters, rows_used)


def _word_own(placebos: pd.DataFrame, result: Result, parameters: Any) -> Check:
    """Rank effects of the design's own placebos by how well each unit was matched before."""
    sizes = placebos["effect"].abs() / placebos["pre_rmspe"].clip(lower=TINY)
    treated = placebos["treated"].astype(bool)
    found = sizes[~treated].to_numpy(float)
    if not len(found):
        return cannot_tell(UNITS, "There is no unit to pretend with")
    return _word(found, float(sizes[treated].iloc[0]), result.headline, parameters)


def _size(row: pd.Series, by_error: bool) -> float:
    """Size of an estimate; by its error where the pretended sets are smaller than the true one."""
    return abs(float(row["estimate"])) / (standard_error(row) if by_error else 1.0)


def _draw_sets(
    never: list[str], treated: pd.Series, size: int, seed: int
) -> list[dict[str, float]]:
    """Sets of never-treated clusters with starts like the true ones; each cluster where one had."""
    starts = treated.to_numpy(float)
    if len(starts) == 1:
        return [{name: float(starts[0])} for name in never[:MOST_SETS]]
    rng = np.random.default_rng(seed)
    return [
        dict(zip(rng.permutation(never)[:size], rng.permutation(starts)[:size], strict=True))
        for _ in range(min(MOST_SETS, comb(len(never), size)))
    ]


def _pretend(
    table: pd.DataFrame,
    level: str,
    chosen: dict[str, float],
    parameters: Any,
    estimate: Estimate,
) -> Result | None:
    starts = table[level].map(chosen).astype(float)
    return estimate_again(*with_starts(table, parameters, starts), estimate, draws=QUICK_DRAWS)


def _word(
    found: Floats, size: float, headline: pd.Series, parameters: Any, rows: str = ""
) -> Check:
    as_large = int(np.sum(found >= size))
    p_value, least = (1 + as_large) / (1 + len(found)), 1 / (1 + len(found))
    alpha = 1 - parameters.confidence_level
    verdict: Verdict = "passes"
    said = "What the interval says is borne out"
    if not excludes_zero(headline):
        said = "The answer claims no difference, so nothing speaks against it"
    elif least > alpha:
        verdict = "cannot tell"
        said = "There are too few such units for any difference to stand out"
    elif p_value > alpha:
        verdict = "concern"
        said = "Differences as large are not unusual, though the interval leaves zero out"
    return answer(
        UNITS,
        verdict,
        f"Of {counted(len(found), 'pretended estimate')}{rows}, {as_large} are as large "
        f"({p_words(p_value)}). {said}",
        f"The smallest p-value possible here is {shown_p(least):.3f}",
        {
            "pretended_estimates": len(found),
            "as_large": as_large,
            "p_value": shown_p(p_value),
            "smallest_p_value": shown_p(least),
        },
        3,
    )
