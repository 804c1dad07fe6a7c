"""How far coders give the same comment the same code, beyond what chance would bring.

Krippendorff's alpha (Content Analysis, 2004, chapter 11) for any number of coders, with gaps;
Cohen's kappa (1960), weighted (1968); Fleiss' kappa (1971); Gwet's AC1 (2008, British Journal of
Mathematical and Statistical Psychology 61:29-48), which stays steady where one code is rare.
Codes are numbers; `ratings` is (comments, coders), NaN where a coder did not code. Intervals
resample comments. Customary marks for alpha: .800 to conclude, .667 to conclude tentatively.
"""

from collections.abc import Callable
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate

Scale = Literal["nominal", "ordinal", "interval"]
Weights = Literal["none", "linear", "quadratic"]


def krippendorff_alpha(ratings: Floats, scale: Scale) -> float:
    """Return alpha, one less observed over expected disagreement; NaN where only one code is used.

    Raises AnalysisError where no comment has two codes.
    """
    values, counts = _count_codes(ratings)
    counts = counts[counts.sum(axis=1) > 1]
    coders = counts.sum(axis=1)
    coincidences = (counts / (coders - 1)[:, None]).T @ counts
    coincidences -= np.diag((counts / (coders - 1)[:, None]).sum(axis=0))
    totals = coincidences.sum(axis=0)
    distance = _distances(values, totals, scale)
    expected = float(totals @ distance @ totals) / (totals.sum() - 1)
    return 1 - float(np.sum(coincidences * distance)) / expected if expected > 0 else float("nan")


def cohen_kappa(ratings: Floats, weights: Weights = "none") -> float:
    """Return the kappa of two coders, over comments that both coded; NaN where chance is all.

    `weights` count a disagreement by the steps between the codes used, or by their square.
    """
    if ratings.shape[1] != 2:
        raise AnalysisError(
            f"Cohen's kappa: {ratings.shape[1]} coders, and it is for two. "
            "Use Fleiss' kappa or Krippendorff's alpha."
        )
    both = _complete(ratings)
    codes, at = np.unique(both, return_inverse=True)
    at = at.reshape(both.shape)
    table = np.zeros((len(codes), len(codes)))
    np.add.at(table, (at[:, 0], at[:, 1]), 1 / len(both))
    steps = np.abs(np.subtract.outer(np.arange(len(codes)), np.arange(len(codes))))
    cost = {"none": steps > 0, "linear": steps, "quadratic": steps**2}[weights].astype(float)
    chance = float(table.sum(axis=1) @ cost @ table.sum(axis=0))
    return 1 - float(np.sum(cost * table)) / chance if chance > 0 else float("nan")


def fleiss_kappa(ratings: Floats) -> float:
    """Return Fleiss' kappa over the comments that every coder coded; NaN where chance is all."""
    _, counts = _count_codes(_complete(ratings))
    coders = counts.sum(axis=1)
    agreed = float(np.mean(np.sum(counts * (counts - 1), axis=1) / (coders * (coders - 1))))
    chance = float(np.sum((counts.sum(axis=0) / counts.sum()) ** 2))
    return (agreed - chance) / (1 - chance) if chance < 1 else float("nan")


def gwet_ac1(ratings: Floats) -> float:
    """Return AC1 over the codes used, for any number of coders, with gaps; 1 where one code is."""
    values, counts = _count_codes(ratings)
    if len(values) == 1:
        return 1.0
    coders = counts.sum(axis=1)
    pairs = counts[coders > 1]
    paired = coders[coders > 1]
    agreed = float(np.mean(np.sum(pairs * (pairs - 1), axis=1) / (paired * (paired - 1))))
    share = np.mean(counts[coders > 0] / coders[coders > 0][:, None], axis=0)
    chance = float(np.sum(share * (1 - share))) / (len(values) - 1)
    return (agreed - chance) / (1 - chance)


def bootstrap_agreement(
    statistic: Callable[[Floats], float],
    ratings: Floats,
    rng: np.random.Generator,
    *,
    draws: int = 999,
    level: float = 0.95,
) -> Estimate:
    """Estimate `statistic` with a percentile interval from resampling whole comments.

    Draws without a value (one code only) are left out.
    """
    rows = len(ratings)
    found = []
    for _ in range(draws):
        sample = ratings[rng.integers(0, rows, rows)]
        if np.any(np.sum(~np.isnan(sample), axis=1) > 1):
            found.append(statistic(sample))
    known = np.array(found)[~np.isnan(found)]
    if len(known) < draws / 2:
        raise AnalysisError(
            f"agreement: {draws - len(known)} of {draws} resamples have no value, for want of "
            "comments or codes. Code more comments."
        )
    low, high = np.quantile(known, [(1 - level) / 2, (1 + level) / 2])
    error = float(np.std(known, ddof=1))
    nothing = float("nan")
    return Estimate(statistic(ratings), error, nothing, float(low), float(high), nothing, level)


def _count_codes(ratings: Floats) -> tuple[Floats, Floats]:
    """The codes used, in order, and how many coders gave each comment each code."""
    values = np.unique(ratings[~np.isnan(ratings)])
    counts = (ratings[:, :, None] == values[None, None, :]).sum(axis=1).astype(float)
    if not np.any(counts.sum(axis=1) > 1):
        raise AnalysisError(
            f"agreement: none of {len(ratings)} comments has two codes. "
            "Have some comments coded twice."
        )
    return values, counts


def _distances(values: Floats, totals: Floats, scale: Scale) -> Floats:
    if scale == "nominal":
        return 1.0 - np.eye(len(values))
    if scale == "interval":
        return np.asarray(np.subtract.outer(values, values) ** 2)
    place = np.cumsum(totals) - totals / 2
    return np.asarray(np.subtract.outer(place, place) ** 2)


def _complete(ratings: Floats) -> Floats:
    complete = ratings[~np.isnan(ratings).any(axis=1)]
    if len(complete) == 0 or complete.shape[1] < 2:
        raise AnalysisError(
            f"agreement: {len(complete)} comments were coded by all of {ratings.shape[1]} coders. "
            "Give comments that two or more coders coded."
        )
    return np.asarray(complete, dtype=float)
