"""The regressors of a cluster trial, and what the data can tell of how clusters hang together.

Every model has an effect of each period, without which time would pass for the intervention
(Hussey and Hughes 2007, Contemporary Clinical Trials 28:182-191).
"""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.cluster_sample import ClusterSample
from evalkit.errors import AnalysisError
from evalkit.fits.cluster_periods import Cells, sum_cells
from evalkit.fits.variance_structures import Structure
from evalkit.inference.arrays import Floats
from evalkit.results.words import listed

SMALLEST_SHARE = 1e-9
"""Share of a column's variation below which it counts as a sum of the others."""


@dataclass(frozen=True, slots=True)
class TrialModel:
    """Regressors (n, p): the `exposures` columns first, then measured causes and periods."""

    sample: ClusterSample
    regressors: Floats
    exposures: int
    cells: Cells
    structure: Structure


def build_model(sample: ClusterSample, causes: list[str]) -> TrialModel:
    """Make the model of one effect; refuses what cannot be told apart, naming it."""
    model = _assemble(sample, sample.treated[:, None])
    if _spans(model.cells, len(causes)):
        return model
    if not _spans(_assemble(sample, sample.treated[:, None], adjust=False).cells, 0):
        raise AnalysisError(
            "first_treated: the intervention cannot be told from the periods in the rows that "
            "have an outcome. Give periods in which some clusters have it and others do not."
        )
    raise AnalysisError(
        f"{listed(causes)}: one is a sum of the others, of the periods or of the intervention. "
        "Take it out of adjust_for."
    )


def build_exposure_model(sample: ClusterSample) -> TrialModel | None:
    """Make the model with an effect for each period since the start; none if not estimable."""
    steps = np.unique(sample.exposure[sample.exposure > 0])
    return _unless_bound(sample, (sample.exposure[:, None] == steps).astype(float))


def build_growth_model(sample: ClusterSample) -> TrialModel | None:
    """Make the model whose effect changes in a straight line; none if not estimable.

    The second exposure is that change, from the first period since the start to the last.
    """
    last = float(sample.exposure.max())
    grown = np.maximum(sample.exposure - 1, 0) / max(last - 1, 1)
    return _unless_bound(sample, np.column_stack([sample.treated, grown]))


def _unless_bound(sample: ClusterSample, exposures: Floats) -> TrialModel | None:
    model = _assemble(sample, exposures)
    return model if exposures.shape[1] > 1 and _spans(model.cells, 0) else None


def _assemble(sample: ClusterSample, exposures: Floats, *, adjust: bool = True) -> TrialModel:
    spread = sample.causes.std(axis=0)
    scaled = (sample.causes - sample.causes.mean(axis=0)) / np.where(spread > 0, spread, 1.0)
    periods = (sample.period[:, None] == np.arange(len(sample.periods))).astype(float)
    regressors = np.column_stack([exposures, scaled[:, : None if adjust else 0], periods])
    responses = sample.responses
    cells = sum_cells(
        responses.outcome,
        regressors,
        sample.cluster,
        sample.times[sample.period],
        responses.weight,
        size=responses.size,
        within=responses.within,
    )
    return TrialModel(sample, regressors, exposures.shape[1], cells, choose_structure(cells))


def choose_structure(cells: Cells) -> Structure:
    """Choose the random effects that the data can tell apart.

    Clusters are told from cluster-periods where one is seen twice, and cluster-periods from
    people where a cell has several rows, or cells have uneven weights.
    """
    repeated = len(cells.weight) > cells.clusters
    inside = cells.rows > len(cells.weight) or np.ptp(cells.weight) > 0
    if repeated:
        return "nested_exchangeable" if inside else "exchangeable"
    return "exchangeable" if inside else "independent"


def _spans(cells: Cells, causes: int) -> bool:
    """Whether no regressor is a sum of the others; `causes` counts measured causes."""
    p = cells.regressors
    weighted = cells.mean[:, :p] * cells.weight[:, None]
    products = cells.within[:p, :p] + weighted.T @ cells.mean[:, :p]
    scale = 1 / np.sqrt(np.maximum(np.diag(products), np.finfo(float).tiny))
    values = np.linalg.eigvalsh(products * scale * scale[:, None])
    return bool(values[0] > SMALLEST_SHARE * values[-1])
