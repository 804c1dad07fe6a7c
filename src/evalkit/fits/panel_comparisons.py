"""Between, random effects, first differences and Hausman's test, as R's plm computes them.

Written out because libraries differ on unbalanced panels: linearmodels' random effects are
2e-4 away from plm's, which uses Swamy and Arora's variances with Baltagi and Chang's correction
for unequal numbers of rows (1994, Journal of Econometrics 62:67-89), and the first differences
of plm step over gaps. Errors are iid. Wooldridge 2010, chapter 10; Hausman 1978 (Econometrica).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.least_squares import LeastSquares, fit_least_squares, iid_covariance


@dataclass(frozen=True, slots=True)
class PanelFit:
    """Coefficients (p,), covariance (p, p), and degrees of freedom (infinite: normal)."""

    coef: Floats
    cov: Floats
    df: float


@dataclass(frozen=True, slots=True)
class RandomEffects:
    """The fit, constant first, and the variances within units and between them."""

    fit: PanelFit
    within_variance: float
    between_variance: float


@dataclass(frozen=True, slots=True)
class HausmanTest:
    """Hausman's chi-squared with its degrees of freedom and p-value.

    Where the two covariances' difference is not `definite` in these data, the statistic is
    negative; its size is then taken, as plm does, and the test should not be relied on.
    """

    statistic: float
    df: int
    p_value: float
    definite: bool


def fit_between(outcome: Floats, regressors: Floats, unit: Ints) -> PanelFit:
    """Regress unit means on unit means, a constant first; `unit` (n,) are codes from 0."""
    y, x = _means(outcome[:, None], unit)[:, 0], _means(regressors, unit)
    return _as_panel_fit(fit_least_squares(y, _with_constant(x)))


def fit_within(outcome: Floats, regressors: Floats, unit: Ints) -> PanelFit:
    """Regress within units, with iid errors."""
    return _as_panel_fit(fit_least_squares(outcome, regressors, unit=unit))


def fit_random_effects(outcome: Floats, regressors: Floats, unit: Ints) -> RandomEffects:
    """Fit random unit effects by Swamy and Arora, a constant first; errors are normal."""
    size = np.bincount(unit).astype(float)
    within = fit_least_squares(outcome, regressors, unit=unit)
    inner = float(within.residual @ within.residual) / within.df
    outer = max(_between_variance(outcome, _with_constant(regressors), unit, inner), 0.0)
    theta = 1 - np.sqrt(inner / (inner + size * outer))
    columns = np.column_stack([_with_constant(regressors), outcome])
    changed = columns - (theta[:, None] * _means(columns, unit))[unit]
    fit = fit_least_squares(changed[:, -1], changed[:, :-1])
    return RandomEffects(PanelFit(fit.coef, iid_covariance(fit), np.inf), inner, outer)


def fit_first_differences(
    outcome: Floats,
    regressors: Floats,
    unit: Ints,
    time: Ints,
    *,
    constant: bool,
    over_gaps: bool,
) -> PanelFit:
    """Regress changes on changes within units; rows are sorted by unit and time.

    `over_gaps` takes successive rows whatever lies between (plm), else consecutive periods
    alone. A `constant`, first if asked for, is a trend that all units share.
    """
    later = np.flatnonzero(np.diff(unit) == 0) + 1
    if not over_gaps:
        later = later[time[later] - time[later - 1] == 1]
    x = regressors[later] - regressors[later - 1]
    y = outcome[later] - outcome[later - 1]
    return _as_panel_fit(fit_least_squares(y, _with_constant(x) if constant else x))


def compare_hausman(within: PanelFit, random: PanelFit) -> HausmanTest:
    """Test whether unit effects are unrelated to the regressors; `random` has a constant first."""
    from scipy.special import chdtrc

    apart = within.coef - random.coef[1:]
    between = within.cov - random.cov[1:, 1:]
    statistic = abs(float(apart @ np.linalg.solve(between, apart)))
    definite = bool(np.linalg.eigvalsh(between)[0] > 0)
    p_value = float(chdtrc(len(apart), statistic))
    return HausmanTest(statistic, len(apart), p_value, definite)


def _between_variance(outcome: Floats, x: Floats, unit: Ints, inner: float) -> float:
    """Variance of unit effects: the between residuals' sum, less what noise within explains."""
    size = np.bincount(unit).astype(float)
    means = _means(x, unit)
    between = fit_least_squares(_means(outcome[:, None], unit)[:, 0], means, weight=size)
    noise = between.n - x.shape[1]
    spread = len(unit) - np.trace(between.bread @ (means.T * size**2) @ means)
    return float((between.residual @ between.residual - noise * inner) / spread)


def _means(columns: Floats, unit: Ints) -> Floats:
    size = np.bincount(unit)
    return np.stack([np.bincount(unit, c) / size for c in columns.T], axis=1)


def _with_constant(columns: Floats) -> Floats:
    return np.column_stack([np.ones(len(columns)), columns])


def _as_panel_fit(fit: LeastSquares) -> PanelFit:
    return PanelFit(fit.coef, iid_covariance(fit), float(fit.df))
