"""Let a reader choose an organisation, a part of experience and a form, by plain form fields."""

from dataclasses import replace
from typing import Any

import ipywidgets

from evalkit.reports.bundle import Bundle
from evalkit.reports.links import View
from evalkit.reports.organisation import list_facets, list_organisations, write_view
from evalkit.reports.words import escape

_FORMS = [("Chart", "chart"), ("Table", "table")]
_ALL = ("All trusts", "")


def make_controls(bundle: Bundle, view: View) -> ipywidgets.Box:
    """Return the fields and the view they change; the view is replaced in place."""
    organisations = list_organisations(bundle)
    search = ipywidgets.Text(
        description="Search for an organisation by name or code", continuous_update=True
    )
    organisation = _dropdown(
        "Organisation", _options(organisations, "", view.organisation), view.organisation
    )
    facet = _dropdown(
        "Measure",
        [(words, name) for name, words in list_facets(bundle).items()],
        view.facet,
    )
    form = _dropdown("Show as", _FORMS, view.view)
    matches = ipywidgets.HTML(_count(len(organisations), ""))
    shown = ipywidgets.HTML(write_view(bundle, view))

    def narrow(change: dict[str, Any]) -> None:
        kept = organisation.value
        organisation.unobserve(redraw, "value")
        organisation.options = _options(organisations, change["new"], kept)
        organisation.value = kept
        organisation.observe(redraw, "value")
        found = sum(_matches(entry, change["new"]) for entry in organisations.items())
        matches.value = _count(found, change["new"])

    def redraw(_: dict[str, Any]) -> None:
        chosen = replace(view, facet=facet.value, organisation=organisation.value, view=form.value)
        shown.value = write_view(bundle, chosen)

    search.observe(narrow, "value")
    for field in (organisation, facet, form):
        field.observe(redraw, "value")
    fields = ipywidgets.Box([search, organisation, facet, form])
    for part, name in ((fields, "fields"), (matches, "matches"), (shown, "shown")):
        part.add_class(f"evalkit-{name}")
    box = ipywidgets.Box([fields, matches, shown])
    box.add_class("evalkit-controls")
    return box


def write_form(bundle: Bundle, view: View) -> str:
    """Return the same choices as a form that works by address, for browsers without scripts."""
    organisations = {"": _ALL[0], **list_organisations(bundle)}
    return (
        '<form class="plain-form" method="get" action="/study">'
        f'<input type="hidden" name="study" value="{escape(bundle.study)}">'
        + _select("organisation", "Organisation", organisations, view.organisation)
        + _select("facet", "Measure", list_facets(bundle), view.facet)
        + _select("view", "Show as", {name: words for words, name in _FORMS}, view.view)
        + '<button type="submit">Show</button></form>'
    )


def _dropdown(label: str, options: list[tuple[str, str]], value: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(description=label, options=options, value=value)


def _options(organisations: dict[str, str], searched: str, kept: str) -> list[tuple[str, str]]:
    """List those that match; the chosen one stays, so that searching alone changes no view."""
    return [_ALL] + [
        (name if name == unit else f"{name} ({unit})", unit)
        for unit, name in organisations.items()
        if unit == kept or _matches((unit, name), searched)
    ]


def _matches(entry: tuple[str, str], searched: str) -> bool:
    words = searched.casefold().split()
    return all(word in " ".join(entry).casefold() for word in words)


def _count(found: int, searched: str) -> str:
    if not searched.strip():
        return f"<p>{found} organisations to choose from.</p>"
    noun = "organisation matches" if found == 1 else "organisations match"
    return f"<p>{found} {noun}. Choose from the list.</p>"


def _select(name: str, label: str, options: dict[str, str], chosen: str) -> str:
    listed = "".join(
        f'<option value="{escape(value)}"{" selected" if value == chosen else ""}>'
        f"{escape(words)}</option>"
        for value, words in options.items()
    )
    return (
        f'<label for="plain-{name}">{label}</label>'
        f'<select id="plain-{name}" name="{name}">{listed}</select>'
    )
