"""What each group puts first: Borda points, places with intervals, concordance within and between.

Points of a topic are the topics that a participant put below it (Borda 1781), averaged within a
group. Kendall's W (Kendall and Babington Smith 1939, Annals of Mathematical Statistics 10:275-287)
with ties corrected says how far a group agrees, its p from shuffling every participant's ranks.
Intervals of places resample participants within groups. Groups are ranked beside each other; one
list of all is made only from weights that are stated, and shown with what other weights do to it.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

STATED, EQUAL = "weights stated", "equal weights"


@dataclass(frozen=True, slots=True)
class Ballots:
    """Ranks (participants, topics) of each group, 1 the first; participants ranked every topic."""

    topics: tuple[str, ...]
    ranks: dict[str, Floats]
    left_out: int


def open_ballots(priorities: pd.DataFrame) -> Ballots:
    """Gather the ranks of the last round by group; who left out a topic is left out and counted.

    `priorities`: `participant, side, topic, round, rank`. Raises AnalysisError for fewer than two
    topics, or a group in which fewer than two ranked all.
    """
    last = priorities[priorities["round"] == priorities["round"].max()]
    wide = last.pivot_table(index=["side", "participant"], columns="topic", values="rank")
    whole = wide.dropna()
    ranks = {
        str(side): stats.rankdata(own.to_numpy(float), axis=1)
        for side, own in whole.groupby(level="side", sort=True)
    }
    few = [side for side in wide.index.get_level_values("side").unique() if side not in ranks]
    few += [side for side, own in ranks.items() if len(own) < 2]
    if wide.shape[1] < 2 or few or not ranks:
        raise AnalysisError(
            f"priorities: {wide.shape[1]} topics, and {len(few)} groups in which fewer than two "
            "participants ranked every topic. Ask each group to rank all topics."
        )
    topics = tuple(str(topic) for topic in wide.columns)
    return Ballots(topics, ranks, len(wide) - len(whole))


def borda_points(ranks: Floats) -> Floats:
    """Return the mean number of topics (k,) put below each, from ranks (participants, k)."""
    return np.asarray(ranks.shape[1] - ranks.mean(axis=0))


def places_of(points: Floats) -> Floats:
    """Return the place of each topic (k,), 1 the most points; ties share the mean place."""
    return np.asarray(stats.rankdata(-points))


def tabulate_places(
    ballots: Ballots, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate each group's points and place of each topic, the place with a bootstrap interval.

    Columns: `topic, side, people, points, place, place_low, place_high`.
    """
    tail = (1 - level) / 2
    rows = []
    for side, ranks in ballots.ranks.items():
        drawn = np.array([places_of(borda_points(_resample(ranks, rng))) for _ in range(draws)])
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0, method="inverted_cdf")
        points = borda_points(ranks)
        made = {
            "topic": ballots.topics,
            "side": side,
            "people": len(ranks),
            "points": points,
            "place": places_of(points),
            "place_low": np.minimum(low, places_of(points)),
            "place_high": np.maximum(high, places_of(points)),
        }
        rows.append(pd.DataFrame(made))
    return pd.concat(rows, ignore_index=True)


def kendall_w(ranks: Floats) -> float:
    """Return W of ranks (participants, topics), ties corrected: 0 no concordance, 1 whole."""
    return _concord(ranks, _count_ties(ranks))


def _count_ties(ranks: Floats) -> float:
    """Sum over participants and their ties of t cubed less t; no shuffling of ranks changes it."""
    counts = [np.unique(own, return_counts=True)[1] for own in ranks]
    return float(sum(np.sum(t**3 - t) for t in counts))


def _concord(ranks: Floats, ties: float) -> float:
    people, topics = ranks.shape
    spread = float(np.sum((ranks.sum(axis=0) - people * (topics + 1) / 2) ** 2))
    most = people**2 * (topics**3 - topics) - people * ties
    return 12 * spread / most if most > 0 else float("nan")


