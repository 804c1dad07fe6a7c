"""Tables of a mediation study: its parts with intervals, and the indirect part by rho."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.designs.mediation_comparisons import (
    Comparison,
    df_of,
    draw_indirect_at,
    moments_of,
)
from evalkit.designs.mediation_words import RESAMPLED, name_comparison, name_part
from evalkit.fits.mediation_bootstrap import percentile_interval
from evalkit.inference.arrays import Floats
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.sensitivity.mediation_rho import RHO_GRID, path_b_at, vanishing_rho
from evalkit.study.schemas.mediation import Mediation

RELIABILITIES = (1.0, 0.95, 0.9, 0.8, 0.7)
SHOWN_RHO = np.round(np.arange(-6, 7) / 10, 1)
LOWEST_RELIABILITY = 0.3
"""Below this share of signal in what is left of the mediator, corrected parts are mostly error."""

IN_OUTCOME = ("indirect", "context", "direct", "total", "lead")
PARTS = ("path_a", "path_b", "indirect", "context", "direct", "total")
Row = dict[str, object]


def list_parts(
    comparison: Comparison, method: str, parameters: Mediation, terms: Sequence[str] = PARTS
) -> list[Row]:
    """List a comparison's parts as rows, with `comparison` and `path` in words.

    All but path b and the share are per step of the exposure; in reverse, per unit of outcome.
    """
    name, level = comparison.name, comparison.level
    common: Row = {
        "method": method,
        "level": parameters.confidence_level,
        "n": level.n,
        "clusters": level.clusters,
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "group": "all",
        "comparison": name_comparison(name),
    }
    return [
        {"term": term, **_numbers(comparison, term, parameters), **common}
        | {"path": name_part(term, name, parameters)}
        for term in (*PARTS, "share")
        if term in terms and (term != "context" or level.split)
    ]


def list_lead(comparison: Comparison, parameters: Mediation) -> list[Row]:
    """List what goes with the exposure one period after the outcome, as the term `lead`."""
    return [
        row | {"term": "lead"} for row in list_parts(comparison, "lead", parameters, ("direct",))
    ]


def list_resampled(comparison: Comparison, method: str, parameters: Mediation) -> list[Row]:
    """List the indirect part with its interval from whole clusters resampled."""
    rows = list_parts(comparison, method, parameters, ("indirect",))
    return [row | {"comparison": RESAMPLED} for row in rows]


def list_share(comparison: Comparison, method: str, parameters: Mediation) -> list[Row]:
    """List the share that goes by way of the mediator; no row where it has no meaning.

    It has one where the total's interval leaves out zero and both parts point the same way.
    """
    low, high = percentile_interval(comparison.draws.total, parameters.confidence_level)
    parts = comparison.parts
    if low <= 0 <= high or float(parts.indirect) * float(parts.total - parts.indirect) < 0:
        return []
    return list_parts(comparison, method, parameters, ("share",))


def tabulate_estimates(rows: list[Row], headline: str) -> pd.DataFrame:
    """Make the table of estimates: all that is a difference in the outcome per step.

    Parts of other comparisons than the headline's say in their label which they are of.
    """
    found = [row for row in rows if row["term"] in IN_OUTCOME and row["method"] != "reverse"]
    labelled = [
        row | {"label": row["path"] if row["method"] == headline else _of_which(row)}
        for row in found
    ]
    return pd.DataFrame(labelled, columns=[*ESTIMATE_COLUMNS, "label"])


def _of_which(row: Row) -> str:
    path = str(row["path"])
    return f"{row['comparison']}: {path[:1].lower()}{path[1:]}"


def _numbers(comparison: Comparison, term: str, parameters: Mediation) -> Row:
    step = parameters.exposure_step
    if comparison.name == "reverse" or term in ("path_b", "share"):
        step = 1.0
    point, draws, plain = (
        step * np.asarray(getattr(parts, term))
        for parts in (comparison.parts, comparison.draws, comparison.plain)
    )
    low, high = percentile_interval(draws, parameters.confidence_level)
    return {
        "estimate": float(point),
        "std_error": float(np.std(plain, ddof=1)),
        "conf_low": low,
        "conf_high": high,
        "df": df_of(comparison, term),
    }


def tabulate_paths(rows: list[Row]) -> pd.DataFrame:
    """Lay the paths of every comparison side by side: `comparison, path, size, ...`.

    Path b, the share and the reverse are not in the outcome's units, so they stand here alone.
    """
    names = {"estimate": "size", "conf_low": "lower_end", "conf_high": "upper_end"}
    keep = ["comparison", "path", *names.values(), "n", "clusters"]
    return pd.DataFrame(rows).rename(columns=names)[keep]


def tabulate_sensitivity(
    comparison: Comparison, parameters: Mediation, grid: Floats = SHOWN_RHO
) -> pd.DataFrame:
    """Tabulate the indirect part by rho: `correlation, estimate, conf_low, conf_high`."""
    total = comparison.level.products.sum(axis=0)
    moments = moments_of(comparison.level, total)
    step = parameters.exposure_step
    indirect = moments.path_a * path_b_at(moments, grid) * step
    drawn = draw_indirect_at(comparison, grid, parameters) * step
    tails = [(1 - parameters.confidence_level) / 2, (1 + parameters.confidence_level) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    return pd.DataFrame(
        {
            "correlation": grid,
            "estimate": indirect,
            "conf_low": low,
            "conf_high": high,
        }
    )


def tabulate_vanishing(comparison: Comparison, parameters: Mediation) -> pd.DataFrame:
    """Tell at which rho nothing is left: of the estimate, and surely: `what, rho, residual_share`.

    The interval's rho is the one nearest zero, on the grid, whose interval holds zero.
    `residual_share` is rho squared: what an unmeasured cause explains of what is left of the
    mediator, times what it explains of what is left of the outcome.
    """
    total = comparison.level.products.sum(axis=0)
    vanishes = float(vanishing_rho(moments_of(comparison.level, total)))
    sensitivity = tabulate_sensitivity(comparison, parameters, RHO_GRID)
    holds = sensitivity[(sensitivity["conf_low"] <= 0) & (sensitivity["conf_high"] >= 0)]
    nearest = min(holds["correlation"], key=abs, default=np.nan)
    rho = np.array([vanishes, nearest])
    return pd.DataFrame(
        {
            "what": ["indirect is zero", "interval of the indirect holds zero"],
            "rho": rho,
            "residual_share": rho**2,
        }
    )


def tabulate_mediator_error(
    comparison: Comparison, mediator: Floats, parameters: Mediation
) -> pd.DataFrame:
    """Say what the parts would be were the mediator measured with error.

    `assumed_true_share` is the share of the mediator's variation over all rows that is not error,
    `true_share_left` what is then left of it once units, periods, exposure and adjusters are held
    fixed; the parts are missing where error would make up most of that. Error in the mediator
    hides part of what goes by way of it (Fuller 1987, Measurement Error Models, 1.1).
    """
    moments = moments_of(comparison.level, comparison.level.products.sum(axis=0))
    known = mediator[np.isfinite(mediator)]
    left = float(moments.covariance[0, 0]) / comparison.level.n / float(np.var(known))
    assumed = np.array(RELIABILITIES)
    within = 1 - (1 - assumed) / left
    usable = within >= LOWEST_RELIABILITY
    step = parameters.exposure_step
    indirect = np.where(
        usable, float(comparison.parts.indirect) * step / np.where(usable, within, 1.0), np.nan
    )
    return pd.DataFrame(
        {
            "assumed_true_share": assumed,
            "true_share_left": np.clip(within, 0, 1),
            "by_way_of_the_mediator": indirect,
            "not_by_way_of_it": float(comparison.parts.total) * step - indirect,
        }
    )
