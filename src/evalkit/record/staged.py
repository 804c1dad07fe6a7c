"""The contents of `staged.json`: what a notebook concluded, as plain JSON values."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any, Protocol

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Check, Finding, Result


class ReadSource(Protocol):
    """What the record needs to know of a source that was read."""

    @property
    def name(self) -> str: ...  # noqa: D102
    @property
    def profile(self) -> str: ...  # noqa: D102
    @property
    def layout(self) -> str: ...  # noqa: D102
    @property
    def sha256(self) -> str: ...  # noqa: D102
    @property
    def rows(self) -> int: ...  # noqa: D102
    @property
    def synthetic(self) -> bool: ...  # noqa: D102
    @property
    def frame(self) -> pd.DataFrame: ...  # noqa: D102


def describe_sources(sources: Iterable[ReadSource]) -> list[dict[str, Any]]:
    """Say where the numbers come from, by name of source."""
    return [
        {
            "name": source.name,
            "profile": source.profile,
            "layout": source.layout,
            "sha256": source.sha256,
            "rows": int(source.rows),
            "synthetic": bool(source.synthetic),
        }
        for source in sorted(sources, key=lambda source: source.name)
    ]


def describe_table(spec: TableSpec, rows: int, files: Mapping[str, str]) -> dict[str, Any]:
    """Say what a table holds and which files it went into, with their hashes."""
    columns = [{**asdict(column), "sources": list(column.sources)} for column in spec.columns]
    return {
        "name": spec.name,
        "title": spec.title,
        "description": spec.description,
        "columns": columns,
        "margins": [asdict(margin) for margin in spec.margins],
        "rules_by": list(spec.rules_by),
        "totals_elsewhere": list(spec.totals_elsewhere),
        "sums_of": spec.sums_of,
        "rows": rows,
        "files": dict(files),
    }


def describe_result(result: Result) -> dict[str, Any]:
    """Write out the estimates, and which of them is primary."""
    return {
        "design": result.design,
        "permits_cause": bool(result.permits_cause),
        "estimates": plain_rows(result.estimates, "estimates"),
        "primary": dict(result.primary),
    }


def describe_finding(finding: Finding) -> dict[str, Any]:
    """Write out the finding: its sentences, and each number in them."""
    return {
        "claim": finding.claim,
        "answer": finding.answer,
        "meaning": list(finding.meaning),
        "limits": list(finding.limits),
        "values": plain_rows(finding.values, "values of the finding"),
    }


def describe_check(check: Check, table: str | None) -> dict[str, Any]:
    """Write out a check; its numbers stand in the table of that name."""
    return {
        "name": check.name,
        "assumption": check.assumption,
        "question": check.question,
        "verdict": check.verdict,
        "finding": check.finding,
        "power": check.power,
        "consequence": check.consequence,
        "table": table,
    }


def check_table_spec(name: str, check: Check, sources: tuple[str, ...]) -> TableSpec:
    """Specify a check's table from its columns: words are labels, numbers are estimates.

    Estimates rest on column `n` where there is one.
    """
    base = "n" if "n" in check.table.columns else None
    columns = tuple(_check_column(check.table[c], sources, base) for c in check.table.columns)
    return TableSpec(name=name, title=check.question, description=check.assumption, columns=columns)


def plain_rows(frame: pd.DataFrame, where: str) -> list[dict[str, Any]]:
    """Turn a table into rows of JSON values; a missing value is null, infinity is refused."""
    rows = [
        {str(name): _plain(value) for name, value in row.items()}
        for row in frame.to_dict(orient="records")
    ]
    infinite = sum(isinstance(v, float) and np.isinf(v) for row in rows for v in row.values())
    if infinite:
        raise AnalysisError(
            f"{where}: {infinite} numbers are infinite. An estimate that is not bounded must "
            "be left out, and a check must say why."
        )
    return rows


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return str(value)
    if pd.api.types.is_scalar(value) and pd.isna(value):
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, int | np.integer):
        return int(value)
    return float(value) if isinstance(value, float | np.floating) else str(value)


def _check_column(column: "pd.Series[Any]", sources: tuple[str, ...], base: str | None) -> Column:
    name = str(column.name)
    label = name.replace("_", " ")
    if not pd.api.types.is_numeric_dtype(column) or pd.api.types.is_bool_dtype(column):
        return Column(name=name, label=label, kind="label")
    if name == base:
        return Column(name=name, label=label, kind="count", sources=sources, decimals=0)
    return Column(name=name, label=label, kind="estimate", sources=sources, base=base)
