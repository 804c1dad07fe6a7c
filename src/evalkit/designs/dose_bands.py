"""Bands of dose: the outcome in each as within one unit, and whether it moves one way."""

from itertools import pairwise

import numpy as np
import pandas as pd

from evalkit.designs.dose_effects import Slopes, fit_within, make_contrasts
from evalkit.designs.dose_rows import DoseRows
from evalkit.errors import AnalysisError
from evalkit.fits.dose_curves import choose_cuts, cut_bands, linked_bands
from evalkit.fits.unit_panel import count_moving
from evalkit.inference.arrays import Floats, Ints
from evalkit.results.words import number
from evalkit.study.schemas.dose_response import DoseResponse

AVERAGES = (
    *("mean_outcome", "conf_low", "conf_high"),
    *("difference", "difference_low", "difference_high"),
)
STEPS = ("from", "to", "difference", "conf_low", "conf_high", "direction")


def tabulate_bands(rows: DoseRows, parameters: DoseResponse) -> pd.DataFrame:
    """Average the outcome by band of dose, as within one and the same unit.

    Columns: `band, n, units, mean_outcome, conf_low, conf_high`, and `difference` from the
    lowest band with its interval. Bands that units of fewer than two clusters link with the
    others have no average.
    """
    cuts = _cuts(rows, parameters)
    band, count = cut_bands(rows.dose, cuts), len(cuts) + 1
    table = pd.DataFrame(
        {
            "band": _name_bands(cuts, parameters.dose_unit),
            "n": np.bincount(band, minlength=count),
            "units": [len(np.unique(rows.unit[band == b])) for b in range(count)],
        }
    )
    columns = np.full((count, len(AVERAGES)), np.nan)
    kept = _linked(rows, band, count)
    if len(kept):
        columns[kept] = _average(rows, band, kept, parameters.confidence_level)
    return table.assign(**dict(zip(AVERAGES, columns.T, strict=True)))


def _average(rows: DoseRows, band: Ints, kept: Ints, level: float) -> Floats:
    """Adjusted means and differences from the lowest, with intervals: (bands kept, 6).

    Means are those that rows of the bands kept would have on average, were they all in the band.
    """
    slopes = _fit_bands(rows, band, kept)
    inside = np.isin(band, kept)
    share = np.bincount(band[inside], minlength=int(kept.max()) + 1)[kept] / inside.sum()
    each = np.eye(len(kept))
    means = np.array(make_contrasts(slopes, each - share, level))
    differences = np.array(make_contrasts(slopes, each - each[0], level))
    return np.vstack([means + rows.outcome[inside].mean(), differences]).T


def tabulate_steps(rows: DoseRows, parameters: DoseResponse, slope: float) -> pd.DataFrame:
    """Compare each band with the next: `from, to, difference, conf_low, conf_high, direction`.

    `direction` is `with` or `against` the slope where the intervals, which hold for all steps
    together (Bonferroni), leave out zero, and `unclear` otherwise.
    """
    cuts = _cuts(rows, parameters)
    band, count = cut_bands(rows.dose, cuts), len(cuts) + 1
    kept = _linked(rows, band, count)
    if not len(kept):
        return pd.DataFrame(columns=STEPS)
    slopes = _fit_bands(rows, band, kept)
    contrast = np.eye(len(kept))[1:] - np.eye(len(kept))[:-1]
    level = 1 - (1 - parameters.confidence_level) / len(contrast)
    difference, low, high = make_contrasts(slopes, contrast, level)
    same = np.where(np.sign(difference) == np.sign(slope), "with", "against")
    direction = np.where((low > 0) | (high < 0), same, "unclear")
    names = np.array(_name_bands(cuts, parameters.dose_unit))[kept]
    columns = (names[:-1], names[1:], difference, low, high, direction)
    return pd.DataFrame(dict(zip(STEPS, columns, strict=True)))


def _cuts(rows: DoseRows, parameters: DoseResponse) -> Floats:
    if parameters.dose_bands is None:
        return choose_cuts(rows.dose)
    cuts = np.array(parameters.dose_bands, dtype=float)
    if np.any(np.diff(cuts) <= 0):
        raise AnalysisError("dose_bands: do not rise. Give each larger than the one before.")
    band = cut_bands(rows.dose, cuts)
    empty = len(cuts) + 1 - len(np.unique(band))
    if empty:
        raise AnalysisError(f"dose_bands: {empty} bands hold no row. Give fewer or other bands.")
    return cuts


def _linked(rows: DoseRows, band: Ints, count: int) -> Ints:
    """The bands that can be compared with each other, in order; none or at least two."""
    group = linked_bands(band, rows.unit, count)
    largest = np.argmax(np.bincount(group[band], minlength=count))
    movers = [count_moving((band == b) * 1.0, rows.unit, rows.cluster) for b in range(count)]
    kept = np.flatnonzero((group == largest) & (np.array(movers) > 1))
    return kept if len(kept) > 1 else kept[:0]


def _fit_bands(rows: DoseRows, band: Ints, kept: Ints) -> Slopes:
    """Coefficients of the bands kept, in their order; the fullest counts zero."""
    size = np.bincount(band)
    base = kept[np.argmax(size[kept])]
    others = np.array([b for b in np.unique(band) if b != base])
    slopes = fit_within(rows, np.asarray(band[:, None] == others, dtype=float))
    pick = np.asarray(kept[:, None] == others, dtype=float)
    cov, df = pick @ slopes.cov @ pick.T, slopes.df[pick.any(axis=0)]
    return Slopes(pick @ slopes.coef, cov, df, slopes.method, slopes.n, slopes.clusters)


def _decimals(cuts: Floats) -> int:
    """As many decimals as tell neighbouring cuts apart to a tenth of what lies between them."""
    if np.all(cuts == np.round(cuts)):
        return 0
    narrowest = float(np.min(np.diff(cuts))) if len(cuts) > 1 else float(np.abs(cuts).max())
    return int(np.clip(1 - np.floor(np.log10(narrowest)), 0, 6))


def _name_bands(cuts: Floats, unit: str) -> list[str]:
    decimals = _decimals(cuts)
    ends = [number(float(cut), decimals) for cut in cuts]
    first = "none" if len(cuts) and cuts[0] == 0 else f"up to {ends[0]} {unit}" if ends else "all"
    inner = [f"above {low}, up to {high} {unit}" for low, high in pairwise(ends)]
    return [first, *inner, f"above {ends[-1]} {unit}"] if ends else [first]
