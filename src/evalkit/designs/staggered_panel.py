"""From a design table to outcomes by unit and period, with each unit's start.

Units that had the change in the first period have no time before it, so they are neither judged
nor compared with; a start after the last period is none within the data. Both are counted.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.outcome_rates import rate_of
from evalkit.errors import AnalysisError
from evalkit.fits.staggered_uncertainty import Panel
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.results.words import listed
from evalkit.study.schemas.staggered_adoption import StaggeredAdoption

FEWEST_CLUSTERS = 4


@dataclass(frozen=True, slots=True)
class StaggeredPanel:
    """The arrays to estimate from, codes of clusters, periods as written, and what was set aside.

    `already`, `later` and `empty` count units that changed in the first period, after the last, and
    without any outcome; `missing` counts rows without outcome.
    """

    panel: Panel
    clusters: tuple[str, ...]
    periods: tuple[str, ...]
    already: int
    later: int
    empty: int
    missing: int

    @property
    def rows(self) -> int:
        """Rows with an outcome."""
        return int((~np.isnan(self.panel.outcome)).sum())

    def name_period(self, time: float) -> str:
        """Write a time as its period, or as the first one of the data from then on."""
        at = int(np.searchsorted(self.panel.times, time))
        return self.periods[min(at, len(self.periods) - 1)]


def arrange(table: pd.DataFrame, parameters: StaggeredAdoption) -> StaggeredPanel:
    """Lay out a design table by unit and period; refuse what cannot be compared."""
    column, labels = code_periods(table)
    row, units = pd.factorize(table["unit"])
    cube = np.full((len(units), len(labels), 1 + len(parameters.adjust_for)), np.nan)
    causes = table[parameters.adjust_for].to_numpy(float)
    cube[row, column] = np.column_stack([rate_of(table, parameters), causes])
    times = np.full(len(labels), np.nan)
    times[column] = table["time"].to_numpy(float)
    starts = np.full(len(units), np.nan)
    starts[row] = table["first_treated"].to_numpy(float)
    cluster = np.empty(len(units), dtype=object)
    cluster[row] = table["cluster"].to_numpy()
    outcome = cube[:, :, 0]
    empty = np.isnan(outcome).all(axis=1)
    already = (starts <= times[0]) & ~empty
    later = (starts > times[-1]) & ~empty
    _refuse_starts(starts[~empty], times)
    kept = ~(empty | already)
    starts = np.where(later, np.nan, starts)[kept]
    _refuse_outcome(outcome[kept])
    _refuse_comparison(starts, parameters)
    covariates = cube[kept, :, 1:] if parameters.adjust_for else None
    if covariates is not None:
        _refuse_collinear(covariates, starts, parameters.adjust_for)
    codes, names_of = pd.factorize(cluster[kept], sort=True)
    _refuse_few(len(names_of))
    panel = Panel(outcome[kept], times, starts, codes.astype(np.int64), covariates)
    return StaggeredPanel(
        panel,
        tuple(str(name) for name in names_of),
        labels,
        int(already.sum()),
        int(later.sum()),
        int(empty.sum()),
        int(np.isnan(outcome[kept]).sum()),
    )


def code_periods(table: pd.DataFrame) -> tuple[Ints, tuple[str, ...]]:
    """The place (rows,) of each row's period in time, and the periods as written."""
    _, first, column = np.unique(table["time"].to_numpy(), return_index=True, return_inverse=True)
    return column.astype(np.int64), tuple(str(p) for p in table["period"].to_numpy()[first])


def _refuse_starts(starts: Floats, times: Floats) -> None:
    if len(starts) < 2:
        raise AnalysisError(
            f"unit: {len(starts)} with an outcome, so there is nobody to compare with. "
            "Give several units, or use interrupted_time_series."
        )
    if len(times) < 2:
        raise AnalysisError(
            "period: the data hold one period only. Give periods before and from the change."
        )
    known = starts[~np.isnan(starts)]
    if not len(known):
        raise AnalysisError(
            "first_treated: no unit ever changed. "
            "Say in that column in which period each unit started, and leave it empty for never."
        )
    if (known > times[-1]).all():
        raise AnalysisError(
            f"first_treated: all {len(known)} starts lie after the last period of the data. "
            "Give later periods, or correct the starts."
        )
    if (known <= times[0]).all():
        raise AnalysisError(
            f"first_treated: all {len(known)} units with a start had changed by the first period "
            "of the data, so there is no time before the change. Give earlier periods."
        )


def _refuse_outcome(outcome: Floats) -> None:
    if not len(outcome) or np.nanmax(outcome) - np.nanmin(outcome) < 1e-12:
        raise AnalysisError(
            "outcome: is the same in every unit and period. Give an outcome that can change."
        )


def _refuse_comparison(starts: Floats, parameters: StaggeredAdoption) -> None:
    never = int(np.isnan(starts).sum())
    if parameters.comparison == "never_treated" and not never:
        raise AnalysisError(
            f"first_treated: all {len(starts)} units change within the data, so none is left that "
            "never does. Set comparison to not_yet_treated, or give units that never change."
        )
    if len(np.unique(starts)) < 2:
        raise AnalysisError(
            f"first_treated: all {len(starts)} units change in the same period, so there are no "
            "clean comparisons. Give units that change later or never."
        )


def _refuse_collinear(covariates: Floats, starts: Floats, names: list[str]) -> None:
    """Refuse what the comparison units alone cannot tell apart, period by period."""
    others = covariates[np.isnan(starts)] if np.isnan(starts).any() else covariates
    known: Flags = np.asarray(~np.isnan(others).any(axis=2))
    if int(known.sum(axis=0).max()) < len(names) + 2:
        raise AnalysisError(
            f"adjust_for: {int(known.sum(axis=0).max())} units to compare with have "
            f"{listed(names)} in the same period, and {len(names) + 2} are needed. "
            "Adjust for fewer, or give more units."
        )
    filled = np.where(known[:, :, None], others, 0.0)
    means = filled.sum(axis=0) / np.maximum(known.sum(axis=0), 1)[:, None]
    apart = (filled - means)[known]
    size = np.linalg.norm(apart, axis=0)
    still = size < 1e-9 * np.maximum(np.linalg.norm(filled[known], axis=0), 1e-12)
    if still.any() or np.linalg.matrix_rank(apart / size, tol=1e-8) < len(names):
        raise AnalysisError(
            f"{listed(names)}: among units to compare with, one is the same for all, or a sum of "
            "the others. Take it out of adjust_for."
        )


def _refuse_few(clusters: int) -> None:
    if clusters < FEWEST_CLUSTERS:
        raise AnalysisError(
            f"cluster: {clusters}, and at least {FEWEST_CLUSTERS} are needed to say how sure the "
            "result is. Give more clusters, or use interrupted_time_series."
        )
