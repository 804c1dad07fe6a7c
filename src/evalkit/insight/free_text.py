"""What people wrote, made fit to be shown: never run, never taken for a number, never a person.

Text is shown between quotation marks, so that no spreadsheet reads it as a formula and no rule
takes it for a mark of its own. Characters that cannot be seen, marks of direction among them,
are taken out: words written from right to left stay as they are, and turn nothing else around.
What looks like a number of a person, an address or a titled name is replaced. No rule finds every
name, so that a text is shown only after a person has read it and agreed.
"""

import re
import unicodedata

LONGEST = 180
REMOVED = "[removed]"

_NAMED = r"(?:Mrs?|Ms|Miss|Mx|Dr|Doctor|Nurse|Sister|Prof(?:essor)?|Sir|Dame)"
_PERSONAL = (
    re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+"),
    re.compile(r"(?:https?://|www\.)\S+", re.IGNORECASE),
    re.compile(r"\b[A-Z]{1,2}\d[A-Z\d]?\s?\d[ABD-HJLNP-UW-Z]{2}\b", re.IGNORECASE),
    re.compile(r"\+?\d(?:[\s().-]{0,2}\d){6,}"),
    re.compile(r"\b\d{1,2}[./-]\d{1,2}[./-](?:\d{4}|\d{2})\b"),
    re.compile(rf"\b{_NAMED}\.?\s+[A-Z][\w'-]+(?:\s+[A-Z][\w'-]+)?"),
)
_UNSEEN = ("Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp")
_JOINERS = "\u200c\u200d"


def show_text(text: str, longest: int = LONGEST) -> str:
    """Return what a person wrote as it may be shown: in quotation marks, on one line, cut short."""
    clean = remove_personal(remove_unseen(text))
    if len(clean) > longest:
        clean = clean[:longest].rsplit(" ", 1)[0].rstrip() + " ..."
    return f"“{clean}”"


def remove_personal(text: str) -> str:
    """Return a text with what looks like a person's number, address or titled name taken out."""
    for pattern in _PERSONAL:
        text = pattern.sub(REMOVED, text)
    return text


def remove_unseen(text: str) -> str:
    """Return a text without control characters and marks of direction, on one line."""
    kept = "".join(
        " " if unicodedata.category(letter) in ("Cc", "Zl", "Zp") else letter
        for letter in text
        if letter in _JOINERS or unicodedata.category(letter) not in _UNSEEN[1:5]
    )
    return " ".join(kept.split())
