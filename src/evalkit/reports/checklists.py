"""Fill reporting checklists from the release: which item is answered where, and what is open.

The items stand in `checklists.csv`, in our own short words; the numbers of items are those of
SQUIRE (Ogrinc and others 2016), TIDieR (Hoffmann and others 2014), the short form of GRIPP2
(Staniszewska and others 2017) and STROBE (von Elm and others 2007); those of the levels of RAP
(NHS England) are ours. Not verified against the forms.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from evalkit.reports.bundle import Bundle, Cell, Column, Table
from evalkit.reports.choices import name_choice
from evalkit.reports.reading_age import say_reading_age
from evalkit.reports.words import escape, say

NAMES = {
    "squire": "SQUIRE, second edition: reports of improvement",
    "tidier": "TIDieR: describing what was done",
    "gripp": "GRIPP, second edition, short form: involvement",
    "strobe": "STROBE: studies that observe",
    "rap": "Levels of reproducible analysis (baseline, silver, gold)",
}
_FIELDS = {
    "title": ("title of the page", ""),
    "question": ("question at the top", ""),
    "population": ("who it is about", "method"),
    "estimand": ("what is estimated", "method"),
    "finding.answer": ("the answer", ""),
    "finding.meaning": ("what this means", "meaning"),
    "finding.limits": ("what to keep in mind", "meaning"),
    "decision.decisions": ("decision, by whom and why", ""),
    "checks": ("assumptions and their checks", "certainty"),
    "co_production": ("who took part and decided", "people"),
    "protocol": ("plan of the analysis", "method"),
    "sources": ("sources and their rules", "provenance"),
    "record_sha256": ("fingerprint of the record", "provenance"),
    "versions.python": ("versions of the software", "provenance"),
    "tables": ("tables released beside the page", "provenance"),
}
_SECTIONS = {
    **dict.fromkeys(("estimates", "coverage", "quality", "who", "trend"), "method"),
    **dict.fromkeys(("timing", "mediation"), "mechanism"),
    "measured": "certainty",
    "facets": "facets",
    "subgroups": "groups",
    "headline": "",
}
_ELSEWHERE = "figures"
_LEVELLED = "rap"
_LEVELS = {"B": "baseline", "S": "silver", "G": "gold"}
_ABOUT = (
    "What good reports tell, by the lists that journals and the NHS use. The items are in our own "
    "words. What a run knows is filled in. An open item waits for the people who ran the study."
)


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a checklist; `answered_by` is alternatives, each of places all needed."""

    checklist: str
    number: str
    title: str
    asks: str
    answered_by: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Filled:
    """An item with the places of the release that answer it; an open one has none."""

    item: Item
    places: tuple[str, ...]


