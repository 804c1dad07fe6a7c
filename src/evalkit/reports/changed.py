"""Say what changed since a version that a reader saw: released words and values alone."""

from collections.abc import Iterator

from evalkit.reports.bundle import Bundle, Cell, Table
from evalkit.reports.choices import name_choice, show_choice
from evalkit.reports.choosable import key_of
from evalkit.reports.links import View, write_address
from evalkit.reports.summary import row_label, write_section
from evalkit.reports.versions import Version
from evalkit.reports.words import escape, list_items, show_interval

_TABLES = ("estimates", "facets", "subgroups")
_KEYS = ("term", "outcome", "facet", "group", "cohort", "period", "unit", "method", "label")


def write_changes(bundle: Bundle, versions: list[Version], view: View, *, served: bool) -> str:
    """Return the section with a field for the version, and what changed since each."""
    if not versions:
        return ""
    keys = {str(version.number): key_of(n) for n, version in enumerate(versions)}
    told = "".join(
        f'<div data-since="{keys[str(v.number)]}"'
        f"{'' if view.since == str(v.number) else ' hidden'}>{_write_version(bundle, v)}</div>"
        for v in versions
    )
    return write_section(
        "changes",
        f"<p>This is version {bundle.version} of this report. If you read an earlier one, choose "
        f"it to see what is different now.</p>{_write_form(bundle, keys, view, served=served)}"
        f'<div data-since=""{" hidden" if view.since else ""}></div>{told}',
    )


def list_changes(old: Bundle, new: Bundle) -> dict[str, list[str]]:
    """Return what differs between two releases, by kind, in words with released values."""
    return {
        "The conclusion": list(_conclusion(old, new)),
        "Estimates": [line for name in _TABLES for line in _estimates(old, new, name)],
        "Checks": list(_checks(old, new)),
        "Data": list(_data(old, new)),
        "Plan and parameters": list(_plan(old, new)),
    }


def _write_form(bundle: Bundle, keys: dict[str, str], view: View, *, served: bool) -> str:
    listed = "".join(
        f'<option value="{number}" data-key="{key}"{" selected" if view.since == number else ""}>'
        f"Version {number}</option>"
        for number, key in keys.items()
    )
    kept = "".join(
        f'<input type="hidden" name="{name}" value="{escape(getattr(view, name))}">'
        for name in View.__slots__
        if name not in ("study", "since") and getattr(view, name)
    )
    return (
        f'<form class="plain-form since"{_SERVED if served else " hidden"}>'
        f'<input type="hidden" name="study" value="{escape(bundle.study)}">{kept}'
        '<div><label for="since">Version that you saw</label><select id="since" name="since">'
        f'<option value="">None chosen</option>{listed}</select></div>'
        '<button type="submit">Compare with it</button></form>'
    )


_SERVED = ' method="get" action="study"'


def _write_version(bundle: Bundle, version: Version) -> str:
    if version.bundle is None:
        return (
            f"<p><strong>Version {version.number} was withdrawn.</strong> Do not use what it "
            "said.</p>"
        )
    changes = {kind: lines for kind, lines in list_changes(version.bundle, bundle).items() if lines}
    if not changes:
        return (
            f"<p><strong>Nothing that is listed here changed since version {version.number}:"
            "</strong> conclusion, estimates, checks, data and plan are as they were.</p>"
        )
    return "".join(
        f"<h3>{kind}</h3><ul>{list_items(lines)}</ul>" for kind, lines in changes.items()
    )


def write_version(bundle: Bundle) -> str:
    """Return the version of the release in place, with an address that leads back from it."""
    if not bundle.version:
        return ""
    address = write_address(View(bundle.study, view="", since=str(bundle.version)))
    return (
        f'<p>This is version {bundle.version}. <a href="{escape(address)}">Keep this link</a> to '
        "see later what changed since.</p>"
    )


def _conclusion(old: Bundle, new: Bundle) -> Iterator[str]:
    if old.finding["answer"] == new.finding["answer"]:
        return
    yield f"It said: {old.finding['answer']}"
    yield f"It says now: {new.finding['answer']}"


def _estimates(old: Bundle, new: Bundle, name: str) -> Iterator[str]:
    then, now = old.tables.get(name), new.tables.get(name)
    before = _by_key(then) if then else {}
    after = _by_key(now) if now else {}
    for key, row in before.items():
        shown_then = show_interval(row, then) if then else ""
        if key not in after:
            yield f"{_named(row, then)}: was {shown_then}, and is no longer shown"
        elif now and (shown := show_interval(after[key], now)) != shown_then:
            yield f"{_named(after[key], now)}: was {shown_then}, and is {shown}"
    for key, row in after.items():
        if key not in before and now:
            yield f"{_named(row, now)}: new, {show_interval(row, now)}"


def _named(row: dict[str, Cell], table: Table | None) -> str:
    return row_label(row, table) if table else ""


def _by_key(table: Table) -> dict[tuple[str, ...], dict[str, Cell]]:
    return {tuple(str(row.get(key)) for key in _KEYS): row for row in table.rows}


def _checks(old: Bundle, new: Bundle) -> Iterator[str]:
    before = {str(check["question"]): str(check["verdict"]) for check in old.checks}
    after = {str(check["question"]): str(check["verdict"]) for check in new.checks}
    for name, verdict in after.items():
        if name not in before:
            yield f"{name} New: “{verdict}”"
        elif before[name] != verdict:
            yield f"{name} Was “{before[name]}”, and is “{verdict}”"
    yield from (f"{name} No longer asked" for name in before if name not in after)


def _data(old: Bundle, new: Bundle) -> Iterator[str]:
    if old.hashes.get("data") != new.hashes.get("data"):
        yield "The data are not the same: their fingerprint changed"
    before, after = ({str(s["name"]) for s in bundle.sources} for bundle in (old, new))
    yield from (f"New source: {name}" for name in sorted(after - before))
    yield from (f"No longer used: {name}" for name in sorted(before - after))


def _plan(old: Bundle, new: Bundle) -> Iterator[str]:
    for name in dict.fromkeys([*old.protocol, *new.protocol]):
        then, now = old.protocol.get(name), new.protocol.get(name)
        if then != now:
            told = f"was {show_choice(name, then)}, and is {show_choice(name, now)}"
            yield f"{name_choice(name)}: {told}"
    if old.stamp != new.stamp:
        yield f"The study was {old.stamp}, and is {new.stamp}"
