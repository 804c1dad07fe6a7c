"""What an export may hold: numbers of released tables and words, fingerprints, pictures."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from evalkit.disclosure.consent import kept_withheld
from evalkit.disclosure.numerals import Known, numbers_in
from evalkit.disclosure.scan import text_leaks
from evalkit.exports.released import ReleasedStudy
from evalkit.record.withheld import Withheld
from evalkit.reports.bundle import Bundle, Table
from evalkit.reports.checklists import checklist_texts, count_answered
from evalkit.reports.decision import decision_texts
from evalkit.reports.organisation import list_organisations
from evalkit.reports.reading_age import whole_age
from evalkit.reports.versions import list_versions
from evalkit.reports.words import sentence_case

_WORDS = (
    "title question population estimand stamp_reason registered_on departures changes_since_first "
    "finding checks not_measured co_production protocol sources"
)


VALUE_PLACE = "element dd"
_CONSTANTS = ("Fingerprints (SHA-256)",)

Found = tuple[str, str, int]
"""A place, what is wrong there, and how often; never a value."""


@dataclass(frozen=True, slots=True)
class Allowed:
    """Numbers that may stand anywhere, texts that may stand whole, and pictures by their hash.

    `versions` may stand alone where the page lists them, as values beside their names.
    """

    numbers: Known
    whole: frozenset[str]
    versions: frozenset[str]
    pictures: frozenset[str]
    synthetic: bool
    earlier: Known = field(default_factory=Known)
    """Numbers of earlier versions, which stand on the page that compares with them."""
    withheld: Withheld = field(default_factory=Withheld)
    """People's words that nobody agreed to show."""

    def leaks(self, text: str, place: str) -> Iterator[Found]:
        """Yield what may not stand in a text: unreleased numbers, identifiers, words withheld."""
        if place == VALUE_PLACE and text.strip() in self.versions:
            return
        told = [part for part in text.split("; ") if part.strip() not in self.whole]
        yield from text_leaks("; ".join(told), place, self.numbers, self.withheld)


def allow(released: ReleasedStudy) -> Allowed:
    """Return what may stand in an export of a released study."""
    bundle = released.bundle
    return Allowed(
        numbers=released_numbers(bundle),
        whole=frozenset(own_texts(bundle)),
        versions=frozenset(map(str, bundle.versions.values())),
        pictures=released.hashes,
        synthetic=bundle.synthetic,
        earlier=_earlier_numbers(released),
        withheld=kept_withheld(released.home, bundle.study),
    )


def _earlier_numbers(released: ReleasedStudy) -> Known:
    """Return the numbers of the versions that the page compares with, and of the versions."""
    known = Known(frozenset({float(released.bundle.version)}))
    for version in list_versions(released.bundle, released.home):
        known |= Known(frozenset({float(version.number)}))
        if version.bundle is not None:
            known |= released_numbers(version.bundle)
    return known


def released_numbers(bundle: Bundle) -> Known:
    """Return every number that may stand in an export of this bundle.

    Fingerprints and versions are no numbers: `own_texts` has them, whole.
    """
    known = _numbers_of(_told(bundle)) | Known(frozenset(map(float, _counts(bundle))))
    for table in bundle.tables.values():
        known |= _table_numbers(table)
    return known


def own_texts(bundle: Bundle) -> Iterator[str]:
    """Yield the names and fingerprints that stand in an export, alone or beside their names."""
    hashes = {sentence_case(name): str(held) for name, held in bundle.hashes.items()}
    hashes["Record"] = bundle.record_sha256
    yield from checklist_texts()
    yield from (bundle.study, *bundle.tables, *bundle.versions, *hashes.values(), *_CONSTANTS)
    for name, value in [*hashes.items(), *bundle.versions.items()]:
        yield from (f"{name} {value}", f"{name}: {value}")


def _told(bundle: Bundle) -> Iterator[str]:
    yield from _leaves([getattr(bundle, name) for name in _WORDS.split()])
    yield from decision_texts(bundle)
    yield from _leaves([[f["title"], f["alt"]] for f in bundle.figures.values()])
    for name, table in bundle.tables.items():
        yield name
        yield from (table.title, table.description)
        yield from (words for column in table.columns for words in (column.label, column.unit))


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, held in value.items():
            yield str(name)
            yield from _leaves(held)
    elif isinstance(value, list | tuple):
        for held in value:
            yield from _leaves(held)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def _counts(bundle: Bundle) -> Iterator[int]:
    """Yield what the report counts: checks, changes of the plan, tables and organisations."""
    verdicts = Counter(check["verdict"] for check in bundle.checks)
    yield from (len(bundle.checks), *verdicts.values(), len(bundle.tables))
    yield from (bundle.registrations, bundle.registrations - 1)
    yield len(list_organisations(bundle))
    yield whole_age(bundle)
    for pair in count_answered(bundle).values():
        yield from pair


def _table_numbers(table: Table) -> Known:
    exact, rounded, words = set[float](), set[tuple[float, int]](), list[str]()
    for column in table.columns:
        for row in table.rows:
            cell = row[column.name]
            if isinstance(cell, str):
                words.append(cell)
            elif cell is not None and column.decimals is None:
                exact.add(abs(float(cell)))
                rounded.add((abs(float(cell)), _decimals(cell)))
            elif cell is not None and column.decimals is not None:
                rounded.add((abs(float(cell)), column.decimals))
                if cell == 0:
                    exact.add(10.0**-column.decimals)
    return _numbers_of(words) | Known(frozenset(exact), frozenset(rounded))


def _numbers_of(texts: Iterable[str]) -> Known:
    """Return the numbers of texts as the report shows them, a name as separate words."""
    return numbers_in(text.replace("_", " ") for text in texts)


def _decimals(cell: float | int) -> int:
    """Return how many decimals a number was released with, as it is written."""
    written = repr(float(cell))
    return 0 if "e" in written or written.endswith(".0") else len(written.partition(".")[2])
