"""Write the decision box: the rule set beforehand, what it says, what was decided, by whom, why."""

from collections.abc import Iterator
from typing import Any

from evalkit.reports.bundle import Bundle
from evalkit.reports.tables import fold_table
from evalkit.reports.words import end_sentence, escape, say, sentence_case, show_date

HEADING = "What is to be done?"
NONE_SET = "No rule for deciding was set before results were seen, and no decision is recorded."
_ACTS = {
    "continue": "go on as it is",
    "adapt": "change it before going on",
    "spread": "take it to more places",
    "stop": "end it",
}
_PARTS = {
    "stop_if": "Stop if any of these holds",
    "guard_rails": "Guard-rail",
    "spread_if": "Spread if all of these hold",
    "continue_if": "Continue if all of these hold",
}
_COLUMNS = ("Part of the rule", "What it looks at", "It asks for", "Found", "So it")


def write_decision(bundle: Bundle) -> str:
    """Return the box; of a study that is still to be done, nothing where it has no rule."""
    told = bundle.decision
    if not told:
        return "" if bundle.planned else _box(f"<p>{NONE_SET}</p>")
    return _box(_write_decided(bundle) + _write_rule(told) + _write_looks(told))


def decision_texts(bundle: Bundle) -> Iterator[str]:
    """Yield each text and number that the box may show: all but fingerprints."""
    told = bundle.decision
    entries = [*_entries(told, "conditions"), *_entries(told, "decisions")]
    entries += _entries(told, "early_looks")
    for entry in (told, *entries):
        for name, value in entry.items():
            if name != "record_sha256" and isinstance(value, str):
                yield value


def _box(inner: str) -> str:
    return f'<div class="decided"><h3>{HEADING}</h3>{inner}</div>'


def _write_decided(bundle: Bundle) -> str:
    decisions = _entries(bundle.decision, "decisions")
    if not decisions:
        return "<p><strong>Nothing is decided yet.</strong></p>"
    earlier = "".join(f"<li>{_say_decision(d, bundle)}</li>" for d in reversed(decisions[:-1]))
    before = f"<p>Decided before:</p><ul>{earlier}</ul>" if earlier else ""
    return f"<p>{_say_decision(decisions[-1], bundle)}</p>{before}"


def _say_decision(entry: dict[str, Any], bundle: Bundle) -> str:
    """Say what was decided, by whom and why, and where it departs from the rule."""
    made, said = str(entry.get("decision")), entry.get("rule_says")
    told = (
        f"<strong>Decided: {escape(made)}</strong> ({escape(_ACTS.get(made, made))}), by "
        f"{escape(entry.get('by'))}, {show_date(entry.get('date'))}. "
        f"Why: {say(end_sentence(str(entry.get('why'))))}"
    )
    if said and said != made:
        told += f" <strong>It departs from the rule, which said: {escape(said)}.</strong>"
    if entry.get("record_sha256") not in (None, bundle.record_sha256):
        told += " It was made on an earlier release of this study."
    return told


def _write_rule(told: dict[str, Any]) -> str:
    says = told.get("says")
    if not says:
        return "<p>No rule for deciding was set before results were seen.</p>"
    day, standing = show_date(told.get("planned_look")), str(told.get("standing") or "")
    on = told.get("registered_on")
    registered = f", on {show_date(on)}" if on else ""
    return (
        f"<p>The rule says: <strong>{escape(says)}</strong> ({escape(_ACTS.get(says, says))}), "
        f"because {say(end_sentence(str(told.get('because'))))}</p>"
        f"<p>{escape(sentence_case(standing))}{registered}. It was set by "
        f"{escape(told.get('set_by'))}. Results were to be seen from {day} on.</p>"
        + fold_table(_write_conditions(told), "The rule, point by point")
    )


def _write_conditions(told: dict[str, Any]) -> str:
    head = "".join(f'<th scope="col">{words}</th>' for words in _COLUMNS)
    rows = "".join(map(_write_condition, _entries(told, "conditions")))
    return (
        '<div class="table-scroll" role="region" aria-label="The rule, point by point" '
        'tabindex="0"><table><caption class="visually-hidden">The rule, point by point</caption>'
        f"<thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>"
    )


def _write_condition(entry: dict[str, Any]) -> str:
    guards = f": {entry['guards']}" if entry.get("guards") else ""
    part = f"{_PARTS.get(str(entry.get('part')), '')}{guards}"
    found = f"{entry.get('found') or ''} {entry.get('unit') or ''}".strip()
    cells = (
        str(entry.get("words")),
        str(entry.get("asks") or "nothing that can be told"),
        found or f"Not told: {entry.get('why') or 'no number'}",
        str(entry.get("state")),
    )
    told = "".join(f"<td>{say(cell)}</td>" for cell in cells)
    return f'<tr><th scope="row">{escape(part)}</th>{told}</tr>'


def _write_looks(told: dict[str, Any]) -> str:
    return "".join(
        f"<p><strong>Seen before the planned day</strong> by {escape(entry.get('by'))}, "
        f"{show_date(entry.get('date'))}. Why: {say(end_sentence(str(entry.get('why'))))}</p>"
        for entry in _entries(told, "early_looks")
    )


def _entries(told: dict[str, Any], name: str) -> list[dict[str, Any]]:
    held = told.get(name)
    return [entry for entry in held if isinstance(entry, dict)] if isinstance(held, list) else []