def tabulate_concordance(
    ballots: Ballots, rng: np.random.Generator, draws: int = 999
) -> pd.DataFrame:
    """Tabulate how far each group's participants agree: Kendall's W, and p from permutations."""
    rows = []
    for side, ranks in ballots.ranks.items():
        found = kendall_w(ranks)
        ties = _count_ties(ranks)
        drawn = [_concord(rng.permuted(ranks, axis=1), ties) for _ in range(draws)]
        p_value = (1 + float(np.sum(np.array(drawn) >= found - 1e-12))) / (draws + 1)
        rows.append((side, len(ranks), found, p_value))
    return pd.DataFrame(rows, columns=["side", "people", "concordance", "p_value"])


def tabulate_rank_agreement(
    ballots: Ballots, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate how far each two groups' lists agree: Spearman's and Kendall's rank correlation.

    Intervals resample participants within groups: they say how sure the groups' lists are, not
    what other topics would give.
    """
    sides = list(ballots.ranks)
    rows = []
    for at, first in enumerate(sides):
        for second in sides[at + 1 :]:
            pair = (ballots.ranks[first], ballots.ranks[second])
            drawn = np.array([_correlate(*(_resample(r, rng) for r in pair)) for _ in range(draws)])
            low, high = np.nanquantile(drawn, [(1 - level) / 2, (1 + level) / 2], axis=0)
            spearman, kendall = _correlate(*pair)
            rows.append((first, second, spearman, low[0], high[0], kendall, low[1], high[1]))
    ends = [f"{name}{end}" for name in ("spearman", "kendall") for end in ("", "_low", "_high")]
    return pd.DataFrame(rows, columns=["first", "second", *ends])


def tabulate_merged(ballots: Ballots, weights: dict[str, float]) -> pd.DataFrame:
    """Tabulate one list made with stated weights, and what other weights do to its places.

    Columns: `topic`, the place by the weights stated, by equal weights, and without each group in
    turn (`without <group>`), and `moves`: by how many places it moves at most. Raises
    AnalysisError where weights are not of the groups, or sum to nothing.
    """
    if (
        set(weights) != set(ballots.ranks)
        or min(weights.values()) < 0
        or sum(weights.values()) <= 0
    ):
        raise AnalysisError(
            f"weights: {len(weights)} are given for {len(ballots.ranks)} groups, none may be below "
            "zero, and not all of them zero. Give one for each group, or null for no merged list."
        )
    schemes = {STATED: weights, EQUAL: dict.fromkeys(weights, 1.0)}
    schemes |= {f"without {side}": weights | {side: 0.0} for side in weights}
    points = {side: borda_points(ranks) for side, ranks in ballots.ranks.items()}
    table = pd.DataFrame({"topic": ballots.topics})
    for name, scheme in schemes.items():
        if sum(scheme.values()) > 0:
            merged = sum(scheme[side] * points[side] for side in scheme)
            table[name] = places_of(np.asarray(merged) / sum(scheme.values()))
    others = table.drop(columns=["topic", STATED])
    moves = others.sub(table[STATED], axis=0).abs().max(axis=1)
    return table.assign(moves=moves).sort_values(STATED, kind="stable").reset_index(drop=True)


def _correlate(first: Floats, second: Floats) -> tuple[float, float]:
    """Spearman's correlation and Kendall's tau-b of two groups' points; NaN where one is flat."""
    points = np.stack([borda_points(first), borda_points(second)])
    apart = np.sign(points[:, :, None] - points[:, None, :])
    places = apart.sum(axis=2)
    if not (places**2).sum(axis=1).all():
        return float("nan"), float("nan")
    signs = apart.reshape(2, -1)
    return tuple(  # type: ignore[return-value]
        float(one @ other / np.sqrt((one @ one) * (other @ other)))
        for one, other in (places, signs)
    )


def _resample(ranks: Floats, rng: np.random.Generator) -> Floats:
    return ranks[rng.integers(0, len(ranks), len(ranks))]
