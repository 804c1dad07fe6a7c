"""The effect of a cluster trial held against all other lots, in which clusters swap starts."""

from dataclasses import replace

import numpy as np

from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_rows import Row, as_row
from evalkit.fits.cluster_periods import make_blocks
from evalkit.fits.mixed_model import fit_cells
from evalkit.fits.mixed_model_contrasts import cell_precision
from evalkit.inference.assignments import list_assignments
from evalkit.inference.cluster_moments import ClusterMoments
from evalkit.inference.estimates import Estimate
from evalkit.inference.permutation import Permutation, permute


def permute_starts(
    model: TrialModel, draws: int, rng: np.random.Generator, level: float
) -> Permutation:
    """Hold the effect against those of other ways to give the clusters their starts.

    Periods and measured causes are held fixed, and clusters' cells weighed by the variances of a
    model without the intervention, which are the same for every lot.
    """
    sample = model.sample
    cells = model.cells
    null = replace(cells, mean=cells.mean[:, 1:], within=cells.within[1:, 1:])
    fit = fit_cells(null, model.structure)
    blocks = make_blocks(null)
    periods = len(sample.periods)
    causes = null.regressors - periods
    outcome = blocks.mean[..., -1] - blocks.mean[..., :causes] @ fit.coef[:causes]
    codes = np.unique(sample.start, return_inverse=True)
    place = blocks.mean[..., causes:-1] @ np.arange(periods)
    exposures = (place[..., None] >= codes[0]) & blocks.present[..., None]
    columns = np.concatenate(
        [exposures, blocks.mean[..., causes:-1], outcome[..., None]], axis=2, dtype=float
    )
    scaled = cell_precision(fit, blocks) @ columns
    moments = ClusterMoments(np.swapaxes(columns, 1, 2) @ scaled, len(cells.weight))
    assignments = list_assignments(codes[1], draws, rng)
    return permute(moments, assignments, level=level)


def as_permutation_row(found: Permutation) -> Row:
    """Make the row of a permutation; an end without bound is missing."""
    ends = [e if np.isfinite(e) else np.nan for e in (found.conf_low, found.conf_high)]
    return as_row(
        "effect",
        "permutation",
        Estimate(found.estimate, found.std_error, np.nan, ends[0], ends[1], found.p_value, 0.0),
    )
