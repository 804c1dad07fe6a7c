"""A table as numbers and a mask of what is hidden: how rules and rounding see it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from evalkit.disclosure.profiles import MARKER, Profile, strictest
from evalkit.errors import DisclosureError
from evalkit.record.tables import Column, TableSpec

Numbers = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

VALUE_KINDS = ("count", "mean", "percentage", "estimate")
CONTRIBUTION = "contribution"
_SLACK = 1e-9
_ESTIMATE_DECIMALS = 4
_LONGEST_WORDS = 200
_COUNTS = re.compile(
    "n|base|clusters|trusts|units|organisations|people|patients|staff|respondents|rows|missing"
)


@dataclass(frozen=True, slots=True)
class Grid:
    """The numbers of a table by column, what is hidden, and the rules of each column.

    `hidden` is changed in place while rules are applied; `numbers` never is. Rows stand in
    an order of their own, so that nothing depends on how the table was sorted. `whole` is
    the base of an estimate that names none: that of the study's primary estimate. Rows in
    `unseen` are published in another table: a reader knows them, and they are not released here.
    `groups` keeps the groups of rows by label, once they were found. `shares` are, by row and in
    per cent, what the largest and the next contributor make up of what the row adds up.
    """

    spec: TableSpec
    words: pd.DataFrame
    numbers: dict[str, Numbers]
    hidden: dict[str, Mask]
    rules: dict[str, Profile]
    whole: float | None = None
    unseen: frozenset[int] = frozenset()
    groups: dict[str, list[list[int]]] = field(default_factory=dict)
    shares: tuple[Numbers, ...] = ()

    @property
    def columns(self) -> dict[str, Column]:
        """The columns that hold numbers, by name."""
        return {c.name: c for c in self.spec.columns if c.kind in VALUE_KINDS}

    def of_kind(self, *kinds: str) -> list[str]:
        """Return the names of the columns of these kinds, in alphabetical order."""
        return sorted(name for name, column in self.columns.items() if column.kind in kinds)

    @property
    def averages(self) -> list[str]:
        """The names of means and percentages, without the ends of their intervals."""
        return [n for n in self.of_kind("mean", "percentage") if not self.columns[n].interval_of]

    @property
    def intervals(self) -> dict[str, str]:
        """The columns that are an end of an interval, with the column in its middle."""
        return {n: c.interval_of for n, c in self.columns.items() if c.interval_of}


def make_grid(
    frame: pd.DataFrame,
    spec: TableSpec,
    profiles: Mapping[str, Profile],
    whole: float | None = None,
    unseen: frozenset[int] = frozenset(),
) -> Grid:
    """Read a table's numbers, rows in a fixed order; refuse what has no rule."""
    shares = tuple(_numbers(frame[c.name]) for c in spec.columns if c.kind == CONTRIBUTION)
    columns = (c for c in spec.columns if c.kind != CONTRIBUTION)
    spec = replace(spec, columns=tuple(map(_count_by_name, columns)))
    values = {c.name: _numbers(frame[c.name]) for c in spec.columns if c.kind in VALUE_KINDS}
    hidden = {name: _is_marker(frame[name]) for name in values}
    faults = _number_faults(frame, spec, values, hidden)
    if faults:
        raise DisclosureError(
            f"table {spec.name}: {'; '.join(faults)}. Mend the table or its TableSpec."
        )
    words = frame[[c.name for c in spec.columns if c.kind not in VALUE_KINDS]]
    rules = {c.name: column_rules(c, profiles) for c in spec.columns if c.kind in VALUE_KINDS}
    return Grid(
        spec, words.reset_index(drop=True), values, hidden, rules, whole, unseen, shares=shares
    )


def canonical_order(frame: pd.DataFrame) -> npt.NDArray[np.intp]:
    """Return the positions of the rows sorted by all that they hold."""
    texts = [np.asarray([*map(str, frame[n])]) for n in sorted(frame.columns, reverse=True)]
    return np.lexsort(texts) if texts else np.arange(len(frame))


def column_rules(column: Column, profiles: Mapping[str, Profile]) -> Profile:
    """Return the strictest rules of a column's sources; without sources, those of all.

    A number of organisations has no rules where they are exempt.
    """
    named = column.sources or tuple(profiles)
    unknown = sorted(set(named) - set(profiles))
    if unknown:
        raise DisclosureError(
            f"column {column.name}: sources without a profile ({len(unknown)}): "
            f"{', '.join(unknown)}. Known sources: {', '.join(sorted(profiles))}."
        )
    rules = strictest(profiles[name] for name in named)
    if column.counts == "organisations" and rules.organisations_exempt:
        return replace(rules, smallest_count=0, zero_shown=True, rounding_base=1, secondary=False)
    return rules


def released_decimals(column: Column, rules: Profile) -> int:
    """Return the decimals at which a column is shown: the fewest that anything asks for."""
    if column.kind == "count":
        return 0
    stated = _ESTIMATE_DECIMALS if column.decimals is None else column.decimals
    limit = rules.score_decimals if column.kind == "mean" else None
    return stated if limit is None else min(stated, limit)


def counts_something(name: str) -> bool:
    """Say whether a name is that of a count of people or organisations."""
    return any(_COUNTS.fullmatch(word) for word in name.casefold().split("_"))


def round_counts(counts: Numbers, base: int) -> Numbers:
    """Round counts to the nearest multiple of `base`, halves upwards."""
    return np.floor(counts / base + 0.5) * base


