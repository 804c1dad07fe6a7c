"""Mixed models against R's where cells are missing, weighted, or one row each."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.logistic_mixed_model import fit_logistic_mixed_model
from evalkit.fits.mixed_model import MixedModelFit, fit_mixed_model
from evalkit.fits.mixed_model_contrasts import SmallSample, estimate_contrast, make_curvature
from evalkit.inference.estimates import make_estimate

JOBS = ("mixed_models",)
METHODS: dict[str, SmallSample] = {
    "Satterthwaite": "satterthwaite",
    "Kenward-Roger": "kenward_roger",
}
Fitted = tuple[MixedModelFit, np.ndarray]


def periods_of(data: pd.DataFrame) -> np.ndarray:
    """Return one column for each period."""
    return pd.get_dummies(data["period"]).to_numpy(float)


def fit_rows(data: pd.DataFrame, columns: np.ndarray, **choices: Any) -> MixedModelFit:
    """Fit `columns`, then the periods."""
    x = np.column_stack([columns, periods_of(data)])
    outcome, cluster = data["y"].to_numpy(), data["cluster"].to_numpy()
    return fit_mixed_model(outcome, x, cluster, data["period"].to_numpy(), **choices)


def fit_unbalanced(data: pd.DataFrame, **choices: Any) -> Fitted:
    """Fit with a fifth of the cells missing, and odd clusters thinned (as `mixed_models.R`)."""
    missing = (7 * data["cluster"] + 3 * data["period"]) % 5 == 0
    thinned = (data["cluster"] % 2 == 1) & (np.arange(1, len(data) + 1) % 3 == 0)
    kept = data[~missing & ~thinned]
    fit = fit_rows(kept, kept["treat"].to_numpy(float), **choices)
    return fit, np.eye(len(fit.coef))[0]


def fit_exposure(data: pd.DataFrame, which: str) -> Fitted:
    """Fit an effect for each period since the start; `which` is one of them or their average."""
    first = data[data["treat"] == 1].groupby("cluster")["period"].min()
    since = np.where(data["treat"] == 1, data["period"] - data["cluster"].map(first) + 1, 0)
    steps = np.arange(1, int(since.max()) + 1)
    fit = fit_rows(data, (since[:, None] == steps).astype(float))
    weights = np.zeros(len(fit.coef))
    chosen = np.ones(len(steps)) / len(steps) if which == "average" else steps == int(which)
    weights[: len(steps)] = chosen
    return fit, weights


def fit_panel(data: pd.DataFrame, *, weighted: bool, structure: str) -> Fitted:
    """Fit the means of cells, one row each."""
    means = data.groupby(["cluster", "period"], as_index=False)[["y", "treat"]].mean()
    sizes = data.groupby(["cluster", "period"]).size().to_numpy(float)
    sizes *= 1 + (means["cluster"] + 2 * means["period"]) % 4
    fit = fit_rows(
        means,
        means["treat"].to_numpy(),
        weight=np.asarray(sizes) if weighted else None,
        structure=structure,
    )
    return fit, np.eye(len(fit.coef))[0]


def fit_parallel(data: pd.DataFrame) -> Fitted:
    """Fit a trial of clusters seen once."""
    x = np.column_stack([data["treat"], data["x"], np.ones(len(data))])
    cluster = data["cluster"].to_numpy()
    fit = fit_mixed_model(
        data["y"].to_numpy(), x, cluster, np.zeros(len(data), dtype=int), structure="exchangeable"
    )
    return fit, np.eye(3)[0]


def fit_named(model: str, table: Callable[[str], pd.DataFrame]) -> Fitted:
    """Fit the model that a value's name begins with."""
    if model == "parallel":
        return fit_parallel(table("few_clusters"))
    data = table("stepped_wedge")
    if model.startswith("unbalanced"):
        return fit_unbalanced(data, restricted=model != "unbalanced_ml")
    if model.startswith("exposure"):
        return fit_exposure(data, model.removeprefix("exposure_"))
    structure = "decay" if model == "panel_decay" else "exchangeable"
    return fit_panel(data, weighted=model == "panel_weighted", structure=structure)


def reproduce(name: str, table: Callable[[str], pd.DataFrame]) -> Mapping[str, float]:
    """Compute a stored value from its name."""
    model, _, what = name.partition(":")
    if model == "laplace":
        return reproduce_laplace(what, table("stepped_wedge"))
    fit, weights = fit_named(model, table)
    if what == "log_likelihood":
        return {"estimate": fit.log_likelihood}
    if what in ("decay", "cluster_period"):
        return {"estimate": fit.component(what)}
    if what == "treat":
        return {"estimate": fit.coef[0], "std_error": fit.covariance[0, 0] ** 0.5}
    return asdict(estimate_contrast(fit, weights, make_curvature(fit), method=METHODS[what]))


def reproduce_laplace(what: str, data: pd.DataFrame) -> Mapping[str, float]:
    """Compute a value of the logistic model with a random intercept."""
    x = np.column_stack([data["treat"], periods_of(data)])
    fit = fit_logistic_mixed_model(data["top_box"].to_numpy(float), x, data["cluster"].to_numpy())
    if what == "treat":
        return asdict(make_estimate(fit.coef[0], fit.covariance[0, 0] ** 0.5))
    return {"estimate": fit.log_likelihood if what == "log_likelihood" else fit.cluster_variance}


def test_value(
    value: dict[str, Any], agree: Callable[..., None], table: Callable[[str], pd.DataFrame]
) -> None:
    """Each value that R computed is found within its tolerance."""
    agree(value, reproduce(value["name"], table))
