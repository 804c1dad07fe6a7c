"""What a discontinuity shows beside its estimate: bins, bandwidths, and what should not jump.

Bins have edges of their own, not values of people, and hold numbers and means only.
"""

from collections.abc import Mapping
from functools import partial

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.threshold_sample import ThresholdSample
from evalkit.fits.density_jump import count_near, fit_density_jump
from evalkit.fits.local_linear import DiscontinuityFit, fit_discontinuity
from evalkit.fits.local_polynomial import linear_weights
from evalkit.inference.arrays import Floats
from evalkit.results.lazy_tables import LazyTables
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity

BINS = 10
"""Bins on each side, out to twice the bandwidth."""
MULTIPLES = (0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
DONUTS = (0.05, 0.1, 0.2)
"""Shares of the bandwidth left out about the threshold."""
MANY_VALUES = 50
"""Distinct values of the running variable from which on it has a density to speak of."""


def make_tables(
    sample: ThresholdSample,
    outcome: Floats,
    fit: DiscontinuityFit,
    first: DiscontinuityFit | None,
    parameters: RegressionDiscontinuity,
) -> Mapping[str, pd.DataFrame]:
    """Every table, made when it is read; those of looks that cannot be taken are empty.

    `first` is the jump of take-up, where people could do other than they were offered.
    """
    level = parameters.confidence_level
    return LazyTables(
        {
            "binned": partial(_tabulate_bins, sample, outcome, fit, parameters),
            "take_up": partial(_tabulate_take_up, first, level),
            "bandwidths": partial(_tabulate_bandwidths, sample, outcome, fit, level),
            "donuts": partial(_tabulate_donuts, sample, outcome, fit, level),
            "placebo_thresholds": partial(_tabulate_placebos, sample, outcome, level),
            "jumps_of_causes": partial(_tabulate_causes, sample, level),
            "density": partial(_tabulate_density, sample, fit),
        }
    )


def _line(fit: DiscontinuityFit, level: float) -> dict[str, float]:
    """An estimate, and whole tens of rows: no two windows tell how many lie between them."""
    half = float(stats.t.ppf(0.5 + level / 2, fit.df)) * fit.robust_error
    return {
        "estimate": fit.corrected,
        "conf_low": fit.corrected - half,
        "conf_high": fit.corrected + half,
        "n": (fit.rows_below + fit.rows_above) // 10 * 10,
    }


def _tabulate_bins(
    sample: ThresholdSample,
    outcome: Floats,
    fit: DiscontinuityFit,
    parameters: RegressionDiscontinuity,
) -> pd.DataFrame:
    """Numbers and (weighted) mean outcomes in bins of equal width, and the line within reach."""
    width = 2 * fit.bandwidth / BINS
    place = np.floor(sample.distance / width).astype(int)
    near = (place >= -BINS) & (place < BINS)
    counts = np.bincount(place[near] + BINS, minlength=2 * BINS)
    weight = np.ones(len(outcome)) if sample.weight is None else sample.weight
    total = np.bincount(place[near] + BINS, weight[near], minlength=2 * BINS)
    sums = np.bincount(place[near] + BINS, (weight * outcome)[near], minlength=2 * BINS)
    middle: Floats = np.asarray((np.arange(-BINS, BINS) + 0.5) * width)
    bins = pd.DataFrame(
        {
            "side": np.where(middle > 0, "offered", "not offered"),
            "middle": parameters.threshold + sample.sign * middle,
            "base": counts,
            "mean": np.where(counts > 0, sums / np.where(total > 0, total, 1), np.nan),
            "fitted": draw_lines(sample, outcome, fit, middle),
        }
    )
    return bins.sort_values("middle", ignore_index=True)


def _tabulate_take_up(first: DiscontinuityFit | None, level: float) -> pd.DataFrame:
    """How many more took it up of those just offered, in percentage points."""
    if first is None:
        return pd.DataFrame()
    line = _line(first, level)
    names = {"estimate": "difference", "conf_low": "lower_end", "conf_high": "upper_end"}
    return pd.DataFrame([{names[k]: 100 * line[k] for k in names} | {"n": line["n"]}])


def draw_lines(
    sample: ThresholdSample, outcome: Floats, fit: DiscontinuityFit, at: Floats
) -> Floats:
    """Values (n,) of the two straight lines at distances (n,); none beyond the bandwidth."""
    lines = np.full(len(at), np.nan)
    for beyond in (False, True):
        near = (np.abs(sample.distance) < fit.bandwidth) & ((sample.distance >= 0) == beyond)
        weight = None if sample.weight is None else sample.weight[near]
        coef = linear_weights(sample.distance[near], fit.bandwidth, 1, weight) @ outcome[near]
        mine = ((at > 0) == beyond) & (np.abs(at) < fit.bandwidth)
        lines[mine] = coef[0] + coef[1] * at[mine]
    return lines


def _tabulate_bandwidths(
    sample: ThresholdSample, outcome: Floats, fit: DiscontinuityFit, level: float
) -> pd.DataFrame:
    rows = []
    for multiple in MULTIPLES:
        widths = (fit.bandwidth * multiple, fit.bias_bandwidth * multiple)
        line = _try(sample, outcome, np.ones(len(outcome), dtype=bool), widths, level)
        rows.append({"multiple": multiple, "bandwidth": widths[0], **line})
    return pd.DataFrame(rows)


def _tabulate_donuts(
    sample: ThresholdSample, outcome: Floats, fit: DiscontinuityFit, level: float
) -> pd.DataFrame:
    rows = []
    for share in DONUTS:
        kept = np.abs(sample.distance) >= share * fit.bandwidth
        line = _try(sample, outcome, kept, (fit.bandwidth, fit.bias_bandwidth), level)
        rows.append({"left_out_within": share * fit.bandwidth, **line})
    return pd.DataFrame(rows)


def _try(
    sample: ThresholdSample,
    outcome: Floats,
    kept: np.ndarray,
    widths: tuple[float, float] | None,
    level: float,
    shift: float = 0.0,
    *,
    takeup: bool = True,
) -> dict[str, float]:
    """Fit on some rows; nothing but the number of rows where too few are left."""
    try:
        fit = fit_discontinuity(
            sample.distance[kept] - shift,
            outcome[kept],
            takeup=sample.takeup[kept] if takeup and sample.takeup is not None else None,
            cluster=None if sample.cluster is None else sample.cluster[kept],
            weight=None if sample.weight is None else sample.weight[kept],
            bandwidths=widths,
        )
    except (np.linalg.LinAlgError, ValueError, IndexError, ZeroDivisionError):
        return dict.fromkeys(("estimate", "conf_low", "conf_high"), np.nan) | {"n": 0}
    return _line(fit, level)


def _tabulate_placebos(sample: ThresholdSample, outcome: Floats, level: float) -> pd.DataFrame:
    """Jumps at the middle of each side, from that side alone: there should be none."""
    rows = []
    for words, side in (("short", sample.distance < 0), ("beyond", sample.distance >= 0)):
        middle = float(np.median(sample.distance[side]))
        line = _try(sample, outcome, side, None, level, middle, takeup=False)
        rows.append({"side": words, **line})
    return pd.DataFrame(rows)


def _tabulate_causes(sample: ThresholdSample, level: float) -> pd.DataFrame:
    """Jumps of what was there before, in its standard deviations: there should be none."""
    rows = []
    for name, values in sample.covariates.items():
        known = np.isfinite(values)
        spread = float(values[known].std()) or 1.0
        line = _try(sample, values / spread, known, None, level, takeup=False)
        rows.append({"cause": name.replace("_", " "), **line})
    columns = ["cause", "estimate", "conf_low", "conf_high", "n"]
    names = {"estimate": "difference", "conf_low": "lower_end", "conf_high": "upper_end"}
    return pd.DataFrame(rows, columns=columns).rename(columns=names)


def _tabulate_density(sample: ThresholdSample, fit: DiscontinuityFit) -> pd.DataFrame:
    """Two tests of piling up: the jump of the density, and a fair coin for the nearest rows."""
    rows: list[dict[str, object]] = []
    if len(np.unique(sample.placed)) >= MANY_VALUES:
        try:
            jump = fit_density_jump(sample.placed)
        except np.linalg.LinAlgError:
            pass
        else:
            rows.append(
                {
                    "test": "jump of the density",
                    "window": jump.bandwidth,
                    "n_short": jump.rows_below,
                    "n_beyond": jump.rows_above,
                    "density_short": jump.below,
                    "density_beyond": jump.above,
                    "p_value": jump.p_value,
                }
            )
    near = count_near(sample.placed, _nearest(sample.placed, fit.bandwidth))
    rows.append(
        {
            "test": "fair coin for the nearest",
            "window": near.window,
            "n_short": near.rows_below,
            "n_beyond": near.rows_above,
            "density_short": np.nan,
            "density_beyond": np.nan,
            "p_value": near.p_value,
        }
    )
    return pd.DataFrame(rows)


def _nearest(distance: Floats, bandwidth: float) -> float:
    """A tenth of the bandwidth, doubled until it holds 20 rows, the bandwidth at most."""
    window = bandwidth / 10
    while window < bandwidth and (np.abs(distance) < window).sum() < 20:
        window *= 2
    return min(window, bandwidth)
