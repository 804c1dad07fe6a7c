"""Write the last part of a report: how sure one can be, who took part, and the method."""

from typing import Any

from evalkit.reports.bundle import Bundle, Cell
from evalkit.reports.changed import write_changes, write_version
from evalkit.reports.checklists import write_checklists
from evalkit.reports.choices import write_choices
from evalkit.reports.ledger import write_ledger
from evalkit.reports.links import View
from evalkit.reports.plan import write_plan
from evalkit.reports.summary import picture, write_section
from evalkit.reports.tables import fold_table, write_table
from evalkit.reports.versions import list_versions
from evalkit.reports.words import (
    escape,
    list_items,
    paragraphs,
    say,
    sentence_case,
    show_plain,
)

_DATA_TABLES = ("coverage", "quality", "who", "trend")
_RULES = {
    "fft": "Friends and Family Test",
    "hes": "Hospital Episode Statistics, below national level",
    "gpps": "GP Patient Survey",
    "staff": "NHS Staff Survey",
    "cqc_survey": "CQC patient surveys",
    "tre10": "Trusted research environments with a limit of 10",
    "gss_default": "Government Statistical Service, where nothing else is said",
    "opensafely": "OpenSAFELY",
}
_APPROVALS = {
    "person": "A person approved the release.",
    "synthetic by rule": "The release was approved by rule, without a person, because all data "
    "are synthetic.",
    "without data": "The release was approved by rule, without a person.",
}


def write_detail(bundle: Bundle, view: View | None = None, *, served: bool = True) -> str:
    """Return everything below the reader's own organisation."""
    view = view or View(bundle.study)
    return (
        write_section("certainty", _write_checks(bundle))
        + write_section("not-measured", _write_not_measured(bundle))
        + write_section("method", _write_method(bundle))
        + write_section("provenance", _write_provenance(bundle))
        + write_changes(bundle, list_versions(bundle), view, served=served)
        + write_section("checklists", write_checklists(bundle))
    )


def _write_checks(bundle: Bundle) -> str:
    return write_ledger(bundle) + _write_measured(bundle)


def _write_measured(bundle: Bundle) -> str:
    """Say how often the design's intervals held the truth where it is known."""
    table = bundle.tables.get("measured")
    if table is None:
        return ""
    written = write_table(table, captioned=False)
    return f"<h3>{say(table.title)}</h3><p>{say(table.description)}</p>{written}"


def _write_not_measured(bundle: Bundle) -> str:
    if not bundle.not_measured:
        return "<p>The study names nothing that it did not measure.</p>"
    return (
        "<p>The answer says nothing about these. That they are missing does not mean "
        f"that nothing changed.</p><ul>{list_items(bundle.not_measured)}</ul>"
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
            f"<h3>{say(estimates.title)}</h3><p>Different ways to look at the same data. "
            "The one that gives the answer is drawn with a round mark.</p>"
            + picture(bundle, estimates, "estimates", accented, titled=False)
            if estimates
            else ""
        )
        + (f"<h3>What the data are</h3>{data}" if data else "")
        + fold_table(write_choices(bundle.protocol), "The plan of the analysis, point by point")
    )


def _is_primary(row: dict[str, Cell], primary: dict[str, str]) -> bool:
    return all(str(row[name]) == value for name, value in primary.items() if name in row)


def _write_list(values: dict[str, Any]) -> str:
    items = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{say(show_plain(value))}</dd></div>"
        for name, value in values.items()
    )
    return f"<dl>{items}</dl>"


def _write_provenance(bundle: Bundle) -> str:
    sources = "".join(map(_write_source, bundle.sources))
    hashes = {sentence_case(name): held for name, held in bundle.hashes.items()}
    hashes["Record"] = bundle.record_sha256
    approval = _APPROVALS.get(bundle.approval, "")
    shown = (
        "Nothing was measured on anybody, so there is nobody to protect."
        if bundle.without_data
        else "Only totals and averages are shown, and they passed each publisher's rules for "
        "hiding small numbers. No page holds a person's answers."
    )
    return (
        f"<h3>The plan</h3>{write_plan(bundle)}{write_version(bundle)}"
        f"<h3>Disclosure control</h3><p>{shown} {approval}</p>"
        f"{f'<ul>{sources}</ul>' if sources else ''}"
        "<h3>Check or repeat the study</h3><p>Run <code>evalkit run</code> with this study's "
        "parameter file, then compare the fingerprints below. If they agree, the same plan, data "
        f"and code were used.</p>{fold_table(_write_list(hashes), 'Fingerprints (SHA-256)')}"
        f"{fold_table(_write_list(bundle.versions), 'Versions of the software')}"
    )


def _write_source(source: dict[str, Any]) -> str:
    profile = str(source.get("profile", ""))
    made_up = ", synthetic" if source.get("synthetic") else ""
    return (
        f"<li>{escape(sentence_case(str(source.get('name', ''))))}: "
        f"{say(show_plain(source.get('rows')))} rows{made_up}. "
        f"Rules: {escape(_RULES.get(profile, profile))}.</li>"
    )
