"""The logistic model with a random intercept: without clusters, its slope, and its refusal."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.logistic_mixed_model import fit_logistic_mixed_model


def make_answers(spread: float, clusters: int = 20) -> dict[str, np.ndarray]:
    """Return shares of yes of 15 answers, treated and not, in each cluster."""
    rng = np.random.default_rng(2)
    cluster = np.repeat(np.arange(clusters), 2)
    treated = np.tile([0.0, 1.0], clusters)
    logit = spread * rng.normal(size=clusters)[cluster] + 0.7 * treated - 0.2
    share = rng.binomial(15, 1 / (1 + np.exp(-logit))) / 15
    x = np.column_stack([treated, np.ones(2 * clusters)])
    return {"share": share, "x": x, "cluster": cluster, "size": np.full(2 * clusters, 15.0)}


def test_alike_clusters_by_hand() -> None:
    """Clusters that are all the same: the log odds ratio of the shares, 10 and 5 of 20.

    ln(10/10) - ln(5/15) = ln 3; its variance is 1/10 + 1/10 + 1/5 + 1/15 over 6 clusters.
    """
    share, cluster = np.tile([0.25, 0.5], 6), np.repeat(np.arange(6), 2)
    x = np.column_stack([np.tile([0.0, 1.0], 6), np.ones(12)])
    fit = fit_logistic_mixed_model(share, x, cluster, size=np.full(12, 20.0))
    assert fit.cluster_variance == pytest.approx(0.0, abs=1e-4)
    assert fit.coef[0] == pytest.approx(np.log(3), abs=1e-3)
    assert fit.covariance[0, 0] == pytest.approx((2 / 10 + 1 / 5 + 1 / 15) / 6, rel=1e-2)


def test_counts_stand_for_answers() -> None:
    """Shares with their sizes give the fit of the answers one by one."""
    data = make_answers(0.8)
    yes = np.round(data["share"] * data["size"]).astype(int)
    answers = np.concatenate([np.repeat([1.0, 0.0], [y, 15 - y]) for y in yes])
    rows = np.repeat(np.arange(len(yes)), 15)
    counts = fit_logistic_mixed_model(data["share"], data["x"], data["cluster"], size=data["size"])
    people = fit_logistic_mixed_model(answers, data["x"][rows], data["cluster"][rows])
    assert counts.coef == pytest.approx(people.coef, abs=1e-4)
    assert counts.cluster_variance == pytest.approx(people.cluster_variance, rel=1e-3)


def test_truth_is_recovered() -> None:
    """With 400 clusters the log odds ratio and the spread are near 0.7 and 1."""
    data = make_answers(1.0, clusters=400)
    fit = fit_logistic_mixed_model(data["share"], data["x"], data["cluster"], size=data["size"])
    assert abs(fit.coef[0] - 0.7) < 3.3 * fit.covariance[0, 0] ** 0.5
    assert fit.cluster_variance == pytest.approx(1.0, rel=0.25)


def test_answers_without_bound_are_refused() -> None:
    """Where everyone treated says yes the odds have no bound, which is said."""
    data = make_answers(0.5)
    share = np.maximum(data["share"], data["x"][:, 0])
    with pytest.raises(AnalysisError, match="odds have no bound"):
        fit_logistic_mixed_model(share, data["x"], data["cluster"], size=data["size"])
