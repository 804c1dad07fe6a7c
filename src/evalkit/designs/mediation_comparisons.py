"""The comparisons of a mediation study, each with its estimate and its draws.

Within units (the headline), the same with whole clusters resampled, units with each other, and
the reverse path at a lead. Each draws from a stream of its own, so that none changes another.
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
from evalkit.fits.mediation_bootstrap import resample_clusters
from evalkit.fits.mediation_errors import (
    MANY_CLUSTERS,
    PathErrors,
    as_paths,
    degrees_of,
    draw_paths,
    fit_path_errors,
)
from evalkit.fits.mediation_paths import solve_paths
from evalkit.fits.unit_panel import moves_within
from evalkit.inference.arrays import Floats
from evalkit.sensitivity.mediation_rho import ResidualMoments, pull_of_rho, residual_moments
from evalkit.study.schemas.mediation import Mediation

Interval = Literal["cr2", "clustered", "cluster_bootstrap"]
STREAMS = {
    **{"within": 0, "between_clusters": 0, "between_units": 1, "reverse": 2, "lead": 3},
    **{"resampled": 4, "pull": 5},
}
"""Which stream of the study's seed each comparison draws from."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """One way of comparing: `name`, cross-products by cluster, parts estimated and drawn.

    `sure` says how the draws were made, `draws` give the intervals and `plain` the errors: the
    same draws without the tails of t. `errors` are the paths', where these were drawn from.
    """

    name: str
    level: LevelProducts
    sure: Interval
    parts: Parts
    draws: Parts
    plain: Parts
    errors: PathErrors | None


def compare_within(series: Series, parameters: Mediation) -> Comparison:
    """Make the headline: within units where the exposure moves there, else between clusters."""
    return _draw(*_main_level(_line_up(series, parameters), parameters), parameters)


def resample(comparison: Comparison, parameters: Mediation) -> Comparison:
    """Take the same comparison's intervals from whole clusters resampled."""
    level, rng = comparison.level, _stream("resampled", parameters)
    products = resample_clusters(level.products, parameters.draws, rng)
    drawn = name_parts(solve_paths(products, level.layout), split=level.split)
    return replace(comparison, sure="cluster_bootstrap", draws=drawn, plain=drawn, errors=None)


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


def _draw(name: str, level: LevelProducts, parameters: Mediation) -> Comparison:
    """Estimate, and draw with the errors that the number of clusters asks for."""
    errors = fit_path_errors(level)
    plain, widened = draw_paths(errors, parameters.draws, _stream(name, parameters))
    parts, normal, draws = (parts_of(v, level) for v in (errors.point, plain, widened))
    sure: Interval = "clustered" if level.clusters > MANY_CLUSTERS else "cr2"
    return Comparison(name, level, sure, parts, draws, normal, errors)


def parts_of(values: Floats, level: LevelProducts) -> Parts:
    """Name the parts of vectors of paths (..., k)."""
    return name_parts(as_paths(values, level), split=level.split)


def df_of(comparison: Comparison, term: str) -> float:
    """Degrees of freedom of a part; not known where clusters were resampled."""
    errors, level = comparison.errors, comparison.level
    if errors is None:
        return float("nan")
    return degrees_of(errors, lambda values: np.asarray(getattr(parts_of(values, level), term)))


def _stream(name: str, parameters: Mediation) -> np.random.Generator:
    return np.random.default_rng([parameters.seed, STREAMS[name]])


def moments_of(level: LevelProducts, products: Floats) -> ResidualMoments:
    """Residual moments of the indirect part's two equations, for products (..., p, p)."""
    moments = residual_moments(products, level.layout)
    if not level.split:
        return moments
    return replace(moments, path_a=solve_paths(products, level.layout).a[..., 1])


def draw_indirect_at(comparison: Comparison, rho: Floats, parameters: Mediation) -> Floats:
    """Indirect part (draws, r) at each rho (r,), from the comparison's own draws of the paths.

    What path b loses as rho grows is drawn beside them, by itself, with its error from leaving
    out one cluster at a time and t(clusters - 1).
    """
    level = comparison.level
    total = level.products.sum(axis=0)
    pull = pull_of_rho(moments_of(level, total))
    left_out = pull_of_rho(moments_of(level, total - level.products))
    clusters = level.clusters
    error = np.sqrt((clusters - 1) / clusters * np.sum((left_out - pull) ** 2))
    drawn = pull + error * _stream("pull", parameters).standard_t(clusters - 1, parameters.draws)
    b = comparison.draws.path_b[:, None] - drawn[:, None] * rho / np.sqrt(1 - rho**2)
    return np.asarray(comparison.draws.path_a[:, None] * b)
