"""Write what people with lived experience and professionals decided together."""

from typing import Any

from evalkit.reports.bundle import Bundle
from evalkit.reports.words import escape, say, sentence_case, show_date, show_plain

_DECISION_WORDS = {
    "lived_experience_position": "Lived experience",
    "professional_position": "Professional view",
    "decided_by": "Decided by",
    "reason": "Reason",
}


def write_not_final(bundle: Bundle) -> str:
    """Say under the answer that it is not final, where nobody has decided anything yet."""
    if bundle.co_production:
        return ""
    return (
        '<p class="not-final"><strong>Not final.</strong> Nobody with lived experience of care '
        "has decided anything in this study yet.</p>"
    )


def write_people(bundle: Bundle) -> str:
    """Return each decision with both views side by side."""
    if not bundle.co_production:
        return (
            "<p>No decisions with people who have lived experience are recorded. Until they are, "
            "this report is not final.</p>"
        )
    return "".join(map(_write_decision, bundle.co_production))


def _write_decision(entry: dict[str, Any]) -> str:
    parts = "".join(
        f"<div><dt>{label}</dt><dd>{say(show_plain(entry[name]))}</dd></div>"
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
