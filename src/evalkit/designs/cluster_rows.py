"""The effects of a cluster trial by mixed models: the headline, and others that rest on less.

Beside the headline: Satterthwaite's degrees of freedom (or Kenward and Roger's); a correlation
that decays (Kasza and others 2019, Statistical Methods in Medical Research 28:703-716); an effect
for each period since the start, and their average (Kenny and others 2022, Statistics in Medicine
41:4311-4339).
"""

import numpy as np

from evalkit.designs.cluster_models import TrialModel, build_exposure_model, build_growth_model
from evalkit.designs.cluster_sample import ClusterSample
from evalkit.fits.mixed_model import MixedModelFit, fit_cells
from evalkit.fits.mixed_model_contrasts import SmallSample, estimate_contrast, make_curvature
from evalkit.inference.arrays import Floats
from evalkit.inference.estimates import Estimate
from evalkit.results.words import counted

Row = dict[str, object]

METHODS: tuple[SmallSample, SmallSample] = ("kenward_roger", "satterthwaite")
LABELS = {
    "kenward_roger": "Effect of the intervention, errors by Kenward and Roger",
    "satterthwaite": "Effect of the intervention, errors by Satterthwaite",
    "exponential_decay": "Effect if periods further apart are less alike",
    "exposure_time_average": "Average over the periods since the start",
    "estimating_equations": "Effect by estimating equations",
    "logit_estimating_equations": "Effect by estimating equations on the scale of odds",
    "permutation": "Effect held against all other lots",
}


def as_row(
    term: str, method: str, found: Estimate, label: str = "", period: str | None = None
) -> Row:
    """Make the row of one estimate."""
    return {
        "term": term,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "method": method,
        "df": found.df,
        "label": label or LABELS[method],
        "period": period,
        "p_value": found.p_value,
    }


def make_mixed_rows(fit: MixedModelFit, level: float) -> list[Row]:
    """Rows of the headline's model, by both ways to allow for few clusters."""
    curvature, weights = make_curvature(fit), pick_first(len(fit.coef))
    return [
        as_row("effect", m, estimate_contrast(fit, weights, curvature, method=m, level=level))
        for m in METHODS
    ]


def make_decay_row(model: TrialModel, method: SmallSample, level: float) -> list[Row]:
    """Row of the model whose correlation decays; none where there are under three periods."""
    if not _may_decay(model):
        return []
    fit = fit_cells(model.cells, "decay")
    weights = pick_first(len(fit.coef))
    found = estimate_contrast(fit, weights, make_curvature(fit), method=method, level=level)
    return [as_row("effect", "exponential_decay", found)]


def _may_decay(model: TrialModel) -> bool:
    return len(model.sample.periods) > 2 and model.structure != "independent"


def make_exposure_rows(sample: ClusterSample, method: SmallSample, level: float) -> list[Row]:
    """Rows of the effect in each period since the start, and of their average."""
    model = build_exposure_model(sample)
    if model is None:
        return []
    fit = fit_cells(model.cells, model.structure)
    curvature, k = make_curvature(fit), model.exposures
    steps = np.unique(sample.exposure[sample.exposure > 0])
    spread = np.where(np.arange(len(fit.coef)) < k, 1 / k, 0.0)
    average = estimate_contrast(fit, spread, curvature, method=method, level=level)
    rows = [as_row("effect", "exposure_time_average", average)]
    for at, step in enumerate(steps):
        found = estimate_contrast(
            fit, pick_first(len(fit.coef), at), curvature, method=method, level=level
        )
        after = int(step) - 1
        label = f"{counted(after, 'period')} after the first" if after else "First period with it"
        rows.append(as_row("exposure_time", method, found, label, str(after)))
    return rows


def estimate_growth(sample: ClusterSample, method: SmallSample, level: float) -> Estimate | None:
    """Estimate how much larger the effect is in the last period since the start than in the first.

    Along a straight line; none where there is one such period only. It compares periods far apart,
    so clusters' slow ups and downs are allowed for by a correlation that decays.
    """
    model = build_growth_model(sample)
    if model is None:
        return None
    fit = fit_cells(model.cells, "decay" if _may_decay(model) else model.structure)
    weights = pick_first(len(fit.coef), 1)
    return estimate_contrast(fit, weights, make_curvature(fit), method=method, level=level)


def pick_first(size: int, at: int = 0) -> Floats:
    """Return the weights of one coefficient alone, by default the first."""
    return np.asarray(np.arange(size) == at, dtype=float)
