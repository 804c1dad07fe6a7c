"""Free text that nobody agreed to show, kept as fingerprints so that a release can look for it.

A run holds no text of people beside what it shows. `withheld.bin` holds, of every text whose
writer did not agree to this page's readers, or took it back, the fingerprint of each run of eight
words; of a text of five to seven words, of the whole. What others who agreed wrote word for word
is left out, since nobody could tell whose it is. It stays with the run and is never released.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path

import pandas as pd

from evalkit.data.roles import columns_of, kinds_of
from evalkit.insight.free_text import remove_personal, remove_unseen
from evalkit.insight.stories import SCOPES
from evalkit.record.staged import ReadSource
from evalkit.study.schema import StudyParameters
from evalkit.study.schemas.topic_study import TopicStudy

RUN, SHORTEST = 8, 5
_SIZE = 8
_WORD = re.compile(r"[^\W_]+")
_CONSENTS = ("consent", "quote_consent")


@dataclass(frozen=True, slots=True)
class Withheld:
    """The fingerprints of what may not be shown."""

    runs: frozenset[bytes] = frozenset()

    def count(self, text: str) -> int:
        """Count the runs of words in a text that stand in one which nobody agreed to show."""
        return len(self.runs & set(word_runs(text))) if self.runs else 0


def word_runs(text: str) -> Iterator[bytes]:
    """Yield the fingerprint of each run of words of a text, however it is written and spaced."""
    plain = unicodedata.normalize("NFKC", text)
    seen = "".join(letter for letter in plain if unicodedata.category(letter) != "Cf")
    words = _WORD.findall(seen.casefold())
    if SHORTEST <= len(words) < RUN:
        yield _fingerprint(words)
    for start in range(len(words) - RUN + 1):
        yield _fingerprint(words[start : start + RUN])


def free_text_sources(parameters: StudyParameters) -> dict[str, list[str]]:
    """Return the roles of people's own words, by source, where consent has a role as well."""
    if not isinstance(parameters, TopicStudy):
        return {}
    found = {}
    for name, source in parameters.SOURCES.items():
        kinds, mapped = kinds_of(parameters, name), columns_of(parameters, name)
        written = [role for role in mapped if kinds[role] == "free_text"]
        if written and any(role in source.roles for role in _CONSENTS):
            found[name] = written
    return found


def find_withheld(parameters: StudyParameters, sources: Mapping[str, ReadSource]) -> Withheld:
    """Return what of a study's sources may not be shown to the readers that its page is for."""
    hidden, shown = set[bytes](), set[bytes]()
    for name, roles in free_text_sources(parameters).items():
        columns, frame = columns_of(parameters, name), sources[name].frame
        agreed = _agreed(frame, columns, getattr(parameters, "audience", None))
        for role in roles:
            texts = frame[columns[role]]
            shown |= _runs(texts[agreed & texts.notna()])
            hidden |= _runs(texts[~agreed & texts.notna()])
    return Withheld(frozenset(hidden - shown))


def withheld_bytes(withheld: Withheld) -> bytes:
    """Return fingerprints as the file of a run holds them."""
    return b"".join(sorted(withheld.runs))


def read_withheld(path: Path) -> Withheld:
    """Return the fingerprints of a file, none where there is no file."""
    held = path.read_bytes() if path.is_file() else b""
    return Withheld(frozenset(held[at : at + _SIZE] for at in range(0, len(held), _SIZE)))


def _agreed(
    frame: pd.DataFrame, columns: Mapping[str, str], audience: str | None
) -> "pd.Series[bool]":
    """Say of each row whether its words may be read: nothing written means no."""

    def says(role: str, *words: object) -> "pd.Series[bool]":
        none = pd.Series(False, index=frame.index)
        return frame[columns[role]].isin(words) if role in columns else none

    if "consent" not in columns:
        return says("quote_consent", True) & says("quote_checked", True)
    wide_enough = SCOPES[SCOPES.index(audience) :] if audience in SCOPES else ()
    kept = says("withdrawn", False) if "withdrawn" in columns else True
    return says("consent", *wide_enough) & kept


def _runs(texts: Iterable[object]) -> set[bytes]:
    """Return the fingerprints of texts, as written and as they are made fit to be shown."""
    return {
        run
        for text in set(map(str, texts))
        for form in {text, remove_personal(remove_unseen(text))}
        for run in word_runs(form)
    }


def _fingerprint(words: list[str]) -> bytes:
    return blake2b(" ".join(words).encode(), digest_size=_SIZE).digest()
