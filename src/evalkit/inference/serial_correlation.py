"""Do the errors of a series carry over, and errors that allow for it without a model.

Rows are consecutive periods in order. Tests: Durbin and Watson 1950 (Biometrika 37:409-428),
Breusch 1978 and Godfrey 1978 (Lagrange multiplier, zeros before the first residual), Ljung and
Box 1978 (Biometrika 65:297-303). Errors: Newey and West 1987 (Econometrica 55:703-708), Bartlett
weights. Newey-West intervals are too narrow for short series (Turner and others 2021, BMC
Medical Research Methodology 21:181); they are offered beside a likelihood, not in its place.
"""

from dataclasses import dataclass

import numpy as np
from scipy import special

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.linear_fits import LinearFits, as_one_fit, refuse_collinear


@dataclass(frozen=True, slots=True)
class SerialTest:
    """A test that errors do not carry over: its statistic, degrees of freedom and p-value."""

    statistic: float
    df: int
    p_value: float


def fit_newey_west(
    outcome: Floats,
    design: Floats,
    lags: int,
    *,
    chain: Ints | None = None,
    weight: Floats | None = None,
    adjust: bool = True,
) -> LinearFits:
    """Fit by least squares with errors that allow for correlation up to `lags` periods apart.

    Rows of different `chain` (n,) are taken as independent.
    With `adjust` the covariance is multiplied by n / (n - p) and intervals use t(n - p); without,
    they use the normal (both conventions of R's sandwich::NeweyWest, no prewhitening).
    """
    root = np.ones(len(outcome)) if weight is None else np.sqrt(weight)
    x, y = design * root[:, None], outcome * root
    refuse_collinear(x)
    n, p = x.shape
    _refuse_lags(lags, n)
    bread = np.linalg.inv(x.T @ x)
    coef = bread @ (x.T @ y)
    scores = x * (y - x @ coef)[:, None]
    meat = scores.T @ scores
    for lag in range(1, lags + 1):
        same = slice(None) if chain is None else chain[lag:] == chain[:-lag]
        across = scores[lag:][same].T @ scores[:-lag][same]
        meat = meat + (1 - lag / (lags + 1)) * (across + across.T)
    cov = bread @ meat @ bread
    return (
        as_one_fit(coef, cov * n / (n - p), df=n - p)
        if adjust
        else as_one_fit(coef, cov, df=np.inf)
    )


def usual_lags(n: int) -> int:
    """Number of lags by the rule of Newey and West 1994, 4 (n / 100)^(2/9) rounded down."""
    return int(4 * (n / 100) ** (2 / 9))


def autocorrelations(residual: Floats, lags: int) -> Floats:
    """Correlation of residuals 1 to `lags` periods apart, (lags,), each over the whole variance."""
    _refuse_lags(lags, len(residual))
    centred = residual - residual.mean()
    total = max(float(centred @ centred), 1e-300)
    return np.array([centred[lag:] @ centred[:-lag] / total for lag in range(1, lags + 1)])


def durbin_watson(residual: Floats) -> float:
    """Squared changes of the residuals over their squares: about 2 without correlation."""
    steps = np.diff(residual)
    return float(steps @ steps) / max(float(residual @ residual), 1e-300)


def breusch_godfrey(design: Floats, residual: Floats, lags: int) -> SerialTest:
    """Test whether earlier residuals explain the later, the regressors (n, p) held fixed.

    n times R squared, chi-squared with `lags` degrees of freedom.
    """
    n = len(residual)
    _refuse_lags(lags, n - design.shape[1])
    earlier = np.zeros((n, lags))
    for lag in range(1, lags + 1):
        earlier[lag:, lag - 1] = residual[:-lag]
    x = np.column_stack([design, earlier])
    left = residual - x @ np.linalg.lstsq(x, residual, rcond=None)[0]
    statistic = n * (1 - float(left @ left) / max(float(residual @ residual), 1e-300))
    return SerialTest(statistic, lags, float(special.chdtrc(lags, statistic)))


def ljung_box(residual: Floats, lags: int, fitted: int = 0) -> SerialTest:
    """Test the first autocorrelations together; `fitted` of them were estimated by the model."""
    n = len(residual)
    found = autocorrelations(residual, lags)
    statistic = n * (n + 2) * float(np.sum(found**2 / (n - np.arange(1, lags + 1))))
    df = max(lags - fitted, 1)
    return SerialTest(statistic, df, float(special.chdtrc(df, statistic)))


def _refuse_lags(lags: int, rows: int) -> None:
    if not 0 <= lags < rows:
        raise AnalysisError(
            f"lags: {lags}, and there are {rows} rows to look back over. Choose fewer lags, or "
            "give more periods."
        )