@cache
def read_items() -> tuple[Item, ...]:
    """Read the items of all checklists, in their order."""
    path = Path(__file__).with_name("checklists.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(map(_read_item, csv.DictReader(file)))


def _read_item(row: Mapping[str, str]) -> Item:
    ways = [way for way in row["answered_by"].split("|") if way.strip()]
    places = tuple(tuple(place.strip() for place in way.split("+")) for way in ways)
    return Item(row["checklist"], row["item"], row["title"], row["asks"], places)


def fill_checklists(bundle: Bundle) -> tuple[Filled, ...]:
    """Return each item with the first set of places that the release has all of."""
    return tuple(_fill(item, bundle) for item in read_items())


def _fill(item: Item, bundle: Bundle) -> Filled:
    ways = (way for way in item.answered_by if all(is_there(place, bundle) for place in way))
    return Filled(item, next(ways, ()))


def is_there(place: str, bundle: Bundle) -> bool:
    """Say whether a release holds a place; what belongs to the project is held by its code."""
    kind, _, name = place.partition(":")
    if kind == "table":
        return name in bundle.tables and bool(bundle.tables[name].rows)
    if kind == "protocol":
        return bundle.protocol.get(name) not in (None, "", [])
    if kind == "field":
        return bool(_field(bundle, name))
    return kind == "project"


def _field(bundle: Bundle, name: str) -> Any:
    first, _, rest = name.partition(".")
    value = getattr(bundle, first)
    return value.get(rest) if rest and isinstance(value, dict) else value


def describe_place(place: str, bundle: Bundle) -> tuple[str, str]:
    """Return what a place is called, and the section of the page that holds it, if any."""
    kind, _, name = place.partition(":")
    if kind == "table":
        return f"table: {bundle.tables[name].title}", _SECTIONS.get(name, _ELSEWHERE)
    if kind == "protocol":
        return f"plan: {name_choice(name).lower()}", "method"
    if kind == "project":
        return f"in the project: {name}", ""
    if name.startswith("hashes."):
        return f"fingerprint of the {name.partition('.')[2]}", "provenance"
    return _FIELDS[name]


def count_answered(bundle: Bundle) -> dict[str, tuple[int, int]]:
    """Return for each checklist how many items are answered, of how many."""
    filled = fill_checklists(bundle)
    counts = {}
    for name in NAMES:
        own = [one for one in filled if one.item.checklist == name]
        counts[name] = (sum(bool(one.places) for one in own), len(own))
    return counts


def write_checklists(bundle: Bundle) -> str:
    """Return each checklist behind a line that counts what is answered; open items are named."""
    filled = fill_checklists(bundle)
    counts = count_answered(bundle)
    written = "".join(
        f"<details><summary>{escape(name)}: {counts[key][0]} of {counts[key][1]} items are "
        "answered by this report</summary>"
        f"{_say_level(filled) if key == _LEVELLED else ''}"
        f"{_write_table(name, [one for one in filled if one.item.checklist == key], bundle)}"
        "</details>"
        for key, name in NAMES.items()
    )
    return f"<p>{_ABOUT}</p>{written}<p>{say_reading_age(bundle)}</p>"


def name_level(filled: tuple[Filled, ...]) -> tuple[str, list[str]]:
    """Return the level of reproducible analysis that is reached, and what the next one lacks."""
    reached = "none yet"
    for letter, level in _LEVELS.items():
        own = [one for one in filled if one.item.checklist == _LEVELLED]
        lacking = [o.item.title for o in own if o.item.number[0] == letter and not o.places]
        if lacking:
            return reached, lacking
        reached = level
    return reached, []


def _say_level(filled: tuple[Filled, ...]) -> str:
    reached, lacking = name_level(filled)
    more = f" The next one waits for: {escape(', '.join(lacking).lower())}." if lacking else ""
    return f"<p>Level that the release itself can show: {reached}.{more}</p>"


def tabulate_checklists(bundle: Bundle) -> Table:
    """Return all items as a table, as the workbook has it."""
    labels = {"checklist": "Checklist", "item": "Item", "asks": "What it asks"}
    labels |= {"state": "Answered by this report", "where": "Where"}
    columns = tuple(Column(name, label, "label", "", None) for name, label in labels.items())
    rows: tuple[dict[str, Cell], ...] = tuple(
        {
            "checklist": NAMES[one.item.checklist],
            "item": item_name(one.item),
            "asks": one.item.asks,
            "state": "yes" if one.places else "open",
            "where": "; ".join(describe_place(p, bundle)[0] for p in one.places)
            or "waits for the people who ran the study",
        }
        for one in fill_checklists(bundle)
    )
    return Table("Reporting checklists", _ABOUT, columns, rows)


def checklist_texts() -> Iterator[str]:
    """Yield what items are called: the numbers in them are those of the checklists."""
    yield from map(item_name, read_items())


def _write_table(name: str, filled: list[Filled], bundle: Bundle) -> str:
    rows = "".join(_write_row(one, bundle) for one in filled)
    head = "".join(f'<th scope="col">{w}</th>' for w in ("Item", "What it asks", "Where"))
    return (
        f'<div class="table-scroll" role="region" aria-label="{escape(name)}" tabindex="0">'
        f'<table><caption class="visually-hidden">{escape(name)}</caption><thead><tr>{head}</tr>'
        f"</thead><tbody>{rows}</tbody></table></div>"
    )


def _write_row(one: Filled, bundle: Bundle) -> str:
    where = "; ".join(_link(*describe_place(p, bundle)) for p in one.places) or "Open"
    return (
        f'<tr><th scope="row">{item_name(one.item)}</th><td>{escape(one.item.asks)}</td>'
        f"<td>{where}</td></tr>"
    )


def item_name(item: Item) -> str:
    """Return what an item is called: its number, as the form has it, and its title."""
    return f"No. {item.number}: {item.title}"


def _link(words: str, section: str) -> str:
    return f'<a href="#{section}">{say(words)}</a>' if section else say(words)
