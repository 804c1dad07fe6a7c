"""Where people stand from the most to the least deprived, and the gap between two groups."""

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.inference.estimates import Estimate, make_estimate


def place_people(group: Ints, weight: Floats) -> Floats:
    """Place of each person (n,): the middle of their group's span of the population's 0 to 1.

    `group` (n,) is ordered, the lowest the most deprived; people of a group share its middle
    (the ridit, Bross 1958). Raises AnalysisError for one group.
    """
    codes, at = np.unique(group, return_inverse=True)
    if len(codes) < 2:
        raise AnalysisError(
            "inequality: everybody is in one group, so there is no slope. "
            "Use groups that span the population, such as fifths or tenths of deprivation."
        )
    share = np.bincount(at, weight) / np.sum(weight)
    return np.asarray((np.cumsum(share) - share / 2)[at], dtype=float)


def fit_gap(
    values: Floats,
    in_group: Flags,
    weight: Floats,
    *,
    cluster: Ints | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean of `values` (n,) in the group less the mean of the others.

    Raises AnalysisError where one of the two has no value.
    """
    known = ~np.isnan(values)
    here, there = int(np.sum(known & in_group)), int(np.sum(known & ~in_group))
    if min(here, there) == 0:
        raise AnalysisError(
            f"gap between groups: {here} values in the group and {there} outside it. "
            "Choose a group with people on both sides."
        )
    x = np.column_stack([np.ones(len(values)), in_group])
    fit = fit_weighted(values, x, weight, cluster=cluster)
    error = fit.error_of(np.array([0.0, 1.0]))
    return make_estimate(float(fit.coef[1]), error, df=fit.df, level=level)
