"""One result from several filled tables: Rubin's rules for every estimate that has an error.

Estimates and errors are pooled, row by row, with Barnard and Rubin's degrees of freedom
(`fits.multiple_imputation`). An interval or band that reaches further than Student's t does, as one
for all periods at once, keeps reaching further by as much. What has no error is averaged.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.fits.multiple_imputation import pool_by_rubin
from evalkit.results import Result

WIDTHS = (("conf_low", "conf_high"), ("band_low", "band_high"))


def pool_results(results: Sequence[Result]) -> Result:
    """Pool results of the same design over filled tables; remarks are those of the first.

    Tables are pooled too: as estimates where they have errors, otherwise by averages of numbers,
    rows matched by their words. `fraction_missing` is the share of each estimate's information
    that the missing values took. Raises AnalysisError where results are of different ways.
    """
    first = results[0]
    ways = {tuple(result.estimates["method"]) for result in results}
    if len(ways) > 1:
        raise AnalysisError(
            f"inference: the filled tables call for {len(ways)} different ways to make intervals. "
            "Name the one to use, for example cr2, or give missing_data as complete_rows."
        )
    return Result(
        first.design,
        pool_frames([result.estimates for result in results]),
        first.primary,
        first.permits_cause,
        {name: pool_frames([r.tables[name] for r in results]) for name in first.tables},
        first.remarks,
    )


def pool_frames(frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Pool tables of the same rows: by Rubin's rules where they have errors, else by averages."""
    first = frames[0]
    if first.empty:
        return first
    numbers = [str(c) for c in first if pd.api.types.is_float_dtype(first[c])]
    words = [str(c) for c in first if not pd.api.types.is_numeric_dtype(first[c])]
    aligned = _align(frames, words)
    pooled = aligned[0].copy()
    for name in numbers:
        values = np.array([frame[name].to_numpy(float) for frame in aligned])
        same = (values == values[0]).all(axis=0)
        pooled[name] = np.where(same, values[0], values.mean(axis=0))
    return _pool_rows(pooled, aligned) if {"estimate", "std_error"} <= set(first) else pooled


def _align(frames: Sequence[pd.DataFrame], words: list[str]) -> list[pd.DataFrame]:
    """Put rows of every table in the order of the first, by their words where these tell them."""
    if not words or any(frame[words].duplicated().any() for frame in frames):
        return list(frames)
    keyed = [frame.set_index([frame[w].astype(str) for w in words]) for frame in frames]
    common = keyed[0].index
    for frame in keyed[1:]:
        common = common[common.isin(frame.index)]
    return [frame.loc[common].reset_index(drop=True) for frame in keyed]


def _pool_rows(pooled: pd.DataFrame, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    rows = [_pool_row(at, frames) for at in range(len(pooled))]
    made = pd.DataFrame(rows, index=pooled.index)
    return pooled.assign(**{str(name): made[name] for name in made})


def _pool_row(at: int, frames: Sequence[pd.DataFrame]) -> dict[str, float]:
    """Pool one row: its numbers, and what it lost to the missing values."""
    first = frames[0]
    estimates = _values(frames, "estimate", at)
    errors = _values(frames, "std_error", at)
    if not np.isfinite(errors).all():
        return {"estimate": float(estimates.mean()), "fraction_missing": np.nan}
    df = _values(frames, "df", at) if "df" in first else np.full(len(frames), np.inf)
    df = np.where(np.isfinite(df), df, np.inf)
    level = float(first["level"].iloc[at]) if "level" in first else 0.95
    found = pool_by_rubin(estimates, errors**2, complete_df=float(df.mean()), level=level)
    one = found.estimate
    row = {
        "estimate": one.estimate,
        "std_error": one.std_error,
        "df": one.df,
        "p_value": one.p_value,
        "fraction_missing": found.fraction_missing,
    }
    row = {k: v for k, v in row.items() if k in first or k == "fraction_missing"}
    for low, high in WIDTHS:
        if low in first:
            reach = _reach(frames, at, (low, high), errors, df, level)
            half = reach * _quantile(one.df, level) * one.std_error
            row |= {low: one.estimate - half, high: one.estimate + half}
    return row


def _reach(
    frames: Sequence[pd.DataFrame],
    at: int,
    ends: tuple[str, str],
    errors: np.ndarray,
    df: np.ndarray,
    level: float,
) -> float:
    """How many times as far as Student's t an interval reaches, on average; 1 for most."""
    half = (_values(frames, ends[1], at) - _values(frames, ends[0], at)) / 2
    plain = errors * np.array([_quantile(one, level) for one in df])
    return float(np.mean(half / plain)) if (plain > 0).all() else 1.0


def _values(frames: Sequence[pd.DataFrame], name: str, at: int) -> np.ndarray:
    return np.array([frame[name].iloc[at] for frame in frames], dtype=float)


def _quantile(df: float, level: float) -> float:
    spread = stats.norm if np.isinf(df) else stats.t(df)
    return float(spread.ppf(0.5 + level / 2))
