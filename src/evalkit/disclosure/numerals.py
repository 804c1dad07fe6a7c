"""Numbers in text: find each one, and say whether a released number stands behind it."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from evalkit.disclosure.suppress import ProtectedTable
from evalkit.study.people_in_words import people_in_words

# A digit right after a short run of letters belongs to a code (Q46, T01), not to a number.
_NUMERAL = re.compile(
    r"(?:(?<![A-Za-z_\d])|(?<=[a-z]{5}))(?<!\d\.)(?:(?<![\w.])\.)?"
    r"\d[\d,]*(?:\.\d+)?(?:[eE][-+]?\d+)?(?:\s?%)?"
)
_GROUPED = re.compile(r"(?<=\d)[\u00a0\u2007\u2009\u202f'\u2019](?=\d{3}(?!\d))")
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Numeral:
    """A number as written: its size without its sign, its decimals, and whether a % follows."""

    size: float
    decimals: int
    percent: bool


@dataclass(frozen=True, slots=True)
class Known:
    """Numbers that may stand in a text: `exact` as they are, `rounded` also more coarsely."""

    exact: frozenset[float] = frozenset()
    rounded: frozenset[tuple[float, int]] = frozenset()

    def __or__(self, other: "Known") -> "Known":
        """Return the numbers of both."""
        return Known(self.exact | other.exact, self.rounded | other.rounded)


def numerals(text: str) -> Iterator[Numeral]:
    """Yield every number in a text, without its sign: sentences say "lower" for a minus.

    A number of people in words is one as well ("seven patients").
    """
    text = plain_text(text)
    for size in people_in_words(text):
        yield Numeral(float(size), 0, False)
    for match in _NUMERAL.finditer(text):
        written = match.group().rstrip("%").strip().replace(",", "").rstrip(".")
        mantissa, _, power = written.lower().partition("e")
        decimals = max(0, len(mantissa.partition(".")[2]) - int(power or 0))
        yield Numeral(float(written), decimals, match.group().endswith("%"))


def plain_text(text: str) -> str:
    """Return a text as a reader sees it: plain digits, whole numbers, nothing invisible."""
    joined = unicodedata.normalize("NFKC", _GROUPED.sub("", text))
    return "".join(letter for letter in joined if unicodedata.category(letter) != "Cf")


def numbers_in(texts: Iterable[object]) -> Known:
    """Return the numbers of parameters and other words that are not made from data."""
    found = {n.size for text in texts for n in numerals(str(text))}
    return Known(exact=frozenset(found))


def table_numbers(table: ProtectedTable) -> Known:
    """Return the released numbers of a table, and what its shape and its words tell anyway."""
    frame = table.frame
    rounded = {
        (abs(float(cell)), decimals)
        for name, decimals in table.decimals.items()
        for cell in frame[name]
        if isinstance(cell, int | float)
    }
    wordy = [name for name in frame.columns if name not in table.decimals]
    shape = {float(len(frame)), *(float(len(set(map(str, frame[name])))) for name in wordy)}
    words = numbers_in(cell for name in wordy for cell in frame[name])
    return Known(words.exact | shape, frozenset(rounded))


def unknown_numerals(text: str, known: Known) -> int:
    """Count the numbers in a text behind which no known number stands."""
    return sum(not _stands(numeral, known) for numeral in numerals(text))


def _stands(numeral: Numeral, known: Known) -> bool:
    scales = (1.0, 0.01) if numeral.percent else (1.0,)
    for scale in scales:
        size = numeral.size * scale
        if size in known.exact or any(abs(size - value) < _SLACK for value in known.exact):
            return True
        decimals = numeral.decimals + (2 if scale != 1.0 else 0)
        if any(_same(size, decimals, numeral.percent, *value) for value in known.rounded):
            return True
    return False


def _same(size: float, decimals: int, percent: bool, value: float, shown: int) -> bool:
    """Say whether a written number is a released one, at its decimals or fewer.

    A whole number in a text could be a count, so it must be the released number itself.
    """
    if abs(size - value) < _SLACK:
        return True
    if decimals >= shown or (decimals == 0 and not percent):
        return False
    return abs(size - value) <= 0.5 * 10.0**-decimals + 0.5 * 10.0**-shown + _SLACK
