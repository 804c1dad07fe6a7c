"""The specification curve: every analysis that the protocol allows, and what they say together.

All combinations of the allowed alternatives are run and sorted by their estimate. Whether the
whole curve could come about by chance is asked by giving the intervention to clusters at random,
again and again, and running all combinations each time.
Source: Simonsohn, Simmons and Nelson 2020, Nature Human Behaviour 4, 1208-1214. Must hold for the
joint test: without any effect, clusters could have changed places (as by lot). Measured causes
stay with their outcomes when the intervention is moved.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.arms import has_start, level_of_start, with_starts
from evalkit.checks.judging import Estimate
from evalkit.designs.headline_only import headline_of
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.specifications import Allowed, Specification, list_specifications

DRAWS = 199
"""Permutations, unless more are asked for: each runs all specifications."""

ROW = ("estimate", "std_error", "conf_low", "conf_high", "level", "df", "n", "clusters", "method")
FEWEST_CLUSTERS = 4
PATHS = ("dose", "exposure", "offered", "treated")
"""Roles that say what a cluster had, in designs that know no start."""


@dataclass(frozen=True, slots=True)
class Summary:
    """What a whole curve says: three numbers that are compared with those of permuted data."""

    median: float
    share_beyond_zero: float
    mean_z: float


def tabulate_specifications(
    table: pd.DataFrame, parameters: Any, estimate: Estimate, allowed: Allowed
) -> tuple[pd.DataFrame, int]:
    """Run every combination of the alternatives; one row each, from the lowest estimate up.

    Columns: `rank`, `main` (whether it is the protocol's own), one a dimension in words, and
    those of the estimate. Also returns how many combinations could not be estimated: they have
    no row.
    """
    chosen, alone = list_specifications(table, parameters, allowed), headline_of(estimate)
    periods = table.sort_values("time")["period"].drop_duplicates().tolist()
    found = [(one, _run(*one.apply(table, parameters), alone)) for one in chosen]
    known = [
        {"main": one.main, **one.words(periods), **row} for one, row in found if row is not None
    ]
    if not known:
        raise AnalysisError(
            f"alternatives: none of {len(chosen)} combinations can be estimated on these data. "
            "Allow others, or give more data."
        )
    frame = pd.DataFrame(known).sort_values("estimate", kind="stable", ignore_index=True)
    frame.insert(0, "rank", np.arange(1, len(frame) + 1))
    return frame, len(chosen) - len(frame)


def summarise_curve(frame: pd.DataFrame) -> Summary:
    """Median estimate, share of intervals beyond zero on the usual side, and mean z.

    The usual side is that of most estimates whose interval leaves zero out.
    """
    up, down = (frame["conf_low"] > 0).mean(), (frame["conf_high"] < 0).mean()
    quantile = stats.t.ppf(0.5 + frame["level"] / 2, frame["df"].astype(float).fillna(np.inf))
    error = (frame["conf_high"] - frame["conf_low"]) / 2 / quantile
    z = frame["estimate"] / error.where(error > 0)
    return Summary(float(frame["estimate"].median()), float(max(up, down)), float(z.mean()))


def infer_jointly(
    table: pd.DataFrame,
    parameters: Any,
    estimate: Estimate,
    allowed: Allowed,
    *,
    draws: int = DRAWS,
) -> pd.DataFrame:
    """Test the curve as a whole: `statistic, observed, p_value, draws`, both sides alike.

    The p-value is the share of permuted curves (and the true one) whose number is as far from
    zero. Raises AnalysisError where there are too few clusters to exchange.
    """
    curve, _ = tabulate_specifications(table, parameters, estimate, allowed)
    observed, rng = summarise_curve(curve), np.random.default_rng(parameters.seed)
    plain, alone = table.reset_index(drop=True), headline_of(estimate)
    chosen = [
        (one, one.choose_rows(plain)) for one in list_specifications(plain, parameters, allowed)
    ]
    found = [_summarise_permuted(plain, parameters, alone, chosen, rng) for _ in range(draws)]
    known = np.array([one for one in found if one is not None]).reshape(-1, 3)
    if len(known) < draws / 2:
        raise AnalysisError(
            f"joint inference: {draws - len(known)} of {draws} permutations cannot be estimated. "
            "Allow fewer alternatives, or give more clusters."
        )
    numbers = np.array([observed.median, observed.share_beyond_zero, observed.mean_z])
    as_far = np.sum(np.abs(known) >= np.abs(numbers) - 1e-12, axis=0)
    return pd.DataFrame(
        {
            "statistic": ["median estimate", "share of intervals beyond zero", "mean z"],
            "observed": numbers,
            "p_value": (1 + as_far) / (1 + len(known)),
            "draws": len(known),
        }
    )


def permute_intervention(
    table: pd.DataFrame, parameters: Any, rng: np.random.Generator
) -> tuple[pd.DataFrame, Any]:
    """Give each cluster the start, or the whole course of what it had, of another one.

    Where clusters hold units with and without the intervention, units take their place. Refuses
    what has nothing to exchange: one series beside its control, or a start that all share.
    """
    if has_start(table) and (
        "control" in table or table["first_treated"].nunique(dropna=False) < 2
    ):
        raise AnalysisError(
            "joint inference: all that changed did so at one time, so that starts cannot be "
            "exchanged. Leave it out for these data."
        )
    level = level_of_start(table) if has_start(table) else "cluster"
    names = table[level].unique()
    if len(names) < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"joint inference: {len(names)} {level}s, and exchanging them needs at least "
            f"{FEWEST_CLUSTERS}. Give more clusters, or leave it out."
        )
    other = dict(zip(names, rng.permutation(names), strict=True))
    if has_start(table):
        start = table.groupby(level)["first_treated"].min()
        moved = table[level].map(other).map(start).astype(float)
        return with_starts(table, parameters, moved)
    return _permute_paths(table, other), parameters


def _permute_paths(table: pd.DataFrame, other: dict[str, str]) -> pd.DataFrame:
    roles = [role for role in PATHS if role in table]
    paths = table.groupby(["cluster", "time"])[roles].first()
    wanted = pd.MultiIndex.from_arrays([table["cluster"].map(other), table["time"]])
    found = paths.reindex(wanted)
    varying = len(table[["cluster", "time", *roles]].drop_duplicates()) > len(paths)
    if not roles or varying or found.isna().to_numpy().any():
        raise AnalysisError(
            "joint inference: what clusters had cannot be exchanged, since it differs within a "
            "cluster and period, or clusters have other periods. Leave it out for these data."
        )
    return table.assign(**{role: found[role].to_numpy() for role in roles})


def _summarise_permuted(
    table: pd.DataFrame,
    parameters: Any,
    estimate: Estimate,
    chosen: list[tuple[Specification, pd.DataFrame]],
    rng: np.random.Generator,
) -> Floats | None:
    """Move the intervention, and run every analysis on its own rows of the table."""
    moved, changed = permute_intervention(table, parameters, rng)
    had = {role: moved[role].to_numpy() for role in ("first_treated", *PATHS) if role in moved}
    rows = [
        _run(
            own.assign(**{role: values[own.index] for role, values in had.items() if role in own}),
            one.change(changed),
            estimate,
        )
        for one, own in chosen
    ]
    known = [row for row in rows if row is not None]
    if not known:
        return None
    one = summarise_curve(pd.DataFrame(known))
    return np.array([one.median, one.share_beyond_zero, one.mean_z])


def _run(table: pd.DataFrame, parameters: Any, estimate: Estimate) -> dict[str, Any] | None:
    try:
        row = estimate(table, parameters).headline
    except AnalysisError:
        return None
    return {name: row[name] for name in ROW}
