"""Read released bundles: the only files that a report knows."""

import json
import math
import os
import re
from dataclasses import MISSING, dataclass, field, fields, replace
from datetime import date
from pathlib import Path
from types import UnionType
from typing import Any

from evalkit.errors import DataError, EnvironmentFault

SCHEMA = "evalkit-bundle/1"
VERDICTS = ("passes", "concern", "cannot tell")
RELEASED_VARIABLE = "EVALKIT_RELEASED"
_STUDY_NAME = re.compile(r"[a-z][a-z0-9_]{0,59}")
_LARGEST_BUNDLE = 50_000_000

Cell = str | int | float | None


@dataclass(frozen=True, slots=True)
class Column:
    """What a column of a released table is called and how its numbers are shown."""

    name: str
    label: str
    kind: str
    unit: str
    decimals: int | None


@dataclass(frozen=True, slots=True)
class Table:
    """A released table, row by row; a suppressed cell is the text `[c]`."""

    title: str
    description: str
    columns: tuple[Column, ...]
    rows: tuple[dict[str, Cell], ...]

    def column(self, name: str) -> Column:
        """Return the column called `name`; a table without it gives a plain stand-in."""
        for column in self.columns:
            if column.name == name:
                return column
        return Column(name, name, "label", "", None)


@dataclass(frozen=True, slots=True)
class Bundle:
    """Everything a report may show of one study, as it was released, and how it was approved."""

    study: str
    title: str
    question: str
    population: str
    estimand: str
    synthetic: bool
    stamp: str
    stamp_reason: str
    registered_on: str | None
    registrations: int
    departures: list[dict[str, Any]]
    changes_since_first: list[dict[str, Any]]
    primary: dict[str, str]
    finding: dict[str, Any]
    checks: list[dict[str, Any]]
    not_measured: list[str]
    co_production: list[dict[str, Any]]
    protocol: dict[str, Any]
    sources: list[dict[str, Any]]
    tables: dict[str, Table]
    figures: dict[str, Any]
    hashes: dict[str, Any]
    record_sha256: str
    versions: dict[str, Any]
    approval: str = ""
    version: int = 0
    decision: dict[str, Any] = field(default_factory=dict)

    @property
    def without_data(self) -> bool:
        """Whether the study read no data: a calculation from assumptions."""
        return not self.sources

    @property
    def planned(self) -> bool:
        """Whether the study is still to be done: nothing of its intervention was measured."""
        return self.without_data or self.primary.get("term") == "detectable"


def released_folder() -> Path:
    """Return the folder of released studies that `EVALKIT_RELEASED` names."""
    named = os.environ.get(RELEASED_VARIABLE)
    if not named:
        raise EnvironmentFault(
            f"Report: the environment variable {RELEASED_VARIABLE} is not set. "
            "Open the report with `evalkit serve`, which sets it."
        )
    return Path(named)


def released_studies(folder: Path) -> list[str]:
    """List the studies in `folder` that hold a bundle, by name."""
    if not folder.is_dir():
        return []
    return sorted(
        entry.name
        for entry in folder.iterdir()
        if _STUDY_NAME.fullmatch(entry.name) and (entry / "bundle.json").is_file()
    )


def read_bundle(folder: Path, study: str) -> Bundle:
    """Read the bundle of `study`, refusing one that departs from the contract."""
    if study not in released_studies(folder):
        raise DataError("Report: no released study has this name. Choose one from the list.")
    path = folder / study / "bundle.json"
    if path.stat().st_size > _LARGEST_BUNDLE:
        raise DataError(f"{study}: the bundle is larger than a report can show. Release it again.")
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise DataError(
            f"{study}: the bundle is not valid JSON. Release the study again."
        ) from None
    faults = _find_faults(content, study)
    if faults:
        raise DataError(f"{study}: {'; '.join(faults)}. Release the study again.")
    _refuse_early(study, content.get("decision"))
    approval, version = _read_paper(path.with_name("release.json"))
    return replace(_make_bundle(content), approval=approval, version=version)


def _refuse_early(study: str, decision: Any) -> None:
    """Refuse a release that is read before its planned day, unless an early look is logged."""
    told = decision if isinstance(decision, dict) else {}
    day = str(told.get("planned_look") or "")
    if day and not told.get("early_looks") and date.today().isoformat() < day:
        raise DataError(
            f"{study}: results are not to be seen before {day}, the day that the decision rule "
            "plans. Come back then."
        )


