"""Read and write the address of a view: a closed list of names, checked against the bundle."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

VIEWS = ("chart", "table")
CHOICES = {
    "facet": "measure",
    "organisation": "organisation",
    "period": "period of the organisation",
    "view": "kind of view",
    "figures": "set of figures",
    "part": "part of experience",
    "group": "group",
    "time": "period",
    "form": "kind of view of the figures",
    "since": "earlier version",
}
"""What an address may choose, and what a reader is told of a choice that cannot be shown."""

ADDRESS_NAMES = ("study", *CHOICES)
_LONGEST_QUERY = 2000


@dataclass(frozen=True, slots=True)
class View:
    """What a reader has chosen; an empty text stands for the first or for all."""

    study: str = ""
    facet: str = ""
    organisation: str = ""
    view: str = "chart"
    period: str = ""
    figures: str = ""
    part: str = ""
    group: str = ""
    time: str = ""
    form: str = ""
    since: str = ""


def read_query(query: str) -> tuple[dict[str, str], list[str]]:
    """Take the names of a view out of a query string; say in words what was left out."""
    return read_names(query, ADDRESS_NAMES)


def read_names(query: str, names: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Take known names out of a query string; say in words what was left out."""
    if len(query) > _LONGEST_QUERY:
        return {}, ["The address was too long and was not used."]
    try:
        given = parse_qs(query, keep_blank_values=False, errors="strict", max_num_fields=20)
    except ValueError:
        return {}, ["The address could not be read and was not used."]
    kept = {name: given[name][0] for name in names if len(given.get(name, ())) == 1}
    ignored = len(given) - len(kept)
    return kept, ["Part of the address is not known here and was ignored."] if ignored else []


def choose_view(
    asked: dict[str, str],
    facets: list[str],
    organisations: list[str],
    more: Mapping[str, list[str]] | None = None,
) -> tuple[View, list[str]]:
    """Check what was asked for against what the bundle holds; say what could not be shown.

    `more` has, by its name in the address, what may be asked for of each other choice.
    """
    allowed = {**(more or {}), "facet": facets, "organisation": organisations, "view": list(VIEWS)}
    notices, chosen = [], {"facet": facets[0] if facets else ""}
    for name, words in CHOICES.items():
        if name in asked and asked[name] in allowed.get(name, ()):
            chosen[name] = asked[name]
        elif name in asked:
            notices.append(f"The {words} in the address is not in this report and was ignored.")
    return View(asked.get("study", ""), **chosen), notices


def write_address(view: View) -> str:
    """Return the address that shows this view again, as seen from the page of any study."""
    named = {name: getattr(view, name) for name in ADDRESS_NAMES if getattr(view, name)}
    return "?" + urlencode(named)
