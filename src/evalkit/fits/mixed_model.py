"""Linear mixed model for clusters seen over periods, by restricted or full maximum likelihood.

The outcome is fixed effects plus random effects by cluster and period (`variance_structures`)
plus a residual; a row of weight w has residual variance sigma squared over w. Fixed effects and
the residual variance have closed forms, so only ratios of variances to it are searched, from sums
by cell (Bates et al 2015, Journal of Statistical Software 67(1)). `covariance` takes those ratios
as known: read effects through `mixed_model_contrasts`, which allows for few clusters.
"""

from dataclasses import dataclass

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.cluster_periods import Cells, sum_cells
from evalkit.fits.variance_structures import COMPONENTS, Products, Structure, products_of
from evalkit.inference.arrays import Floats, Ints

LARGEST_LOG_RATIO = 25.0
LARGEST_DECAY = 0.999
EXPLAINED = 1e-14
"""Share of the sum of squares below which what is left is rounding."""


@dataclass(frozen=True, slots=True)
class MixedModelFit:
    """Fixed effects (p,), their covariance (p, p), and the variance's parameters (k,).

    `variance` is in the order of `COMPONENTS[structure]`.
    """

    coef: Floats
    covariance: Floats
    structure: Structure
    variance: Floats
    log_likelihood: float
    restricted: bool
    cells: Cells

    def component(self, name: str) -> float:
        """One parameter of the variance by name; zero where the structure has none."""
        names = COMPONENTS[self.structure]
        return float(self.variance[names.index(name)]) if name in names else 0.0


def fit_mixed_model(
    outcome: Floats,
    regressors: Floats,
    cluster: Ints,
    time: Ints,
    *,
    weight: Floats | None = None,
    structure: Structure = "nested_exchangeable",
    restricted: bool = True,
) -> MixedModelFit:
    """Fit rows (n,), (n, p); `regressors` hold the constant and the periods' columns too."""
    cells = sum_cells(outcome, regressors, cluster, time, weight)
    return fit_cells(cells, structure, restricted=restricted)


def fit_cells(
    cells: Cells, structure: Structure = "nested_exchangeable", *, restricted: bool = True
) -> MixedModelFit:
    """Fit the sums of `sum_cells`; refuses what leaves nothing to tell errors from."""
    if cells.rows <= cells.regressors:
        raise AnalysisError(
            f"rows: {cells.rows}, and the model has {cells.regressors} regressors. Give more "
            "rows, or adjust for fewer measured causes."
        )
    plain = products_of(cells, "independent")(np.empty(0))
    if _solve(plain)[2] <= EXPLAINED * (1 + plain.total[-1, -1]):
        raise AnalysisError(
            "outcome: periods, intervention and measured causes explain it whole, so nothing is "
            "left to tell errors from. Give an outcome that varies, or more rows."
        )
    ratios = _search(cells, structure, restricted)
    products = products_of(cells, structure)(ratios)
    coef, inverse, rest = _solve(products)
    free = cells.rows - cells.regressors * restricted
    residual = rest / free
    variance = np.append(residual, ratios * residual)
    if structure == "decay":
        variance[2] = ratios[1]
    constants = free * (1 + np.log(2 * np.pi / free)) - cells.log_weights
    deviance = constants + _deviance(products, free, restricted)[0]
    return MixedModelFit(
        coef, residual * inverse, structure, variance, -deviance / 2, restricted, cells
    )


def deviance_at(cells: Cells, structure: Structure, ratios: Floats) -> float:
    """-2 log restricted likelihood at these ratios of variances, but for a constant."""
    products = products_of(cells, structure)(ratios)
    return _deviance(products, cells.rows - cells.regressors, True)[0]


def _search(cells: Cells, structure: Structure, restricted: bool) -> Floats:
    """Ratios of variances (k,) at which the likelihood is highest.

    Searched on a scale that is linear near zero and logarithmic far from it, where zero is a
    bound that can be reached and left.
    """
    from scipy.optimize import minimize

    typical, products = float(cells.weight.mean()), products_of(cells, structure)
    free = cells.rows - cells.regressors * restricted
    decays = np.arange(len(COMPONENTS[structure]) - 1) == (1 if structure == "decay" else -1)

    def ratios_at(point: Floats) -> Floats:
        return np.where(decays, point, np.expm1(point) / typical)

    def deviance(point: Floats) -> tuple[float, Floats]:
        value, slope = _deviance(products(ratios_at(point)), free, restricted)
        return value, slope * np.where(decays, 1.0, np.exp(point) / typical)

    if not len(decays):
        return np.empty(0)
    found = minimize(
        deviance,
        np.where(decays, 0.7, 1.0),
        jac=True,
        method="L-BFGS-B",
        bounds=[(0.0, LARGEST_DECAY if d else LARGEST_LOG_RATIO) for d in decays],
        options={"ftol": 1e-13, "gtol": 1e-7},
    )
    return ratios_at(found.x)


def _solve(products: Products) -> tuple[Floats, Floats, float]:
    """Fixed effects, the inverse of their information, and the weighted sum of squares left."""
    total = products.total
    inverse: Floats = np.asarray(np.linalg.inv(total[:-1, :-1]), dtype=float)
    coef = inverse @ total[:-1, -1]
    return coef, inverse, float(total[-1, -1] - total[:-1, -1] @ coef)


def _deviance(products: Products, free: int, restricted: bool) -> tuple[float, Floats]:
    """-2 log likelihood but for constants, and its slope in each ratio."""
    coef, inverse, rest = _solve(products)
    direction = np.append(-coef, 1.0)
    value = free * np.log(rest) + products.log_determinant
    slope = free * (products.slopes @ direction @ direction) / rest + products.log_slopes
    if restricted:
        value -= np.linalg.slogdet(inverse)[1]
        slope = slope + np.tensordot(products.slopes[:, :-1, :-1], inverse, 2)
    return float(value), slope
