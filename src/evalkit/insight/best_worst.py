"""Best-worst scaling of topics: what each group picks as most and least important.

Case 1 (object case): each question shows a few topics, and a participant picks the best and the
worst. Score: times picked best less times picked worst, over times shown (Finn and Louviere 1992,
Journal of Public Policy and Marketing 11:12-25). Shares follow from the scores by the closed form
of the multinomial logit (Lipovetsky and Conklin 2014, Journal of Choice Modelling 10:1-18).
Intervals resample participants. Must hold: each topic is shown equally often, with each other topic
equally often (a balanced incomplete block design).
"""

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

PICKS = {"best": 1.0, "worst": -1.0, "neither": 0.0}
_NEAR_ONE = 0.999
"""Scores are held this far from 1, where the share would be endless."""


def tabulate_best_worst(
    picks: pd.DataFrame, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate each group's score and share of each topic: `side, topic, people, shown, score...`.

    `picks`: one row a participant, question and topic shown, with `side` and `picked` (best,
    worst, neither). `share` is in per cent. Raises AnalysisError for other words, and where a
    question has not one best and one worst.
    """
    _refuse(picks)
    tail = (1 - level) / 2
    rows = []
    for side, own in picks.groupby("side", sort=True):
        topics, net, shown = _count(own)
        found = net.sum(axis=0) / shown.sum(axis=0)
        people = len(net)
        chosen = [rng.integers(0, people, people) for _ in range(draws)]
        drawn = np.array(
            [net[at].sum(axis=0) / np.maximum(shown[at].sum(axis=0), 1) for at in chosen]
        )
        low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
        made = {
            "side": side,
            "topic": topics,
            "people": people,
            "shown": shown.sum(axis=0).astype(int),
            "score": found,
            "score_low": low,
            "score_high": high,
            "share": 100 * _shares(found),
        }
        rows.append(pd.DataFrame(made))
    return pd.concat(rows, ignore_index=True)


def is_balanced(picks: pd.DataFrame) -> bool:
    """Tell whether topics, and pairs of topics, were shown equally often."""
    shown = pd.crosstab([picks["participant"], picks["question"]], picks["topic"]).to_numpy(float)
    together = shown.T @ shown
    pairs = together[np.triu_indices(len(together), 1)]
    return bool(np.ptp(np.diag(together)) == 0 and np.ptp(pairs) == 0)


def _count(own: pd.DataFrame) -> tuple[list[str], Floats, Floats]:
    """Net picks and times shown (participants, topics)."""
    scored = own.assign(net=own["picked"].map(PICKS), shown=1.0)
    wide = scored.pivot_table(
        index="participant", columns="topic", values=["net", "shown"], aggfunc="sum", fill_value=0
    )
    topics = [str(topic) for topic in wide["net"].columns]
    return topics, wide["net"].to_numpy(float), wide["shown"].to_numpy(float)


def _shares(scores: Floats) -> Floats:
    held = np.clip(scores, -_NEAR_ONE, _NEAR_ONE)
    odds = (1 + held) / (1 - held)
    return np.asarray(odds / odds.sum())


def _refuse(picks: pd.DataFrame) -> None:
    unknown = int((~picks["picked"].isin(PICKS)).sum())
    if unknown:
        raise AnalysisError(
            f"best_worst: {unknown} rows are none of {', '.join(PICKS)}. Use these words."
        )
    each = picks.groupby(["participant", "question"])["picked"]
    faulty = int(
        (
            (each.agg(lambda p: (p == "best").sum()) != 1)
            | (each.agg(lambda p: (p == "worst").sum()) != 1)
        ).sum()
    )
    if faulty:
        raise AnalysisError(
            f"best_worst: {faulty} questions have not one best and one worst. Leave them out, or "
            "ask them again."
        )
