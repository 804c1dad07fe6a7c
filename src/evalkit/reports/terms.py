"""Explain a term where it stands: a line that opens its meaning, by mouse or by keyboard.

Terms and meanings are data, in `terms.csv`, and stand in docs/glossary.md too.
"""

import csv
import html
import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from evalkit.reports.words import escape, sentence_case

_MOST = 6
_TAG = re.compile(r"<(script|style|svg)\b.*?</\1>|<details\b.*?</details>|<[^>]+>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Term:
    """A term, the words by which a text uses it, and what it means."""

    term: str
    pattern: re.Pattern[str]
    meaning: str


@cache
def read_terms() -> tuple[Term, ...]:
    """Read all terms, in the order in which they are explained."""
    with Path(__file__).with_name("terms.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Term(row["term"], re.compile(row["pattern"], re.IGNORECASE), row["meaning"])
            for row in csv.DictReader(file)
        )


def find_terms(written: str) -> list[Term]:
    """Return the terms that a written part uses in what is seen at once, six at most."""
    seen = html.unescape(_TAG.sub(" ", written))
    return [term for term in read_terms() if term.pattern.search(seen)][:_MOST]


def explain_terms(written: str, above: str = "") -> str:
    """Return a line to open for each term that a written part uses; nothing where it uses none.

    What stands `above` has explained its terms already.
    """
    known = {term.term for term in find_terms(above)}
    found = [term for term in find_terms(written) if term.term not in known]
    if not found:
        return ""
    lines = "".join(
        f'<details class="term"><summary>{escape(sentence_case(term.term))}: what is that?'
        f"</summary><p>{escape(term.meaning)}</p></details>"
        for term in found
    )
    return f'<div class="terms">{lines}</div>'
