"""Design tables with their gaps filled in, several times over, by all that the analysis knows.

Chained equations (`fits.multiple_imputation`) by group: those with the intervention and those
without are filled in apart, so that every column may bear on the outcome otherwise in each, and
each period has a level of its own in each. Beside these stand the levels of the units, the measured
causes, the survey's weight where it varies, and what `imputed_from` names. A missing value is
replaced by one that somebody like them gave.
Must hold: given these columns, whether a value is missing does not depend on the value.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.multiple_imputation import impute_chained
from evalkit.inference.arrays import Flags, Floats, Ints
from evalkit.results.words import counted
from evalkit.study.schemas.surveyed_study import SurveyedStudy

STREAM = 20
"""Sets the draws apart from others that come from the same seed."""
FEWEST = 3
"""Known values that a unit needs for a level of its own; those with fewer share one."""
FEWEST_IN_UNIT = 5.0
"""Rows a sampling unit holds on average from which on it has a level of its own."""


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is to be filled in: columns (n, k) named `names`, of which the first `used` are read.

    `period` and `level` (n,) are codes of periods and units; `group` (n,) of those who had the
    intervention and those who had not, which are filled in apart.
    """

    columns: Floats
    names: tuple[str, ...]
    used: int
    period: Ints
    level: Ints
    group: Ints

    @property
    def lacking(self) -> Flags:
        """Rows (n,) that lack a value which the analysis reads."""
        return np.asarray(np.isnan(self.columns[:, : self.used]).any(axis=1))


def find_gaps(table: pd.DataFrame, parameters: SurveyedStudy) -> Gaps:
    """Line up what is filled in and what it is filled in from."""
    used = ["outcome", *parameters.adjust_for]
    outcome = table["outcome"]
    others = [
        name
        for name in parameters.imputed_from
        if name in table and name not in used and not table[name].astype(float).equals(outcome)
    ]
    columns = table[[*used, *others]].to_numpy(float)
    names = [*used, *others]
    weight = table["weight"].to_numpy(float) if "weight" in table else np.ones(len(table))
    if np.ptp(weight) > 0:
        columns, names = np.column_stack([columns, weight]), [*names, ""]
    return Gaps(
        columns,
        tuple(names),
        len(used),
        pd.factorize(table["time"])[0].astype(np.int64),
        _levels(table),
        _group(table),
    )


def fill_tables(
    table: pd.DataFrame, gaps: Gaps, parameters: SurveyedStudy
) -> Iterator[pd.DataFrame]:
    """Yield the table with its gaps filled in, as many times as asked, one after the other.

    Raises AnalysisError where nothing shows what values of a period or group would have been.
    """
    rng = np.random.default_rng([parameters.seed, STREAM])
    parts = [_Part.of(gaps, gaps.group == code) for code in np.unique(gaps.group)]
    for _ in range(parameters.imputations):
        filled = gaps.columns.copy()
        for part in parts:
            filled[part.rows] = part.draw(rng)
        read = zip(gaps.names[: gaps.used], filled.T, strict=False)
        yield table.assign(**dict(read))


@dataclass(frozen=True, slots=True)
class _Part:
    """The rows of one group, with all that they are filled in from."""

    rows: Flags
    values: Floats
    level: Ints
    width: int

    @classmethod
    def of(cls, gaps: Gaps, rows: Flags) -> "_Part":
        own = gaps.columns[rows]
        gap = np.isnan(own)
        _refuse_unseen(gap, gaps.period[rows])
        period = np.unique(gaps.period[rows], return_inverse=True)[1]
        dummies = (period[:, None] == np.arange(1, period.max() + 1)).astype(float)
        level = _shared(gaps.level[rows], gap)
        return cls(rows, np.column_stack([own, dummies]), level, own.shape[1])

    def draw(self, rng: np.random.Generator) -> Floats:
        gaps = int(np.isnan(self.values).any(axis=0).sum())
        if not gaps:
            return self.values[:, : self.width]
        rounds = 10 if gaps > 1 else 1
        made = impute_chained(self.values, rng, imputations=1, rounds=rounds, cluster=self.level)
        return np.asarray(made[0, :, : self.width])


def _group(table: pd.DataFrame) -> Ints:
    ever = table["first_treated"].notna() if "first_treated" in table else table["treated"]
    return np.asarray(ever.astype(bool), dtype=np.int64)


def _levels(table: pd.DataFrame) -> Ints:
    """Codes of units, or of a survey's sampling units where these are smaller and not too small."""
    if "sampling_unit" in table:
        keys = [k for k in ("stratum", "sampling_unit", "unit") if k in table]
        finer = table.groupby(keys, sort=False, observed=True, dropna=False).ngroup()
        if len(table) >= FEWEST_IN_UNIT * finer.nunique():
            return np.asarray(finer, dtype=np.int64)
    return np.asarray(pd.factorize(table["unit"])[0], dtype=np.int64)


def _shared(level: Ints, gap: Flags) -> Ints:
    """Give one common level to those of which too few values are known in some column."""
    codes = np.unique(level, return_inverse=True)[1]
    known = [np.bincount(codes, ~column) for column in gap.T if column.any()]
    thin = np.min(known, axis=0) < FEWEST if known else np.zeros(codes.max() + 1, dtype=bool)
    return np.asarray(np.where(thin[codes], -1, codes), dtype=np.int64)


def _refuse_unseen(gap: Flags, period: Ints) -> None:
    codes = np.unique(period, return_inverse=True)[1]
    known = [np.bincount(codes, ~column) for column in gap.T if column.any()]
    empty = int((np.min(known, axis=0) == 0).sum()) if known else 0
    if empty:
        raise AnalysisError(
            f"missing_data: in {counted(empty, 'period')} of {codes.max() + 1} nobody of a group "
            "has one of the values, so nothing shows what they would have been. Name in `periods` "
            "those that have them, or give complete_rows."
        )
