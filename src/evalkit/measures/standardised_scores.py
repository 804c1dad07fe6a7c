"""Scores of organisations as if each had the same mix of people: the CQC's survey weights.

Each person of a trust is weighted by the share that people like them (a cell of age, sex and
route of admission) have nationally over their share in the trust, at most 5, so that a trust's
score does not depend on whom it happened to treat. A person whose cell is unknown has weight 1.
Source: NHS Patient Survey Programme, scoring and benchmarking method, recalled and not checked
against its current technical document, so no equivalence with official scores is claimed.
Must hold: the cells catch what differs between trusts' patients; a cell that a trust lacks
cannot be made up for, so the share of the nation that a trust covers stands beside its score.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

HIGHEST_WEIGHT = 5.0
"""No person counts for more than this many."""


def standardising_weights(
    people: pd.DataFrame, *, unit: str, cells: Sequence[str], cap: float = HIGHEST_WEIGHT
) -> pd.Series:
    """Weight of each row of `people` within its unit, the nation being all rows.

    Rows whose cell is unknown get 1 and count in no share. A column of `cells` with one value
    in a unit (one route of admission) is left out for that unit.
    """
    if len(people) == 0:
        raise AnalysisError("standardised scores: no rows. Give one row a person.")
    known = people[list(cells)].notna().all(axis=1)
    weight = pd.Series(1.0, people.index, name="weight")
    nation = people[known]
    for _, rows in nation.groupby(unit, sort=False):
        used = [c for c in cells if len(rows[c].unique()) > 1]
        if used:
            weight.loc[rows.index] = _cell_weights(nation, rows, used, cap)
    return weight


def score_standardised(
    people: pd.DataFrame,
    score: str,
    *,
    unit: str,
    cells: Sequence[str],
    cap: float = HIGHEST_WEIGHT,
    small_sample: bool = True,
) -> pd.DataFrame:
    """One row a unit: standardised score, its error, the people behind it, national coverage.

    The error is sqrt(n / (n - 1) sum w^2 (s - mean)^2) / sum w, without n / (n - 1) unless
    `small_sample`. `covered` is the share of the nation whose cells the unit has; `capped`
    counts the people whose weight was cut.
    """
    weight = standardising_weights(people, unit=unit, cells=cells, cap=cap)
    answered = people.assign(weight=weight).dropna(subset=[score])
    rows = [
        {
            unit: name,
            **_weighted_mean(part[score].to_numpy(float), part["weight"], small_sample),
            "unweighted": float(part[score].mean()),
            "covered": _coverage(people, part, cells),
            "capped": int((part["weight"] == cap).sum()),
        }
        for name, part in answered.groupby(unit)
    ]
    return pd.DataFrame(rows).rename(columns={"mean": score})


def _cell_weights(
    nation: pd.DataFrame, rows: pd.DataFrame, used: list[str], cap: float
) -> pd.Series:
    national = nation.groupby(used).size() / len(nation)
    local = rows.groupby(used).size() / len(rows)
    ratio = (national / local).clip(upper=cap)
    cell = pd.MultiIndex.from_frame(rows[used]) if len(used) > 1 else pd.Index(rows[used[0]])
    return pd.Series(ratio.reindex(cell).to_numpy(), rows.index)


def _weighted_mean(scores: Floats, weights: pd.Series, small_sample: bool) -> dict[str, float]:
    weight, people = weights.to_numpy(float), len(scores)
    mean = float(weight @ scores / weight.sum())
    if people == 1:
        return {"mean": mean, "std_error": float("nan"), "n": 1}
    scale = people / (people - 1) if small_sample else 1.0
    error = float(np.sqrt(scale * np.sum((weight * (scores - mean)) ** 2)) / weight.sum())
    return {"mean": mean, "std_error": error, "n": people}


def _coverage(people: pd.DataFrame, part: pd.DataFrame, cells: Sequence[str]) -> float:
    nation = people.dropna(subset=list(cells)).groupby(list(cells)).size()
    mine = part.dropna(subset=list(cells)).groupby(list(cells)).size()
    return float(nation.reindex(mine.index).sum() / nation.sum())
