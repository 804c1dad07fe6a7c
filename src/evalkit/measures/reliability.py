"""How far a trust's score can be trusted: signal and sampling noise, between and within trusts."""

import numpy as np
import pandas as pd

from evalkit.designs.within_fit import demean_by, period_dummies


def split_variation(panel: pd.DataFrame, series: str) -> dict[str, float]:
    """Split a series into variation between and within trusts, and each into signal and noise.

    Periods' common changes are removed, and within trusts only those seen twice count. Gives
    `mean`, the spreads `sd_between` and `sd_within` as observed, and the shares that are not
    sampling noise, `reliability_between` and `reliability_within` (0 to 1; NaN where the noise of
    any value is unknown).
    """
    rows = panel.dropna(subset=[series])
    between, noise_between = _between(rows, series)
    within, noise_within = _within(rows, series)
    return {
        "mean": float(rows[series].mean()),
        "sd_between": float(np.sqrt(between)),
        "sd_within": float(np.sqrt(within)),
        "reliability_between": _share(between - noise_between, between),
        "reliability_within": _share(within - noise_within, within),
    }


def _between(rows: pd.DataFrame, series: str) -> tuple[float, float]:
    """Variance of trusts' means, periods removed, and the part of it that is noise."""
    unit, _ = pd.factorize(rows["unit"])
    values = _without_periods(rows[series].to_numpy(float), rows["time"].to_numpy())
    counts = np.bincount(unit)
    variance = _column(rows, f"{series}_variance")
    spread = float(np.var(np.bincount(unit, values) / counts, ddof=1))
    return spread, float(np.mean(np.bincount(unit, variance) / counts**2))


def _within(rows: pd.DataFrame, series: str) -> tuple[float, float]:
    """Variance within trusts, trusts and periods removed together, and its noise."""
    rows = rows[rows.groupby("unit")["time"].transform("size") > 1]
    if rows.empty:
        return float("nan"), float("nan")
    unit, _ = pd.factorize(rows["unit"])
    dummies = demean_by(period_dummies(rows["time"].to_numpy()), unit)
    values = demean_by(rows[series].to_numpy(float), unit)
    coef, *_ = np.linalg.lstsq(dummies, values, rcond=None)
    counts = np.bincount(unit)
    freedom = max(len(rows) - len(counts) - int(np.linalg.matrix_rank(dummies)), 1)
    noise = np.bincount(unit, _column(rows, f"{series}_variance"))
    spread = float(np.sum((values - dummies @ coef) ** 2)) / freedom
    return spread, float(np.sum((1 - 1 / counts) * noise) / np.sum(counts - 1))


def signal_within(panel: pd.DataFrame, series: str) -> float:
    """Spread within trusts that is not sampling noise; as observed where noise is unknown."""
    parts = split_variation(panel, series)
    share = parts["reliability_within"]
    return parts["sd_within"] * float(np.sqrt(1.0 if np.isnan(share) else share))


def _share(signal: float, total: float) -> float:
    if not np.isfinite(signal):
        return float("nan")
    return float(np.clip(signal / total, 0.0, 1.0)) if total > 0 else 0.0


def _column(frame: pd.DataFrame, name: str) -> np.ndarray:
    return frame[name].to_numpy(float) if name in frame else np.full(len(frame), np.nan)


def _without_periods(values: np.ndarray, time: np.ndarray) -> np.ndarray:
    dummies = np.column_stack([np.ones(len(time)), period_dummies(time)])
    coef, *_ = np.linalg.lstsq(dummies, values, rcond=None)
    return np.asarray(values - dummies @ coef + values.mean())
