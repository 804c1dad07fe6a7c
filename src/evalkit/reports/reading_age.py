"""How plain a study's words are: the reading age by the formula of Flesch and Kincaid.

Grade = 0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid and others 1975, Research
Branch Report 8-75); the reading age is the grade and five years. Syllables are counted by rule, so
that a single sentence is only roughly judged. A number is read as one word of one syllable.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evalkit.reports.bundle import Bundle
from evalkit.reports.told import sentences_told
from evalkit.reports.words import end_sentence

AIM = 12
"""The oldest reading age that a page should ask for."""

_SCHOOL_STARTS = 5
_FEWEST_WORDS = 4
_END = re.compile(r"(?<=[.!?])[\"')\]]*\s+(?=[\"'(\[]*[A-Z\d])")
_WORD = re.compile(r"[A-Za-z]+(?:['\u2019][A-Za-z]+)*|\d[\d,.]*")
_VOWELS = re.compile(r"[aeiouy]+")
_TWO_SOUNDS = re.compile(
    r"ia(?!l|n|t)|iati|io(?!n|u)|(?<![ctxg])iou|(?<!t)ience|(?<!q)uence|(?<![gq])ua(?!r)|iu|ier$"
    r"|[aeiouy]ing$|oyee|ea$|crea|iet(?:y|s)?$|eory"
)
"""Where a group of vowels is two syllables."""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence with its own reading age."""

    text: str
    age: float


def reading_age(texts: Iterable[str]) -> float:
    """Return the reading age of some texts together, in years; 0 without words."""
    sentences = list(_sentences(texts))
    words = [word for sentence in sentences for word in _WORD.findall(sentence)]
    if not words:
        return 0.0
    per_sentence = len(words) / len(sentences)
    per_word = sum(map(count_syllables, words)) / len(words)
    return 0.39 * per_sentence + 11.8 * per_word - 15.59 + _SCHOOL_STARTS


def hardest_sentences(texts: Iterable[str], most: int = 5) -> list[Sentence]:
    """Return the sentences that ask for the oldest readers, hardest first."""
    known = dict.fromkeys(_sentences(texts))
    judged = [Sentence(text, reading_age([text])) for text in known]
    return sorted(judged, key=lambda sentence: -sentence.age)[:most]


def study_texts(bundle: Bundle) -> Iterator[str]:
    """Yield what a study itself says in sentences: the words that differ from page to page."""
    yield from (bundle.question, bundle.finding["answer"], *bundle.finding["meaning"])
    yield from bundle.finding["limits"]
    for check in bundle.checks:
        parts = ("assumption", "question", "finding", "power", "consequence")
        yield from (str(check.get(part) or "") for part in parts)
    yield from bundle.not_measured


def whole_age(bundle: Bundle) -> int:
    """Return the reading age of what a study says, in whole years."""
    return round(reading_age(study_texts(bundle)))


def say_reading_age(bundle: Bundle) -> str:
    """Say how plain the study's own words are, as the page does."""
    return (
        f"The words of this study ask for a reading age of {whole_age(bundle)} years, by the "
        "formula of Flesch and Kincaid. The aim is twelve or less."
    )


def count_syllables(word: str) -> int:
    """Count the syllables of a word by rule: groups of vowels, less a silent e at the end."""
    letters = word.lower()
    if not letters[:1].isalpha():
        return 1
    bare = re.sub(r"(?:'|\u2019)\w+$", "", letters)
    bare = re.sub(r"(?<=[^aeiouytd])ed$|(?<=[^aeiouyscxzgh])es$", "", bare)
    bare = re.sub(r"(?<=[^aeiouy])e(?=(?:ment|ful|less|ly|ness)s?$)", "", bare)
    count = len(_VOWELS.findall(bare)) + len(_TWO_SOUNDS.findall(bare))
    if re.search(r"[^aeiouy]e$", bare) and not re.search(r"[^aeiouy]le$", bare):
        count -= 1
    return max(count, 1)


def _sentences(texts: Iterable[str]) -> Iterator[str]:
    """Yield sentences of a few words and more; each text ends one."""
    for text in sentences_told(map(str, texts)):
        for part in _END.split(end_sentence(text.strip())):
            if len(_WORD.findall(part)) >= _FEWEST_WORDS:
                yield part.strip()
