"""Experience by facet and touchpoint: what each part scores, and which differ from the rest.

A part is a facet at a touchpoint; its score is the plain mean of its questions' scores. Each is
compared with the plain mean of all parts that were measured, with intervals that hold for all at
once (sup-t; Montiel Olea and Plagborg-Moller 2019), since the poorest is looked for. Parts
without a question are "not measured", never zero. Questions differ in wording, so that a part may
score low because its question is a hard one: what is found says where to look.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.inference.arrays import Floats
from evalkit.inference.simultaneous import sup_t
from evalkit.measures.journey_scores import FACETS, OVERALL, ItemScores
from evalkit.study.fields import TOUCHPOINTS

POORER, BETTER, ALIKE = "poorer than the rest", "better than the rest", "not clearly different"
NOT_MEASURED = "not measured"
PLACES = (POORER, BETTER, ALIKE, NOT_MEASURED)


def fit_grid(scores: ItemScores, rng: np.random.Generator, *, level: float = 0.95) -> pd.DataFrame:
    """Return one row a facet and touchpoint, all 36, in the order of the journey.

    Columns: `facet, touchpoint, moment, items, n` (answers to its least answered question),
    `score, std_error, conf_low, conf_high, difference, difference_error, difference_low,
    difference_high, place`. The ends of `difference` hold for all parts at once.
    """
    weights, keys = _weights(scores.items)
    mean = weights @ scores.items["score"].to_numpy(float)
    apart = weights - weights.mean(axis=0)
    difference = apart @ scores.items["score"].to_numpy(float)
    cov, cov_apart = (w @ scores.covariance @ w.T for w in (weights, apart))
    error, error_apart = (np.sqrt(np.diag(c)) for c in (cov, cov_apart))
    half = float(stats.t.ppf(0.5 + level / 2, scores.df)) * error
    wide = sup_t(difference, cov_apart, rng, level=level, df=scores.df).critical * error_apart
    found = pd.DataFrame(keys).assign(
        items=(weights > 0).sum(axis=1),
        n=[float(scores.items.loc[w > 0, "n"].min()) for w in weights],
        score=mean,
        std_error=error,
        conf_low=mean - half,
        conf_high=mean + half,
        difference=difference,
        difference_error=error_apart,
        difference_low=difference - wide,
        difference_high=difference + wide,
    )
    return _whole(found.assign(place=_places(found)))


def tabulate_facets(scores: ItemScores, *, level: float = 0.95) -> pd.DataFrame:
    """Mean score of each facet's questions and of the overall ones: never put into one number.

    Columns `facet, items, n, score, conf_low, conf_high`; a facet without questions has none.
    """
    rows = []
    for facet in (*FACETS, OVERALL):
        chosen = (scores.items["facet"] == facet).to_numpy()
        weight = chosen / max(chosen.sum(), 1)
        error = float(np.sqrt(weight @ scores.covariance @ weight))
        half = float(stats.t.ppf(0.5 + level / 2, scores.df)) * error
        mean = float(weight @ scores.items["score"]) if chosen.any() else np.nan
        rows.append(
            {
                "facet": facet,
                "items": int(chosen.sum()),
                "n": float(scores.items.loc[chosen, "n"].min()) if chosen.any() else np.nan,
                "score": mean,
                "conf_low": mean - half,
                "conf_high": mean + half,
            }
        )
    return pd.DataFrame(rows)


def tabulate_items(scores: ItemScores, *, level: float = 0.95) -> pd.DataFrame:
    """Score of each question with its interval: the columns of `items` with its two ends."""
    error = np.sqrt(np.diag(scores.covariance))
    half = float(stats.t.ppf(0.5 + level / 2, scores.df)) * error
    items = scores.items
    return items.assign(conf_low=items["score"] - half, conf_high=items["score"] + half)


def find_how_often_poorest(
    grid: pd.DataFrame, scores: ItemScores, rng: np.random.Generator, *, draws: int = 999
) -> float:
    """Share of draws of the units' scores in which the part that is poorest here is so again."""
    weights, _ = _weights(scores.items)
    measured = grid[grid["place"] != NOT_MEASURED]
    poorest = int(np.argmin(measured["score"].to_numpy(float)))
    values, vectors = np.linalg.eigh(weights @ scores.covariance @ weights.T)
    half = vectors * np.sqrt(np.clip(values, 0, None))
    drawn = measured["score"].to_numpy(float) + rng.standard_normal((draws, len(half))) @ half.T
    return float(np.mean(np.argmin(drawn, axis=1) == poorest))


def _weights(items: pd.DataFrame) -> tuple[Floats, dict[str, list[str]]]:
    """Weights (parts, questions) whose product with the scores is each part's mean."""
    placed = items[items["facet"].isin(FACETS)]
    pairs = sorted(
        set(zip(placed["touchpoint"], placed["facet"], strict=True)),
        key=lambda pair: (pair[0], FACETS.index(pair[1])),
    )
    rows = [((items["touchpoint"] == t) & (items["facet"] == f)).to_numpy(float) for t, f in pairs]
    weights = np.array([row / row.sum() for row in rows])
    return weights, {"facet": [f for _, f in pairs], "touchpoint": [t for t, _ in pairs]}


def _places(found: pd.DataFrame) -> np.ndarray:
    low, high = found["difference_high"] < 0, found["difference_low"] > 0
    return np.select([low, high], [POORER, BETTER], default=ALIKE)


def _whole(found: pd.DataFrame) -> pd.DataFrame:
    """Every facet and touchpoint, those without a question said to be not measured."""
    every = pd.MultiIndex.from_product([TOUCHPOINTS, FACETS], names=["touchpoint", "facet"])
    whole = found.set_index(["touchpoint", "facet"]).reindex(every).reset_index()
    whole["items"] = whole["items"].fillna(0).astype(int)
    whole["place"] = whole["place"].fillna(NOT_MEASURED)
    return whole.assign(moment=whole["touchpoint"].map(TOUCHPOINTS))
