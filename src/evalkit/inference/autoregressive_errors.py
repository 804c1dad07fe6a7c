"""Regression of a series whose errors carry over: AR(1) errors by (restricted) likelihood.

The error of a period is `rho` times that of the period before plus something new, so rows `d`
periods apart correlate by `rho**d`; gaps are allowed, and several series are independent chains
with one `rho`. With weights, a row's variance is inversely proportional to its weight.

`fit_autoregressive` takes the best `rho` as known (R's nlme::gls with corAR1; Pinheiro and Bates
2000, section 5.3); `fit_prais_winsten` takes it from the residuals (Prais and Winsten 1954). Both
give intervals too narrow for short series. `average_autoregressive` instead averages over `rho`:
its restricted likelihood (Harville 1974, Biometrika 61:383-385) weighs each `rho` under the
reference prior of Berger and Yang 1994 (Econometric Theory 10:461-482), proportional to
`1 / sqrt(1 - rho**2)` up to 0.99 either way, and contrasts are mixtures of t (`linear_fits`).
How often its intervals held the truth stands in tests/calibration/interrupted_series.csv.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import optimize

from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.linear_fits import LinearFits, as_one_fit, refuse_collinear

GRID = 64
"""Fewest correlations to average over, and `GRID_ROOT` times the root of the number of rows.

