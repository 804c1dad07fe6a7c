"""Means of the items that were answered, and the columns that a scorer needs."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError


def need_columns(table: pd.DataFrame, wanted: Sequence[str], what: str) -> None:
    """Raise AnalysisError, naming them, where `table` lacks columns that `what` needs."""
    lacking = [name for name in wanted if name not in table]
    if lacking:
        shown = ", ".join(lacking[:6]) + (", ..." if len(lacking) > 6 else "")
        raise AnalysisError(
            f"{what}: {len(lacking)} of {len(wanted)} columns are not there ({shown}). "
            "Name the columns so, or choose a measure whose items were asked."
        )


def need_options(answers: pd.DataFrame, options: Sequence[float], what: str) -> None:
    """Raise AnalysisError where an answer is neither missing nor one of `options`."""
    wrong = answers.notna() & ~answers.isin(list(options))
    if wrong.to_numpy().any():
        columns = [str(name) for name in answers if wrong[name].any()]
        raise AnalysisError(
            f"{what}: {int(wrong.to_numpy().sum())} answers are no option of their item, in "
            f"{', '.join(columns[:6])}. Options go from {min(options):g} to {max(options):g}; "
            "leave other answers empty."
        )


def mean_of_answered(scores: pd.DataFrame, least_share: float) -> pd.Series:
    """Mean over each row's known values, missing where fewer than `least_share` (0-1) are known.

    At least one must be known.
    """
    share = scores.notna().mean(axis=1)
    enough = (share >= least_share - 1e-9) & (share > 0)
    return scores.mean(axis=1).where(enough)


def tabulate_answer_quality(
    answers: pd.DataFrame, lowest: float, highest: float, *, applicable: pd.DataFrame | None = None
) -> pd.DataFrame:
    """One row an item of `answers` (people, items): floor, ceiling and non-response, in per cent.

    Floor and ceiling are shares of those who answered that chose `lowest` or `highest`, the ends
    of the scale rather than of the answers. `applicable` (same shape, true or false) leaves those
    to whom an item did not apply out of non-response. `answered` and `asked` are their bases.
    """
    need_options_range(answers, lowest, highest)
    asked = pd.DataFrame(True, answers.index, answers.columns) if applicable is None else applicable
    known = answers.notna() & asked
    answered, bases = known.sum().to_numpy(float), asked.sum().to_numpy(float)
    shares = {
        "floor": (((answers == lowest) & known).sum().to_numpy(float), answered),
        "ceiling": (((answers == highest) & known).sum().to_numpy(float), answered),
        "item_non_response": (bases - answered, bases),
    }
    table = pd.DataFrame({"item": list(answers.columns)})
    for name, (events, base) in shares.items():
        table[name] = 100 * events / np.where(base > 0, base, np.nan)
    return table.assign(answered=answered.astype(int), asked=bases.astype(int))


def need_options_range(answers: pd.DataFrame, lowest: float, highest: float) -> None:
    """Raise AnalysisError where an answer lies outside `lowest` to `highest`."""
    outside = answers.notna() & ~((answers >= lowest) & (answers <= highest))
    if outside.to_numpy().any():
        raise AnalysisError(
            f"answers: {int(outside.to_numpy().sum())} lie outside {lowest:g} to {highest:g}. "
            "Give the ends of the scale that was asked."
        )
