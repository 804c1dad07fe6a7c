"""Nearest neighbours: each treated row against the untreated row most like it.

With replacement, by distance on a score (the log odds of treatment), no further than a caliper,
within cells that must agree exactly. The difference can be corrected by regression for what
matching left unlike. Estimates the effect on the treated rows that found a match.
What must hold: all that both chose the treatment and moves the outcome is in the score.
Errors: Abadie and Imbens, for independent rows; the score is taken as known, which on the treated
may err to either side (Abadie and Imbens 2016). A resample of rows would be wrong (2008).
Sources: Abadie and Imbens 2006, Econometrica 74:235-267; 2011, Journal of Business & Economic
Statistics 29:1-11 (correction); 2012, Journal of the American Statistical Association 107:833-843.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Flags, Floats, Ints

SAME = 10
"""Decimals to which two scores are one: products of equal rows may differ in the last bits."""


@dataclass(frozen=True, slots=True)
class Matches:
    """Rows of treated that found a match, the untreated row of each, and how often each served.

    `used` (n,) counts the times that a row stands for a treated one; 1 for the matched treated.
    """

    treated: Ints
    untreated: Ints
    used: Floats

    @property
    def count(self) -> int:
        """Number of treated rows matched."""
        return len(self.treated)


@dataclass(frozen=True, slots=True)
class MatchedFit:
    """The mean difference of the pairs, its error, and the influence (n,) of each row."""

    estimate: float
    std_error: float
    influence: Floats


def match_nearest(
    score: Floats, treated: Flags, *, cells: Ints | None = None, caliper: float = np.inf
) -> Matches:
    """Find for each treated row the untreated row with the nearest `score` (n,).

    Untreated rows with one score serve in turn, so that none stands for all that they could.
    `caliper` is the furthest allowed, in units of the score; `cells` (n,) must agree.
    """
    codes = np.zeros(len(score), dtype=np.int64) if cells is None else cells
    rows, found = [], []
    for cell in np.unique(codes[treated]):
        mine = np.flatnonzero(treated & (codes == cell))
        others = np.flatnonzero(~treated & (codes == cell))
        if not len(others):
            continue
        nearest = others[_nearest(score[others], score[mine])]
        near = np.abs(score[nearest] - score[mine]) <= caliper
        rows.append(mine[near])
        found.append(nearest[near])
    one, two = (np.concatenate(part or [np.empty(0, np.int64)]) for part in (rows, found))
    used = np.bincount(two, minlength=len(score)).astype(float)
    used[one] = 1.0
    return Matches(one, two, used)


def _nearest(pool: Floats, wanted: Floats) -> Ints:
    """Places in `pool` nearest to each wanted value; those that tie serve in turn."""
    order = np.argsort(pool, kind="stable")
    ranked = np.round(pool[order], SAME)
    right = np.clip(np.searchsorted(ranked, wanted), 0, len(pool) - 1)
    left = np.maximum(right - 1, 0)
    closer = np.abs(ranked[left] - wanted) <= np.abs(ranked[right] - wanted)
    chosen = ranked[np.where(closer, left, right)]
    first = np.searchsorted(ranked, chosen)
    ties = np.searchsorted(ranked, chosen, side="right") - first
    by_choice = np.argsort(first, kind="stable")
    sorted_first = first[by_choice]
    turn = np.empty(len(wanted), dtype=np.int64)
    turn[by_choice] = np.arange(len(wanted)) - np.searchsorted(sorted_first, sorted_first)
    return np.asarray(order[first + turn % ties])


def fit_matched(
    outcome: Floats,
    matches: Matches,
    score: Floats,
    treated: Flags,
    design: Floats,
    *,
    corrected: bool = False,
    cluster: Ints | None = None,
) -> MatchedFit:
    """Fit the mean difference of the pairs, corrected by regression on `design` (n, k) if asked.

    The regression is of the untreated rows that serve, weighted by how often they do. The error is
    Abadie and Imbens's for the population, with the spread of a row's outcome taken from its
    nearest neighbour in its own group. The influence, which serves errors by cluster, is of the
    corrected difference, which the other is near when matches are close; with `cluster` (n,) each
    row's is by the regression without its own cluster, since few clusters lie too near their own.
    """
    one, two, used = matches.treated, matches.untreated, matches.used
    expected = _expected(outcome, matches, treated, design)
    gaps = outcome[one] - outcome[two] - corrected * (expected[one] - expected[two])
    estimate = float(gaps.mean())
    spread = _spread(outcome, score, treated)
    again = np.where(treated, 0.0, used * (used - 1))
    variance = np.sum((gaps - estimate) ** 2) + np.sum(again * spread)
    if cluster is not None:
        expected = _expected_by_others(outcome, matches, treated, design, cluster)
    influence = np.zeros(len(outcome))
    influence[one] = outcome[one] - expected[one]
    influence[one] -= influence[one].mean()
    influence -= np.where(treated, 0.0, used * (outcome - expected))
    count = matches.count
    return MatchedFit(estimate, float(np.sqrt(variance)) / count, influence / count)


def _expected(outcome: Floats, matches: Matches, treated: Flags, design: Floats) -> Floats:
    """Outcome expected without treatment, by the regression of the untreated rows that serve."""
    weights = np.where(treated, 0.0, matches.used)
    weighted = design * weights[:, None]
    coef = np.linalg.lstsq(weighted.T @ design, weighted.T @ outcome, rcond=None)[0]
    return np.asarray(design @ coef)


def _expected_by_others(
    outcome: Floats, matches: Matches, treated: Flags, design: Floats, cluster: Ints
) -> Floats:
    """The same for each row by the regression without its own cluster."""
    weighted = design * np.where(treated, 0.0, matches.used)[:, None]
    left, right = weighted.T @ design, weighted.T @ outcome
    expected = np.empty(len(outcome))
    for code in np.unique(cluster):
        rows = np.flatnonzero(cluster == code)
        own, others = weighted[rows].T, design[rows]
        coef = np.linalg.lstsq(left - own @ others, right - own @ outcome[rows], rcond=None)[0]
        expected[rows] = others @ coef
    return expected


def _spread(outcome: Floats, score: Floats, treated: Flags) -> Floats:
    """Variance of each row's outcome given its score, from the nearest row of its own group."""
    spread = np.zeros(len(outcome))
    for group in (treated, ~treated):
        rows = np.flatnonzero(group)
        if len(rows) < 2:
            continue
        order = rows[np.argsort(score[rows], kind="stable")]
        x, y = score[order], outcome[order]
        left = np.concatenate([[np.inf], np.diff(x)])
        right = np.concatenate([np.diff(x), [np.inf]])
        place = np.arange(len(order))
        neighbour = np.where(left <= right, place - 1, place + 1)
        spread[order] = (y - y[neighbour]) ** 2 / 2
    return spread
