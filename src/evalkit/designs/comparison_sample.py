"""From a design table to two groups with measured causes, complete rows only.

Where the data hold several periods, the period is one of the causes, so that groups are compared
at the same times.
"""

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import read_weight
from evalkit.designs.survey_sample import Drawn, is_drawn, read_drawn
from evalkit.errors import AnalysisError
from evalkit.fits.propensity import with_constant
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.results.words import listed
from evalkit.study.schemas.weighted_comparison import WeightedComparison


@dataclass(frozen=True, slots=True)
class ComparisonSample:
    """Complete rows: outcome, treated, causes (n, p) with their names, clusters coded from 0.

    `design` (n, p + 1) has the causes scaled and a constant; `prior` the rows' own weights;
    `cells` codes of the rows that may be matched with each other. Of `rows` in the table so many
    were `left_out` for a missing value, and `weightless` for want of a weight. `drawn` is how a
    survey drew its people, None where the table does not say.
    """

    outcome: Floats
    treated: Flags
    causes: Floats
    names: tuple[str, ...]
    design: Floats
    cluster: Ints
    prior: Floats
    cells: Ints
    rows: int
    left_out: int
    weightless: int = 0
    drawn: Drawn | None = None

    @property
    def clusters(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    def without(self, cluster: int) -> "ComparisonSample":
        """Leave a cluster out; the codes of the others stay."""
        kept = self.cluster != cluster
        by_row = ("outcome", "treated", "causes", "design", "cluster", "prior", "cells")
        return replace(self, **{name: getattr(self, name)[kept] for name in by_row})

    def without_cause(self, name: str) -> "ComparisonSample":
        """Leave a cause out of what the groups are made alike in."""
        kept = np.array([other != name for other in self.names])
        return replace(
            self,
            causes=self.causes[:, kept],
            names=tuple(other for other in self.names if other != name),
            design=self.design[:, np.concatenate([[True], kept])],
        )


def make_sample(table: pd.DataFrame, parameters: WeightedComparison) -> ComparisonSample:
    """Line up groups and causes; refuse what weights or matches cannot make comparable."""
    if not parameters.adjust_for:
        raise AnalysisError(
            "adjust_for: names no measured cause, so there is nothing to make the groups alike in. "
            "Name what both led to the intervention and moves the outcome."
        )
    weight = read_weight(table)
    complete = table[["outcome", "treated", *parameters.adjust_for]].notna().all(axis=1).to_numpy()
    used = complete & (weight > 0)
    if complete.any() and not used.any():
        raise AnalysisError(
            f"weight: {int(complete.sum())} rows have none above zero. Give each a weight."
        )
    kept = table[used]
    treated = kept["treated"].to_numpy(bool)
    outcome = kept["outcome"].to_numpy(float)
    cluster, _ = pd.factorize(kept["cluster"])
    _refuse_groups(outcome, treated, cluster)
    causes, names = _causes(kept, treated, parameters)
    design = with_constant(causes)
    if np.linalg.matrix_rank(design, tol=1e-8 * np.sqrt(len(design))) < design.shape[1]:
        raise AnalysisError(
            f"{listed(list(names))}: one does not vary, or is a sum of the others. Take it out of "
            "adjust_for."
        )
    return ComparisonSample(
        outcome,
        treated,
        causes,
        names,
        design,
        cluster.astype(np.int64),
        _prior(weight[used], parameters),
        _cells(kept, parameters),
        len(table),
        int((~complete).sum()),
        int((complete & ~used).sum()),
        _drawn(table, weight, used, parameters),
    )


def _refuse_groups(outcome: Floats, treated: Flags, cluster: Ints) -> None:
    if not treated.any() or treated.all():
        who = "no row has" if not treated.any() else "every row has"
        raise AnalysisError(
            f"treated: {who} the intervention, so there are no two groups. Give rows of both."
        )
    if np.ptp(outcome) < 1e-12:
        raise AnalysisError("outcome: is the same in every row. Give an outcome that can change.")
    counts = [len(np.unique(cluster[group])) for group in (treated, ~treated)]
    if min(counts) < 2:
        raise AnalysisError(
            f"cluster: {counts[0]} with the intervention and {counts[1]} without, and two of each "
            "are needed to see how much they differ anyway. Give more clusters."
        )


def _causes(
    kept: pd.DataFrame, treated: Flags, parameters: WeightedComparison
) -> tuple[Floats, tuple[str, ...]]:
    """The measured causes, and one column for each period but the first."""
    periods, codes = np.unique(kept["period"].to_numpy(str), return_inverse=True)
    shares = np.bincount(codes, treated) / np.bincount(codes)
    alone = int(((shares == 0) | (shares == 1)).sum())
    if len(periods) > 1 and alone:
        raise AnalysisError(
            f"period: {alone} of {len(periods)} hold one group only, so nobody can be compared in "
            "them. Name in `periods` those that hold both."
        )
    dummies = (codes[:, None] == np.arange(1, len(periods))).astype(float)
    causes = np.column_stack([kept[list(parameters.adjust_for)].to_numpy(float), dummies])
    return causes, (*parameters.adjust_for, *(f"period {p}" for p in periods[1:]))


def _prior(weight: Floats, parameters: WeightedComparison) -> Floats:
    if parameters.method == "matching" and np.ptp(weight) > 1e-12:
        raise AnalysisError(
            "weight: matching cannot take weights of rows. Use another method, or map no weight."
        )
    return np.asarray(weight / weight.mean())


def _drawn(
    table: pd.DataFrame, weight: Floats, used: Flags, parameters: WeightedComparison
) -> Drawn | None:
    if parameters.method == "matching" and is_drawn(table):
        raise AnalysisError(
            "stratum, sampling_unit: matching cannot take how a survey drew its people. Use "
            "another method, or map neither."
        )
    return read_drawn(table, weight, used, parameters)


def _cells(kept: pd.DataFrame, parameters: WeightedComparison) -> Ints:
    names = list(parameters.exact_on)
    unknown = [name for name in names if name not in parameters.adjust_for]
    if unknown:
        raise AnalysisError(
            f"exact_on: {listed(unknown)} is not in adjust_for. Name it there as well."
        )
    if not names:
        return np.zeros(len(kept), dtype=np.int64)
    return np.asarray(kept.groupby(names, sort=False).ngroup(), dtype=np.int64)
