"""From a panel to the columns of a regression: lags by the calendar, complete rows only."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.designs.within_fit import Ints, Measured
from evalkit.errors import AnalysisError
from evalkit.results.words import counted_in_words, listed


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
    """Line up `terms` with `outcome`; keep complete rows of units and periods seen twice.

    With `noise` false, or where any sampling variance of a series is unknown, its values count
    as exact: noise that is known in part cannot be taken out.
    """
    keyed = panel.set_index(["unit", "time"]).sort_index()
    frame = pd.DataFrame(index=keyed.index)
    for term in [*terms, outcome]:
        for part in ("", "_variance"):
            source = term.series + part
            values = keyed[source].astype(float) if source in keyed else pd.Series(0.0, keyed.index)
            frame[term.name + part] = _shift(values, term.shift)
    names = [t.name for t in (*terms, outcome)]
    frame = _seen_twice(frame.dropna(subset=names))
    if frame.empty:
        wanted = listed([_in_words(term) for term in (*terms, outcome)])
        raise AnalysisError(
            f"{outcome.series}: no two trusts have the same two periods with {wanted} all known. "
            "Map other columns, allow more periods, or shorten exposure_lag."
        )
    unit, _ = pd.factorize(frame.index.get_level_values("unit"))
    period = frame.index.get_level_values("time").to_numpy(dtype=np.int64)
    columns = [_measured(frame, t, unit, period, noise) for t in (*terms, outcome)]
    return Sample(columns, period, unit.astype(np.int64), frame)


def _seen_twice(frame: pd.DataFrame) -> pd.DataFrame:
    """Leave out units with one row and periods with one unit, until none is left."""
    while True:
        sizes = [frame.groupby(level=level).transform("size") for level in ("unit", "time")]
        lone = (sizes[0] < 2) | (sizes[1] < 2)
        if not lone.any():
            return frame
        frame = frame[~lone]


def _in_words(term: Term) -> str:
    if not term.shift:
        return term.series
    side = "earlier" if term.shift > 0 else "later"
    return f"{term.series} {counted_in_words(abs(term.shift), 'period')} {side}"


def _shift(values: pd.Series, shift: int) -> np.ndarray:
    """Values `shift` periods earlier by the calendar, on the same rows; absent is NaN."""
    units = values.index.get_level_values("unit")
    times = values.index.get_level_values("time")
    return values.reindex(pd.MultiIndex.from_arrays([units, times - shift])).to_numpy(dtype=float)


def _measured(frame: pd.DataFrame, term: Term, unit: Ints, period: Ints, noise: bool) -> Measured:
    variance = frame[term.name + "_variance"].to_numpy()
    if not noise or np.isnan(variance).any():
        variance = np.zeros(len(variance))
    cell = unit * 1_000_000 + (period - period.min() + 1_000) - term.shift
    return Measured(term.name, frame[term.name].to_numpy(), variance, term.series, cell)
