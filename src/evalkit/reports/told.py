"""Write what a study says: a sentence that is a list becomes one, so that it can be read.

`Could not be tested: that a; that b.` is written as its heading with a line for each part, in the
same words.
"""

import re
from collections.abc import Iterable

from evalkit.reports.words import end_sentence, say, sentence_case

_LIST = re.compile(r"([^:;.]{3,120}): ([^:]+;[^:]+)\.")
_NEXT_SENTENCE = re.compile(r"[.?!] [A-Z]")
_PART = re.compile(r"; (?![^()]*\))")


def split_list(text: str) -> tuple[str, list[str]]:
    """Return what stands before the colon and each part behind it; no parts where it is no list."""
    found = _LIST.fullmatch(text.strip())
    parts = _PART.split(found[2]) if found and not _NEXT_SENTENCE.search(text) else []
    return (found[1], parts) if found and len(parts) > 1 else (text, [])


def write_told(texts: Iterable[str]) -> str:
    """Return a paragraph for each text, and a list below it where the text is one."""
    written = ""
    for text in texts:
        head, parts = split_list(str(text))
        written += f"<p>{say(head)}:</p>{_items(parts)}" if parts else f"<p>{say(text)}</p>"
    return written


def write_limits(texts: Iterable[str]) -> str:
    """Return a list of texts; one that is a list itself holds its parts below its heading."""
    items = ""
    for text in texts:
        head, parts = split_list(str(text))
        items += (
            f"<li><p>{say(head)}:</p>{_items(parts)}</li>" if parts else f"<li>{say(text)}</li>"
        )
    return f'<ul class="limits">{items}</ul>'


def sentences_told(texts: Iterable[str]) -> Iterable[str]:
    """Yield texts as a reader meets them: the heading of a list, then each part."""
    for text in texts:
        head, parts = split_list(str(text))
        yield from (head, *parts) if parts else (text,)


def _items(parts: list[str]) -> str:
    told = (end_sentence(sentence_case(part.removeprefix("that "))) for part in parts)
    return f"<ul>{''.join(f'<li>{say(part)}</li>' for part in told)}</ul>"
