"""People by the combination of their characteristics: which combinations stand apart, shrunk.

Strata (deprivation by ethnicity by sex, say) are treated as a sample of what combinations can do
(MAIHDA: Evans, Williams, Onnela and Subramanian 2018, Social Science and Medicine 203:64-73): how
much of the variation lies between strata, how much of that the characteristics explain one by one,
and what is left, drawn towards zero as far as its noise warrants.
Must hold: strata are alike but for chance and their characteristics; people answer one by one.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.equity.groups import DIMENSIONS, NOT_KNOWN
from evalkit.fits.between_site_variance import fit_between_variance
from evalkit.fits.pooling import fit_pooled
from evalkit.fits.site_shrinkage import shrink_sites
from evalkit.inference.arrays import Floats

FEWEST_STRATA = 6


@dataclass(frozen=True, slots=True)
class Strata:
    """`table` has a row a stratum; shares are of variance, 0 to 1, NaN where it cannot be said.

    `between` is the share of all variance that lies between strata, `explained` how much of that
    the characteristics explain one by one.
    """

    table: pd.DataFrame
    between: float
    explained: float
    too_small: int


def fit_strata(answers: pd.DataFrame, names: list[str], level: float, fewest: int) -> Strata:
    """Estimate each combination's distance from what its characteristics alone would give.

    `answers` as from `add_groups`. Columns of `table`: `stratum, answers, mean` (shrunk),
    `apart, apart_low, apart_high` (shrunk, from the additive model). Strata of fewer than `fewest`
    rows, and rows of unknown groups, are left out; the table is empty for fewer than six strata.
    """
    known = (answers[names] != NOT_KNOWN).all(axis=1) & answers["outcome"].notna()
    used = answers.loc[known, [*names, "outcome"]]
    cells = used.groupby(names, observed=True)["outcome"].agg(["size", "mean", "var"]).reset_index()
    small = int((cells["size"] < fewest).sum())
    cells = cells[cells["size"] >= fewest].reset_index(drop=True)
    if len(cells) < FEWEST_STRATA:
        return Strata(pd.DataFrame(), np.nan, np.nan, small)
    within = float(np.average(cells["var"], weights=cells["size"] - 1))
    variance = within / cells["size"].to_numpy(float)
    means = cells["mean"].to_numpy(float)
    design = _additive(cells, names)
    raw = fit_between_variance(means, variance, np.ones((len(cells), 1)), "reml")
    left = fit_between_variance(means, variance, design, "reml")
    table = _shrink(cells, names, means, variance, design, level)
    explained = 1 - left / raw if raw > 0 else np.nan
    return Strata(table, raw / (raw + within), float(np.clip(explained, 0, 1)), small)


def _additive(cells: pd.DataFrame, names: list[str]) -> Floats:
    """A constant and a column for each category of each characteristic but its first."""
    columns = [np.ones(len(cells))]
    for name in names:
        categories = sorted(cells[name].unique())
        columns += [(cells[name] == value).to_numpy(float) for value in categories[1:]]
    return np.column_stack(columns)


def _shrink(
    cells: pd.DataFrame,
    names: list[str],
    means: Floats,
    variance: Floats,
    design: Floats,
    level: float,
) -> pd.DataFrame:
    weight = 1 / variance
    coef = np.linalg.lstsq(design * np.sqrt(weight)[:, None], means * np.sqrt(weight), rcond=None)
    expected = design @ coef[0]
    pooled = fit_pooled(means - expected, variance, level=level)
    shrunk = shrink_sites(means - expected, variance, pooled)
    words = cells[names].astype(str).agg(", ".join, axis=1)
    return pd.DataFrame(
        {
            "stratum": words,
            "answers": cells["size"].astype(int),
            "mean": expected + shrunk.estimate,
            "apart": shrunk.estimate,
            "apart_low": shrunk.conf_low,
            "apart_high": shrunk.conf_high,
        }
    ).sort_values("mean", kind="stable", ignore_index=True)


def name_strata(names: list[str]) -> str:
    """Say which characteristics were combined: `deprivation, ethnic group and sex`."""
    words = [DIMENSIONS[name].lower() for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]
