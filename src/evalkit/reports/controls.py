"""Fields of a notebook that is open in JupyterLab or stock Voila, where no script of ours is."""

from dataclasses import replace
from typing import Any

import ipywidgets

from evalkit.reports.bundle import Bundle
from evalkit.reports.explore import ALL, FORMS, name_options
from evalkit.reports.links import View
from evalkit.reports.organisation import list_facets, list_periods, write_view


def make_controls(bundle: Bundle, view: View) -> ipywidgets.Box:
    """Return the fields and the view they change; the view is replaced in place."""
    organisations = name_options(bundle)
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
    periods = [("All periods", ""), *((p, p) for p in list_periods(bundle))]
    period = _dropdown("Period", periods, view.period)
    form = _dropdown("Show as", list(FORMS), view.view)
    matches = ipywidgets.HTML(_count(len(organisations), ""))
    shown = ipywidgets.HTML(write_view(bundle, view))

    def narrow(change: dict[str, Any]) -> None:
        kept = organisation.value
        organisation.unobserve(redraw, "value")
        organisation.options = _options(organisations, change["new"], kept)
        organisation.value = kept
        organisation.observe(redraw, "value")
        found = sum(_matches(words, change["new"]) for words in organisations.values())
        matches.value = _count(found, change["new"])

    def redraw(_: dict[str, Any]) -> None:
        chosen = replace(
            view,
            facet=facet.value,
            organisation=organisation.value,
            period=period.value,
            view=form.value,
        )
        shown.value = write_view(bundle, chosen)

    search.observe(narrow, "value")
    for field in (organisation, facet, period, form):
        field.observe(redraw, "value")
    fields = ipywidgets.Box([search, organisation, facet, period, form])
    for part, name in ((fields, "fields"), (matches, "matches"), (shown, "shown")):
        part.add_class(f"evalkit-{name}")
    box = ipywidgets.Box([fields, matches, shown])
    box.add_class("evalkit-controls")
    return box


def _dropdown(label: str, options: list[tuple[str, str]], value: str) -> ipywidgets.Dropdown:
    return ipywidgets.Dropdown(description=label, options=options, value=value)


def _options(organisations: dict[str, str], searched: str, kept: str) -> list[tuple[str, str]]:
    """List those that match; the chosen one stays, so that searching alone changes no view."""
    return [ALL] + [
        (words, unit)
        for unit, words in organisations.items()
        if unit == kept or _matches(words, searched)
    ]


def _matches(option: str, searched: str) -> bool:
    return all(word in option.casefold() for word in searched.casefold().split())


def _count(found: int, searched: str) -> str:
    if not searched.strip():
        return f"<p>{found} organisations to choose from.</p>"
    noun = "organisation matches" if found == 1 else "organisations match"
    return f"<p>{found} {noun}. Choose from the list.</p>"
