"""Shapes of a dose: straight, bent (quadratic), restricted cubic spline, bands.

Each shape turns doses (n,) into columns (n, k) whose first is the dose itself, so that what
follows it is what bends the line; columns are centred and scaled for the sake of rounding only.
Sources: Harrell 2015 (Regression Modeling Strategies, 2nd edition, section 2.4: restricted
cubic splines and where their knots go); Pustejovsky and Tipton 2018 (Journal of Business &
Economic Statistics 36:672-683) for the joint test.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from evalkit.inference.arrays import Floats, Ints

KNOTS_AT = {3: (0.1, 0.5, 0.9), 4: (0.05, 0.35, 0.65, 0.95)}
"""Harrell's quantiles for three and four knots."""

FEWEST_DOSES = 6
"""Distinct doses below which a spline says no more than bands do."""

Shape = Literal["linear", "quadratic", "spline"]


@dataclass(frozen=True, slots=True)
class DoseShape:
    """A shape with what it needs to turn doses into columns: centre, spread and knots (k,)."""

    name: Shape
    centre: float
    spread: float
    knots: Floats

    def columns(self, dose: Floats) -> Floats:
        """Turn doses (n,) into columns (n, k), the dose in spreads from the centre first."""
        straight = (dose - self.centre) / self.spread
        if self.name == "linear":
            return straight[:, None]
        if self.name == "quadratic":
            return np.column_stack([straight, straight**2])
        return np.column_stack([straight, *_bends(straight, self.knots)])


def make_shape(name: Shape, dose: Floats, *, knots: int = 4) -> DoseShape | None:
    """Fit a shape's centre and knots to doses (n,); None where they are too few for a spline."""
    centre, spread = float(np.mean(dose)), float(np.std(dose))
    if name != "spline":
        return DoseShape(name, centre, spread, np.empty(0))
    places = np.quantile((dose - centre) / spread, KNOTS_AT[knots])
    if len(np.unique(dose)) < FEWEST_DOSES or np.min(np.diff(places)) < 1e-3:
        return None
    return DoseShape(name, centre, spread, np.asarray(places))


def _bends(dose: Floats, knots: Floats) -> list[Floats]:
    """Restricted cubic terms: straight below the first knot and above the last."""
    last, before = knots[-1], knots[-2]

    def cube(knot: float) -> Floats:
        return np.asarray(np.clip(dose - knot, 0, None) ** 3)

    scale = (last - knots[0]) ** 2
    return [
        (
            cube(knot)
            - cube(before) * (last - knot) / (last - before)
            + cube(last) * (before - knot) / (last - before)
        )
        / scale
        for knot in knots[:-2]
    ]


@dataclass(frozen=True, slots=True)
class JointTest:
    """F statistic with its degrees of freedom, and p."""

    statistic: float
    df: float
    df_error: float
    p_value: float


def joint_test(coef: Floats, cov: Floats, df: Floats) -> JointTest:
    """Test that all of `coef` (q,) are zero, from CR2 covariance (q, q) and each one's df (q,).

    Hotelling's form with the smallest of the degrees of freedom, which errs on the safe side.
    """
    q, least = len(coef), float(np.min(df))
    wald = float(coef @ np.linalg.solve(cov, coef))
    left = least - q + 1
    if left <= 0:
        return JointTest(float("nan"), q, left, float("nan"))
    statistic = left / (least * q) * wald
    return JointTest(statistic, q, left, float(stats.f.sf(statistic, q, left)))


def cut_bands(dose: Floats, cuts: Floats) -> Ints:
    """Number the band of each dose (n,): 0 up to and with the first cut, and so on."""
    return np.asarray(np.searchsorted(cuts, dose, side="left"), dtype=np.int64)


def choose_cuts(dose: Floats, bands: int = 4, lone: float = 0.1) -> Floats:
    """Choose where bands end: equal numbers of rows in each, and zero apart where it is common.

    `lone` is the share of rows at zero from which zero is a band of its own.
    """
    none = dose == 0
    apart = bool(np.mean(none) >= lone and (dose >= 0).all())
    rest = dose[~none] if apart else dose
    inner = np.quantile(rest, np.arange(1, bands) / bands) if len(rest) else np.empty(0)
    cuts = np.unique(np.concatenate([[0.0], inner]) if apart else inner)
    return np.asarray(cuts[cuts < dose.max()])


def linked_bands(band: Ints, unit: Ints, bands: int) -> Ints:
    """Group bands that units link by having been in both: a group number for each (bands,).

    Bands of different groups cannot be compared within units.
    """
    seen = np.zeros((int(unit.max()) + 1, bands), dtype=bool)
    seen[unit, band] = True
    reach = (seen.T.astype(int) @ seen.astype(int)) > 0
    for _ in range(bands):
        reach = (reach.astype(int) @ reach.astype(int)) > 0
    linked = np.argmax(reach | np.eye(bands, dtype=bool), axis=1)
    return np.asarray(linked, dtype=np.int64)
