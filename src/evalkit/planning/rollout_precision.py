"""Precision of any roll-out over clusters and periods: parallel, staged, stepped, incomplete.

Generalised least squares on the means of cluster-periods, with periods held fixed and clusters
random (Hussey and Hughes 2007, Contemporary Clinical Trials 28:182-191). Two people of a cluster
correlate by the ICC in one period and by ICC x CAC in another (Hooper, Teerenstra, de Hoop and
Eldridge 2016, Statistics in Medicine 35:4718-4728), or by ICC x CAC^distance (Kasza, Hemming,
Hooper, Matthews and Forbes 2019, Statistical Methods in Medical Research 28:703-716); a person
asked again correlates with themselves by `same_person` beyond that. t(clusters - 2).
Must hold: these correlations, most of all the CAC; one effect from the first treated period on.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.sample_size import Precision


@dataclass(frozen=True, slots=True)
class Correlations:
    """Spread between people, and how alike two answers of a cluster are.

    `icc` is for one period; `cac` its share that is left in another period (`fading` "level": in
    any other; "distance": to the power of the distance). `same_person` is the share of a person's
    own variance that is theirs each time they are asked, 0 where new people are asked.
    """

    sd: float
    icc: float
    cac: float = 1.0
    fading: Literal["level", "distance"] = "level"
    same_person: float = 0.0


def rollout_precision(exposure: Floats, people: Floats, assumed: Correlations) -> Precision:
    """Return the precision of the effect under a roll-out (clusters, periods).

    `exposure` is 0 before and 1 after the start, or a part of 1 while it is phased in; `people`
    (clusters, periods) answer in each cell, 0 where a cluster is not asked. Raises AnalysisError
    for three clusters or fewer, impossible correlations, and roll-outs that periods tell apart.
    """
    clusters, periods = exposure.shape
    _refuse(clusters, people, assumed)
    information = np.zeros((periods + 1, periods + 1))
    for treated, size in zip(exposure, people, strict=True):
        asked = size > 0
        x = np.column_stack([treated, np.eye(periods)])[asked]
        cov = _cell_covariance(size[asked], np.flatnonzero(asked), assumed)
        information += x.T @ np.linalg.solve(cov, x)
    used = np.append(True, people.sum(axis=0) > 0)
    information = information[np.ix_(used, used)]
    if int(np.linalg.matrix_rank(information)) < len(information):
        raise AnalysisError(
            f"roll-out precision: the periods alone tell who is treated, in {clusters} clusters "
            f"and {periods} periods. Let some clusters start earlier than others."
        )
    variance = float(np.linalg.inv(information)[0, 0])
    return Precision(float(np.sqrt(variance)), float(clusters - 2))


def stepped_rollout(steps: int, clusters: int, *, before: int = 1, per_step: int = 1) -> Floats:
    """Return the exposure (steps x clusters, periods) of a stepped wedge, `clusters` a step."""
    periods = before + steps * per_step
    starts = before + per_step * np.repeat(np.arange(steps), clusters)
    return np.asarray(np.arange(periods)[None, :] >= starts[:, None], dtype=float)


def parallel_rollout(treated: int, others: int, *, before: int = 0, after: int = 1) -> Floats:
    """Return the exposure (clusters, periods) where `treated` clusters start at once."""
    ever, late = np.arange(treated + others) < treated, np.arange(before + after) >= before
    return np.asarray(np.outer(ever, late), dtype=float)


def _cell_covariance(size: Floats, period: np.ndarray, assumed: Correlations) -> Floats:
    """Covariance of one cluster's means over the periods in which it is asked."""
    apart = np.abs(np.subtract.outer(period, period))
    fading = assumed.cac**apart if assumed.fading == "distance" else np.where(apart, assumed.cac, 1)
    own = np.where(apart, assumed.same_person, 1.0)
    between = assumed.icc * fading
    within = (1 - assumed.icc) * own / np.sqrt(np.outer(size, size))
    return np.asarray(assumed.sd**2 * (between + within), dtype=float)


def _refuse(clusters: int, people: Floats, assumed: Correlations) -> None:
    if clusters < 4:
        raise AnalysisError(
            f"roll-out precision: {clusters} clusters. Give at least four; fewer have no test "
            "that a formula could foretell."
        )
    shares = (assumed.icc, assumed.cac, assumed.same_person)
    if not all(0 <= share <= 1 for share in shares) or assumed.icc == 1 or not assumed.sd > 0:
        raise AnalysisError(
            "roll-out precision: ICC, CAC and the same person's share lie between 0 and 1, the "
            "ICC below 1, and the spread above 0. Give values in those ranges."
        )
    if np.any(people < 0) or not np.any(people > 0):
        raise AnalysisError(
            "roll-out precision: no cell has people. Say how many answer in each cluster and "
            "period."
        )
