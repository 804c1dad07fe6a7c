"""Make what is released: the bundle that the report reads, the tables and the figures."""

import re
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.disclosure.decision import released_decision
from evalkit.disclosure.grid import round_counts
from evalkit.disclosure.numerals import Known, numbers_in, table_numbers, unknown_numerals
from evalkit.disclosure.profiles import MARKER, Profile
from evalkit.disclosure.scan_json import BUNDLE_SCHEMA, SYNTHETIC_DATA
from evalkit.disclosure.sealed import SealedStudy
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.errors import DisclosureError
from evalkit.project import project_root
from evalkit.record.figure_files import Drawing, draw_figure
from evalkit.record.files import json_bytes
from evalkit.record.table_files import table_csv

NOT_SHOWN = "Not shown: it rests on numbers that may not be released."
MAIN_HIDDEN = "The main estimate is not shown, because it rests on too few people or organisations."
PARTLY_SYNTHETIC = "Part of these data is synthetic"
NO_DATA = "No data were used: these are calculations from assumptions"
EMPTY = "No number of this table may be shown."
_RUN_AGAIN = "The record was not made by this notebook; run the study again."
_SVG_EXTRAS = re.compile(rb"<!DOCTYPE[^>]*>\s*|<metadata>.*?</metadata>\s*", re.DOTALL)
_REGISTER = (
    "stamp",
    "stamp_reason",
    "registered_on",
    "registrations",
    "departures",
    "changes_since_first",
)
_CHECK = ("assumption", "question", "verdict", "finding", "power", "consequence")

Files = dict[str, bytes]


def parameter_numbers(record: Mapping[str, Any]) -> Known:
    """Return the numbers of the study's parameters and protocol: none is made from data."""
    protocol = record["protocol"]
    told = [protocol[name] for name in ("choices", "departures", "changes_since_first")]
    return numbers_in((record["parameters"], *told))


def make_files(
    study: SealedStudy,
    tables: Mapping[str, ProtectedTable],
    profiles: Mapping[str, Profile],
    rules: Profile,
) -> Files:
    """Return the content of every file of the release but `release.json`, by its path."""
    csv = {
        f"tables/{name}.csv": table_csv(table.frame, synthetic=study.record["synthetic"])
        for name, table in tables.items()
    }
    pictures, figures = make_figures(study, tables, rules)
    bundle = make_bundle(study, tables, profiles, figures)
    return {"bundle.json": json_bytes(bundle), **csv, **pictures}


def make_figures(
    study: SealedStudy, tables: Mapping[str, ProtectedTable], rules: Profile
) -> tuple[Files, dict[str, Any]]:
    """Draw every figure again, from its protected table alone; a figure of an empty one is left."""
    pictures: Files = {}
    figures: dict[str, Any] = {}
    for entry in study.record["figures"]:
        name, table = entry["name"], tables.get(entry["table"])
        if table is None:
            raise DisclosureError(f"figure {name}: its table is not in the record. {_RUN_AGAIN}")
        if table.is_empty:
            continue
        drawing = _draw_again(entry, table, synthetic=study.record["synthetic"])
        made = {**drawing.files, "svg": _SVG_EXTRAS.sub(b"", drawing.files["svg"])}
        kept = {kind: f"figures/{name}.{kind}" for kind in made if kind in rules.file_types}
        pictures |= {path: made[kind] for kind, path in kept.items()}
        figures[name] = {
            "title": entry["title"],
            "alt": drawing.alt,
            "table": entry["table"],
            **{kind: kept.get(kind) for kind in made},
        }
    return pictures, figures


def _draw_again(entry: Mapping[str, Any], table: ProtectedTable, *, synthetic: bool) -> Drawing:
    """Draw a figure by its record; refuse a record that names no chart, or strange options."""
    try:
        return draw_figure(
            entry["name"],
            chart=entry["chart"],
            frame=drawable(table),
            title=entry["title"],
            options=entry["options"],
            synthetic=synthetic,
        )
    except (TypeError, KeyError, ValueError, AttributeError) as fault:
        raise DisclosureError(
            f"figure {entry['name']}: cannot be drawn again by its chart, options and table "
            f"({type(fault).__name__}). {_RUN_AGAIN}"
        ) from None


def drawable(table: ProtectedTable) -> pd.DataFrame:
    """Return a protected table for a chart: hidden cells are missing, numbers are numbers."""
    frame = table.frame.copy()
    for name in table.decimals:
        frame[name] = pd.to_numeric(frame[name].mask(frame[name] == MARKER), errors="coerce")
    return frame.infer_objects()


