"""Write how a study stands to its registered plan, and how that plan was changed."""

from typing import Any

from evalkit.reports.bundle import Bundle
from evalkit.reports.choices import name_choice, show_choice
from evalkit.reports.words import escape, sentence_case, show_date

NO_DATA = "No data were used: these are calculations from assumptions"
PAST_DATA = "A plan on past data: nothing of the intervention was measured"
_TIMES = {1: "once", 2: "twice"}


_SAID = {"concern": "a concern", "cannot tell": "cannot be told", "passes": "passed"}


def write_stamp(bundle: Bundle) -> str:
    """Say in one line whether the plan was followed, or why not; without escaping.

    Where nothing was measured there is no result that a plan could be held to.
    """
    if bundle.planned:
        return say_basis(bundle)
    if bundle.stamp == "confirmatory":
        return f"Plan registered {show_date(bundle.registered_on)}, followed"
    return f"Exploratory: {bundle.stamp_reason}"


def say_basis(bundle: Bundle) -> str:
    """Say what a study that is still to be done rests on, without escaping."""
    return NO_DATA if bundle.without_data else PAST_DATA


def write_plan(bundle: Bundle) -> str:
    """Return the stamp with its reason, the departures, and how the plan was changed."""
    if bundle.planned:
        return f"<p><strong>{escape(say_basis(bundle))}.</strong></p>"
    heading, _, reason = write_stamp(bundle).partition(": ")
    told = f" {_sentence(reason)}" if reason else ""
    return (
        f"<p><strong>{escape(heading)}.</strong>{escape(told)}{_write_dates(bundle)}</p>"
        + _list_choices("What differs from the registered plan", bundle.departures, _DEPARTURE)
        + _write_changes(bundle)
    )


_DEPARTURE = ("registered as", "registered", "run as", "run")
_CHANGE = ("first", "first", "now", "now")


def _write_dates(bundle: Bundle) -> str:
    if bundle.stamp == "confirmatory":
        return ""
    lead = " Read the result as a lead to follow, not as a test."
    if bundle.registered_on is None:
        return lead
    return f" The run is held to the plan of {show_date(bundle.registered_on)}.{lead}"


def _write_changes(bundle: Bundle) -> str:
    changed = bundle.registrations - 1
    if changed < 1:
        return ""
    often = _TIMES.get(changed, f"{changed} times")
    told = f"The plan was changed {often} since it was first registered"
    if not bundle.changes_since_first:
        return f"<p>{told}. This run makes every choice as it was first registered.</p>"
    return _list_choices(told, bundle.changes_since_first, _CHANGE)


def _list_choices(told: str, entries: list[dict[str, Any]], words: tuple[str, ...]) -> str:
    if not entries:
        return ""
    old_words, old, new_words, new = words
    items = "".join(
        f"<li>{escape(name_choice(str(entry.get('name', ''))))}: {old_words} "
        f"<q>{escape(_in_words(entry, old))}</q>, {new_words} "
        f"<q>{escape(_in_words(entry, new))}</q></li>"
        for entry in entries
    )
    return f"<p>{told}:</p><ul>{items}</ul>"


def _sentence(text: str) -> str:
    return f"{sentence_case(text)}."


def _in_words(entry: dict[str, Any], side: str) -> str:
    return show_choice(str(entry.get("name", "")), entry.get(side))


def say_checks(bundle: Bundle) -> str:
    """Say how many checks there were, and how many of them ended in which way."""
    counts = dict.fromkeys(_SAID, 0)
    for check in bundle.checks:
        counts[check["verdict"]] += 1
    told = ", ".join(f"{n} {_SAID[verdict]}" for verdict, n in counts.items() if n)
    noun = "check" if len(bundle.checks) == 1 else "checks"
    return f"{len(bundle.checks)} {noun}: {told}." if told else "No checks were recorded."
