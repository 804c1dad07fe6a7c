"""The comparisons of a mediation study, each with its estimate and its draws.

Within units (the headline), the same with the other kind of interval, units with each other,
and the reverse path at a lead. Each draws from a stream of its own, so that none changes another.
"""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from evalkit.designs.mediation_rows import (
    Lags,
    Series,
    average_people,
    lag_rows,
    lead_rows,
    people_rows,
    refuse_collinear,
    refuse_few_clusters,
    refuse_lone,
    refuse_still,
    reverse_series,
)
from evalkit.errors import AnalysisError
from evalkit.fits.mediation_across_levels import (
    LevelProducts,
    MediationRows,
    Parts,
    between_units,
    name_parts,
    people_in_cells,
    within_units,
)
from evalkit.fits.mediation_bootstrap import draw_about, leave_out_clusters, resample_clusters
from evalkit.fits.mediation_paths import Paths, solve_paths
from evalkit.fits.unit_panel import moves_within
from evalkit.inference.arrays import Floats
from evalkit.inference.clustered import FEW_CLUSTERS
from evalkit.sensitivity.mediation_rho import ResidualMoments, path_b_at, residual_moments
from evalkit.study.schemas.mediation import Mediation

Interval = Literal["cluster_bootstrap", "cluster_jackknife"]
STREAMS = {"within": 0, "between_clusters": 0, "between_units": 1, "reverse": 2, "lead": 3}
"""Which stream of the study's seed each comparison draws from."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way of comparing: `name`, cross-products by cluster, parts estimated and drawn.

    `sure` says how the draws were made.
    """

    name: str
    level: LevelProducts
    sure: Interval
    parts: Parts
    draws: Parts


def compare_within(series: Series, parameters: Mediation) -> Comparison:
    """Make the headline: within units where the exposure moves there, else between clusters."""
    return _draw(*_main_level(_line_up(series, parameters), parameters), parameters)


def with_other_interval(comparison: Comparison, parameters: Mediation) -> Comparison:
    """Draw the same comparison in the other way."""
    other: Interval = (
        "cluster_jackknife" if comparison.sure == "cluster_bootstrap" else "cluster_bootstrap"
    )
    return _draw(comparison.name, comparison.level, parameters, other)


def compare_between(series: Series, parameters: Mediation) -> Comparison | None:
    """Compare units with each other by their means; None where units are too few for it."""
    level = between_units(_line_up(series, parameters))
    if level.n < sum((level.layout.fixed, level.layout.mediators, 3)):
        return None
    try:
        refuse_collinear(level, parameters.adjust_for)
    except AnalysisError:
        return None
    return _draw("between_units", level, parameters)


def compare_reverse(series: Series, parameters: Mediation) -> Comparison | None:
    """From the outcome by way of the mediator to the exposure later; None where not to be seen.

    Each step takes the study's lag, and at least one period. The exposure of the outcome's own
    period is held fixed, since it carries over and moves all three. Shown, not tested: in short
    panels an earlier value among the causes biases the later ones (Nickell 1981).
    """
    lags = Lags(max(_outcome_lag(parameters), 1), max(parameters.mediator_lag, 1))
    try:
        rows = lag_rows(reverse_series(series), lags)
        return _draw("reverse", _checked(rows, parameters), parameters)
    except AnalysisError:
        return None


def compare_lead(series: Series, parameters: Mediation) -> Comparison | None:
    """Outcome with the exposure a period later, the exposure now and before held fixed.

    Nothing should be left of it if the outcome does not come first (Sims 1972); its part is
    `direct`. None where there are too few periods or units.
    """
    early = parameters.mediator_lag + _outcome_lag(parameters)
    try:
        rows = lead_rows(series, early)
        return _draw("lead", _checked(rows, parameters), parameters)
    except AnalysisError:
        return None


def _outcome_lag(parameters: Mediation) -> int:
    return 0 if parameters.data_rows == "people" else parameters.outcome_lag


