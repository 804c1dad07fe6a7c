"""Protect a table whose totals stand in other tables, or whose rows have rules of their own."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from evalkit.disclosure.grid import VALUE_KINDS, Mask
from evalkit.disclosure.parts import Part
from evalkit.disclosure.profiles import MARKER, Profile
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.errors import DisclosureError
from evalkit.record.tables import Column, Margin, TableSpec

SAME_PEOPLE = "the same people as in a hidden count"
_TOTAL = "total in another table"
_SCALES = {"score": "mean", "percentage": "percentage"}


@dataclass(frozen=True, slots=True)
class Stratum:
    """Rows that one published total or average is over: where they stand, and their rules."""

    key: dict[str, str]
    source: str | None
    rows: tuple[int, ...]
    spec: TableSpec
    profiles: dict[str, Profile]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What other tables must know of a stratum: is a count, or is its total, hidden?"""

    key: dict[str, str]
    source: str | None
    count_hidden: bool
    total_hidden: bool
    part: Part


def has_strata(spec: TableSpec) -> bool:
    """Say whether a table must be protected stratum by stratum."""
    return bool(spec.rules_by or spec.totals_elsewhere)


def protect_strata(
    frame: pd.DataFrame,
    spec: TableSpec,
    profiles: Mapping[str, Profile],
    whole: float | None = None,
    more: Mapping[str, Mask] | None = None,
) -> tuple[ProtectedTable, list[Outcome]]:
    """Protect each stratum together with its total, which is dropped again.

    `more` says which further counts other tables ask to hide.

    Counts of the same people stand in several strata (one a measure): where one is hidden
    all are, so strata are protected again until nothing more is asked for.
    """
    frame = frame.reset_index(drop=True)
    strata = _strata(frame, spec, profiles)
    counts = [c.name for c in spec.columns if c.kind == "count" and c.counts == "people"]
    people = _same_people(frame, spec)
    nothing = np.zeros(len(frame), dtype=bool)
    extra = dict(more or {})
    asked = {name: extra.get(name, nothing) for name in {*counts, *extra}}
    done: dict[int, ProtectedTable] = {}
    waiting = list(range(len(strata)))
    while waiting:
        for i in waiting:
            done[i] = _protect(frame, strata[i], asked, whole)
        hidden = {name: _hidden(strata, done, name, len(frame)) for name in counts}
        asked = extra | {name: _spread(hidden[name], people) for name in counts}
        new = {name: asked[name] & ~hidden[name] for name in counts}
        waiting = [
            i for i, s in enumerate(strata) if any(new[n][list(s.rows)].any() for n in counts)
        ]
    outcomes = [_outcome(frame, s, done[i], counts) for i, s in enumerate(strata)]
    return _join(spec, strata, done), outcomes


def _strata(frame: pd.DataFrame, spec: TableSpec, profiles: Mapping[str, Profile]) -> list[Stratum]:
    _refuse(frame, spec, profiles)
    by = list(dict.fromkeys([*spec.rules_by, *spec.totals_elsewhere]))
    groups: dict[tuple[str, ...], list[int]] = {}
    texts = [map(str, frame[name]) for name in by]
    for row, found in enumerate(zip(*texts, strict=True)):
        groups.setdefault(found, []).append(row)
    strata = []
    for key, rows in sorted(groups.items()):
        named = dict(zip(by, key, strict=True))
        source, scale = (named.get(name) for name in (spec.rules_by or ("", "")))
        rules = {source: profiles[source]} if source else dict(profiles)
        # A publisher that hides no second count relies on rounding, which no average has.
        rules = {name: replace(profile, secondary=True) for name, profile in rules.items()}
        columns = tuple(_column(c, source, scale) for c in spec.columns)
        strata.append(
            Stratum(
                {name: named[name] for name in spec.totals_elsewhere},
                source,
                tuple(rows),
                replace(spec, columns=columns, margins=_margins(spec)),
                rules,
            )
        )
    return strata


def _column(column: Column, source: str | None, scale: str | None) -> Column:
    """Return a column under the rules of one source, as the kind that its rows are of."""
    if column.kind not in VALUE_KINDS or source is None:
        return column
    kind = _SCALES[str(scale)] if column.kind in ("mean", "percentage") else column.kind
    return replace(column, sources=(source,), kind=kind)  # type: ignore[arg-type]


def _margins(spec: TableSpec) -> tuple[Margin, ...]:
    """Return the margin over the first column of words that tells the rows apart."""
    named = _row_labels(spec)
    return (Margin(named[0], _TOTAL),) if named and spec.totals_elsewhere else spec.margins


def _row_labels(spec: TableSpec) -> list[str]:
    by = {*spec.rules_by, *spec.totals_elsewhere}
    return [c.name for c in spec.columns if c.kind not in VALUE_KINDS and c.name not in by]


