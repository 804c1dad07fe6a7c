"""A table as it was protected: what is shown, what is hidden, by which rules."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from evalkit.disclosure.grid import Grid, make_grid
from evalkit.disclosure.profiles import MARKER, Profile
from evalkit.record.tables import Column, Margin, TableSpec


@dataclass(frozen=True, slots=True)
class Part:
    """Rows of one table that were protected together.

    `frame` is what a reader knows: rows with a place in `rows` stand in the table, any other
    row (place -1) is a total that another table publishes. `true` holds the same rows before
    protection, and is None for the part of an earlier release, whose number is `version`; of
    such a part `unsafe` says, by column, in which rows a hidden count is unsafe in itself.
    """

    spec: TableSpec
    frame: pd.DataFrame
    true: pd.DataFrame | None
    profiles: Mapping[str, Profile]
    rows: tuple[int, ...]
    version: int | None = None
    unsafe: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


def part_grid(part: Part, whole: float | None = None) -> Grid:
    """Return the numbers of a part, as true as they are known, with what is hidden marked."""
    known = part.frame if part.true is None else part.true
    grid = make_grid(known.reset_index(drop=True), part.spec, part.profiles, whole)
    shown = part.frame.reset_index(drop=True)
    for name in grid.numbers:
        grid.hidden[name][:] = [cell == MARKER for cell in shown[name]]
    return grid


def unsafe_counts(part: Part, grid: Grid) -> dict[str, tuple[int, ...]]:
    """Say, by column, in which rows of a part a hidden count is unsafe in itself."""
    if part.true is None:
        return dict(part.unsafe)
    few = {n: grid.numbers[n] < grid.rules[n].smallest_count for n in grid.of_kind("count")}
    return {n: tuple(map(int, np.flatnonzero(few[n] & grid.hidden[n]))) for n in few}


def part_json(part: Part) -> dict[str, Any]:
    """Return a part as plain values: what a reader knows, and which hidden counts are unsafe."""
    frame = part.frame.astype(object)
    return {
        "spec": asdict(part.spec),
        "rows": frame.where(frame.notna(), None).to_numpy(dtype=object).tolist(),
        "columns": list(frame.columns),
        "places": list(part.rows),
        "unsafe": {n: list(rows) for n, rows in unsafe_counts(part, part_grid(part)).items()},
        "profiles": {name: asdict(rules) for name, rules in part.profiles.items()},
    }


def read_part(entry: Mapping[str, Any], version: int) -> Part:
    """Return the part of an earlier release that `part_json` wrote."""
    spec = {**entry["spec"]}
    columns = tuple(Column(**{**c, "sources": tuple(c["sources"])}) for c in spec["columns"])
    margins = tuple(Margin(**margin) for margin in spec["margins"])
    tuples = {name: tuple(spec[name]) for name in ("rules_by", "totals_elsewhere")}
    profiles = {
        name: Profile(**{**rules, "file_types": tuple(rules["file_types"])})
        for name, rules in entry["profiles"].items()
    }
    return Part(
        TableSpec(**{**spec, **tuples, "columns": columns, "margins": margins}),
        pd.DataFrame(entry["rows"], columns=entry["columns"], dtype=object),
        None,
        profiles,
        tuple(entry["places"]),
        version,
        {name: tuple(rows) for name, rows in entry["unsafe"].items()},
    )
