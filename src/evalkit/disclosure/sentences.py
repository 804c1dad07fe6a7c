"""Prove the sentences of a finding against its record: direction, unit, size and verb.

It reads the sentences as text and takes nothing from the code that wrote them. A number with a
word of direction must have that sign in the record; a number of the outcome must carry the unit
of the outcome; a verb of cause needs a design, and a claim, that permit one.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evalkit.disclosure.numerals import Known, numbers_in, unknown_numerals

_NUMBER = r"(?P<number>\d[\d,]*(?:\.\d+)?)"
_UNIT = r"(?: (?P<unit>percentage points?|points?|pounds?|days?|standard deviations?|per cent)|%)?"
_AFTER = re.compile(rf"(?<![\w.-]){_NUMBER}{_UNIT} (?P<way>higher|lower|more|less|fewer)\b")
_BEFORE = re.compile(
    rf"\b(?P<way>rose|grew|fell|dropped|[Hh]igher|[Ll]ower) by {_NUMBER}(?!\d|\.\d){_UNIT}"
)
_ALONE = re.compile(r"\b(?:It was|That is) (?P<way>higher|lower)\b")
_MOVED = re.compile(r"\b(?P<verb>improved|worsened)\b[^.,:;]* by \d")
_UP = frozenset({"higher", "more", "rose", "grew"})
_MEASURED = re.compile(rf"(?<![\w.-]){_NUMBER}{_UNIT}(?!\d|\.\d)")
_OF_THE_OUTCOME = ("difference", "low", "high", "minimum_important_difference")
_UNSIGNED = ("step", "minimum_important_difference")
"""Sizes that the plan sets: a sentence may take them either way."""

_PLAIN_UNITS = ("point", "percentage point", "pound", "day", "standard deviation", "per cent")
_CAUSE = re.compile(
    r"\b(improved|worsened|caused|led to|leads to|brought about|made (?:\w+ ){1,4}"
    r"(?:better|worse)|reduced|raised|increased|decreased|thanks to|owing to|due to|"
    r"(?:had|has) an? (?:\w+ )?effect)\b"
)
_NOT_CLAIMED = re.compile(
    r"\b(whether|cannot be told|could|would|not|no|nobody|nothing|if|may|might|were)\b", re.I
)
_LEVEL = re.compile(r"(\d+(?:\.\d+)?)% interval")
_SENTENCE = re.compile(r"(?<=[.?!])\s+(?=[A-Z])")
_NEAR = 1e-9


def sentence_faults(record: Mapping[str, Any], *, sizes: bool = True) -> Iterator[str]:
    """Yield what a finding's sentences say otherwise than the record: place and fault, no value.

    Without `sizes`, that each number is one of the record is left to the scan of released files.
    """
    finding = record["finding"]
    values = [(str(e["name"]), e["value"]) for e in finding["values"] if _is_number(e["value"])]
    if not values:
        return
    known = numbers_in([record["parameters"], [value for _, value in values]])
    unit = record["parameters"].get("outcome_unit")
    for place, text in _texts(finding):
        for sentence in _SENTENCE.split(text):
            yield from _ways(place, sentence, values)
            yield from _levels(place, sentence, values)
            if sizes:
                yield from _sizes(place, sentence, known)
            if place == "answer":
                yield from _units(sentence, values, unit)
                yield from _sides(sentence, values, record["parameters"].get("outcome_better"))
            if place != "limits":
                yield from _verbs(place, sentence, record)


def _texts(finding: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "answer", str(finding["answer"])
    for place in ("meaning", "limits"):
        held = finding[place]
        yield from ((place, str(text)) for text in ([held] if isinstance(held, str) else held))


def _ways(place: str, sentence: str, values: list[tuple[str, float]]) -> Iterator[str]:
    """Yield each number whose word of direction is against every value of its size."""
    for found in (*_AFTER.finditer(sentence), *_BEFORE.finditer(sentence)):
        of_its_size = {name: value for name, value in values if value and _is_size(found, value)}
        signs = {value > 0 for value in of_its_size.values()}
        if (
            signs
            and of_its_size.keys().isdisjoint(_UNSIGNED)
            and (found["way"].lower() in _UP) not in signs
        ):
            yield f"{place}: a number is called {found['way']}, against its sign in the record"


def _sides(sentence: str, values: list[tuple[str, float]], better: object) -> Iterator[str]:
    """Yield each word that sets the outcome on the other side than its difference."""
    difference = dict(values).get("difference")
    if not difference:
        return
    up = difference > 0
    for found in _ALONE.finditer(sentence):
        if (found["way"] in _UP) != up:
            yield f"answer: the outcome is called {found['way']}, against its sign in the record"
    for found in _MOVED.finditer(sentence):
        if better in ("higher", "lower") and (found["verb"] == "improved") != (
            up == (better == "higher")
        ):
            yield f"answer: the outcome is said to have {found['verb']}, against its sign"


def _sizes(place: str, sentence: str, known: Known) -> Iterator[str]:
    if unknown_numerals(sentence, known):
        yield f"{place}: a number that is no value of the finding and no parameter"


def _levels(place: str, sentence: str, values: list[tuple[str, float]]) -> Iterator[str]:
    """Yield each interval that is called by another level than that of the finding."""
    levels = {100 * value if value <= 1 else value for name, value in values if name == "level"}
    for found in _LEVEL.finditer(sentence):
        if levels and float(found[1]) not in levels:
            yield f"{place}: an interval is called by another level than it has"


def _units(sentence: str, values: list[tuple[str, float]], unit: object) -> Iterator[str]:
    """Yield each number of the outcome alone that carries another unit than the outcome's."""
    wanted = str(unit or "").removesuffix("s")
    if wanted not in _PLAIN_UNITS:
        return
    for found in _MEASURED.finditer(sentence):
        names = {name for name, value in values if _is_size(found, value)}
        given = str(found["unit"] or "").removesuffix("s")
        if names and names <= set(_OF_THE_OUTCOME) and given and given != wanted:
            yield f"answer: a number of the outcome is told in {given}s, not in {wanted}s"


def _verbs(place: str, sentence: str, record: Mapping[str, Any]) -> Iterator[str]:
    """Yield each verb of cause that is claimed without design and checks that permit it."""
    claim = str(record["finding"]["claim"])
    permitted = record["permits_cause"] and not claim.startswith(
        ("associated", "cannot", "unclear")
    )
    found = _CAUSE.search(sentence)
    if found and not permitted and not _NOT_CLAIMED.search(sentence[: found.start()]):
        yield f"{place}: {found[1]} is a verb of cause, which design and claim do not permit"


def _is_size(found: re.Match[str], value: float) -> bool:
    """Say whether a number as written is this value, at the decimals it is written with."""
    written = found["number"].replace(",", "")
    decimals = len(written.partition(".")[2])
    return abs(float(written) - abs(round(value, decimals))) < _NEAR


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
