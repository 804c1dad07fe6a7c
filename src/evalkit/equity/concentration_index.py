"""The concentration index: is better experience found among the least deprived?

C = 2 cov(outcome, place) / mean, above zero where the least deprived fare better, estimated with
its error by the convenient regression (Kakwani, Wagstaff and van Doorslaer 1997, Journal of
Econometrics 77:87-103), HC1 or clustered. The mean and the places are taken as known. For an
outcome between bounds C depends on the mean; Erreygers' form (2009, Journal of Health Economics
28:504-515) measures absolute and Wagstaff's (2005, Health Economics 14:429-432) relative
inequality whichever end is counted.
"""

from typing import Literal

import numpy as np

from evalkit.equity.inequality_indices import SLOPE, fit_on_place, refuse_not_positive
from evalkit.equity.places import place_people
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.estimates import Estimate, make_estimate

ConcentrationForm = Literal["plain", "erreygers", "wagstaff"]


def fit_concentration_index(
    values: Floats,
    group: Ints,
    weight: Floats,
    *,
    form: ConcentrationForm = "plain",
    bounds: tuple[float, float] = (0.0, 1.0),
    cluster: Ints | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the concentration index of `values` (n,) over ordered groups, lowest first.

    `bounds`, the least and greatest value possible, matter to the last two forms alone. Raises
    AnalysisError where the mean is not above zero, or not between the bounds.
    """
    place = place_people(group, weight)
    known = ~np.isnan(values) & (weight > 0)
    mean = float(np.average(values[known], weights=weight[known]))
    refuse_not_positive(mean)
    centre = float(np.average(place[known], weights=weight[known]))
    spread = float(np.average((place[known] - centre) ** 2, weights=weight[known]))
    scale = 2 * spread / mean * _form_scale(form, mean, bounds)
    fit = fit_on_place(scale * values, group, weight, "linear", cluster)
    return make_estimate(float(fit.coef[1]), fit.error_of(SLOPE), df=fit.df, level=level)


def _form_scale(form: ConcentrationForm, mean: float, bounds: tuple[float, float]) -> float:
    low, high = bounds
    if form == "plain":
        return 1.0
    if not low < mean < high:
        raise AnalysisError(
            "concentration index: the mean is not between the bounds. "
            "Give the least and greatest value that the outcome can take."
        )
    if form == "erreygers":
        return 4 * mean / (high - low)
    return mean * (high - low) / ((high - mean) * (mean - low))
