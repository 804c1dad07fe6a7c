"""How a survey drew its people: weights, strata and sampling units, and the errors they imply.

The variance of a weighted total is that of the sums over primary sampling units within strata,
first stage drawn with replacement (Taylor linearisation: Binder 1983, International Statistical
Review 51:279-292; Lumley 2010, Complex Surveys, chapter 2). A domain keeps every sampling unit,
with zeros outside it. Must hold: units are drawn independently within strata, and the weights
are the inverse chances of being drawn and answering.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints

Lonely = Literal["refuse", "adjust", "certainty"]


@dataclass(frozen=True, slots=True)
class Calibration:
    """Margins (k arrays of codes, (n,)) that the weights were fitted to.

    `residual_weight` (n,) weighs people when the margins' part is taken out of a variance.
    """

    margins: tuple[Ints, ...]
    residual_weight: Floats


@dataclass(frozen=True, slots=True)
class SurveyDesign:
    """Weights (n,), stratum codes (n,) and sampling unit codes (n,), nested in the strata.

    `lonely` says what a stratum with one sampling unit adds to a variance: its distance from
    the mean of all ("adjust"), or nothing, as if drawn for certain ("certainty").
    """

    weight: Floats
    stratum: Ints
    unit: Ints
    lonely: Lonely
    calibration: Calibration | None = None

    @property
    def df(self) -> float:
        """Sampling units less strata."""
        return float(len(np.unique(self.unit)) - len(np.unique(self.stratum)))


def make_survey_design(
    weight: Floats,
    *,
    stratum: np.ndarray | None = None,
    unit: np.ndarray | None = None,
    lonely: Lonely = "refuse",
) -> SurveyDesign:
    """Return the design of a survey; without `unit` each person is drawn alone.

    Codes of `unit` may repeat between strata: they are told apart. Raises AnalysisError for
    weights that are missing or negative, and for lonely sampling units unless told what to do.
    """
    weight = np.asarray(weight, dtype=float)
    wrong = int(np.sum(~np.isfinite(weight) | (weight < 0)))
    if wrong or not weight.sum() > 0:
        raise AnalysisError(
            f"survey weights: {wrong} of {len(weight)} are missing or negative. "
            "Give every row a weight of zero or more, and at least one above zero."
        )
    rows = len(weight)
    strata = _codes(np.zeros(rows) if stratum is None else stratum)
    units = _codes(np.arange(rows) if unit is None else unit)
    nested = _codes(strata * (int(units.max()) + 1) + units)
    _refuse_lonely(strata, nested, lonely)
    return SurveyDesign(weight, strata, nested, lonely)


def linearised_cov(influence: Floats, design: SurveyDesign) -> Floats:
    """Covariance (k, k) of the sums of `influence` (n, k), weights already in it."""
    influence = np.asarray(influence, dtype=float).reshape(len(design.weight), -1)
    influence = _take_out_margins(influence, design)
    totals, of_stratum = _unit_totals(influence, design)
    counts = np.bincount(of_stratum)
    means = _sum_by(of_stratum, totals) / counts[:, None]
    alone = counts[of_stratum] == 1
    centre = np.where(alone[:, None], totals.mean(axis=0), means[of_stratum])
    if design.lonely == "certainty":
        centre = np.where(alone[:, None], totals, centre)
    scale = np.where(alone, 1.0, counts[of_stratum] / np.maximum(counts[of_stratum] - 1, 1))
    spread = (totals - centre) * np.sqrt(scale)[:, None]
    return np.asarray(spread.T @ spread)


def effective_sample_size(weight: Floats) -> float:
    """Return Kish's effective size, (sum w)^2 / sum w^2 (Kish 1965, Survey Sampling, 11.7)."""
    return float(np.sum(weight) ** 2 / np.sum(np.square(weight)))


def _codes(values: np.ndarray) -> Ints:
    return np.asarray(np.unique(values, return_inverse=True)[1], dtype=np.int64)


def _refuse_lonely(stratum: Ints, unit: Ints, lonely: Lonely) -> None:
    units_of = np.bincount(stratum[np.unique(unit, return_index=True)[1]])
    single = int(np.sum(units_of == 1))
    if single and (lonely == "refuse" or len(units_of) == 1):
        raise AnalysisError(
            f"survey design: {single} of {len(units_of)} strata hold one sampling unit, which has "
            "no spread. Merge them with a neighbour, or choose the rule 'adjust' or 'certainty'."
        )


def _unit_totals(influence: Floats, design: SurveyDesign) -> tuple[Floats, Ints]:
    _, first = np.unique(design.unit, return_index=True)
    return _sum_by(design.unit, influence), design.stratum[first]


def _sum_by(codes: Ints, columns: Floats) -> Floats:
    return np.asarray(np.stack([np.bincount(codes, c) for c in columns.T], axis=1), dtype=float)


def _take_out_margins(influence: Floats, design: SurveyDesign) -> Floats:
    """What is left of each person's influence once the known margins are allowed for."""
    if design.calibration is None:
        return influence
    codes = design.calibration.margins
    dummies = np.column_stack([c[:, None] == np.unique(c)[None, :] for c in codes]).astype(float)
    weight = np.where(design.weight > 0, design.weight, 1.0)[:, None]
    root = np.sqrt(design.calibration.residual_weight)[:, None]
    coef, *_ = np.linalg.lstsq(dummies * root, influence / weight * root, rcond=None)
    return np.asarray(influence - weight * (dummies @ coef))
