"""From a panel to the columns of a regression: lags by the calendar, complete rows only."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.within_fit import Ints, Measured
from evalkit.errors import AnalysisError


@dataclass(frozen=True, slots=True)
class Term:
    """A series of the panel, taken `shift` periods before the outcome (negative: after)."""

    series: str
    shift: int = 0

    @property
    def name(self) -> str:
        """Name of the regression's column."""
        return f"{self.series}@{self.shift}" if self.shift else self.series


@dataclass(frozen=True, slots=True)
class Sample:
    """Complete rows: `columns` (regressors, then the outcome), codes of period and unit."""

    columns: list[Measured]
    period: Ints
    unit: Ints
    frame: pd.DataFrame

    @property
    def n(self) -> int:
        """Number of rows."""
        return len(self.unit)

    @property
    def units(self) -> int:
        """Number of trusts."""
        return int(self.unit.max()) + 1 if self.n else 0


def make_sample(
    panel: pd.DataFrame, terms: list[Term], outcome: Term, *, noise: bool = True
) -> Sample:
    """Line up `terms` with `outcome`; keep rows where all are known and units seen twice.

    With `noise` false, or where a sampling variance is unknown, values count as exact.
    """
    keyed = panel.set_index(["unit", "time"]).sort_index()
    frame = pd.DataFrame(index=keyed.index)
    for term in [*terms, outcome]:
        for part in ("", "_variance"):
            source = term.series + part
            values = keyed[source].astype(float) if source in keyed else pd.Series(0.0, keyed.index)
            frame[term.name + part] = _shift(values, term.shift)
    names = [t.name for t in (*terms, outcome)]
    frame = frame.dropna(subset=names)
    frame = frame[frame.groupby(level="unit")[names[-1]].transform("size") > 1]
    if frame.empty:
        raise AnalysisError(
            f"{outcome.series}: no trust has two periods with {', '.join(names)} all known. "
            "Map other columns, allow more periods, or shorten exposure_lag."
        )
    unit, _ = pd.factorize(frame.index.get_level_values("unit"))
    period = frame.index.get_level_values("time").to_numpy(dtype=np.int64)
    columns = [_measured(frame, t, unit, period, noise) for t in (*terms, outcome)]
    return Sample(columns, period, unit.astype(np.int64), frame)


def _shift(values: pd.Series, shift: int) -> np.ndarray:
    """Values `shift` periods earlier by the calendar, on the same rows; absent is NaN."""
    units = values.index.get_level_values("unit")
    times = values.index.get_level_values("time")
    return values.reindex(pd.MultiIndex.from_arrays([units, times - shift])).to_numpy(dtype=float)


def _measured(frame: pd.DataFrame, term: Term, unit: Ints, period: Ints, noise: bool) -> Measured:
    variance = frame[term.name + "_variance"].fillna(0.0).to_numpy() * float(noise)
    cell = unit * 1_000_000 + (period - period.min() + 1_000) - term.shift
    return Measured(term.name, frame[term.name].to_numpy(), variance, term.series, cell)
