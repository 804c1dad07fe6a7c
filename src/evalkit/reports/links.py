"""Read and write the address of a view: a closed list of names, checked against the bundle."""

from dataclasses import dataclass
from urllib.parse import parse_qs, urlencode

ADDRESS_NAMES = ("study", "facet", "organisation", "view")
VIEWS = ("chart", "table")
_LONGEST_QUERY = 2000


@dataclass(frozen=True, slots=True)
class View:
    """What a reader has chosen; an empty text stands for the first or for all."""

    study: str = ""
    facet: str = ""
    organisation: str = ""
    view: str = "chart"


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
    asked: dict[str, str], facets: list[str], organisations: list[str]
) -> tuple[View, list[str]]:
    """Check what was asked for against what the bundle holds; say what could not be shown."""
    notices = []
    chosen = {}
    for name, allowed, words in (
        ("facet", facets, "measure"),
        ("organisation", organisations, "organisation"),
        ("view", list(VIEWS), "kind of view"),
    ):
        if name in asked and asked[name] in allowed:
            chosen[name] = asked[name]
        elif name in asked:
            notices.append(f"The {words} in the address is not in this report and was ignored.")
    return View(
        asked.get("study", ""),
        chosen.get("facet", facets[0] if facets else ""),
        chosen.get("organisation", ""),
        chosen.get("view", "chart"),
    ), notices


def write_address(view: View) -> str:
    """Return the address that shows this view again, as seen from the page of any study."""
    named = {name: getattr(view, name) for name in ADDRESS_NAMES if getattr(view, name)}
    return "?" + urlencode(named)