def _protect(
    frame: pd.DataFrame, stratum: Stratum, asked: Mapping[str, Mask], whole: float | None
) -> ProtectedTable:
    rows = list(stratum.rows)
    part = _with_total(frame, stratum)
    unseen = (len(rows),) if stratum.spec.totals_elsewhere else ()
    more = {name: np.append(mask[rows], [False] * len(unseen)) for name, mask in asked.items()}
    return protect_table(
        part, stratum.spec, stratum.profiles, whole, more={SAME_PEOPLE: more}, unseen=unseen
    )


def _with_total(frame: pd.DataFrame, stratum: Stratum) -> pd.DataFrame:
    part = frame.iloc[list(stratum.rows)]
    if not stratum.spec.totals_elsewhere:
        return part
    return pd.concat([part, _total(part, stratum.spec)], ignore_index=True)


def _total(part: pd.DataFrame, spec: TableSpec) -> pd.DataFrame:
    """Return the row that other tables publish: counts added up, averages over the rows."""
    labels = _row_labels(spec)
    row: dict[str, object] = {}
    for column in spec.columns:
        cells = part[column.name]
        if column.kind == "count":
            row[column.name] = cells.sum(min_count=1)
        elif column.kind in ("mean", "percentage") and not column.interval_of:
            row[column.name] = cells.mean()
        elif column.kind in VALUE_KINDS:
            row[column.name] = np.nan
        else:
            row[column.name] = _TOTAL if column.name in labels else cells.iloc[0]
    return pd.DataFrame([row])


def _same_people(frame: pd.DataFrame, spec: TableSpec) -> "pd.Series[int]":
    """Number the rows by the people that they are of: all but measure and scale."""
    periods = [c.name for c in spec.columns if c.kind == "period"]
    by = list(dict.fromkeys([*_row_labels(spec), *periods, *spec.rules_by[:1]]))
    return frame.groupby(by, dropna=False, sort=False).ngroup()


def _spread(hidden: Mask, people: "pd.Series[int]") -> Mask:
    return np.asarray(pd.Series(hidden).groupby(people.to_numpy()).transform("any"), dtype=bool)


def _hidden(
    strata: list[Stratum], done: Mapping[int, ProtectedTable], name: str, rows: int
) -> Mask:
    hidden = np.zeros(rows, dtype=bool)
    for i, stratum in enumerate(strata):
        shown = done[i].frame[name].iloc[: len(stratum.rows)]
        hidden[list(stratum.rows)] = [cell == MARKER for cell in shown]
    return hidden


def _outcome(
    frame: pd.DataFrame, stratum: Stratum, table: ProtectedTable, counts: list[str]
) -> Outcome:
    size = len(stratum.rows)
    marked = table.frame == MARKER
    return Outcome(
        stratum.key,
        stratum.source,
        bool(marked[counts].iloc[:size].to_numpy().any()),
        bool(marked.iloc[size:].to_numpy().any()),
        Part(
            stratum.spec,
            table.frame,
            _with_total(frame, stratum),
            stratum.profiles,
            (*stratum.rows, *[-1] * (len(table.frame) - size)),
        ),
    )


def _join(
    spec: TableSpec, strata: list[Stratum], done: Mapping[int, ProtectedTable]
) -> ProtectedTable:
    parts = [done[i].frame.iloc[: len(s.rows)].set_axis(list(s.rows)) for i, s in enumerate(strata)]
    names = [c.name for c in spec.columns]
    frame = pd.concat(parts).sort_index() if parts else pd.DataFrame(columns=names, dtype=object)
    log = Counter[str]()
    stated: dict[str, set[int]] = {c.name: set() for c in spec.columns if c.kind in VALUE_KINDS}
    for table in done.values():
        log.update(table.log)
        for name, decimals in table.decimals.items():
            stated[name].add(decimals)
    return ProtectedTable(
        spec,
        frame,
        {name: max(found, default=0) for name, found in stated.items()},
        dict(log),
        frozenset(name for name, found in stated.items() if len(found) > 1),
    )


def _refuse(frame: pd.DataFrame, spec: TableSpec, profiles: Mapping[str, Profile]) -> None:
    names = {c.name for c in spec.columns if c.kind not in VALUE_KINDS} & set(frame.columns)
    faults = []
    if not {*spec.rules_by, *spec.totals_elsewhere} <= names:
        faults.append("rules or totals are by columns that are no words of it")
    elif spec.rules_by and len(spec.rules_by) != 2:
        faults.append("rules are by other than two columns, of source and of scale")
    elif spec.rules_by:
        source, scale = spec.rules_by
        strange = ~frame[source].isin(list(profiles)) | ~frame[scale].isin(list(_SCALES))
        if strange.any():
            faults.append(f"{int(strange.sum())} rows are of no known source or scale")
    if spec.totals_elsewhere and (spec.margins or not _row_labels(spec)):
        faults.append("its totals stand in other tables, so it can hold none itself")
    if faults:
        raise DisclosureError(
            f"table {spec.name}: {'; '.join(faults)}. Mend the table or its TableSpec."
        )
