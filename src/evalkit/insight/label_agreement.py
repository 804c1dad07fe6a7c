"""How far coders agree on each of many labels, with intervals, and on whole sets of labels.

The same measures as in `measures/agreement.py`, for codes of 0 and 1, written as sums over
comments so that thousands of resamples take no time: Krippendorff's alpha (2004), Gwet's AC1
(2008), Cohen's kappa (1960). Sets of labels differ by the MASI distance (Passonneau 2006, LREC
831-836), one less the overlap times how one set contains the other; alpha with that distance
says how far coders agree on all labels of a comment together. Intervals resample comments.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

OVERLAPPING, CONTAINED = 1 / 3, 2 / 3
"""What an overlap counts for where neither set holds the other, and where one does."""


@dataclass(frozen=True, slots=True)
class LabelAgreement:
    """A measure of each label (k,), with its interval at `level`; NaN where it has no value."""

    estimate: Floats
    conf_low: Floats
    conf_high: Floats
    level: float


def fit_label_agreement(
    ratings: Floats, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> dict[str, LabelAgreement]:
    """Estimate `alpha`, `ac1` and `kappa` of each label from codes (comments, coders, labels).

    Codes are 0 or 1, NaN where a coder did not code a comment. `kappa` is that of the first two
    coders. Raises AnalysisError where no comment was coded twice.
    """
    coded = np.sum(~np.isnan(ratings[:, :, 0]), axis=1)
    ratings = ratings[coded > 1]
    if len(ratings) == 0:
        raise AnalysisError(
            f"agreement: none of {len(coded)} comments was coded by two people. "
            "Have some comments coded twice."
        )
    weights = rng.multinomial(len(ratings), np.full(len(ratings), 1 / len(ratings)), draws)
    every = np.vstack([np.ones(len(ratings)), weights])
    found = {"alpha": _alpha(ratings, every), "ac1": _ac1(ratings, every)}
    found["kappa"] = _kappa(ratings, every)
    return {name: _with_interval(values, level) for name, values in found.items()}


def fit_set_agreement(
    ratings: Floats, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> LabelAgreement:
    """Estimate alpha of whole sets of labels by the MASI distance, from the same codes."""
    known = ~np.isnan(ratings[:, :, 0])
    ratings, known = ratings[known.sum(axis=1) > 1], known[known.sum(axis=1) > 1]
    sets, codes = np.unique(ratings[known], axis=0, return_inverse=True)
    distance = find_masi_distance(sets)
    counts = np.zeros((len(ratings), len(sets)))
    np.add.at(counts, (np.nonzero(known)[0], codes.ravel()), 1)
    coders = counts.sum(axis=1)
    apart = np.sum((counts @ distance) * counts, axis=1) / (coders - 1)
    weights = rng.multinomial(len(ratings), np.full(len(ratings), 1 / len(ratings)), draws)
    every = np.vstack([np.ones(len(ratings)), weights])
    used, number = every @ counts, every @ coders
    expected = np.sum((used @ distance) * used, axis=1) / (number - 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = np.where(expected > 0, 1 - (every @ apart) / expected, np.nan)
    return _with_interval(alpha[:, None], level)


def find_masi_distance(sets: Floats) -> Floats:
    """Return the distances (m, m) of sets of labels (m, labels) of 0 and 1; two empty sets: 0."""
    shared = sets @ sets.T
    sizes = sets.sum(axis=1)
    union = sizes[:, None] + sizes[None, :] - shared
    smaller = np.minimum(sizes[:, None], sizes[None, :])
    overlap = np.where(union > 0, shared / np.where(union > 0, union, 1), 1.0)
    holds = np.where(shared == smaller, CONTAINED, OVERLAPPING)
    same = (sizes[:, None] == sizes[None, :]) & (shared == sizes[:, None])
    holds = np.where(same, 1.0, np.where(shared == 0, 0.0, holds))
    return np.asarray(1 - overlap * holds)


def _alpha(ratings: Floats, every: Floats) -> Floats:
    """Alpha of two codes: one less the pairs that differ over those that chance would bring."""
    coders, ones = _count(ratings)
    differ = ones * (coders - ones) / (coders - 1)
    number, given = every @ coders, every @ ones
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(1 - (number - 1) * (every @ differ) / (given * (number - given)))


def _ac1(ratings: Floats, every: Floats) -> Floats:
    coders, ones = _count(ratings)
    zeros = coders - ones
    agreed = (ones * (ones - 1) + zeros * (zeros - 1)) / (coders * (coders - 1))
    comments = every.sum(axis=1)[:, None]
    share = every @ (ones / coders) / comments
    chance = 2 * share * (1 - share)
    return np.asarray((every @ agreed / comments - chance) / (1 - chance))


def _kappa(ratings: Floats, every: Floats) -> Floats:
    first, second = ratings[:, 0, :], ratings[:, 1, :]
    both = ~np.isnan(first + second)
    first, second = np.where(both, first, 0), np.where(both, second, 0)
    number = every @ both.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        one, two, agree = (every @ part / number for part in (first, second, first * second))
        observed = 1 - one - two + 2 * agree
        chance = one * two + (1 - one) * (1 - two)
        return np.asarray((observed - chance) / (1 - chance))


def _count(ratings: Floats) -> tuple[Floats, Floats]:
    """Coders a comment and label, and those who gave the label."""
    known = ~np.isnan(ratings)
    return known.sum(axis=1).astype(float), np.nansum(ratings, axis=1)


def _with_interval(values: Floats, level: float) -> LabelAgreement:
    """The measure itself stands in the first row, its resamples in the others."""
    drawn, nothing = values[1:], np.isnan(values[1:]).mean(axis=0) > 0.5
    kept = np.where(nothing, 0.0, drawn)
    low, high = np.nanquantile(kept, [(1 - level) / 2, (1 + level) / 2], axis=0)
    absent = np.isnan(values[0]) | nothing
    return LabelAgreement(
        values[0], np.where(absent, np.nan, low), np.where(absent, np.nan, high), level
    )
