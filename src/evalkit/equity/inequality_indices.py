"""How steeply experience changes from the most to the least deprived: slope and relative index.

Each person stands at the middle of their group's place in the population, 0 for the most
deprived and 1 for the least. The slope index (SII) is the outcome at 1 less the outcome at 0 on
a fitted line, the relative index (RII) their ratio (Mackenbach and Kunst 1997, Social Science &
Medicine 44:757-771; Moreno-Betancur et al. 2015, Epidemiology 26:518-527).
Errors: HC1 on a line, HC0 for logit and log fits, the delta method for what is made from them;
clustered where `cluster` is given, with t(clusters - 1). People's places are taken as known.
Must hold: the groups are in order of deprivation, and the line fits (look at the group means).
"""

from typing import Literal

import numpy as np

from evalkit.equity.places import place_people
from evalkit.errors import AnalysisError
from evalkit.fits.weighted_regression import WeightedRegression, fit_weighted
from evalkit.fits.weighted_scores import Family
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.estimates import Estimate, make_estimate

SlopeForm = Literal["linear", "logistic", "log_odds"]
RatioForm = Literal["fitted_ratio", "mean_ratio", "log_line"]
SLOPE = np.array([0.0, 1.0])


def fit_slope_index(
    values: Floats,
    group: Ints,
    weight: Floats,
    *,
    form: SlopeForm = "linear",
    cluster: Ints | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the SII of `values` (n,): 0 or 1 for the logistic forms, any number for the line.

    "logistic" is the difference of the fitted shares at 1 and 0, which stays within -1 and 1;
    "log_odds" the difference of their log odds.
    """
    fit = fit_on_place(values, group, weight, "linear" if form == "linear" else "logistic", cluster)
    if form != "logistic":
        return make_estimate(float(fit.coef[1]), fit.error_of(SLOPE), df=fit.df, level=level)
    low, high = (1 / (1 + np.exp(-(fit.coef[0] + place * fit.coef[1]))) for place in (0, 1))
    steep = np.array([high * (1 - high) - low * (1 - low), high * (1 - high)])
    return make_estimate(float(high - low), fit.error_of(steep), df=fit.df, level=level)


def fit_slope_index_of_groups(
    means: Floats,
    population: Floats,
    std_errors: Floats | None = None,
    *,
    level: float = 0.95,
) -> Estimate:
    """Estimate the SII from `means` and `population` of groups (k,), most deprived first.

    With the means' `std_errors` the error carries theirs through the weighted line; without, it
    is the line's own, from the scatter of the means about it, with t(k - 2).
    """
    if len(means) < 3:
        raise AnalysisError(
            f"slope index: {len(means)} groups. Give at least three groups for a line."
        )
    place = place_people(np.arange(len(means)), population)
    share = population / population.sum()
    centred = place - share @ place
    pull = share * centred / float(share @ centred**2)
    slope = float(pull @ means)
    if std_errors is not None:
        return make_estimate(slope, float(np.sqrt(pull**2 @ std_errors**2)), level=level)
    residual = means - share @ means - slope * centred
    scatter = float(share @ residual**2) / (len(means) - 2)
    error = float(np.sqrt(scatter / float(share @ centred**2)))
    return make_estimate(slope, error, df=len(means) - 2, level=level)


def fit_relative_index(
    values: Floats,
    group: Ints,
    weight: Floats,
    *,
    form: RatioForm = "fitted_ratio",
    cluster: Ints | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the RII: fitted at 1 over fitted at 0, on a line or a log line; or SII over mean.

    The ratios of fitted values have their interval on the log scale, and `p_value` tests a ratio
    of 1; that of SII over mean takes the mean as known. Raises AnalysisError where a fitted value
    or the mean is not above zero.
    """
    fit = fit_on_place(values, group, weight, "log" if form == "log_line" else "linear", cluster)
    start, slope = float(fit.coef[0]), float(fit.coef[1])
    if form == "log_line":
        return _as_ratio(slope, fit.error_of(SLOPE), fit.df, level)
    if form == "mean_ratio":
        mean = float(np.average(values[fit.used], weights=weight[fit.used]))
        refuse_not_positive(mean)
        return make_estimate(slope / mean, fit.error_of(SLOPE / mean), df=fit.df, level=level)
    end = start + slope
    refuse_not_positive(min(start, end))
    steep = np.array([1 / end - 1 / start, 1 / end])
    return _as_ratio(float(np.log(end / start)), fit.error_of(steep), fit.df, level)


def fit_on_place(
    values: Floats, group: Ints, weight: Floats, family: Family, cluster: Ints | None
) -> WeightedRegression:
    """Regress `values` (n,) on a constant and people's places."""
    place = place_people(group, weight)
    x = np.column_stack([np.ones(len(place)), place])
    correction: Literal["hc0", "hc1"] = "hc1" if family == "linear" else "hc0"
    return fit_weighted(values, x, weight, family=family, correction=correction, cluster=cluster)


def refuse_not_positive(value: float) -> None:
    """Raise AnalysisError unless a value that is divided by is above zero."""
    if not value > 0:
        raise AnalysisError(
            "relative inequality: a mean or fitted value is not above zero, so a ratio to it has "
            "no meaning. Use the slope index."
        )


def _as_ratio(log_ratio: float, error: float, df: float, level: float) -> Estimate:
    """A ratio whose interval is made on the log scale; its error is by the delta method."""
    found = make_estimate(log_ratio, error, df=df, level=level)
    ratio, low, high = (float(np.exp(v)) for v in (log_ratio, found.conf_low, found.conf_high))
    return Estimate(ratio, ratio * error, df, low, high, found.p_value, level)