def published(grid: Grid) -> dict[str, Numbers]:
    """Return the numbers as a reader would see them: rounded, NaN where hidden."""
    shown = {name: _rounded(grid, name) for name in grid.numbers}
    return {name: np.where(grid.hidden[name], np.nan, shown[name]) for name in shown}


def _count_by_name(column: Column) -> Column:
    """Take an estimate without a base for a count where its name says that it is one."""
    if column.kind == "estimate" and not column.base and counts_something(column.name):
        return replace(column, kind="count", decimals=0)
    return column


def _rounded(grid: Grid, name: str) -> Numbers:
    column, rules, values = grid.columns[name], grid.rules[name], grid.numbers[name]
    if column.kind == "count":
        return round_counts(values, rules.rounding_base)
    if column.interval_of and rules.rounding_base > 1:
        values = _from_rounded_base(grid, name, column.interval_of)
    elif column.kind == "percentage" and rules.percentage_from_rounded and column.base:
        values = _percentages_from_rounded(grid, name, column.base)
    return np.round(values, released_decimals(column, rules)) + 0.0


def _percentages_from_rounded(grid: Grid, name: str, base: str) -> Numbers:
    rounding = max(grid.rules[name].rounding_base, grid.rules[base].rounding_base)
    people = grid.numbers[base]
    part = round_counts(grid.numbers[name] * people / 100 + _SLACK, rounding)
    whole = round_counts(people, rounding)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole > 0, 100 * part / whole, grid.numbers[name])


def _from_rounded_base(grid: Grid, name: str, middle: str) -> Numbers:
    """Return an end of an interval as the rounded base would give it.

    The half width z sd / sqrt(n) tells n to whoever knows sd; times sqrt(n / rounded n) it
    tells the rounded n. For a percentage, sd is sqrt(p (100 - p)), of the p that is shown.
    """
    people, shown = grid.numbers[str(grid.columns[name].base)], _rounded(grid, middle)
    rounded = round_counts(people, grid.rules[name].rounding_base)
    true = grid.numbers[middle]
    with np.errstate(divide="ignore", invalid="ignore"):
        factor = np.sqrt(people / rounded)
        if grid.columns[middle].kind == "percentage":
            factor *= np.sqrt(shown * (100 - shown) / (true * (100 - true)))
        ends = shown + (grid.numbers[name] - true) * factor
    return np.where(np.isfinite(ends), ends, np.nan)


def _is_marker(cells: "pd.Series[Any]") -> Mask:
    return np.asarray([cell == MARKER for cell in cells], dtype=bool)


def _numbers(cells: "pd.Series[Any]") -> Numbers:
    return np.asarray(pd.to_numeric(cells, errors="coerce"), dtype=float)


def refuse_strange_columns(frame: pd.DataFrame, spec: TableSpec) -> None:
    """Refuse columns that are not there, bases that are no numbers, and words not to be shown."""
    numbers = {c.name for c in spec.columns if c.kind in (*VALUE_KINDS, CONTRIBUTION)}
    absent = [c.name for c in spec.columns if c.name not in frame.columns]
    resting = {name for c in spec.columns for name in (c.base, c.interval_of) if name}
    words = [n for n in frame.columns if n not in numbers and n not in absent]
    groups = {margin.group for margin in spec.margins}
    texts = {name: [*map(str, frame[name])] for name in words}
    faults = (
        _fault("columns that the table does not have", absent)
        + _fault("bases or middles that are no columns of numbers", sorted(resting - numbers))
        + _fault("margins over what is no column of words", sorted(groups - set(words)))
        + _fault(
            "words that are the mark of a hidden cell in columns",
            [name for name, cells in texts.items() if MARKER in map(str.strip, cells)],
        )
        + _fault(
            f"words of more than {_LONGEST_WORDS} characters in columns",
            [
                name
                for name, cells in texts.items()
                if max(map(len, cells), default=0) > _LONGEST_WORDS
            ],
        )
    )
    if faults:
        raise DisclosureError(
            f"table {spec.name}: {'; '.join(faults)}. Mend the table or its TableSpec."
        )


def _number_faults(
    frame: pd.DataFrame, spec: TableSpec, values: dict[str, Numbers], hidden: dict[str, Mask]
) -> list[str]:
    kinds = {c.name: c for c in spec.columns}
    wordy = [
        name
        for name, numbers in values.items()
        if (np.isnan(numbers) & frame[name].notna().to_numpy() & ~hidden[name]).any()
    ]
    partial = [
        name
        for name, numbers in values.items()
        if kinds[name].kind == "count"
        and (known := numbers[~np.isnan(numbers)]).size
        and ((known < 0) | (known != np.floor(known))).any()
    ]
    baseless = [n for n in values if kinds[n].kind in ("mean", "percentage") and not kinds[n].base]
    unrounded = [
        n for n in values if kinds[n].kind in ("mean", "percentage") and kinds[n].decimals is None
    ]
    return (
        _fault("words or endless numbers in columns of numbers", wordy)
        + _fault("counts that are no whole numbers of people in columns", partial)
        + _fault("means or percentages without a base", baseless)
        + _fault("columns that do not state the decimals at which they are released", unrounded)
    )


def _fault(words: str, names: list[str]) -> list[str]:
    return [f"{words} ({len(names)}): {', '.join(names)}"] if names else []
