"""How consistently the items of a scale rank people: alpha, item by item, and omega.

Cronbach's alpha (1951, Psychometrika 16:297-334) with Feldt's interval (Feldt, Woodruff and
Salih 1987, Applied Psychological Measurement 11:93-103). Alpha is the reliability of the sum
only if every item reflects one thing equally; omega (`fits.one_factor`) lets them differ.
People with an item missing are left out. The interval supposes normal, equally related items.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.one_factor import FEWEST_ITEMS, OneFactorFit, fit_one_factor
from evalkit.inference.arrays import Floats


@dataclass(frozen=True, slots=True)
class Alpha:
    """Alpha with its interval at `level`, alpha of standardised items, people and items used."""

    estimate: float
    conf_low: float
    conf_high: float
    standardised: float
    level: float
    n: int
    items: int


def fit_alpha(items: Floats, *, level: float = 0.95) -> Alpha:
    """Estimate alpha of `items` (n, p), higher being better in each.

    Raises AnalysisError for fewer than two items or two complete rows, or a sum without spread.
    """
    complete = _complete(items)
    n, k = complete.shape
    alpha = _alpha(np.cov(complete, rowvar=False))
    tail = (1 - level) / 2
    law = stats.f(n - 1, (n - 1) * (k - 1))
    low, high = (1 - (1 - alpha) * float(law.ppf(q)) for q in (1 - tail, tail))
    return Alpha(alpha, low, high, _standardised(complete), level, n, k)


def tabulate_items(items: pd.DataFrame) -> pd.DataFrame:
    """One row an item: its mean, spread, share at the ceiling and missing, and what it adds.

    `item_rest` is its correlation with the sum of the others; `alpha_without` the alpha of the
    others (NaN for two items). The ceiling is the highest answer anybody gave to any item.
    """
    complete = _complete(items.to_numpy(float))
    rows = [_describe_item(complete, at) for at in range(complete.shape[1])]
    table = pd.DataFrame(rows)
    table.insert(0, "item", list(items.columns))
    table["missing"] = items.isna().mean().to_numpy()
    return table


def tabulate_scale(items: pd.DataFrame, *, level: float = 0.95) -> pd.DataFrame:
    """One row a statistic of the scale: alpha, omega and the fit of one factor.

    `proper` is 0 where the one factor leaves an item no variance of its own: omega is then
    not to be relied on.
    """
    alpha = fit_alpha(items.to_numpy(float), level=level)
    rows: list[dict[str, object]] = [
        {
            "statistic": "alpha",
            "estimate": alpha.estimate,
            "conf_low": alpha.conf_low,
            "conf_high": alpha.conf_high,
        },
        {"statistic": "alpha_standardised", "estimate": alpha.standardised},
    ]
    if alpha.items >= FEWEST_ITEMS:
        fit = fit_one_factor(items.to_numpy(float))
        rows += _factor_rows(fit)
    columns = ["statistic", "estimate", "conf_low", "conf_high"]
    return pd.DataFrame(rows, columns=columns).assign(n=alpha.n, items=alpha.items)


def _factor_rows(fit: OneFactorFit) -> list[dict[str, object]]:
    numbers = {
        "omega": fit.omega(),
        "chisq": fit.chisq,
        "df": fit.df,
        "cfi": fit.cfi,
        "rmsea": fit.rmsea,
        "srmr": fit.srmr,
        "proper": float(fit.proper),
    }
    return [{"statistic": name, "estimate": value} for name, value in numbers.items()]


def _describe_item(complete: Floats, at: int) -> dict[str, float]:
    item, rest = complete[:, at], np.delete(complete, at, axis=1)
    others = np.cov(rest, rowvar=False)
    together = rest.sum(axis=1)
    varies = item.std() > 0 and together.std() > 0
    return {
        "mean": float(item.mean()),
        "sd": float(item.std(ddof=1)),
        "ceiling": float(np.mean(item == complete.max())),
        "item_rest": float(np.corrcoef(item, together)[0, 1]) if varies else float("nan"),
        "alpha_without": _alpha(others) if rest.shape[1] > 1 else float("nan"),
    }


def _alpha(covariance: Floats) -> float:
    k, total = len(covariance), float(covariance.sum())
    if not total > 0:
        raise AnalysisError(
            f"reliability: the sum of {k} items does not vary. Check that the items are scored "
            "in one direction, and that people differ."
        )
    return k / (k - 1) * (1 - float(np.trace(covariance)) / total)


def _standardised(complete: Floats) -> float:
    if np.any(complete.std(axis=0) == 0):
        return float("nan")
    return _alpha(np.asarray(np.corrcoef(complete, rowvar=False)))


def _complete(items: Floats) -> Floats:
    complete = items[~np.isnan(items).any(axis=1)]
    if items.shape[1] < 2 or len(complete) < 2:
        raise AnalysisError(
            f"reliability: {items.shape[1]} items and {len(complete)} complete rows. "
            "Give at least two of each."
        )
    return np.asarray(complete, dtype=float)