def make_bundle(
    study: SealedStudy,
    tables: Mapping[str, ProtectedTable],
    profiles: Mapping[str, Profile],
    figures: dict[str, Any],
) -> dict[str, Any]:
    """Return the bundle: docs/contracts.md names its parts."""
    record, parameters = study.record, study.record["parameters"]
    known = parameter_numbers(record)
    return {
        "schema": BUNDLE_SCHEMA,
        "study": record["study"],
        "title": record["title"],
        "question": record["question"],
        "population": parameters["population"],
        "estimand": parameters["estimand"],
        "synthetic": record["synthetic"],
        **{name: record["protocol"][name] for name in _REGISTER},
        "primary": record["primary"],
        "finding": released_finding(record, tables, known),
        "checks": [_released_check(check, tables, known) for check in record["checks"]],
        "not_measured": record["not_measured"],
        "co_production": record["co_production"],
        "protocol": {k: _plain(v) for k, v in record["protocol"]["choices"].items()},
        "sources": [_source(source, profiles[source["name"]]) for source in record["sources"]],
        "tables": {
            name: _table(table, describe_synthetic(record["sources"]))
            for name, table in tables.items()
        },
        "figures": figures,
        "hashes": record["hashes"],
        "record_sha256": study.record_sha256,
        "versions": {"python": study.run["python"], **study.run["versions"]},
        "decision": released_decision(project_root(), study.study, tables),
    }


def main_is_hidden(record: Mapping[str, Any], tables: Mapping[str, ProtectedTable]) -> bool:
    """Say whether the primary estimate is hidden in the table of estimates."""
    table = tables.get("estimates")
    if table is None:
        return False
    frame, chosen = table.frame, record["primary"]
    rows = [
        row.get("estimate")
        for row in frame.to_dict(orient="records")
        if all(str(row.get(key)) == value for key, value in chosen.items() if key in frame.columns)
    ]
    return MARKER in rows


def released_finding(
    record: Mapping[str, Any], tables: Mapping[str, ProtectedTable], known: Known
) -> dict[str, Any]:
    """Return the finding without sentences that rest on hidden numbers, saying so."""
    finding = record["finding"]
    if main_is_hidden(record, tables):
        return {"claim": "not_shown", "answer": MAIN_HIDDEN, "meaning": [], "limits": [NOT_SHOWN]}
    parts = {key: finding[key] for key in ("claim", "answer", "meaning", "limits")}
    headline = tables.get("headline")
    if headline is None:
        return parts
    return {
        "claim": parts["claim"],
        "answer": _withheld(parts["answer"], [headline], known),
        "meaning": [_withheld(text, [headline], known) for text in parts["meaning"]],
        "limits": [_withheld(text, [headline], known) for text in parts["limits"]],
    }


def _released_check(
    check: Mapping[str, Any], tables: Mapping[str, ProtectedTable], known: Known
) -> dict[str, Any]:
    behind = [tables[name] for name in (check["table"], "headline") if name in tables]
    released: dict[str, Any] = {
        key: _withheld(check[key], behind, known) if key in ("finding", "power") else check[key]
        for key in _CHECK
    }
    return {**released, "table": check["table"] if check["table"] in tables else None}


def _withheld(text: str, tables: list[ProtectedTable], known: Known) -> str:
    """Replace a sentence whose number is not shown, where its tables hide something.

    Where they hide nothing, such a number is a fault of the study: the sentence stays, and
    the scan refuses it.
    """
    for table in tables:
        known |= table_numbers(table)
    hides = any((table.frame == MARKER).to_numpy().any() for table in tables)
    return NOT_SHOWN if hides and unknown_numerals(text, known) else text


def describe_synthetic(sources: list[dict[str, Any]]) -> str:
    """Say that there are no data, that all are synthetic, or which; nothing where none is."""
    if not sources:
        return f"{NO_DATA}."
    made_up = [source["name"] for source in sources if source["synthetic"]]
    if len(made_up) == len(sources):
        return f"{SYNTHETIC_DATA}."
    return f"{PARTLY_SYNTHETIC}: {', '.join(made_up)}." if made_up else ""


def _table(table: ProtectedTable, origin: str) -> dict[str, Any]:
    spec = table.spec
    words = (origin, spec.description)
    return {
        "title": spec.title,
        "description": " ".join(w for w in (*words, EMPTY if table.is_empty else "") if w),
        "columns": [
            {
                "name": column.name,
                "label": column.label,
                "kind": column.kind,
                "unit": column.unit,
                "decimals": None if column.name in table.mixed else table.decimals.get(column.name),
            }
            for column in spec.columns
        ],
        "rows": [
            [None if cell is None or cell != cell else cell for cell in row]
            for row in table.frame.to_numpy(dtype=object).tolist()
        ],
    }


def _source(source: Mapping[str, Any], rules: Profile) -> dict[str, Any]:
    rows = source["rows"]
    rounded = int(round_counts(pd.Series([rows]).to_numpy(dtype=float), rules.rounding_base)[0])
    few = min(rows, rounded) < rules.smallest_count
    return {
        "name": source["name"],
        "profile": source["profile"],
        "rows": MARKER if few else rounded,
        "synthetic": source["synthetic"],
    }


def _plain(value: Any) -> Any:
    return ", ".join(map(str, value)) if isinstance(value, list) else value
