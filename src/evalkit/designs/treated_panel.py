"""From a design table to outcomes by unit and period, with one start and some units treated.

What must hold, or it is refused: several units, some treated and some never, one start inside the
data, complete outcomes of the treated. Untreated units with a gap in their outcomes are left out
and counted, and so are those in a cluster of the treated, whom the intervention may reach. Measured
causes that move with time are taken out of the outcome by their slopes among the untreated, unit
and period effects removed (Arkhangelsky and others 2021, American Economic Review 111, footnote on
covariates).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.outcome_rates import rate_of
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.results.words import counted, listed
from evalkit.study.schemas.synthetic_control import SyntheticControl


@dataclass(frozen=True, slots=True)
class TreatedPanel:
    """Outcomes (units, periods), who is treated (units,), and the first treated column.

    `base` (periods,) is the number of people behind the treated; missing where it is not known.
    `cluster` (units,) has codes of clusters, or is None where each unit is its own; `beside` counts
    untreated units left out because they lie in a cluster of the treated.
    """

    outcomes: Floats
    treated: Flags
    start: int
    units: tuple[str, ...]
    names: tuple[str, ...]
    periods: tuple[str, ...]
    base: Floats
    left_out: int
    cluster: Ints | None = None
    beside: int = 0

    @property
    def donors(self) -> int:
        """Number of units never treated."""
        return int((~self.treated).sum())

    @property
    def lots(self) -> tuple[int, int]:
        """Number of clusters (units where each is its own) treated, and not."""
        codes = np.arange(len(self.treated)) if self.cluster is None else self.cluster
        return len(np.unique(codes[self.treated])), len(np.unique(codes[~self.treated]))


def arrange(table: pd.DataFrame, parameters: SyntheticControl) -> TreatedPanel:
    """Lay out a design table by unit and period; refuse what cannot be compared."""
    adjust_for = parameters.adjust_for
    times, column = np.unique(table["time"].to_numpy(), return_inverse=True)
    row, units = pd.factorize(table["unit"], sort=True)
    names = ["outcome", *adjust_for]
    cube = np.full((len(names), len(units), len(times)), np.nan)
    cube[1:, row, column] = table[adjust_for].to_numpy(float).T
    cube[0, row, column] = rate_of(table, parameters)
    starts = np.full(len(units), np.nan)
    np.fmax.at(starts, row, table["first_treated"].to_numpy(float))
    start = _one_start(starts, times)
    treated = np.isfinite(starts)
    cluster = _cluster_of_units(table["cluster"], row)
    beside = np.isin(cluster, cluster[treated]) & ~treated
    complete = np.isfinite(cube).all(axis=(0, 2))
    if (beside | treated).all():
        raise AnalysisError(
            "cluster: every unit without the intervention lies in a cluster with it, so that it "
            "may reach them. Give units of other clusters."
        )
    _refuse_gaps(complete & ~beside, treated, names)
    kept = (complete & ~beside) | treated
    labels = table["period"].to_numpy()
    periods = tuple(str(labels[np.argmax(column == c)]) for c in range(len(times)))
    outcomes = _adjust(cube[:, kept], treated[kept], adjust_for)
    if np.ptp(outcomes) < 1e-12:
        raise AnalysisError(
            "outcome: is the same in every unit and period. Give an outcome that can change."
        )
    base = np.zeros(len(times))
    counts, chosen = table["outcome_base"].to_numpy(float), treated[row]
    np.add.at(base, column[chosen], counts[chosen])
    named = dict(zip(row, table["unit_name"], strict=True))
    nested = len(np.unique(cluster)) < len(units)
    return TreatedPanel(
        outcomes,
        treated[kept],
        start,
        tuple(str(unit) for unit in units[kept]),
        tuple(str(named[place]) for place in np.flatnonzero(kept)),
        periods,
        base,
        int((~kept & ~beside).sum()),
        np.unique(cluster[kept], return_inverse=True)[1].astype(np.int64) if nested else None,
        int(beside.sum()),
    )


def _cluster_of_units(cluster: "pd.Series[str]", row: Ints) -> Ints:
    """Code of each unit's cluster, (units,)."""
    codes = pd.factorize(cluster)[0]
    of_unit = np.zeros(int(row.max()) + 1, dtype=np.int64)
    of_unit[row] = codes
    moved = len(np.unique(row[of_unit[row] != codes]))
    if moved:
        raise AnalysisError(
            f"cluster: {counted(moved, 'unit')} in more than one. Give each unit one cluster, the "
            "same in all of its rows."
        )
    return of_unit


def _one_start(starts: Floats, times: np.ndarray) -> int:
    """Column of the one first treated period."""
    found = np.unique(starts[np.isfinite(starts)])
    if len(starts) < 2:
        raise AnalysisError(
            "unit: the data hold one unit only, so there is nobody to compare it with. "
            "Give units without the intervention, or use interrupted_time_series."
        )
    if not len(found):
        raise AnalysisError(
            "treated: no unit has the intervention. Say in the treated column which units have it."
        )
    if np.isfinite(starts).all():
        raise AnalysisError(
            f"treated: all {len(starts)} units have the intervention, so there is nobody to "
            "compare them with. Give units without it."
        )
    if len(found) > 1:
        raise AnalysisError(
            f"start_period: treated units start at {len(found)} different periods. "
            "Use staggered_adoption."
        )
    if not times[0] < found[0] <= times[-1]:
        raise AnalysisError(
            "start_period: lies outside the data, which must hold periods before and from the "
            "start. Correct start_period, or give more periods."
        )
    return int(np.searchsorted(times, found[0]))


def _refuse_gaps(complete: Flags, treated: Flags, names: list[str]) -> None:
    missing = int((treated & ~complete).sum())
    if missing:
        raise AnalysisError(
            f"{listed(names)}: {missing} of {int(treated.sum())} treated units lack a value in "
            "some period. Give complete values, or name in `periods` the periods that have them."
        )
    if not (complete & ~treated).any():
        raise AnalysisError(
            f"{listed(names)}: no unit without the intervention has a value in every period. "
            "Give complete values, or name in `periods` the periods that have them."
        )


def _adjust(cube: Floats, treated: Flags, adjust_for: Sequence[str]) -> Floats:
    """Take measured causes out of the outcome, by their slopes among the untreated."""
    if not adjust_for:
        return np.asarray(cube[0])
    donors = cube[:, ~treated]
    within = donors - donors.mean(axis=1, keepdims=True) - donors.mean(axis=2, keepdims=True)
    within = within + donors.mean(axis=(1, 2), keepdims=True)
    y, x = within[0].ravel(), within[1:].reshape(len(adjust_for), -1).T
    norm = np.linalg.norm(x, axis=0)
    size = np.linalg.norm(donors[1:].reshape(len(adjust_for), -1), axis=1)
    fixed = norm < 1e-9 * np.maximum(size, 1e-12)
    if fixed.any() or np.linalg.matrix_rank(x / norm, tol=1e-8) < x.shape[1]:
        raise AnalysisError(
            f"{listed(list(adjust_for))}: among the untreated, one does not change over time "
            "within units, or is a sum of the others. Take it out of adjust_for."
        )
    slopes = np.linalg.lstsq(x, y, rcond=None)[0]
    moved = cube[1:] - cube[1:].mean(axis=(1, 2), keepdims=True)
    return np.asarray(cube[0] - np.tensordot(slopes, moved, axes=1))
