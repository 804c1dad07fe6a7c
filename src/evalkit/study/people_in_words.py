"""Read numbers of people that are written in words, such as "seven patients"."""

import re
from collections.abc import Iterator

_ONES = "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen"
_TEENS = "sixteen seventeen eighteen nineteen"
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety hundred"
_SIZES = {
    **{word: size for size, word in enumerate(f"{_ONES} {_TEENS}".split(), start=1)},
    **{word: 10 * size for size, word in enumerate(_TENS.split(), start=2)},
    "thousand": 1000,
}
_WORD = "|".join(sorted(_SIZES, key=len, reverse=True))
_PEOPLE = (
    r"people|persons|patients|respondents|carers|staff(?! [a-z]+s\b)|nurses|doctors|women|men|"
    r"children|parents|residents|users|answers|responses|answered|responded"
)
_SPELT = re.compile(
    rf"(?<!first )\b(?!one (?!hundred|thousand))((?:{_WORD})(?:(?:-| and | )(?:{_WORD}))*)"
    rf"(?= (?:[a-z-]+ )?(?:{_PEOPLE})\b(?! or (?:more|fewer)))",
    re.IGNORECASE,
)


def people_in_words(text: str) -> Iterator[int]:
    """Yield each number of people that a text tells in words; "one" by itself is none."""
    for match in _SPELT.finditer(text):
        yield _read_words(match.group(1))


def holds_number(text: str) -> bool:
    """Say whether a text has a digit of any script, or tells in words how many people."""
    return any(map(str.isdigit, text)) or any(people_in_words(text))


def _read_words(words: str) -> int:
    """Return the number that words such as "one hundred and twenty-four" say."""
    whole = part = 0
    for word in re.findall(_WORD, words.lower()):
        if word == "thousand":
            whole, part = whole + max(part, 1) * 1000, 0
        else:
            part = max(part, 1) * 100 if word == "hundred" else part + _SIZES[word]
    return whole + part
