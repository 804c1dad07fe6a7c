"""What the report notebooks call: open a study, show its parts, and say in words what failed."""

import os
from collections.abc import Callable
from dataclasses import dataclass

from IPython.display import HTML, display

from evalkit.errors import DataError, EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle, released_folder, released_studies
from evalkit.reports.choose import allowed_choices, write_choose
from evalkit.reports.detail import write_detail
from evalkit.reports.explore import (
    SCRIPT_VARIABLE,
    write_data,
    write_heading,
    write_organisation,
)
from evalkit.reports.gallery import NOTHING_RELEASED, read_wanted, write_gallery
from evalkit.reports.links import View, choose_view, read_names, read_query
from evalkit.reports.one_page import list_places, write_one_page
from evalkit.reports.organisation import list_facets, list_organisations, list_periods
from evalkit.reports.portfolio import write_portfolio
from evalkit.reports.summary import write_notices, write_summary
from evalkit.reports.sweep_page import write_sweep
from evalkit.reports.versions import allowed_versions, list_versions
from evalkit.reports.words import escape


@dataclass(frozen=True, slots=True)
class Opened:
    """A study with the view that the address asks for; without a bundle, `fault` says why."""

    bundle: Bundle | None
    view: View
    notices: list[str]
    fault: str = ""


def open_study(query: str | None = None) -> Opened:
    """Open the study that the page's address names; one that is alone needs no name."""
    try:
        asked, notices = read_query(_asked_for(query))
        folder = released_folder()
        bundle = read_bundle(folder, _name_study(asked, released_studies(folder)))
        facets, organisations = list(list_facets(bundle)), list(list_organisations(bundle))
        allowed = allowed_choices(bundle, asked) | {"period": list_periods(bundle)}
        allowed["since"] = allowed_versions(list_versions(bundle))
        view, more = choose_view(asked | {"study": bundle.study}, facets, organisations, allowed)
    except EvalkitError as fault:
        return Opened(None, View(), [], str(fault))
    except Exception as bug:
        return Opened(None, View(), [], _describe(bug))
    if view.since:
        more.append("What changed since the version that you saw stands near the end of the page.")
    return Opened(bundle, view, notices + more)


def show_gallery(query: str | None = None) -> None:
    """Show every released study that the address asks for."""
    wanted, notices = read_wanted(_asked_for(query))
    _show(lambda: write_notices(notices) + write_gallery(released_folder(), wanted))


def show_portfolio() -> None:
    """Show all answers in one table."""
    _show(lambda: write_portfolio(released_folder()))


def show_sweep(query: str | None = None) -> None:
    """Show the released runs of the sweep that the address names."""
    asked, notices = read_names(_asked_for(query), ("sweep",))
    sweep = asked.get("sweep", "")
    _show(lambda: write_notices(notices) + write_sweep(released_folder(), sweep))


def show_one_page(query: str | None = None) -> None:
    """Show one organisation, ward or team on a page."""
    _show(lambda: _write_place(_asked_for(query)))


def _write_place(query: str) -> str:
    asked, notices = read_query(query)
    folder = released_folder()
    bundle = read_bundle(folder, _name_study(asked, released_studies(folder)))
    places, periods = list(list_places(bundle)), list_periods(bundle)
    kept = {name: asked[name] for name in ("organisation", "period") if name in asked}
    view, more = choose_view(
        kept | {"study": bundle.study}, list(list_facets(bundle)), places, {"period": periods}
    )
    return write_notices(notices + more) + write_one_page(bundle, view)


def show_summary(opened: Opened) -> None:
    """Show the question, the answer and for whom, or why there is nothing to show."""
    bundle = opened.bundle
    if bundle is None:
        _put(_write_refusal(opened.fault))
        return
    _show(lambda: write_summary(bundle, opened.notices) + write_choose(bundle, opened.view))


def show_organisation(opened: Opened) -> None:
    """Show the reader's own organisation: with our script on a page of ours, else with widgets."""
    bundle = opened.bundle
    if bundle is None or "organisations" not in bundle.tables:
        return
    if os.environ.get(SCRIPT_VARIABLE):
        _show(lambda: write_organisation(bundle, opened.view) + write_data(bundle))
        return
    _show(lambda: write_heading(bundle))
    if list_organisations(bundle):
        try:
            from evalkit.reports.controls import make_controls

            display(make_controls(bundle, opened.view))  # type: ignore[no-untyped-call]
        except Exception as bug:
            _put(_write_fault(_describe(bug)))


def show_detail(opened: Opened) -> None:
    """Show how sure one can be, who took part, and where the numbers come from."""
    bundle = opened.bundle
    if bundle is not None:
        _show(lambda: write_detail(bundle, opened.view))


def _asked_for(query: str | None) -> str:
    return os.environ.get("QUERY_STRING", "") if query is None else query


def _name_study(asked: dict[str, str], released: list[str]) -> str:
    if not released:
        raise DataError(NOTHING_RELEASED)
    if "study" in asked:
        return asked["study"]
    if len(released) == 1:
        return released[0]
    raise DataError("Report: the address names no study. Choose one from the list.")


def _show(write: Callable[[], str]) -> None:
    """Display what `write` returns; a fault is told in words, without a traceback."""
    try:
        written = write()
    except EvalkitError as fault:
        written = _write_fault(str(fault))
    except Exception as bug:
        written = _write_fault(_describe(bug))
    _put(written)


def _put(written: str) -> None:
    display(HTML(written))  # type: ignore[no-untyped-call]


def _describe(bug: Exception) -> str:
    return (
        f"This part of the report could not be drawn ({type(bug).__name__}). What else the page "
        "shows is as released. Load the page again, or tell the people who run this service."
    )


def _write_fault(words: str) -> str:
    return f'<section class="fault" data-report-fault><p>{escape(words)}</p></section>'


def _write_refusal(words: str) -> str:
    return (
        "<h1>There is no report to show</h1>"
        f'{_write_fault(words)}<p><a href="./">See all studies</a></p>'
    )
