"""Generalised estimating equations for the answers of clusters.

The mean is modelled (identity, or logit for shares of yes); all answers of one cluster share
one working correlation. Estimates hold whatever the true correlation, given that the mean is
right and clusters are independent (Liang and Zeger 1986, Biometrika 73:13-22). Moments as in
geepack: scale from all squared residuals over all answers.
Read effects through `robust_contrasts`, which allows for few clusters.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints

Family = Literal["gaussian", "binomial"]
Correlation = Literal["independence", "exchangeable"]

LARGEST_LOGIT = 15.0
"""A fitted share nearer to none or all than this is a search that runs away."""
LARGEST_CORRELATION = 0.999
ITERATIONS = 100
SETTLED = 1e-9


@dataclass(frozen=True, slots=True)
class EstimatingEquationsFit:
    """Coefficients (p,); each cluster's score (C, p) and information (C, p, p); correlation.

    `bread` (p, p) is the inverse of the summed information, without the scale.
    """

    coef: Floats
    scores: Floats
    information: Floats
    bread: Floats
    correlation: float
    scale: float
    rows: int

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return len(self.scores)


@dataclass(frozen=True, slots=True)
class Answers:
    """Rows sorted by cluster; a row may stand for `size` answers that share its regressors.

    `outcome` (n,) is their mean and `within` the sum of squares about it; `weight` divides the
    variance of each answer.
    """

    outcome: Floats
    regressors: Floats
    starts: Ints
    size: Floats
    weight: Floats
    within: Floats

    def sum_by_cluster(self, values: Floats) -> Floats:
        """Sum rows (n, ...) by cluster."""
        return np.asarray(np.add.reduceat(values, self.starts))


def fit_estimating_equations(
    outcome: Floats,
    regressors: Floats,
    cluster: Ints,
    *,
    family: Family = "gaussian",
    correlation: Correlation = "exchangeable",
    size: Floats | None = None,
    within: Floats | None = None,
    weight: Floats | None = None,
) -> EstimatingEquationsFit:
    """Fit rows (n,), (n, p); see `Answers` for rows that stand for many answers.

    Refuses where the equations do not settle, as when a group says yes always or never.
    """
    order = np.argsort(cluster, kind="stable")
    ones, zeros = np.ones(len(order)), np.zeros(len(order))
    answers = Answers(
        outcome[order],
        regressors[order],
        np.flatnonzero(np.diff(cluster[order], prepend=cluster[order][0] - 1)),
        ones if size is None else size[order],
        ones if weight is None else weight[order],
        zeros if within is None else within[order],
    )
    fit = _settle(answers, family, "independence", _first_guess(answers, family))
    if correlation == "independence":
        return fit
    return _settle(answers, family, correlation, fit.coef)


def _settle(
    answers: Answers, family: Family, correlation: Correlation, coef: Floats
) -> EstimatingEquationsFit:
    """Step to where the scores sum to nothing.

    Independence goes first: a shared correlation can settle on odds that have no bound.
    """
    for _ in range(ITERATIONS):
        fit = _at(answers, family, correlation, coef)
        step = fit.bread @ fit.scores.sum(axis=0)
        if np.max(np.abs(step)) < SETTLED * (1 + np.max(np.abs(coef))):
            return fit
        coef = coef + step
        if family == "binomial" and np.max(np.abs(answers.regressors @ coef)) > LARGEST_LOGIT:
            break
    raise AnalysisError(
        "outcome: the estimating equations do not settle, as where all answers of one side or "
        "period are the same. Give more data, or merge periods."
    )


def _first_guess(answers: Answers, family: Family) -> Floats:
    x = answers.regressors * np.sqrt(answers.size * answers.weight)[:, None]
    y = answers.outcome
    if family == "binomial":
        shrunk = (answers.size * y + 0.5) / (answers.size + 1)
        y = np.log(shrunk / (1 - shrunk))
    y = y * np.sqrt(answers.size * answers.weight)
    return np.asarray(np.linalg.lstsq(x, y, rcond=None)[0])


def _at(
    answers: Answers, family: Family, correlation: Correlation, coef: Floats
) -> EstimatingEquationsFit:
    """Scores, information and working correlation at these coefficients."""
    mean = answers.regressors @ coef
    variance = np.ones(len(mean))
    if family == "binomial":
        mean = 1 / (1 + np.exp(-np.clip(mean, -LARGEST_LOGIT, LARGEST_LOGIT)))
        variance = mean * (1 - mean)
    root = np.sqrt(answers.weight / variance)
    residual = root * (answers.outcome - mean)
    # for both links the slope of the mean is the variance function
    slope = (root * variance)[:, None] * answers.regressors
    sized = answers.size[:, None] * slope
    slopes, sizes = answers.sum_by_cluster(sized), answers.sum_by_cluster(answers.size)
    residuals = answers.sum_by_cluster(answers.size * residual)
    squares = float(np.sum(answers.size * residual**2 + root**2 * answers.within))
    shared = 0.0
    if correlation == "exchangeable":
        shared = _shared(residuals, squares, sizes)
    taken = shared / (1 + (sizes - 1) * shared)
    parts = zip(
        np.split(sized, answers.starts[1:]), np.split(slope, answers.starts[1:]), strict=True
    )
    products = np.stack([part.T @ own for part, own in parts])
    information = products - taken[:, None, None] * slopes[:, :, None] * slopes[:, None, :]
    scores = answers.sum_by_cluster(sized * residual[:, None])
    return EstimatingEquationsFit(
        coef,
        scores - (taken * residuals)[:, None] * slopes,
        information,
        np.linalg.inv(information.sum(axis=0)),
        shared,
        squares / float(sizes.sum()),
        int(sizes.sum()),
    )


def _shared(residuals: Floats, squares: float, sizes: Floats) -> float:
    """Mean product of two residuals of one cluster over their scale, kept a true correlation."""
    pairs = float(np.sum(sizes * (sizes - 1)))
    if not pairs or not squares:
        return 0.0
    found = (float(np.sum(residuals**2)) - squares) / pairs / (squares / float(sizes.sum()))
    return float(np.clip(found, -0.9 / (float(sizes.max()) - 1), LARGEST_CORRELATION))
