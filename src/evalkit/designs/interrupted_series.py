"""From a design table to one series, or to two: where the change was made, and a control.

Several units become one series by averaging over those that report in a period, each by its
answers times their weight, or by adding up events. Uneven weights make an average less sure: a
period then counts as so many equal answers (Kish 1965, Survey Sampling, section 11.7). What must
hold, or it is refused: a start inside the data, the same for all; an outcome that varies; enough
periods on each side.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries


@dataclass(frozen=True, slots=True)
class Series:
    """One series, sorted by time: arrays (n,), `causes` (n, k).

    `base` counts the people behind each value, `sure` as how many equal answers it is sure, both
    NaN where unknown; `units` the units that report.
    """

    time: Ints
    period: tuple[str, ...]
    outcome: Floats
    base: Floats
    sure: Floats
    units: Ints
    causes: Floats

    def at(self, rows: Ints | Flags) -> "Series":
        """Return some of its periods."""
        return Series(
            self.time[rows],
            tuple(np.asarray(self.period, dtype=object)[rows]),
            self.outcome[rows],
            self.base[rows],
            self.sure[rows],
            self.units[rows],
            self.causes[rows],
        )


@dataclass(frozen=True, slots=True)
class Interrupted:
    """The treated series, its control if there is one, and the first period of the change.

    `nested` says whether units lie in clusters; `shared` counts those with units of both series.
    """

    treated: Series
    control: Series | None
    start: int
    season_length: int
    nested: bool = False
    shared: int = 0


def arrange(table: pd.DataFrame, parameters: InterruptedTimeSeries) -> Interrupted:
    """Make the series that a design table holds; refuse what cannot be read as interrupted."""
    first = table["first_treated"].to_numpy(float)
    ever = np.isfinite(first)
    start = _one_start(first, ever, table["time"].to_numpy())
    if "control" in parameters.data_columns and ever.all():
        raise AnalysisError(
            "control: no unit is in the control. Say in the control column which units had no "
            "intervention, or do not map it; then the series is told by itself, not as cause."
        )
    control = table.loc[~ever] if not ever.all() else None
    found = Interrupted(
        _make_series(table.loc[ever], parameters),
        None if control is None else _make_series(control, parameters),
        start,
        _season_length(str(table["period"].iloc[0])),
        "cluster" in parameters.data_columns,
        len(set(table.loc[ever, "cluster"]) & set(table.loc[~ever, "cluster"])),
    )
    for name, series in (("outcome", found.treated), ("outcome of the control", found.control)):
        if series is not None and (not len(series.time) or np.ptp(series.outcome) < 1e-12):
            raise AnalysisError(
                f"{name}: is the same in every period, or missing in all. Give an outcome that "
                "can change."
            )
    return found


def _one_start(first: Floats, ever: Flags, time: Ints) -> int:
    if not ever.any():
        raise AnalysisError(
            "control: every unit is in the control, so nothing was interrupted. Say in the "
            "control column which units had no intervention, or do not map it."
        )
    starts = np.unique(first[ever])
    if len(starts) > 1:
        raise AnalysisError(
            f"first_treated: units start at {len(starts)} different periods. Use "
            "staggered_adoption, or give the units of one start."
        )
    if not time[ever].min() < starts[0] <= time[ever].max():
        raise AnalysisError(
            "start_period: lies outside the data, which must hold periods before and from the "
            "start. Correct start_period, or give more periods."
        )
    return int(starts[0])


def _season_length(period: str) -> int:
    """Periods in a year: 1, 4 or 12."""
    if len(period) == 4:
        return 1
    return 4 if "Q" in period else 12


def _make_series(table: pd.DataFrame, parameters: InterruptedTimeSeries) -> Series:
    names = ["outcome", "outcome_base", "weight", *parameters.adjust_for]
    values = table[names].to_numpy(float)
    kept = np.isfinite(values[:, [0, *range(3, len(names))]]).all(axis=1) & (values[:, 2] > 0)
    values = values[kept]
    times, first, at, units = np.unique(
        table["time"].to_numpy()[kept], return_index=True, return_inverse=True, return_counts=True
    )
    outcome, base, weight = values[:, 0], values[:, 1], values[:, 2]
    known = bool(np.isfinite(base).all() and (base > 0).all())
    share = weight * base if known and parameters.outcome_kind != "number" else weight
    sure = np.full(len(times), np.nan)
    if parameters.outcome_kind == "count":
        _refuse_incomparable(units, known)
        total = _add_up(weight * outcome, at)
        sure = _add_up(weight * base, at) if known else sure
    else:
        total = _average(outcome, share, at)
        equal = table["effective_base"].to_numpy(float)[kept] if uneven(table) else base
        sure = _add_up(share, at) ** 2 / _add_up(share**2 / equal, at) if known else sure
    causes = [_average(values[:, k], share, at) for k in range(3, len(names))]
    labels = table["period"].to_numpy(dtype=object)[kept][first]
    return Series(
        np.asarray(times, dtype=np.int64),
        tuple(str(label) for label in labels),
        total,
        _add_up(base, at) if known else np.full(len(times), np.nan),
        sure,
        np.asarray(units, dtype=np.int64),
        np.column_stack(causes) if causes else np.empty((len(times), 0)),
    )


def uneven(table: pd.DataFrame) -> bool:
    """Say whether the averages of a table are of answers with weights."""
    return "effective_base" in table


def _add_up(values: Floats, at: Ints) -> Floats:
    return np.asarray(np.bincount(at, values), dtype=float)


def _average(values: Floats, share: Floats, at: Ints) -> Floats:
    return np.asarray(_add_up(values * share, at) / _add_up(share, at))


def _refuse_incomparable(units: Ints, known: bool) -> None:
    if not known and len(np.unique(units)) > 1:
        raise AnalysisError(
            f"outcome_base: is not known for every row, and between {units.min()} and "
            f"{units.max()} units report in a period, so that their events cannot be added up "
            "alike. Map outcome_base, or give units that report in every period."
        )
