"""For whom: the difference between groups first, then each group; no claim from one group alone."""

from collections.abc import Callable

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.errors import AnalysisError
from evalkit.inference.multiplicity import adjust_holm
from evalkit.results import Result
from evalkit.study.schemas.design_study import DesignStudy

Estimate = Callable[[pd.DataFrame, DesignStudy], Result]


def estimate_groups(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate
) -> pd.DataFrame:
    """Estimate each subgroup's headline, its complement's, and their difference.

    The difference has the error of two independent estimates, `t` with the smaller degrees of
    freedom, and `p_holm` over all subgroups (Holm 1979). Groups that are too small for the design
    are left out. Empty where no subgroup is named or can be estimated.
    """
    found = [_compare(table, parameters, estimate, role) for role in parameters.subgroups]
    parts = [part for part in found if part is not None]
    if not parts:
        return pd.DataFrame()
    frame = pd.concat(parts, ignore_index=True)
    differs = frame["term"] == "difference"
    frame["p_holm"] = np.nan
    frame.loc[differs, "p_holm"] = adjust_holm(frame.loc[differs, "p_value"].to_numpy(float))
    return frame


def _compare(
    table: pd.DataFrame, parameters: DesignStudy, estimate: Estimate, role: str
) -> pd.DataFrame | None:
    inside = table[role].astype(bool)
    try:
        within = estimate(table[inside], parameters).headline
        outside = estimate(table[~inside], parameters).headline
    except AnalysisError:
        return None
    words = role.replace("_", " ")
    named = [
        row.to_dict() | {"group": group, "label": label}
        for row, group, label in zip(
            (within, outside),
            (f"{role}:yes", f"{role}:no"),
            (words.capitalize(), f"Not {words}"),
            strict=True,
        )
    ]
    clusters = int(table["cluster"].nunique())
    return pd.DataFrame([_difference(within, outside, role, clusters, parameters), *named])


def _difference(
    inside: pd.Series, outside: pd.Series, role: str, clusters: int, parameters: DesignStudy
) -> dict[str, object]:
    size = float(inside["estimate"] - outside["estimate"])
    error = float(np.hypot(inside["std_error"], outside["std_error"]))
    df = float(np.nanmin([inside["df"], outside["df"], np.inf]))
    half = stats.t.ppf(0.5 + parameters.confidence_level / 2, df) * error
    return inside.to_dict() | {
        "term": "difference",
        "group": f"{role}:difference",
        "label": f"{role.replace('_', ' ').capitalize()}: difference between the two",
        "estimate": size,
        "std_error": error,
        "conf_low": size - half,
        "conf_high": size + half,
        "df": df,
        "n": inside["n"] + outside["n"],
        "clusters": min(clusters, inside["clusters"] + outside["clusters"]),
        "p_value": float(2 * stats.t.sf(abs(size) / error, df)) if error > 0 else np.nan,
    }
