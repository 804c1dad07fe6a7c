"""Every place of the provenance of a release: which may be there, and what may stand in it."""

import re
from collections.abc import Iterator
from typing import Any

from evalkit.disclosure.numerals import Known
from evalkit.disclosure.scan_json import Found

_SHA256 = re.compile(r"sha256:[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}")
_VERSION = re.compile(r"\d[\w.+!-]{0,30}")
_FIXED = frozenset(
    {
        "./",
        "https://w3id.org/ro/crate/1.1/context",
        "https://w3id.org/ro/crate/1.1",
        "https://w3id.org/ro/wfrun/process/0.5",
        "https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/",
    }
)
_ID = re.compile(
    r"#(run|code|notebook|environment|person-\d{1,3}|data-[a-z][a-z_]*)|bundle\.json|"
    r"ro-crate-metadata\.json|provenance/parameters\.json|"
    r"(tables|figures)/[a-z][a-z0-9_]*\.(csv|svg|png)"
)
_LINKED = frozenset(["@id", "@context"])
_KEYS = (
    "@context @graph @id @type about agent alternateName conformsTo datePublished description "
    "hasPart identifier instrument license mentions name object result softwareRequirements version"
)
_PAPER = "schema data withheld parameters"
_WITHHELD = ("_connection", "_query")


def crate_leaks(crate: Any, parameters: Known) -> Iterator[Found]:
    """Yield every text of the crate with the numbers it may hold, and every place not allowed."""
    if not isinstance(crate, dict):
        yield "file", "is no JSON object", None
        return
    yield from _walk(crate, "crate", parameters)


def parameter_leaks(paper: Any, parameters: Known) -> Iterator[Found]:
    """Yield every text of the parameters with the numbers they may hold, names too."""
    if not isinstance(paper, dict) or not isinstance(paper.get("parameters"), dict):
        yield "file", "is no JSON object", None
        return
    if set(paper) - set(_PAPER.split()):
        yield "parameters", "holds names that are not in the contract", None
    if any(n.endswith(_WITHHELD) and v is not None for n, v in paper["parameters"].items()):
        yield "parameters", "holds the address or the query of a database", None
    if paper.get("schema") != "evalkit-parameters/1":
        yield "schema", "is no schema of parameters", None
    if paper.get("data") not in (None, "Synthetic data"):
        yield "data", "is no origin of data", None
    yield from _words(paper.get("withheld"), "withheld", parameters)
    yield from _words(paper["parameters"], "parameters", parameters)


def _walk(value: Any, key: str, parameters: Known) -> Iterator[Found]:
    if isinstance(value, dict):
        if set(value) - set(_KEYS.split()):
            yield key, "holds names that are not in the contract", None
        for name, held in value.items():
            yield from _walk(held, name, parameters)
    elif isinstance(value, list):
        for held in value:
            yield from _walk(held, key, parameters)
    elif not isinstance(value, str):
        yield key, "is no text", None
    elif key in _LINKED:
        if value not in _FIXED and not _ID.fullmatch(value):
            yield key, "refers to what is no part of a release", None
    elif (rule := _RULES.get(key)) is not None:
        if not rule[0].fullmatch(value):
            yield key, rule[1], None
    elif not _ID.fullmatch(value):
        yield key, value, parameters


_RULES = {
    "identifier": (_SHA256, "is no hash"),
    "datePublished": (_DATE, "is no date"),
    "version": (_VERSION, "is no version"),
    "@type": (re.compile("[A-Z][A-Za-z]{2,40}"), "is no type"),
}


def _words(value: Any, place: str, known: Known) -> Iterator[Found]:
    """Yield every name, text and number below a place."""
    if isinstance(value, dict):
        for key, entry in value.items():
            yield place, str(key), known
            yield from _words(entry, place, known)
    elif isinstance(value, list):
        for entry in value:
            yield from _words(entry, place, known)
    elif value is not None and not isinstance(value, bool):
        yield place, str(value), known
