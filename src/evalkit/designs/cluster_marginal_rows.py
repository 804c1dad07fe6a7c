"""The effect of a cluster trial by estimating equations, which do not rest on what clusters share.

Errors by Kauermann and Carroll with Satterthwaite's degrees of freedom: with 6 clusters in steps
they cover as stated, where Mancl and DeRouen's are too wide. Answers of yes or no are also
modelled on the scale of odds, and turned into an average difference of shares (standardisation).
"""

from dataclasses import replace

import numpy as np

from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_rows import Row, as_row, pick_first
from evalkit.errors import AnalysisError
from evalkit.fits.estimating_equations import (
    EstimatingEquationsFit,
    Family,
    fit_estimating_equations,
)
from evalkit.fits.robust_contrasts import robust_contrast
from evalkit.inference.estimates import Estimate, make_estimate


def make_marginal_rows(model: TrialModel, level: float) -> tuple[list[Row], Estimate | None]:
    """Rows of estimating equations, and the ratio of odds; none for other answers or no bound."""
    fit = _fit_marginal(model, "gaussian")
    found = robust_contrast(fit, pick_first(len(fit.coef)), level=level)
    rows = [as_row("effect", "estimating_equations", found)]
    yes = model.sample.responses.yes
    if not yes:
        return rows, None
    try:
        logit = _fit_marginal(model, "binomial")
    except AnalysisError:
        return rows, None
    difference = _average_difference(model, logit, level)
    scaled = make_estimate(
        yes * difference.estimate, yes * difference.std_error, df=difference.df, level=level
    )
    odds = _as_ratio(robust_contrast(logit, pick_first(len(fit.coef)), level=level))
    rows.append(as_row("effect", "logit_estimating_equations", scaled))
    return rows, odds


def _fit_marginal(model: TrialModel, family: Family) -> EstimatingEquationsFit:
    responses = model.sample.responses
    scale = responses.yes if family == "binomial" else 1.0
    return fit_estimating_equations(
        responses.outcome / scale,
        model.regressors,
        model.sample.cluster,
        family=family,
        size=responses.size,
        within=None if responses.within is None else responses.within / scale**2,
        weight=responses.weight,
    )


def _average_difference(model: TrialModel, fit: EstimatingEquationsFit, level: float) -> Estimate:
    """Average difference of the chance of yes, everyone with and everyone without, by delta."""
    counts = model.sample.responses.size
    weight = np.ones(len(model.regressors)) if counts is None else counts
    weight = weight / weight.sum()
    chances, slopes = [], []
    for value in (1.0, 0.0):
        x = model.regressors.copy()
        x[:, 0] = value
        chance = 1 / (1 + np.exp(-x @ fit.coef))
        chances.append(float(weight @ chance))
        slopes.append((weight * chance * (1 - chance)) @ x)
    found = robust_contrast(fit, slopes[0] - slopes[1], level=level)
    return make_estimate(chances[0] - chances[1], found.std_error, df=found.df, level=level)


def _as_ratio(log_odds: Estimate) -> Estimate:
    """Turn log odds into a ratio; the error by delta, the interval exact."""
    ratio = float(np.exp(log_odds.estimate))
    return replace(
        log_odds,
        estimate=ratio,
        std_error=ratio * log_odds.std_error,
        conf_low=float(np.exp(log_odds.conf_low)),
        conf_high=float(np.exp(log_odds.conf_high)),
    )