def _read_paper(path: Path) -> tuple[str, int]:
    """Return the kind of approval and the version that a release states, or nothing and 0."""
    try:
        paper = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return "", 0
    paper = paper if isinstance(paper, dict) else {}
    approval, version = paper.get("approval"), paper.get("version")
    kind = str(approval.get("kind", "")) if isinstance(approval, dict) else ""
    return kind, version if type(version) is int else 0


def _make_bundle(content: dict[str, Any]) -> Bundle:
    kept = {name: content[name] for name in _released_names()}
    kept["tables"] = {name: _make_table(table) for name, table in content["tables"].items()}
    decision = content.get("decision")
    return Bundle(**kept, decision=decision if isinstance(decision, dict) else {})


def _make_table(content: dict[str, Any]) -> Table:
    """Make a table; in a list of named numbers each keeps the precision it was released at."""
    columns = tuple(
        Column(
            str(entry["name"]),
            str(entry.get("label") or entry["name"]),
            str(entry.get("kind") or "label"),
            str(entry.get("unit") or ""),
            entry.get("decimals"),
        )
        for entry in content["columns"]
    )
    names = [column.name for column in columns]
    if names[:2] == ["name", "value"]:
        columns = tuple(replace(column, decimals=None) for column in columns)
    rows = tuple(dict(zip(names, map(_clean, row), strict=True)) for row in content["rows"])
    return Table(str(content["title"]), str(content.get("description", "")), columns, rows)


def _clean(cell: Cell) -> Cell:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell


def _find_faults(content: Any, study: str) -> list[str]:
    """List what the contract asks for and the bundle lacks, by key and never by value."""
    if not isinstance(content, dict):
        return ["the bundle is not a JSON object"]
    faults = []
    if content.get("schema") != SCHEMA:
        faults.append(f"the bundle is not of the schema {SCHEMA}")
    if content.get("study") != study:
        faults.append("the bundle belongs to another study than its folder")
    kinds: dict[str, type | UnionType] = {"tables": dict, "finding": dict, "checks": list}
    kinds |= {"departures": list, "changes_since_first": list, "primary": dict}
    kinds |= {"registered_on": str | None, "registrations": int}
    kinds |= {"co_production": list, "not_measured": list, "protocol": dict, "sources": list}
    kinds |= {"hashes": dict, "versions": dict, "figures": dict, "synthetic": bool}
    for name in _released_names():
        expected = kinds.get(name, str)
        if name not in content or not isinstance(content[name], expected):
            faults.append(f"{name} is missing or not {_name_kind(expected)}")
    for key in ("answer", "claim", "meaning", "limits"):
        if isinstance(content.get("finding"), dict) and key not in content["finding"]:
            faults.append(f"finding.{key} is missing")
    if isinstance(content.get("checks"), list):
        strange = sum(not _is_check(check) for check in content["checks"])
        faults += [f"{strange} of the checks lack a question or a known verdict"] if strange else []
    if isinstance(content.get("tables"), dict):
        faults += [
            f"table {name} is not a table"
            for name, table in content["tables"].items()
            if not _is_table(table)
        ]
    return faults


def _released_names() -> list[str]:
    needed = (f for f in fields(Bundle) if f.default is MISSING)
    return [f.name for f in needed if f.default_factory is MISSING]


def _name_kind(kind: type | UnionType) -> str:
    return kind.__name__ if isinstance(kind, type) else str(kind)


def _is_check(check: Any) -> bool:
    wanted = ("assumption", "question", "finding", "consequence")
    return (
        isinstance(check, dict)
        and all(isinstance(check.get(name), str) for name in wanted)
        and check.get("verdict") in VERDICTS
    )


def _is_table(table: Any) -> bool:
    if not isinstance(table, dict) or not isinstance(table.get("columns"), list):
        return False
    columns, rows = table["columns"], table.get("rows")
    if not all(isinstance(column, dict) and "name" in column for column in columns):
        return False
    return (
        isinstance(table.get("title"), str)
        and isinstance(rows, list)
        and all(isinstance(row, list) and len(row) == len(columns) for row in rows)
        and all(isinstance(cell, Cell) for row in rows for cell in row)
    )