def _checked(rows: MediationRows, parameters: Mediation) -> LevelProducts:
    refuse_still(rows, parameters.adjust_for, people=False)
    refuse_lone(rows)
    level = within_units(rows)
    refuse_few_clusters(level.clusters)
    refuse_collinear(level, parameters.adjust_for)
    return level


def panel_of(series: Series, parameters: Mediation) -> Series:
    """One row a unit and period: the series itself, or people's answers averaged."""
    return average_people(series) if parameters.data_rows == "people" else series


def _line_up(series: Series, parameters: Mediation) -> MediationRows:
    if parameters.data_rows == "people":
        return people_rows(series, parameters.mediator_lag)
    return lag_rows(series, Lags(parameters.mediator_lag, parameters.outcome_lag))


def _main_level(rows: MediationRows, parameters: Mediation) -> tuple[str, LevelProducts]:
    people = parameters.data_rows == "people"
    refuse_still(rows, parameters.adjust_for, people=people)
    within = not people or moves_within(rows.exposure, rows.unit)
    level = people_in_cells(rows, within=within) if people else within_units(rows)
    refuse_few_clusters(level.clusters)
    if within:
        refuse_lone(rows)
    refuse_collinear(level, parameters.adjust_for)
    return "within" if within else "between_clusters", level


def _draw(
    name: str, level: LevelProducts, parameters: Mediation, sure: Interval | None = None
) -> Comparison:
    """Estimate and draw; where clusters are few, from the leave-one-out covariance."""
    few = level.clusters < FEW_CLUSTERS
    how: Interval = sure or ("cluster_jackknife" if few else "cluster_bootstrap")
    point = solve_paths(level.products.sum(axis=0), level.layout)
    rng = _stream(name, parameters)
    if how == "cluster_bootstrap":
        drawn = solve_paths(resample_clusters(level.products, parameters.draws, rng), level.layout)
    else:
        left_out = leave_out_clusters(level.products, level.layout)
        drawn = _unstack(draw_about(_stack(point), _stack(left_out), parameters.draws, rng), level)
    parts, draws = (name_parts(paths, split=level.split) for paths in (point, drawn))
    return Comparison(name, level, how, parts, draws)


def _stream(name: str, parameters: Mediation) -> np.random.Generator:
    return np.random.default_rng([parameters.seed, STREAMS[name]])


def _stack(paths: Paths) -> Floats:
    return np.concatenate([paths.a, paths.b, paths.direct[..., None]], axis=-1)


def _unstack(values: Floats, level: LevelProducts) -> Paths:
    m = level.layout.mediators
    return Paths(values[:, :m], values[:, m : 2 * m], values[:, 2 * m])


def moments_of(level: LevelProducts, products: Floats) -> ResidualMoments:
    """Residual moments of the indirect part's two equations, for products (..., p, p)."""
    moments = residual_moments(products, level.layout)
    if not level.split:
        return moments
    return replace(moments, path_a=solve_paths(products, level.layout).a[..., 1])


def draw_path_b_at(
    comparison: Comparison, rho: Floats, parameters: Mediation
) -> tuple[Floats, Floats]:
    """Path a (draws,) and path b at each rho (draws, r), from the comparison's own draws."""
    level, rng = comparison.level, _stream(comparison.name, parameters)
    if comparison.sure == "cluster_bootstrap":
        moments = moments_of(level, resample_clusters(level.products, parameters.draws, rng))
        return moments.path_a, path_b_at(moments, rho)
    total = level.products.sum(axis=0)
    point, left_out = moments_of(level, total), moments_of(level, total - level.products)
    drawn = draw_about(_a_and_b(point, rho), _a_and_b(left_out, rho), parameters.draws, rng)
    return drawn[:, 0], drawn[:, 1:]


def _a_and_b(moments: ResidualMoments, rho: Floats) -> Floats:
    return np.concatenate([moments.path_a[..., None], path_b_at(moments, rho)], axis=-1)