Twenty times as many move no end of an interval by more than 1 in 1,000 of its width.
"""

GRID_ROOT = 3.0

LEAST_WEIGHT = 1e-5
"""Correlations that fit worse than this, relative to the best, are left out of the average."""

FURTHEST = 0.99
"""Largest correlation averaged over: at 1 a series has no mean to come back to."""


@dataclass(frozen=True, slots=True)
class _Profile:
    """Generalised least squares at each of m correlations, in orthonormal coordinates.

    `unscaled` (m, p, p) is the covariance of the coefficients without the error variance.
    """

    rho: Floats
    coef: Floats
    unscaled: Floats
    squares: Floats
    log_errors: Floats
    log_design: Floats


class _Regression:
    """A regression made ready to be fitted at many correlations at once."""

    def __init__(
        self,
        outcome: Floats,
        design: Floats,
        time: Ints,
        chain: Ints | None,
        weight: Floats | None,
    ) -> None:
        root = np.ones(len(outcome)) if weight is None else np.sqrt(weight / np.mean(weight))
        x, y = design * root[:, None], outcome * root
        refuse_collinear(x)
        q, self.triangle = np.linalg.qr(x)
        self.start = q.T @ y
        self.columns = np.column_stack([q, y - q @ self.start])
        self.gap = find_gaps(time, chain)
        self.n, self.p = x.shape

    def profile(self, rho: Floats) -> _Profile:
        """Fit at each correlation."""
        white, log_errors = whiten(self.columns, self.gap, rho)
        products = np.swapaxes(white, 1, 2) @ white
        p = self.p
        unscaled = np.linalg.inv(products[:, :p, :p])
        change = np.einsum("mij,mj->mi", unscaled, products[:, :p, p])
        squares = products[:, p, p] - np.einsum("mi,mi->m", change, products[:, :p, p])
        log_design = -np.linalg.slogdet(unscaled)[1]
        least = np.maximum(squares, 1e-300)
        return _Profile(
            rho, self.start + change, np.asarray(unscaled), least, log_errors, log_design
        )

    def log_likelihood(self, profile: _Profile, criterion: Literal["reml", "ml"]) -> Floats:
        """Log-likelihood of each correlation, up to a constant."""
        rows, design = (
            (self.n - self.p, profile.log_design) if criterion == "reml" else (self.n, 0.0)
        )
        return np.asarray(-(rows * np.log(profile.squares) + profile.log_errors + design) / 2)

    def fits(self, profile: _Profile, weight: Floats) -> LinearFits:
        """Return the fits in the coordinates of the design, with errors on n - p."""
        back = np.linalg.inv(self.triangle)
        scale = profile.squares / (self.n - self.p)
        cov = back @ (profile.unscaled * scale[:, None, None]) @ back.T
        return LinearFits(
            weight, profile.coef @ back.T, cov, float(self.n - self.p), np.asarray(profile.rho)
        )


def find_gaps(time: Ints, chain: Ints | None = None) -> Floats:
    """Periods since the row before, (n,); infinite at the first row of each chain.

    Rows are sorted by chain and time.
    """
    gap = np.full(len(time), np.inf)
    gap[1:] = np.diff(time)
    if chain is not None:
        gap[1:][np.diff(chain) != 0] = np.inf
    return gap


def whiten(columns: Floats, gap: Floats, rho: Floats) -> tuple[Floats, Floats]:
    """Take out of each row of `columns` (n, k) what carries over from the row before.

    Returns (m, n, k) for `rho` (m,), and the log-determinant of the correlations, (m,).
    """
    carried = rho[:, None] ** gap[None, :]
    left = 1 - carried**2
    before = np.vstack([np.zeros((1, columns.shape[1])), columns[:-1]])
    white = (columns[None] - carried[:, :, None] * before[None]) / np.sqrt(left)[:, :, None]
    return white, np.asarray(np.log(left).sum(axis=1))


def fit_autoregressive(
    outcome: Floats,
    design: Floats,
    time: Ints,
    *,
    chain: Ints | None = None,
    weight: Floats | None = None,
    criterion: Literal["reml", "ml"] = "reml",
) -> LinearFits:
    """Fit at the correlation of highest restricted (or full) likelihood; t(n - p).

    `outcome` (n,), `design` (n, p), `time` (n,) whole periods, rising within each `chain`.
    """
    regression = _Regression(outcome, design, time, chain, weight)
    grid = np.sin(np.linspace(-1.53, 1.53, 41))
    found = regression.log_likelihood(regression.profile(grid), criterion)
    best = int(np.argmax(found))
    low, high = grid[max(best - 1, 0)], grid[min(best + 1, len(grid) - 1)]

    def loss(rho: float) -> float:
        profile = regression.profile(np.array([rho]))
        return -float(regression.log_likelihood(profile, criterion)[0])

    rho = float(optimize.minimize_scalar(loss, bounds=(low, high), method="bounded").x)
    return regression.fits(regression.profile(np.array([rho])), np.ones(1))


def average_autoregressive(
    outcome: Floats,
    design: Floats,
    time: Ints,
    *,
    chain: Ints | None = None,
    weight: Floats | None = None,
) -> LinearFits:
    """Fit at many correlations, each weighted by its restricted likelihood; for short series too.

    Arguments as in `fit_autoregressive`. The prior is even in the arc sine of the correlation.
    """
    regression = _Regression(outcome, design, time, chain, weight)
    points = max(GRID, int(GRID_ROOT * np.sqrt(regression.n)))
    arc = np.arcsin(FURTHEST) * (2 * (np.arange(points) + 0.5) / points - 1)
    profile = regression.profile(np.sin(arc))
    found = regression.log_likelihood(profile, "reml")
    share = np.exp(found - found.max())
    kept = np.flatnonzero(share > LEAST_WEIGHT)
    chosen = _Profile(
        profile.rho[kept],
        profile.coef[kept],
        profile.unscaled[kept],
        profile.squares[kept],
        profile.log_errors[kept],
        profile.log_design[kept],
    )
    return regression.fits(chosen, share[kept] / share[kept].sum())


def fit_prais_winsten(
    outcome: Floats,
    design: Floats,
    time: Ints,
    *,
    chain: Ints | None = None,
    weight: Floats | None = None,
) -> LinearFits:
    """Fit at the correlation of neighbouring residuals, repeated until it no longer moves."""
    root = np.ones(len(outcome)) if weight is None else np.sqrt(weight / np.mean(weight))
    x, y = design * root[:, None], outcome * root
    refuse_collinear(x)
    gap = find_gaps(time, chain)
    after = np.flatnonzero(gap == 1)
    rho, coef = 0.0, np.linalg.lstsq(x, y, rcond=None)[0]
    for _ in range(200):
        residual = y - x @ coef
        earlier = residual[after - 1]
        size = max(float(earlier @ earlier), 1e-300)
        new = float(np.clip(residual[after] @ earlier / size, -FURTHEST, FURTHEST))
        white = whiten(np.column_stack([x, y]), gap, np.array([new]))[0][0]
        coef = np.linalg.lstsq(white[:, :-1], white[:, -1], rcond=None)[0]
        if abs(new - rho) < 1e-9:
            break
        rho = new
    left = white[:, -1] - white[:, :-1] @ coef
    df = len(y) - x.shape[1]
    cov = np.linalg.inv(white[:, :-1].T @ white[:, :-1]) * float(left @ left) / df
    return as_one_fit(np.asarray(coef), np.asarray(cov), df=df, rho=new)
