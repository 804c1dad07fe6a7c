"""What stands beside the headline of a cluster trial: other models, other lots, and tables."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.cluster_lots import as_permutation_row, permute_starts
from evalkit.designs.cluster_marginal_rows import make_marginal_rows
from evalkit.designs.cluster_models import TrialModel
from evalkit.designs.cluster_rows import Row, estimate_growth, make_decay_row
from evalkit.designs.cluster_tables import (
    tabulate_growth,
    tabulate_means,
    tabulate_odds,
    tabulate_rollout,
    tabulate_variance,
)
from evalkit.fits.mixed_model import MixedModelFit
from evalkit.inference.estimates import Estimate
from evalkit.inference.permutation import Permutation
from evalkit.study.schemas.stepped_wedge import SteppedWedge


@dataclass(frozen=True, slots=True)
class Alternatives:
    """Rows of other estimates; what lots, odds and time since the start add, where they do."""

    rows: list[Row]
    lots: Permutation | None = None
    odds: Estimate | None = None
    growth: Estimate | None = None


def make_alternatives(model: TrialModel, parameters: SteppedWedge) -> Alternatives:
    """Estimate the effect by other methods; nothing where the parameters ask for none."""
    if not parameters.other_estimates:
        return Alternatives([])
    level, method = parameters.confidence_level, parameters.small_sample
    marginal, odds = make_marginal_rows(model, level)
    lots = _by_lot(model, parameters)
    rows = [*make_decay_row(model, method, level), *marginal]
    rows += [as_permutation_row(lots)] if lots else []
    return Alternatives(rows, lots, odds, estimate_growth(model.sample, method, level))


def make_tables(
    model: TrialModel, fit: MixedModelFit, beside: Alternatives, parameters: SteppedWedge
) -> dict[str, pd.DataFrame]:
    """Make the roll-out, the means, the variance, and what the alternatives add."""
    if not parameters.other_estimates:
        return {}
    sample, method = model.sample, parameters.small_sample
    tables = {"rollout": tabulate_rollout(sample), "means": tabulate_means(sample)}
    if beside.growth:
        tables["growth"] = tabulate_growth(beside.growth, sample, method)
    if beside.odds:
        tables["odds"] = tabulate_odds(beside.odds)
    return tables | {"variance": tabulate_variance(model, fit, parameters.confidence_level)}


def _by_lot(model: TrialModel, parameters: SteppedWedge) -> Permutation | None:
    """Hold the effect against all other lots, where starts were given by lot."""
    if parameters.allocation != "random":
        return None
    rng = np.random.default_rng(parameters.seed)
    return permute_starts(model, parameters.draws, rng, parameters.confidence_level)
