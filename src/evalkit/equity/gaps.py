"""How wide the gap is between the most deprived fifth and the rest, and how steep the slope.

Absolute and relative gaps, slope and relative index of inequality, concentration and Erreygers
index, each with an interval clustered by unit; and the gap's parts within and between providers.
The parts are those of a regression with and without a level for each provider (Mundlak 1978,
Econometrica 46:69-85): people of one provider compared with each other, and the rest of the gap,
which comes from who is cared for where.
"""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.equity.concentration_index import fit_concentration_index
from evalkit.equity.groups import codes_of, outcomes_of, weights_of
from evalkit.equity.inequality_indices import fit_relative_index, fit_slope_index
from evalkit.equity.places import fit_gap
from evalkit.errors import AnalysisError
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.inference.estimates import Estimate, make_estimate

MEASURES = {
    "gap": "Most deprived fifth less the rest",
    "ratio": "Rest over most deprived fifth",
    "slope_index": "Slope index: least less most deprived, on a line",
    "relative_index": "Relative index: least over most deprived, on a line",
    "concentration_index": "Concentration index",
    "erreygers_index": "Erreygers index",
}
RATIOS = ("ratio", "relative_index")
INDICES = ("concentration_index", "erreygers_index")


def tabulate_gaps(answers: pd.DataFrame, bounds: tuple[float, float], level: float) -> pd.DataFrame:
    """Measure inequality by deprivation: `measure, label, estimate, conf_low, conf_high, n`.

    `answers` as from `add_groups`; those without a known place are left out. `bounds` are the
    least and greatest value of the outcome. A measure that has no meaning here (a ratio to a mean
    that is not above zero) is left out.
    """
    used = answers[answers["outcome"].notna() & answers["deprivation_decile"].notna()]
    values, cluster, weight = outcomes_of(used), codes_of(used["unit"]), weights_of(used)
    decile = np.asarray(used["deprivation_decile"], dtype=np.int64)
    shared: Any = {"cluster": cluster, "level": level}
    ways: dict[str, Callable[[], Estimate]] = {
        "gap": partial(fit_gap, values, decile <= 2, weight, **shared),
        "ratio": partial(_fit_ratio, values, decile > 2, weight, cluster, level),
        "slope_index": partial(fit_slope_index, values, decile, weight, **shared),
        "relative_index": partial(fit_relative_index, values, decile, weight, **shared),
        "concentration_index": partial(fit_concentration_index, values, decile, weight, **shared),
        "erreygers_index": partial(
            fit_concentration_index,
            values,
            decile,
            weight,
            form="erreygers",
            bounds=bounds,
            **shared,
        ),
    }
    found = {name: _try(way) for name, way in ways.items()}
    return pd.DataFrame(
        [
            {
                "measure": name,
                "label": MEASURES[name],
                "estimate": made.estimate,
                "std_error": made.std_error,
                "conf_low": made.conf_low,
                "conf_high": made.conf_high,
                "df": made.df,
                "n": len(used),
            }
            for name, made in found.items()
            if made is not None
        ]
    )


def split_gap(answers: pd.DataFrame, level: float) -> pd.DataFrame:
    """Split the gap into its part within providers and that between: `part, estimate, ...`.

    Rows `total`, `within`, `between`; errors leave out each provider in turn. Empty where there
    are fewer than three providers, or none has people of both groups.
    """
    used = answers[answers["outcome"].notna() & answers["core20"].notna()]
    poor = np.asarray(used["core20"], dtype=np.float64)
    codes = codes_of(used["provider"])
    sums = _sums_by_provider(outcomes_of(used), poor, weights_of(used), codes)
    if len(sums) < 3 or not _within_spread(sums).sum() > 0:
        return pd.DataFrame()
    whole = _parts(sums)
    apart = np.array([_parts(np.delete(sums, g, axis=0)) for g in range(len(sums))])
    count = len(sums)
    errors = np.sqrt((count - 1) / count * np.sum((apart - apart.mean(axis=0)) ** 2, axis=0))
    half = float(stats.t.ppf(0.5 + level / 2, count - 1)) * errors
    return pd.DataFrame(
        {
            "part": ["total", "within", "between"],
            "label": ["Gap", "Within providers", "Between providers"],
            "estimate": whole,
            "conf_low": whole - half,
            "conf_high": whole + half,
            "providers": count,
        }
    )


def _try(way: Callable[[], Estimate]) -> Estimate | None:
    try:
        return way()
    except AnalysisError:
        return None


def _fit_ratio(
    values: Floats, rest: Flags, weight: Floats, cluster: Ints, level: float
) -> Estimate:
    """Estimate the mean of the rest over that of the others, its interval on the log scale."""
    x = np.column_stack([~rest, rest]).astype(float)
    fit = fit_weighted(values, x, weight, cluster=cluster)
    if not min(fit.coef) > 0:
        raise AnalysisError("ratio: a mean is not above zero. Use the gap.")
    log_ratio = float(np.log(fit.coef[1] / fit.coef[0]))
    error = fit.error_of(np.array([-1 / fit.coef[0], 1 / fit.coef[1]]))
    found = make_estimate(log_ratio, error, df=fit.df, level=level)
    ratio = float(np.exp(log_ratio))
    low, high = float(np.exp(found.conf_low)), float(np.exp(found.conf_high))
    return Estimate(ratio, ratio * error, fit.df, low, high, found.p_value, level)


def _sums_by_provider(values: Floats, poor: Floats, weight: Floats, codes: Ints) -> Floats:
    """Weighted sums of one, x, y, xx, xy for each provider (g, 5)."""
    columns = (weight, weight * poor, weight * values, weight * poor, weight * poor * values)
    return np.column_stack([np.bincount(codes, column) for column in columns])


def _within_spread(sums: Floats) -> Floats:
    return np.asarray(sums[:, 3] - sums[:, 1] ** 2 / sums[:, 0], dtype=float)


def _parts(sums: Floats) -> Floats:
    """The whole gap, that within providers, and the difference, from the sums."""
    n, x, y, xx, xy = sums.sum(axis=0)
    total = (xy - x * y / n) / (xx - x * x / n)
    spread = _within_spread(sums).sum()
    within = float((sums[:, 4] - sums[:, 1] * sums[:, 2] / sums[:, 0]).sum() / spread)
    return np.array([total, within, total - within])
