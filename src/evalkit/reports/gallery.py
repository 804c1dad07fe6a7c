"""Write the list of released studies, with a search and two filters that an address can hold."""

from dataclasses import dataclass
from pathlib import Path

from evalkit.errors import EvalkitError
from evalkit.reports.bundle import Bundle, read_bundle, released_studies
from evalkit.reports.fields import write_select
from evalkit.reports.links import View, read_names, write_address
from evalkit.reports.plan import write_stamp
from evalkit.reports.sweep_file import members
from evalkit.reports.sweep_page import write_sweeps
from evalkit.reports.words import escape, say

NOTHING_RELEASED = (
    "Nothing has been released yet. Run a study with `make study`, or release a finished one with "
    "`evalkit release`, then load this page again."
)
NAMES = ("search", "plan", "checks")
_ALL = {"": "All"}
PLANS = _ALL | {
    "kept": "Followed a registered plan",
    "exploratory": "Exploratory",
    "to-come": "Still to be done: no results",
}
CHECKS = _ALL | {
    "concern": "With a concern",
    "cannot-tell": "Without a concern, but one or more cannot be told",
    "pass": "All checks pass",
}
_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which studies a reader wants to see; empty texts stand for all."""

    search: str = ""
    plan: str = ""
    checks: str = ""


def read_wanted(query: str) -> tuple[Wanted, list[str]]:
    """Take the search and the filters out of an address; say in words what was left out."""
    given, notices = read_names(query, NAMES)
    kept = {"search": given.get("search", "")[:_LONGEST_SEARCH]}
    for name, allowed in (("plan", PLANS), ("checks", CHECKS)):
        if given.get(name, "") in allowed:
            kept[name] = given.get(name, "")
        else:
            notices.append("A filter in the address is not known here and was ignored.")
    return Wanted(**kept), notices


def write_gallery(folder: Path, wanted: Wanted | None = None) -> str:
    """Return a card for each released study; those that are not wanted are there, but hidden."""
    wanted = wanted or Wanted()
    apart = members(folder)
    names = [name for name in released_studies(folder) if name not in apart]
    shown = [_write_entry(folder, name, wanted) for name in names]
    found = sum(is_shown for is_shown, _ in shown)
    cards = "".join(card for _, card in shown)
    sweeps = write_sweeps(folder)
    more = _SWEEPS if sweeps else ""
    body = (
        f'{_write_form(wanted)}<p id="found" role="status">{say_found(found, len(names))}</p>'
        f'<ul class="gallery">{cards}</ul>'
        if names
        else _write_nothing()
    )
    return (
        "<h1>Did people’s experience of care improve?</h1>"
        '<p class="lead">Each study below answers one question, with how sure one can be of the '
        f"answer.</p>{_PORTFOLIO if names else ''}{more}{body}{sweeps}"
    )


_SWEEPS = '<p class="onward"><a href="#sweeps-heading">Studies that were asked many times</a></p>'
_PORTFOLIO = '<p class="onward"><a href="portfolio">All answers on one page, for a board</a></p>'


def say_found(found: int, of: int) -> str:
    """Say how many studies are shown; the script of the page says the same."""
    return f"{found} of {of} {'study is' if of == 1 else 'studies are'} shown."


def plan_of(bundle: Bundle) -> str:
    """Return which of `PLANS` a study belongs to."""
    if bundle.planned:
        return "to-come"
    return "kept" if bundle.stamp == "confirmatory" else "exploratory"


def checks_of(bundle: Bundle) -> str:
    """Return which of `CHECKS` a study belongs to; one without checks belongs to none."""
    verdicts = {check["verdict"] for check in bundle.checks}
    if "concern" in verdicts:
        return "concern"
    if "cannot tell" in verdicts:
        return "cannot-tell"
    return "pass" if verdicts else ""


def _write_nothing() -> str:
    first, second = NOTHING_RELEASED.split(". ", 1)
    return f'<section class="answer"><h2>{escape(first)}</h2><p>{escape(second)}</p></section>'


def _write_form(wanted: Wanted) -> str:
    return (
        '<form class="plain-form" method="get" action="./" role="search">'
        '<div><label for="gallery-search">Search in questions and answers</label>'
        f'<input id="gallery-search" name="search" type="search" autocomplete="off" '
        f'maxlength="{_LONGEST_SEARCH}" value="{escape(wanted.search)}"></div>'
        + write_select("gallery", "plan", "Plan", PLANS, wanted.plan)
        + write_select("gallery", "checks", "Checks", CHECKS, wanted.checks)
        + '<button type="submit">Show</button></form>'
    )


def _write_entry(folder: Path, name: str, wanted: Wanted) -> tuple[bool, str]:
    """Return whether a study is shown, and its card; one that cannot be read is always shown."""
    try:
        bundle = read_bundle(folder, name)
    except EvalkitError as fault:
        return True, f'<li class="card"><h2>{escape(name)}</h2><p>{escape(fault)}</p></li>'
    return _write_card(bundle, wanted)


def _write_card(bundle: Bundle, wanted: Wanted) -> tuple[bool, str]:
    stamp, answer = write_stamp(bundle), str(bundle.finding["answer"])
    tags = f'<span class="tag">{escape(stamp)}</span>'
    if bundle.synthetic:
        tags = '<span class="tag synthetic">Synthetic data</span>' + tags
    plan, checks = plan_of(bundle), checks_of(bundle)
    words = " ".join((bundle.title, bundle.question, answer)).casefold()
    shown = (
        wanted.plan in ("", plan)
        and wanted.checks in ("", checks)
        and all(word in words for word in wanted.search.casefold().split())
    )
    address = "study" + escape(write_address(View(bundle.study, view="")))
    return shown, (
        f'<li class="card" data-plan="{plan}" data-checks="{checks}"{"" if shown else " hidden"}>'
        f'<p class="tags">{tags}</p><div class="searched">'
        f'<h2><a href="{address}">{escape(bundle.title)}</a></h2>'
        f'<p>{say(bundle.question)}</p><p class="card-answer">{say(answer)}</p></div></li>'
    )
