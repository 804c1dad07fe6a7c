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
from evalkit.fits.mediation_bootstrap import percentile_interval
from evalkit.inference.arrays import Floats
from evalkit.results import ESTIMATE_COLUMNS
from evalkit.sensitivity.mediation_rho import RHO_GRID, path_b_at, vanishing_rho
from evalkit.study.schemas.mediation import Mediation

LABELS = {
    "path_a": "Mediator per step of the exposure (path a)",
    "path_b": "Outcome per unit of the mediator (path b)",
    "indirect": "By way of the mediator",
    "context": "By way of the unit's average mediator, beyond people's own",
    "direct": "Not by way of the mediator",
    "total": "Together",
    "share": "Share by way of the mediator",
}
REVERSED = {
    "path_a": "Mediator per unit of the outcome before (path a, reversed)",
    "path_b": "Exposure per unit of the mediator before (path b, reversed)",
    "indirect": "From the outcome by way of the mediator to the exposure",
    "direct": "From the outcome to the exposure, not by way of the mediator",
    "total": "From the outcome to the exposure later, together",
}
COMPARISONS = {
    "within": "Each unit compared with itself",
    "between_clusters": "Units with different exposures compared",
    "between_units": "Units compared with each other",
    "reverse": "In reverse, later in time",
    "lead": "One period ahead",
}
LEAD = "Outcome with the exposure one period after it, the earlier exposure held fixed"
RELIABILITIES = (1.0, 0.95, 0.9, 0.8, 0.7)
LOWEST_RELIABILITY = 0.3
"""Below this share of signal in what is left of the mediator, corrected parts are mostly error."""

PARTS = ("path_a", "path_b", "indirect", "context", "direct", "total")
Row = dict[str, object]


def list_parts(
    comparison: Comparison, method: str, parameters: Mediation, terms: Sequence[str] = PARTS
) -> list[Row]:
    """List a comparison's parts as rows of estimates.

    All but path b and the share are per step of the exposure; in reverse, per unit of outcome.
    """
    reverse = comparison.name == "reverse"
    common: Row = {
        "method": method,
        "level": parameters.confidence_level,
        "n": comparison.level.n,
        "clusters": comparison.level.clusters,
        "facet": parameters.outcome_facet,
        "group": "all",
    }
    outcome = "exposure" if reverse else "outcome"
    return [
        {
            "term": term,
            "label": (REVERSED if reverse else LABELS)[term],
            "outcome": "mediator" if term == "path_a" else outcome,
            **_numbers(comparison, term, parameters),
            **common,
        }
        for term in (*PARTS, "share")
        if term in terms and (term != "context" or comparison.level.split)
    ]


def list_lead(comparison: Comparison, parameters: Mediation) -> list[Row]:
    """List what goes with the exposure one period after the outcome, as the term `lead`."""
    row = list_parts(comparison, "lead", parameters, ("direct",))[0]
    return [row | {"term": "lead", "label": LEAD}]


def list_share(comparison: Comparison, method: str, parameters: Mediation) -> list[Row]:
    """List the share that goes by way of the mediator; no row where it has no meaning.

    It has one where the total's interval leaves out zero and both parts point the same way.
    """
    low, high = percentile_interval(comparison.draws.total, parameters.confidence_level)
    parts = comparison.parts
    if low <= 0 <= high or float(parts.indirect) * float(parts.total - parts.indirect) < 0:
        return []
    return list_parts(comparison, method, parameters, ("share",))


def tabulate_estimates(rows: list[Row]) -> pd.DataFrame:
    """Make the table of estimates from its rows."""
    return pd.DataFrame(rows, columns=[*ESTIMATE_COLUMNS, "label"])


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


def tabulate_paths(estimates: pd.DataFrame) -> pd.DataFrame:
    """Lay the paths of every comparison side by side: `comparison, path, estimate, ...`."""
    names = [_comparison_of(method) for method in estimates["method"]]
    paths = estimates.assign(comparison=names).rename(columns={"label": "path"})
    keep = ["comparison", "path", "estimate", "conf_low", "conf_high", "level", "n", "clusters"]
    return paths.drop_duplicates(["comparison", "path"])[keep].reset_index(drop=True)


def _comparison_of(method: str) -> str:
    return next(words for name, words in COMPARISONS.items() if method.startswith(name))


def tabulate_sensitivity(comparison: Comparison, parameters: Mediation) -> pd.DataFrame:
    """Tabulate the indirect part by rho: `rho, residual_share, indirect, conf_low, conf_high`.

    `residual_share` is rho squared: what an unmeasured cause explains of what is left of the
    mediator, times what it explains of what is left of the outcome.
    """
    total = comparison.level.products.sum(axis=0)
    moments = moments_of(comparison.level, total)
    step = parameters.exposure_step
    indirect = moments.path_a * path_b_at(moments, RHO_GRID) * step
    drawn = draw_indirect_at(comparison, RHO_GRID, parameters) * step
    tails = [(1 - parameters.confidence_level) / 2, (1 + parameters.confidence_level) / 2]
    low, high = np.quantile(drawn, tails, axis=0)
    return pd.DataFrame(
        {
            "rho": RHO_GRID,
            "residual_share": RHO_GRID**2,
            "indirect": indirect,
            "conf_low": low,
            "conf_high": high,
            "level": parameters.confidence_level,
        }
    )


def tabulate_vanishing(comparison: Comparison, sensitivity: pd.DataFrame) -> pd.DataFrame:
    """Tell at which rho nothing is left: of the estimate, and surely: `what, rho, residual_share`.

    The interval's rho is the one nearest zero, on the grid, whose interval holds zero.
    """
    total = comparison.level.products.sum(axis=0)
    vanishes = float(vanishing_rho(moments_of(comparison.level, total)))
    holds = sensitivity[(sensitivity["conf_low"] <= 0) & (sensitivity["conf_high"] >= 0)]
    nearest = min(holds["rho"], key=abs, default=np.nan)
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

    `assumed_reliability` is the share of the mediator's variation over all rows that is not
    error, `reliability_within` what is then left of it once units, periods, exposure and adjusters
    are held fixed; the parts are missing where error would make up most of that. Error in the
    mediator hides part of what goes by way of it (Fuller 1987, Measurement Error Models, 1.1).
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
            "assumed_reliability": assumed,
            "reliability_within": np.clip(within, 0, 1),
            "indirect": indirect,
            "direct": float(comparison.parts.total) * step - indirect,
        }
    )
