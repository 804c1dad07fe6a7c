"""Few clusters: CR1, CR2, CR3, wild bootstrap and permutation, against R."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from evalkit.inference.assignments import list_assignments
from evalkit.inference.cluster_moments import (
    ClusterMoments,
    make_cluster_moments,
    solve_moments,
)
from evalkit.inference.clustered import fit_cr3, moment_covariance, reduce_bias
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.least_squares import fit_least_squares, iid_covariance
from evalkit.inference.permutation import permute
from evalkit.inference.wild_bootstrap import bootstrap_wild

JOBS = ("few_clusters",)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each stored value is reproduced within its tolerance."""
    agree(value, reproduce(value["name"], table("few_clusters")))


def reproduce(name: str, frame: pd.DataFrame) -> Mapping[str, float]:
    """Compute the value of that name."""
    rng = np.random.default_rng(1)
    moments = regression(frame)
    fit = solve_moments(moments)
    if name == "crv1:treat":
        error = np.sqrt(moment_covariance(fit)[0, 0])
        return numbers(make_estimate(fit.coef[0], error, df=fit.clusters - 1))
    if name == "CR2_satt:treat":
        reduced = reduce_bias(fit, size=1)
        return numbers(make_estimate(fit.coef[0], reduced.std_error[0], df=reduced.df[0]))
    if name == "CR3:treat":
        return {"estimate": fit.coef[0], "std_error": fit_cr3(moments).std_error[0]}
    if name == "wcb_rademacher_enum_t":
        wild = bootstrap_wild(moments, rng, count_ties=False)
        return {"estimate": wild.estimate / wild.std_error, "p_value": wild.p_value}
    if name == "wcb_rademacher_enum_p_ge":
        return {"estimate": bootstrap_wild(moments, rng).p_value}
    if name == "ri_exact_coef":
        return permuted(frame, rng)
    return t_test_of_means(frame)


def regression(frame: pd.DataFrame) -> ClusterMoments:
    """Score on treatment, x and a constant, clusters kept apart."""
    x = frame.assign(one=1.0)[["treat", "x", "one"]].to_numpy(float)
    return make_cluster_moments(frame["y"].to_numpy(), x, codes(frame))


def codes(frame: pd.DataFrame) -> np.ndarray:
    """Code the clusters from zero."""
    return frame["cluster"].to_numpy() - 1


def permuted(frame: pd.DataFrame, rng: np.random.Generator) -> Mapping[str, float]:
    """Every way to treat four of ten clusters, compared by the coefficient."""
    x = frame.assign(none=0.0, one=1.0, constant=1.0)[["none", "one", "x", "constant"]]
    moments = make_cluster_moments(frame["y"].to_numpy(), x.to_numpy(float), codes(frame))
    observed = frame.groupby("cluster")["treat"].max().to_numpy()
    found = permute(moments, list_assignments(observed, 999, rng), studentised=False)
    return {"estimate": found.estimate, "p_value": found.p_value}


def t_test_of_means(frame: pd.DataFrame) -> Mapping[str, float]:
    """Student's t-test of the clusters' means."""
    means = frame.groupby("cluster")[["y", "treat"]].mean()
    x = np.column_stack([means["treat"], np.ones(len(means))])
    fit = fit_least_squares(means["y"].to_numpy(), x)
    error = np.sqrt(iid_covariance(fit)[0, 0])
    return numbers(make_estimate(fit.coef[0], error, df=fit.df))


def numbers(estimate: Estimate) -> Mapping[str, float]:
    """Return the fields of an estimate by name."""
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value", "df")
    return {name: getattr(estimate, name) for name in names}
