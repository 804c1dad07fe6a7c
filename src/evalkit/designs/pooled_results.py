"""One result from several filled tables: Rubin's rules for every estimate that has an error.

Estimates and errors are pooled, row by row, with Barnard and Rubin's degrees of freedom
(`fits.multiple_imputation`). An interval or band that reaches further than Student's t does, as one
for all periods at once, keeps reaching further by as much. What has no error is averaged.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.special import ndtri, stdtrit

from evalkit.errors import AnalysisError
from evalkit.fits.multiple_imputation import pool_by_rubin
from evalkit.inference.arrays import Floats
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
        pool_frames([result.estimates.infer_objects() for result in results]),
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
    keys = [list(map(tuple, frame[words].astype(str).to_numpy())) for frame in frames]
    if not words or any(len(set(own)) < len(own) for own in keys):
        return list(frames)
    places = [{key: at for at, key in enumerate(own)} for own in keys]
    common = [key for key in keys[0] if all(key in place for place in places)]
    return [
        frame.iloc[[place[key] for key in common]].reset_index(drop=True)
        for frame, place in zip(frames, places, strict=True)
    ]


def _pool_rows(pooled: pd.DataFrame, frames: Sequence[pd.DataFrame]) -> pd.DataFrame:
    names = ("estimate", "std_error", "df", *(end for ends in WIDTHS for end in ends))
    values = {name: _values(frames, name) for name in names if name in pooled}
    level = pooled["level"].to_numpy(float) if "level" in pooled else np.full(len(pooled), 0.95)
    rows = [
        _pool_row({name: found[:, at] for name, found in values.items()}, float(level[at]))
        for at in range(len(pooled))
    ]
    made = pd.DataFrame(rows, index=pooled.index)
    kept = [name for name in made if name in pooled or name == "fraction_missing"]
    return pooled.assign(**{str(name): made[name] for name in kept})


def _pool_row(of: dict[str, Floats], level: float) -> dict[str, float]:
    """Pool one row's numbers over the tables, (m,) each, and tell what the missing values took."""
    estimates, errors = of["estimate"], of["std_error"]
    if not np.isfinite(errors).all():
        return {"estimate": float(estimates.mean()), "fraction_missing": np.nan}
    df = of.get("df", np.full(len(errors), np.inf))
    df = np.where(np.isfinite(df), df, np.inf)
    found = pool_by_rubin(estimates, errors**2, complete_df=float(df.mean()), level=level)
    one = found.estimate
    row = {
        "estimate": one.estimate,
        "std_error": one.std_error,
        "df": one.df,
        "p_value": one.p_value,
        "fraction_missing": found.fraction_missing,
    }
    plain = errors * _quantile(df, level)
    for low, high in WIDTHS:
        if low in of:
            half = (of[high] - of[low]) / 2
            reach = float(np.mean(half / plain)) if (plain > 0).all() else 1.0
            away = reach * float(_quantile(np.array([one.df]), level)[0]) * one.std_error
            row |= {low: one.estimate - away, high: one.estimate + away}
    return row


def _values(frames: Sequence[pd.DataFrame], name: str) -> Floats:
    """A column of every table, (m, rows)."""
    return np.array([frame[name].to_numpy(float) for frame in frames])


def _quantile(df: Floats, level: float) -> Floats:
    """How many errors an interval by Student's t reaches to a side, for each of `df` (m,)."""
    wanted = 0.5 + level / 2
    known = np.where(np.isinf(df), 1.0, df)
    return np.asarray(np.where(np.isinf(df), ndtri(wanted), stdtrit(known, wanted)))
