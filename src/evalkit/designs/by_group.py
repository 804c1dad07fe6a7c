"""For whom: the difference between groups first, then each group; no claim from one group alone.

Where no cluster holds members of both groups their estimates are independent. Where some do, the
two move together, and how far is seen with clusters left out in turn (`inference.left_out`): the
difference has the variance of both less twice their covariance. Where that cannot be seen (errors
that do not rest on clusters, or too few of them), the error is the largest that any dependence
could give, the sum of the two.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.data.unit_periods import take_group
from evalkit.designs.leave_clusters_out import Choose, Estimate, estimate_left_out
from evalkit.designs.several_tests import add_adjusted
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.inference.left_out import correlate_left_out
from evalkit.study.schemas.design_study import DesignStudy

APART = "as independent: no cluster holds both groups"
TOGETHER = "with their covariance: clusters hold both groups"
WIDEST = "with the widest error possible: clusters hold both groups"
BY_ITSELF = "each group by itself"


@dataclass(frozen=True, slots=True)
class _Pair:
    """One subgroup's headline and its complement's, and whether some cluster holds both."""

    role: str
    within: pd.Series
    outside: pd.Series
    shared: bool


def estimate_groups(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate
) -> pd.DataFrame:
    """Estimate each subgroup's headline, its complement's, and their difference.

    `compared` says how the difference's error was made. Its interval is by `t` with the smallest
    degrees of freedom there are, and `p_holm` or `p_romano_wolf`, as `multiplicity` says, is
    adjusted over all subgroups. Groups that are too small for the design are left out. Empty where
    no subgroup is named or can be estimated.
    """
    found = [_pair(table, parameters, estimate, role) for role in parameters.subgroups]
    pairs = [pair for pair in found if pair is not None]
    if not pairs:
        return pd.DataFrame()
    left_out = [_without_clusters(table, parameters, estimate, pair) for pair in pairs]
    parts = [
        _compare(pair, table, parameters, moved)
        for pair, moved in zip(pairs, left_out, strict=True)
    ]
    frame = pd.concat(parts, ignore_index=True)
    tested = (frame["term"] == "difference").to_numpy(bool)
    known = [moved for moved in left_out if moved is not None]
    apart = np.column_stack([moved[:, 0] - moved[:, 1] for moved in known]) if known else None
    return add_adjusted(frame, tested, parameters, apart)


def _pair(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, role: str
) -> _Pair | None:
    inside, others = (take_group(table, role, inside=among) for among in (True, False))
    try:
        within = estimate(inside, parameters).headline
        outside = estimate(others, parameters).headline
    except AnalysisError:
        return None
    shared = bool(inside["cluster"].isin(others["cluster"]).any())
    return _Pair(role, within, outside, shared)


def _without_clusters(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, pair: _Pair
) -> Floats | None:
    """Estimate both groups without each group of clusters (groups, 2); None where nothing asks."""
    joint = parameters.multiplicity != "holm"
    if not joint and not (pair.shared and parameters.CLUSTERED):
        return None
    sides = [_side(pair.role, inside=True), _side(pair.role, inside=False)]
    return estimate_left_out(table, parameters, estimate, sides)


def _side(role: str, *, inside: bool) -> Choose:
    return lambda table: take_group(table, role, inside=inside)


def _compare(
    pair: _Pair, table: pd.DataFrame, parameters: DesignStudy, left_out: Floats | None
) -> pd.DataFrame:
    words = pair.role.replace("_", " ")
    named = [
        row.to_dict() | {"group": group, "label": label, "compared": BY_ITSELF}
        for row, group, label in zip(
            (pair.within, pair.outside),
            (f"{pair.role}:yes", f"{pair.role}:no"),
            (f"{words}: yes".capitalize(), f"{words}: no".capitalize()),
            strict=True,
        )
    ]
    clusters = int(table["cluster"].nunique())
    return pd.DataFrame([_difference(pair, clusters, parameters, left_out), *named])


def _difference(
    pair: _Pair, clusters: int, parameters: DesignStudy, left_out: Floats | None
) -> dict[str, object]:
    inside, outside = pair.within, pair.outside
    correlation, compared, groups = _dependence(pair, left_out)
    size = float(inside["estimate"] - outside["estimate"])
    errors = (float(inside["std_error"]), float(outside["std_error"]))
    error = float(np.hypot(*errors))
    if correlation:
        error = float(np.sqrt(max(error**2 - 2 * correlation * errors[0] * errors[1], 0.0)))
    df = float(np.nanmin([inside["df"], outside["df"], groups - 1.0]))
    half = stats.t.ppf(0.5 + parameters.confidence_level / 2, df) * error
    return inside.to_dict() | {
        "term": "difference",
        "group": f"{pair.role}:difference",
        "label": f"{pair.role.replace('_', ' ').capitalize()}: difference between the two",
        "estimate": size,
        "std_error": error,
        "conf_low": size - half,
        "conf_high": size + half,
        "df": df,
        "n": inside["n"] + outside["n"],
        "clusters": min(clusters, inside["clusters"] + outside["clusters"]),
        "p_value": float(2 * stats.t.sf(abs(size) / error, df)) if error > 0 else np.nan,
        "compared": compared,
    }


def _dependence(pair: _Pair, left_out: Floats | None) -> tuple[float, str, float]:
    """Return the two estimates' correlation, how it is known, and the groups that it is from."""
    if not pair.shared:
        return 0.0, APART, np.inf
    seen = np.nan if left_out is None else float(correlate_left_out(left_out)[0, 1])
    if np.isfinite(seen) and left_out is not None:
        return seen, TOGETHER, float(len(left_out))
    return -1.0, WIDEST, np.inf
