"""Every place of the two JSON files of a release: which may be there, and what may stand in it."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.disclosure.decision import decision_leaks
from evalkit.disclosure.numerals import Known
from evalkit.disclosure.suppress import ProtectedTable

BUNDLE_SCHEMA = "evalkit-bundle/1"
RELEASE_SCHEMA = "evalkit-release/1"
SYNTHETIC_DATA = "Synthetic data"

# A place with its text and the numbers allowed in it; or, with None, a fault in words.
Found = tuple[str, str, Known | None]

_HASH = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"\d[\w.+!-]{0,30}")
_NAME = re.compile(r"[A-Za-z][\w.-]{0,99}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_FILE = re.compile(
    r"(bundle\.json|ro-crate-metadata\.json|provenance/parameters\.json|"
    r"(tables|figures)/[a-z][a-z0-9_]*\.(csv|svg|png))"
)
_BUNDLE = (
    "schema study title question population estimand synthetic stamp stamp_reason registered_on "
    "registrations departures changes_since_first primary finding checks not_measured "
    "co_production protocol sources tables figures hashes record_sha256 versions decision"
)
_WORDS = (
    "title question population estimand study stamp stamp_reason departures changes_since_first "
    "primary co_production protocol not_measured"
)
_RELEASE = (
    "schema study version record_sha256 previous synthetic profiles rules files approval data "
    "outputs decisions"
)
_OUTPUT = "state reasons counts_shown counts_hidden rule"
_OUTPUT_NAME = re.compile(r"(table|figure) [a-z][a-z0-9_]*")
_CHECK = "assumption question verdict finding power consequence table"
_COLUMN = "name label kind unit decimals"


def bundle_leaks(
    bundle: Any,
    tables: Mapping[str, ProtectedTable],
    known: Mapping[str, Known],
    parameters: Known,
) -> Iterator[Found]:
    """Yield every text of a bundle with the numbers it may hold, and every place not allowed.

    Sentences of the finding may hold numbers of the table `headline`, those of a check
    numbers of its own table too; what comes from the parameters, numbers of theirs.
    """
    if not isinstance(bundle, dict):
        yield "file", "is no JSON object", None
        return
    yield from _keys(bundle, _BUNDLE, "bundle")
    headline = known.get("headline", Known()) | parameters
    for key in _WORDS.split():
        yield from _texts(bundle.get(key), key, parameters)
    yield from _keys(_object(bundle, "finding"), "claim answer meaning limits", "finding")
    yield from _texts(bundle.get("finding"), "finding", headline)
    for check in bundle.get("checks") or []:
        yield from _keys(check, _CHECK, "checks")
        own = known.get(str(check.get("table")), Known())
        yield from _texts({**check, "table": None}, "checks", headline | own)
    for name, table in _object(bundle, "tables").items():
        yield from _table(name, table, tables, known.get(name, Known()) | parameters)
    for name, figure in _object(bundle, "figures").items():
        own = known.get(str(figure.get("table")), Known()) | parameters
        yield from _figure(name, figure, own)
    yield from decision_leaks(bundle.get("decision") or {}, known, parameters)
    yield from _own_places(bundle)


def release_leaks(release: Any) -> Iterator[Found]:
    """Yield every place of `release.json` that holds something else than it may."""
    if not isinstance(release, dict):
        yield "file", "is no JSON object", None
        return
    yield from _keys(release, _RELEASE, "release")
    for name, value in _object(release, "files").items():
        if not _FILE.fullmatch(name) or not _HASH.fullmatch(str(value)):
            yield "files", "is no released file and its hash", None
    for key in ("record_sha256", "previous"):
        if release.get(key) is not None and not _HASH.fullmatch(str(release[key])):
            yield key, "is no hash", None
    for entry in (_object(release, "profiles"), {"study": release.get("study")}):
        if not all(_NAME.fullmatch(str(text)) for pair in entry.items() for text in pair):
            yield "profiles", "is no name", None
    for table, rules in _object(release, "rules").items():
        yield f"rules of {table}", " ".join(rules), Known()
        if not all(type(count) is int and count > 0 for count in rules.values()):
            yield "rules", "is no count of cells", None
    if release.get("schema") != RELEASE_SCHEMA or release.get("data") not in (None, SYNTHETIC_DATA):
        yield "schema", f"is not {RELEASE_SCHEMA}", None
    yield from _approval(_object(release, "approval"))
    for name, output in _object(release, "outputs").items():
        yield from _output(name, output)
    for decision in release.get("decisions") or []:
        yield from _decision(decision)


def _output(name: str, output: dict[str, Any]) -> Iterator[Found]:
    yield from _keys(output, _OUTPUT, "outputs")
    if not _OUTPUT_NAME.fullmatch(name):
        yield "outputs", "is no output of a release", None
    counts = [output.get(key) for key in ("counts_shown", "counts_hidden")]
    if not all(type(count) is int and count >= 0 for count in counts):
        yield "outputs", "is no count of cells", None
    yield from _texts([output.get(k) for k in ("state", "reasons", "rule")], "outputs", Known())


def _decision(decision: dict[str, Any]) -> Iterator[Found]:
    yield from _keys(decision, "decision by reason date record_sha256", "decisions")
    if not _DATE.fullmatch(str(decision.get("date"))):
        yield "decisions", "is no date", None
    if not _HASH.fullmatch(str(decision.get("record_sha256"))):
        yield "decisions", "is no hash", None
    words = [decision.get(key) for key in ("decision", "by", "reason")]
    yield from _texts(words, "decisions", Known())


def _approval(approval: dict[str, Any]) -> Iterator[Found]:
    yield from _keys(approval, "by kind date", "approval")
    if not _DATE.fullmatch(str(approval.get("date"))):
        yield "approval", "is no date", None
    yield from _texts([approval.get("by"), approval.get("kind")], "approval", Known())


def _table(
    name: str, table: dict[str, Any], tables: Mapping[str, ProtectedTable], known: Known
) -> Iterator[Found]:
    place = f"table {name}"
    if name not in tables:
        yield place, "is no table of this release", None
        return
    yield from _keys(table, "title description columns rows", place)
    yield from _texts([table.get("title"), table.get("description")], place, known)
    for column in table.get("columns") or []:
        yield from _keys(column, _COLUMN, place)
        yield from _texts([column.get(k) for k in _COLUMN.split()[:4]], place, known)
    wanted = tables[name].frame.to_numpy(dtype=object).tolist()
    rows = table.get("rows") or []
    if len(rows) != len(wanted) or any(len(r) != len(w) for r, w in zip(rows, wanted, strict=True)):
        yield place, "has other rows or columns than its protected table", None
        return
    for row, cells in zip(rows, wanted, strict=True):
        for written, cell in zip(row, cells, strict=True):
            if not _same(written, cell):
                yield place, "a cell that differs from the protected table", None
            if isinstance(written, str):
                yield place, written, known


def _figure(name: str, figure: dict[str, Any], known: Known) -> Iterator[Found]:
    place = f"figure {name}"
    yield from _keys(figure, "title alt table svg png", place)
    yield from _texts([figure.get("title"), figure.get("alt")], place, known)
    for key in ("svg", "png"):
        if figure.get(key) is not None and not _FILE.fullmatch(str(figure[key])):
            yield place, "is no released file", None


def _own_places(bundle: dict[str, Any]) -> Iterator[Found]:
    """Yield hashes, versions and sources that are not what their place is for."""
    hashes = [*_object(bundle, "hashes").values(), bundle.get("record_sha256")]
    if not all(_HASH.fullmatch(str(value)) for value in hashes):
        yield "hashes", "is no hash", None
    if bundle.get("schema") != BUNDLE_SCHEMA:
        yield "schema", f"is not {BUNDLE_SCHEMA}", None
    day = bundle.get("registered_on")
    if day is not None and not _DATE.fullmatch(str(day)):
        yield "registered_on", "is no date", None
    if type(bundle.get("registrations")) is not int:
        yield "registrations", "is no count of registrations", None
    for name, value in _object(bundle, "versions").items():
        if not _NAME.fullmatch(name) or not _VERSION.fullmatch(str(value)):
            yield "versions", "is no version", None
    for source in bundle.get("sources") or []:
        yield from _keys(source, "name profile rows synthetic", "sources")
        yield from _texts([source.get("name"), source.get("profile")], "sources", Known())
        if type(source.get("rows")) is not int and source.get("rows") != "[c]":
            yield "sources", "is no count of rows", None


def _texts(value: Any, place: str, known: Known) -> Iterator[Found]:
    """Yield every text and number below a place."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield from _texts(entry, f"{place}.{key}", known)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry, place, known)
    elif value is not None and not isinstance(value, bool):
        yield place, str(value), known


def _keys(entry: Any, allowed: str, place: str) -> Iterator[Found]:
    unknown = sum(key not in allowed.split() for key in entry)
    if unknown:
        yield place, "holds names that are not in the contract", None


def _object(entry: dict[str, Any], key: str) -> dict[str, Any]:
    found = entry.get(key)
    return found if isinstance(found, dict) else {}


def _same(written: Any, cell: Any) -> bool:
    if cell is None or cell != cell:
        return written is None
    return type(written) is type(cell) and bool(written == cell)
