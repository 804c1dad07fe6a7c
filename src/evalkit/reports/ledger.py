"""Write the ledger of assumptions: how each was tried, what was seen, and what follows.

It is one table with headers of its own. On a narrow screen each assumption becomes a block and
each cell names its column; the roles keep it a table for screen readers there.
"""

from typing import Any

from evalkit.reports.bundle import Bundle
from evalkit.reports.tables import fold_table, write_table
from evalkit.reports.words import end_sentence, escape, say

_VERDICTS = {
    "passes": ("Passes", '<circle cx="11" cy="11" r="10"/><path d="M6 11l4 4 7-8"/>'),
    "concern": ("A concern", '<path d="M11 1l10 19H1z"/><path d="M11 8v6M11 16.5v1"/>'),
    "cannot tell": (
        "Cannot tell",
        '<rect x="1" y="1" width="20" height="20"/>'
        '<path d="M8 8.5a3 3 0 1 1 3 3.4v1.6M11 15.8v1"/>',
    ),
}
_GRAVEST_FIRST = ("concern", "cannot tell", "passes")
_SAID = {
    "passes": ("passes", "pass"),
    "concern": ("is a concern", "are concerns"),
    "cannot tell": ("cannot be told", "cannot be told"),
}
_COLUMNS = {
    "question": "How it was tried",
    "finding": "What was seen",
    "power": "Smallest thing it could find",
    "consequence": "What follows if it fails",
}
_IF = "If it fails, "


def write_ledger(bundle: Bundle) -> str:
    """Return the count, the table with the gravest first, and the numbers behind each check."""
    if not bundle.checks:
        return "<p>No checks were recorded for this study.</p>"
    ranked = sorted(bundle.checks, key=lambda check: _GRAVEST_FIRST.index(check["verdict"]))
    head = "".join(
        f'<th scope="col" role="columnheader">{words}</th>'
        for words in ("Assumption", *_COLUMNS.values())
    )
    rows = "".join(_write_row(check) for check in ranked)
    return (
        f"<p>{_count_checks(bundle.checks)}</p>"
        '<table class="ledger" role="table"><caption class="visually-hidden">Assumptions, how each '
        "was tried, and what follows</caption>"
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead>'
        f'<tbody role="rowgroup">{rows}</tbody></table>{_write_numbers(bundle)}'
    )


def _write_row(check: dict[str, Any]) -> str:
    words, shape = _VERDICTS[check["verdict"]]
    kind = check["verdict"].replace(" ", "-")
    cells = "".join(
        f'<td role="cell" data-label="{label}"><div>{_cell(name, check)}</div></td>'
        for name, label in _COLUMNS.items()
    )
    return (
        f'<tr role="row" class="check {kind}"><th scope="row" role="rowheader"><p class="verdict">'
        f'<svg viewBox="0 0 22 22" width="22" height="22" aria-hidden="true" focusable="false">'
        f"{shape}</svg> {escape(words)}</p><p>{say(end_sentence(check['assumption']))}</p></th>"
        f"{cells}</tr>"
    )


def _cell(name: str, check: dict[str, Any]) -> str:
    """Return a cell's sentence, a p-value on one line; its column says already that it fails."""
    told = str(check.get(name) or "").strip()
    if name == "consequence" and told.startswith(_IF):
        told = told.removeprefix(_IF)
    written = say(end_sentence(told[:1].upper() + told[1:]) or "Nothing is said of it.")
    return written.replace("p = ", "p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}")


def _count_checks(checks: list[dict[str, Any]]) -> str:
    counts = dict.fromkeys(_VERDICTS, 0)
    for check in checks:
        counts[check["verdict"]] += 1
    told = [f"{n} {_SAID[verdict][n != 1]}" for verdict, n in counts.items() if n]
    listed = " and ".join([", ".join(told[:-1]), told[-1]] if len(told) > 1 else told)
    return f"Of {len(checks)} assumption{'' if len(checks) == 1 else 's'}, {listed}."


def _write_numbers(bundle: Bundle) -> str:
    """Fold away the numbers behind each check, under its question, in the order of the checks."""
    named = [
        bundle.tables.get(str(check.get("table") or f"check_{number}"))
        for number, check in enumerate(bundle.checks, start=1)
    ]
    written = "".join(
        write_table(table, caption=check["question"])
        for table, check in zip(named, bundle.checks, strict=True)
        if table
    )
    return fold_table(written, "Show the numbers behind each check") if written else ""
