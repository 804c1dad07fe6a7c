"""Means, proportions, totals and ratios of a survey, with errors that know how it was drawn.

Taylor linearisation (`survey_design`), and the delete-one-unit jackknife JKn as a second way
(Rust and Rao 1996, Statistical Methods in Medical Research 5:283-310). Degrees of freedom are
the sampling units less the strata. A domain is estimated within the whole design, never by
dropping the other rows. Must hold: rows without a value are left out as missing at random.
"""

from collections.abc import Callable

import numpy as np
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.survey_design import SurveyDesign, linearised_cov
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import Estimate, make_estimate


def fit_survey_mean(
    values: Floats,
    design: SurveyDesign,
    *,
    domain: Flags | None = None,
    proportion: bool = False,
    level: float = 0.95,
) -> Estimate:
    """Estimate the mean of `values` (n,), or among the rows of `domain` (n,).

    With `proportion` the values are 0 and 1 and the interval is made on the logit scale, so
    that it stays between 0 and 1 (Korn and Graubard 1999, section 2.5).
    """
    weight, filled = _kept(values, design, domain)
    size = weight.sum()
    mean = float(weight @ filled / size)
    error = _error(weight * (filled - mean) / size, design)
    plain = make_estimate(mean, error, df=design.df, level=level)
    return _on_logit_scale(plain) if proportion and 0 < mean < 1 else plain


def fit_survey_total(
    values: Floats, design: SurveyDesign, *, domain: Flags | None = None, level: float = 0.95
) -> Estimate:
    """Estimate the population's total of `values` (n,); missing values count as nobody."""
    weight, filled = _kept(values, design, domain)
    error = _error(weight * filled, design)
    return make_estimate(float(weight @ filled), error, df=design.df, level=level)


def fit_survey_ratio(
    above: Floats,
    below: Floats,
    design: SurveyDesign,
    *,
    domain: Flags | None = None,
    level: float = 0.95,
) -> Estimate:
    """Estimate the ratio of two totals; rows that miss either value are left out."""
    both = np.where(np.isnan(below), np.nan, above)
    weight, top = _kept(both, design, domain)
    bottom = np.where(weight > 0, below, 0.0)
    size = float(weight @ bottom)
    if size == 0:
        raise AnalysisError("survey ratio: the lower total is zero. Choose another denominator.")
    ratio = float(weight @ top) / size
    error = _error(weight * (top - ratio * bottom) / size, design)
    return make_estimate(ratio, error, df=design.df, level=level)


def fit_design_effect(values: Floats, design: SurveyDesign) -> float:
    """Return the variance of the mean over that of as many people drawn one by one.

    The comparison is with simple random sampling with replacement (Kish 1965).
    """
    weight, filled = _kept(values, design, None)
    people = int(np.sum(weight > 0))
    mean = weight @ filled / weight.sum()
    alone = float(weight @ (filled - mean) ** 2 / weight.sum()) / (people - 1)
    if alone == 0:
        raise AnalysisError("design effect: the values do not vary. Choose another outcome.")
    return fit_survey_mean(values, design).std_error ** 2 / alone


def fit_survey_jackknife(
    statistic: Callable[[Floats], float], design: SurveyDesign, *, level: float = 0.95
) -> Estimate:
    """Estimate `statistic`, a function of weights (n,), leaving out one sampling unit at a time.

    The other units of its stratum take over its weight (JKn); replicates are centred on their
    mean. Calibrated weights are used as they are, not fitted anew.
    """
    replicates, scales = [], []
    for stratum in np.unique(design.stratum):
        rows = design.stratum == stratum
        units = np.unique(design.unit[rows])
        if len(units) == 1:
            continue
        raised = np.where(rows, design.weight * len(units) / (len(units) - 1), design.weight)
        for unit in units:
            replicates.append(statistic(np.where(design.unit == unit, 0.0, raised)))
            scales.append((len(units) - 1) / len(units))
    spread = np.array(replicates) - np.mean(replicates)
    error = float(np.sqrt(np.array(scales) @ spread**2))
    return make_estimate(statistic(design.weight), error, df=design.df, level=level)


def _kept(values: Floats, design: SurveyDesign, domain: Flags | None) -> tuple[Floats, Floats]:
    """Weights that are zero outside the domain and where no value is known, and the values."""
    known = ~np.isnan(values) if domain is None else ~np.isnan(values) & domain
    weight = np.where(known, design.weight, 0.0)
    if not weight.sum() > 0:
        raise AnalysisError(
            f"survey estimate: none of {len(values)} rows has a value and a weight here. "
            "Choose a larger group, or another outcome."
        )
    return weight, np.where(known, values, 0.0)


def _error(influence: Floats, design: SurveyDesign) -> float:
    return float(np.sqrt(linearised_cov(influence, design)[0, 0]))


def _on_logit_scale(plain: Estimate) -> Estimate:
    share = plain.estimate
    error = plain.std_error / (share * (1 - share))
    quantile = float(stats.t.ppf(0.5 + plain.level / 2, plain.df))
    centre = np.log(share / (1 - share))
    low, high = (float(1 / (1 + np.exp(-(centre + s * quantile * error)))) for s in (-1, 1))
    return Estimate(share, plain.std_error, plain.df, low, high, plain.p_value, plain.level)
