"""Find columns that could say who a person is, by name and by value."""

import re
from collections.abc import Sequence

import pandas as pd

from evalkit.data.problems import name_column, name_rows

_WORDS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_PERSON = r"(?:patient|person|client|staff|employee|carer|respondent|user|resident)"
_IDENTIFIER = re.compile(
    r"\b(?:"
    r"nhs ?(?:number|no|num|id)|chi ?(?:number|no)|hospital ?(?:number|no)|mrn"
    r"|medical ?record ?(?:number|no)|nino|national ?insurance|passport"
    r"|d ?o ?b|date ?of ?birth|birth ?date|day ?of ?birth|birthday"
    r"|post ?code|zip ?code|home ?address|address ?line|street ?name|uprn|ip ?address"
    r"|e ?mail|tele ?phone|(?:phone|mobile) ?(?:number|no)"
    r"|sur ?name|(?:fore|first|last|family|given|middle|maiden|full) ?names?"
    rf"|{_PERSON} ?names?|name of {_PERSON}|{_PERSON} ?(?:id|identifier)|patient ?(?:number|no)"
    r")\b"
    r"|^(?:address|phone|mobile|initials)$"
)
_COUNTED = re.compile(
    r"\b(?:rate|base|count|pct|percent|percentage|share|total|n|number of .*|score|mean)$"
)
_TEN_DIGITS = re.compile(r"(\d{3})[ -]?(\d{3})[ -]?(\d{4})")
_WEIGHTS = tuple(range(10, 1, -1))


def find_identifier_columns(columns: Sequence[str]) -> list[str]:
    """Return the columns whose names are those of a person's identifiers, in any case.

    A share or count about such a column (`email_response_rate`) identifies nobody.
    """
    return [column for column in columns if _names_a_person(column)]


def split_words(column: str) -> list[str]:
    """Return the words of a name in small letters, split at signs, digits and capitals."""
    return [word.lower() for word in _WORDS.findall(column)]


def _names_a_person(column: str) -> bool:
    words = " ".join(split_words(column))
    return bool(_IDENTIFIER.search(words)) and not _COUNTED.search(words)


def looks_like_nhs_number(text: str) -> bool:
    """Return whether a text is ten digits whose last is the right check digit (modulus 11)."""
    match = _TEN_DIGITS.fullmatch(text.strip())
    if not match:
        return False
    digits = [int(digit) for digit in "".join(match.groups())]
    if len(set(digits)) == 1:
        return False
    check = 11 - sum(w * d for w, d in zip(_WEIGHTS, digits, strict=False)) % 11
    return digits[-1] == (0 if check == 11 else check)


def describe_nhs_numbers(frame: pd.DataFrame) -> list[str]:
    """Return a sentence for each column of texts that holds what looks like NHS numbers."""
    sentences = []
    for position, (name, column) in enumerate(frame.items(), start=1):
        likely = column[column.str.fullmatch(r"\s*[\d -]{10,12}\s*").fillna(False).astype(bool)]
        rows = likely.index[[looks_like_nhs_number(text) for text in likely]]
        if len(rows):
            sentences.append(
                f"column {name_column(str(name), position)} holds what look like NHS "
                f"numbers: {len(rows)} ({name_rows(rows)})"
            )
    return sentences
