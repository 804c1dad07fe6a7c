"""Write the last part of a report: how sure one can be, who took part, and the method."""

from typing import Any

from evalkit.reports.bundle import Bundle, Cell
from evalkit.reports.plan import write_plan
from evalkit.reports.summary import picture, write_section
from evalkit.reports.tables import fold_table, write_table
from evalkit.reports.words import (
    escape,
    list_items,
    paragraphs,
    sentence_case,
    show_date,
    show_value,
)

_VERDICTS = {
    "passes": ("Passes", '<circle cx="11" cy="11" r="10"/><path d="M6 11l4 4 7-8"/>'),
    "concern": ("A concern", '<path d="M11 1l10 19H1z"/><path d="M11 8v6M11 16.5v1"/>'),
    "cannot tell": (
        "Cannot tell",
        '<rect x="1" y="1" width="20" height="20"/>'
        '<path d="M8 8.5a3 3 0 1 1 3 3.4v1.6M11 15.8v1"/>',
    ),
}
_DATA_TABLES = ("quality", "who", "trend", "mediation")
_DECISION_WORDS = {
    "lived_experience_position": "Lived experience",
    "professional_position": "Professional view",
    "decided_by": "Decided by",
    "reason": "Reason",
}


def write_detail(bundle: Bundle) -> str:
    """Return everything below the reader's own organisation."""
    return (
        write_section("certainty", _write_checks(bundle))
        + write_section("not-measured", _write_not_measured(bundle))
        + write_section("people", _write_people(bundle))
        + write_section("method", _write_method(bundle))
        + write_section("provenance", _write_provenance(bundle))
    )


def _write_checks(bundle: Bundle) -> str:
    if not bundle.checks:
        return "<p>No checks were recorded for this study.</p>"
    counts = dict.fromkeys(_VERDICTS, 0)
    for check in bundle.checks:
        counts[check["verdict"]] += 1
    summary = " ".join(f"{_VERDICTS[v][0]}: {n}." for v, n in counts.items() if n)
    listed = "".join(_write_check(bundle, n, c) for n, c in enumerate(bundle.checks, start=1))
    timing = bundle.tables.get("timing")
    return (
        f"<p>{len(bundle.checks)} assumptions were checked. {escape(summary)}</p>"
        f'<ul class="checks">{listed}</ul>'
        + (f"<h3>Which comes first?</h3>{picture(bundle, timing, 'timing')}" if timing else "")
    )


def _write_check(bundle: Bundle, number: int, check: dict[str, Any]) -> str:
    words, shape = _VERDICTS[check["verdict"]]
    kind = check["verdict"].replace(" ", "-")
    table = bundle.tables.get(str(check.get("table") or f"check_{number}"))
    numbers = fold_table(write_table(table), f"Numbers behind check {number}") if table else ""
    parts = "".join(
        f"<div><dt>{label}</dt><dd>{escape(check[name])}</dd></div>"
        for name, label in (
            ("finding", "What was seen"),
            ("power", "What it could have seen"),
            ("consequence", "What follows"),
        )
        if check.get(name)
    )
    return (
        f'<li class="check {kind}"><p class="verdict"><svg viewBox="0 0 22 22" width="22" '
        f'height="22" aria-hidden="true" focusable="false">{shape}</svg> {escape(words)}</p>'
        f"<div><h3>{escape(check['question'])}</h3>"
        f'<p class="assumption">Assumption: {escape(check["assumption"])}</p>'
        f"<dl>{parts}</dl>{numbers}</div></li>"
    )


def _write_not_measured(bundle: Bundle) -> str:
    if not bundle.not_measured:
        return "<p>The study names nothing that it did not measure.</p>"
    return (
        "<p>The answer says nothing about these. That they are missing does not mean "
        f"that nothing changed.</p><ul>{list_items(bundle.not_measured)}</ul>"
    )


def _write_people(bundle: Bundle) -> str:
    if not bundle.co_production:
        return (
            "<p>No decisions with people who have lived experience are recorded. Until they are, "
            "this report is not final.</p>"
        )
    return "".join(map(_write_decision, bundle.co_production))


def _write_decision(entry: dict[str, Any]) -> str:
    parts = "".join(
        f"<div><dt>{label}</dt><dd>{escape(_plain(entry[name]))}</dd></div>"
        for name, label in _DECISION_WORDS.items()
        if entry.get(name)
    )
    return (
        f'<article class="decision"><h3>{escape(sentence_case(str(entry.get("decision_id"))))}'
        f' <span class="outcome">{escape(sentence_case(str(entry.get("outcome", ""))))}</span></h3>'
        f"<p>Proposed by {escape(entry.get('proposed_by', 'nobody named'))}, at the stage "
        f"<q>{escape(entry.get('stage', 'not named'))}</q>, {show_date(entry.get('date'))}.</p>"
        f'<dl class="positions">{parts}</dl></article>'
    )


def _write_method(bundle: Bundle) -> str:
    estimates = bundle.tables.get("estimates")
    accented = tuple(
        row for row in (estimates.rows if estimates else ()) if _is_primary(row, bundle.primary)
    )
    data = "".join(
        fold_table(
            paragraphs(bundle.tables[name].description) + write_table(bundle.tables[name]),
            bundle.tables[name].title,
        )
        for name in _DATA_TABLES
        if name in bundle.tables
    )
    return (
        _write_list({"Who it is about": bundle.population, "What is estimated": bundle.estimand})
        + (
            "<h3>All estimates side by side</h3><p>Different ways to look at the same data. "
            "The one that gives the answer is drawn with a round mark.</p>"
            + picture(bundle, estimates, "estimates", accented)
            if estimates
            else ""
        )
        + (f"<h3>What the data are</h3>{data}" if data else "")
        + fold_table(_write_list(bundle.protocol), "The plan of the analysis, point by point")
    )


def _is_primary(row: dict[str, Cell], primary: dict[str, str]) -> bool:
    return all(str(row[name]) == value for name, value in primary.items() if name in row)


def _write_list(values: dict[str, Any]) -> str:
    items = "".join(
        f"<div><dt>{escape(sentence_case(name))}</dt><dd>{escape(_plain(value))}</dd></div>"
        for name, value in values.items()
    )
    return f"<dl>{items}</dl>"


def _plain(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_plain, value)) or "none"
    if isinstance(value, dict):
        return "; ".join(f"{name}: {_plain(held)}" for name, held in value.items()) or "none"
    return show_value(value) if isinstance(value, str | int | float) else str(value or "none")


def _write_provenance(bundle: Bundle) -> str:
    sources = "".join(
        f"<li>{escape(source.get('name', ''))}: {escape(_plain(source.get('rows')))} rows, "
        f"disclosure rules <q>{escape(source.get('profile', ''))}</q>"
        f"{', synthetic' if source.get('synthetic') else ''}</li>"
        for source in bundle.sources
    )
    hashes = {**bundle.hashes, "record": bundle.record_sha256}
    return (
        f"<h3>The plan</h3>{write_plan(bundle)}"
        f"<h3>Disclosure control</h3><p>Only totals and averages that passed these rules are "
        f"shown. No page holds a person's answers.</p><ul>{sources}</ul>"
        "<h3>Check or repeat the study</h3><p>Run <code>evalkit run</code> with this study's "
        "parameter file, then compare the fingerprints below. If they agree, the same plan, data "
        f"and code were used.</p>{fold_table(_write_list(hashes), 'Fingerprints (SHA-256)')}"
        f"{fold_table(_write_list(bundle.versions), 'Versions of the software')}"
    )
