"""Do the sources agree? Convergence of each theme over pairs of sources, and how strong it stands.

Convergence coding (Farmer, Robinson, Elliott and Eyles 2006, Qualitative Health Research
16:377-394): agreement where two sources have the same meaning and prominence, partial agreement
where they share one of the two, silence where one of them says nothing, dissonance where they point
opposite ways. Coders compare each source with a source of reference; the code of most of them
stands. Where no code has most coders, and between two other sources, the code follows from what the
sources say.

The label of a theme is this project's: contested where any two sources are in dissonance; strong
where three or more types of source agree, one of them a designed comparison; moderate where two
agree, at least in part; else single-source; "not heard of" where none speaks. Silence is no
agreement.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats

AGREEMENT, PARTIAL, SILENCE, DISSONANCE = CODES = ("agreement", "partial", "silence", "dissonance")
BETTER, SAME, WORSE, SILENT = DIRECTIONS = ("better", "same", "worse", "silent")
CONTESTED, STRONG, MODERATE, SINGLE, UNHEARD = LABELS = (
    "contested",
    "strong",
    "moderate",
    "single-source",
    "not heard of",
)
BY_CODERS, BY_RULE = "most coders", "what the sources say"
_SAID = ("source_type", "direction", "prominence", "detectable")


@dataclass(frozen=True, slots=True)
class Evidence:
    """What each source says of each theme, and how coders set it beside the source of reference.

    `said` has a row a theme and source: `theme, source, source_type, direction, prominence,
    detectable, example`, with `code` and who it is by. `codes` (rows of `said`, coders) holds the
    place of each coder's code in CODES, NaN where there is none.
    """

    said: pd.DataFrame
    codes: Floats
    coders: tuple[str, ...]
    reference: str


@dataclass(frozen=True, slots=True)
class Label:
    """How strong a theme stands, where it points, and the sources that say so."""

    label: str
    direction: str
    agreeing: tuple[str, ...]
    types: int
    dissonant: tuple[tuple[str, str], ...]


def open_evidence(evidence: pd.DataFrame, reference: str) -> Evidence:
    """Gather one row a theme, source and coder into what sources say and what coders code.

    Raises AnalysisError for unknown words, a source that says two things of a theme, and a
    reference that is none of the sources.
    """
    _refuse_words(evidence, reference)
    grouped = evidence.groupby(["theme", "source"], sort=False)
    two = int((grouped[list(_SAID)].nunique().ge(2)).any(axis=1).sum())
    if two:
        raise AnalysisError(
            f"evidence: {two} times a source says two things of one theme. What a source says is "
            "the same in every coder's row; coders differ in `code` alone."
        )
    said = grouped.first().reset_index()
    coders = tuple(str(c) for c in evidence["coder"].unique())
    rows = pd.MultiIndex.from_frame(said[["theme", "source"]])
    wide = evidence.assign(place=evidence["code"].map({c: n for n, c in enumerate(CODES)}))
    codes = wide.pivot_table(index=["theme", "source"], columns="coder", values="place")
    held = codes.reindex(index=rows, columns=list(coders)).to_numpy(float)
    return _resolve(Evidence(said, held, coders, reference))


def code_pair(first: Mapping[Any, Any], second: Mapping[Any, Any]) -> str:
    """Code two sources by what they say: their direction and prominence."""
    one, other = str(first["direction"]), str(second["direction"])
    if SILENT in (one, other):
        return SILENCE
    if one != other:
        return PARTIAL if SAME in (one, other) else DISSONANCE
    return AGREEMENT if first["prominence"] == second["prominence"] else PARTIAL


def tabulate_pairs(evidence: Evidence) -> pd.DataFrame:
    """Tabulate every theme and pair of sources: `theme, first, second, code, told_by`.

    A pair with the source of reference has the coders' code, and any other the rule's.
    """
    rows = []
    for theme, own in evidence.said.groupby("theme", sort=False):
        for one, other in combinations(own.to_dict("records"), 2):
            pair = [one, other]
            coded = [row for row in pair if row["source"] != evidence.reference]
            told_by = BY_RULE
            code = code_pair(one, other)
            if len(coded) == 1:
                code, told_by = str(coded[0]["code"]), str(coded[0]["told_by"])
            rows.append((theme, one["source"], other["source"], code, told_by))
    return pd.DataFrame(rows, columns=["theme", "first", "second", "code", "told_by"])


def tabulate_labels(evidence: Evidence, designed: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Tabulate each theme's label, direction, and who says what: one row a theme.

    `designed` names for a theme the sources whose statement rests on a designed comparison.
    """
    pairs = tabulate_pairs(evidence)
    rows = []
    for theme, own in evidence.said.groupby("theme", sort=False):
        found = label_theme(own, pairs[pairs["theme"] == theme], designed.get(str(theme), ()))
        by_direction = {
            d: ", ".join(own.loc[own["direction"] == d, "source"]) or "none" for d in DIRECTIONS
        }
        rows.append(
            {
                "theme": theme,
                "label": found.label,
                "direction": found.direction,
                "types": found.types,
                "agreeing": ", ".join(found.agreeing) or "none",
                **by_direction,
            }
        )
    return pd.DataFrame(rows)


def label_theme(said: pd.DataFrame, pairs: pd.DataFrame, designed: Iterable[str]) -> Label:
    """Label one theme from what sources say of it (rows) and the codes of its pairs."""
    speaking = said[said["direction"] != SILENT]
    code = {
        frozenset((first, second)): str(c)
        for first, second, c in zip(pairs["first"], pairs["second"], pairs["code"], strict=True)
    }
    dissonant = tuple(
        (str(a), str(b))
        for a, b in combinations(said["source"], 2)
        if code[frozenset((a, b))] == DISSONANCE
    )
    agreeing = _largest_agreement(speaking, code, frozenset(designed))
    types = int(speaking.loc[speaking["source"].isin(agreeing), "source_type"].nunique())
    ways = speaking.loc[speaking["source"].isin(agreeing or tuple(speaking["source"])), "direction"]
    direction = str(ways.iloc[0]) if len(set(ways)) == 1 else "both ways" if len(ways) else SILENT
    partial = any(c in (AGREEMENT, PARTIAL) for c in code.values())
    if dissonant:
        return Label(CONTESTED, "both ways", agreeing, types, dissonant)
    if types >= 3 and set(designed) & set(agreeing):
        return Label(STRONG, direction, agreeing, types, ())
    if partial and speaking["source_type"].nunique() >= 2:
        return Label(MODERATE, direction, agreeing, types, ())
    return Label(SINGLE if len(speaking) else UNHEARD, direction, agreeing, types, ())


def leave_sources_out(evidence: Evidence, designed: Mapping[str, Iterable[str]]) -> pd.DataFrame:
    """Tabulate each theme's label without each source in turn, and whether it changes.

    Columns: `theme, left_out, label, without, changes`.
    """
    whole = tabulate_labels(evidence, designed).set_index("theme")["label"]
    rows = []
    for source in evidence.said["source"].unique():
        kept = (evidence.said["source"] != source).to_numpy(bool)
        if not kept.any():
            continue
        rest = replace(
            evidence, said=evidence.said[kept].reset_index(drop=True), codes=evidence.codes[kept]
        )
        left = tabulate_labels(rest, designed).set_index("theme")["label"]
        for theme, label in whole.items():
            other = str(left.get(theme, UNHEARD))
            rows.append((theme, source, label, other, "changes" if other != label else "stays"))
    columns = ["theme", "left_out", "label", "without", "changes"]
    return pd.DataFrame(rows, columns=columns).sort_values("theme", kind="stable")


def tabulate_silence(evidence: Evidence) -> pd.DataFrame:
    """Tabulate each silence: was the source able to hear of the theme? `theme, source, meaning`."""
    silent = evidence.said[evidence.said["direction"] == SILENT]
    meaning = np.where(
        silent["detectable"].astype(bool),
        "could have heard of it, and did not",
        "could not have heard of it",
    )
    return silent[["theme", "source"]].assign(meaning=meaning).reset_index(drop=True)


def tabulate_differences(evidence: Evidence) -> pd.DataFrame:
    """List where coders differ: each coder's code, the one that stands, and who settled it."""
    rows = []
    for at in range(len(evidence.said)):
        own = evidence.codes[at]
        given = own[~np.isnan(own)]
        if len(np.unique(given)) < 2:
            continue
        row = evidence.said.iloc[at]
        each = "; ".join(
            f"{coder}: {CODES[int(place)]}"
            for coder, place in zip(evidence.coders, own, strict=True)
            if not np.isnan(place)
        ).replace("_", " ")
        rows.append((row["theme"], row["source"], each, row["code"], row["told_by"]))
    return pd.DataFrame(rows, columns=["theme", "source", "each", "code", "told_by"])


def count_coders(evidence: Evidence) -> Floats:
    """Count for each row of `said` the coders who gave the code that stands."""
    places = evidence.said["code"].map({code: place for place, code in enumerate(CODES)})
    return np.asarray((evidence.codes == places.to_numpy(float)[:, None]).sum(axis=1), dtype=float)


def _largest_agreement(
    speaking: pd.DataFrame, code: Mapping[frozenset[object], str], designed: frozenset[str]
) -> tuple[str, ...]:
    """Return the largest set of sources, by types, that agree pair by pair; none of fewer than two.

    Sources are few, so that every set can be looked at.
    """
    kind = dict(zip(speaking["source"], speaking["source_type"], strict=True))
    names = sorted(kind, key=str)
    best: tuple[str, ...] = ()
    for size in range(2, len(names) + 1):
        for chosen in combinations(names, size):
            agree = all(code[frozenset(p)] == AGREEMENT for p in combinations(chosen, 2))
            if agree and _worth(chosen, kind, designed) > _worth(best, kind, designed):
                best = tuple(str(name) for name in chosen)
    return best


def _worth(
    chosen: tuple[str, ...], kind: Mapping[str, object], designed: frozenset[str]
) -> tuple[int, bool, int]:
    types = len({kind[name] for name in chosen})
    return types, bool(designed & set(chosen)), len(chosen)


def _resolve(evidence: Evidence) -> Evidence:
    """Let the code of most coders stand, and else what the sources say."""
    of_reference = {
        str(row["theme"]): row
        for row in evidence.said.to_dict("records")
        if row["source"] == evidence.reference
    }
    standing = []
    for row, own in zip(evidence.said.to_dict("records"), evidence.codes, strict=True):
        given, counts = np.unique(own[~np.isnan(own)], return_counts=True)
        if len(given) and counts.max() * 2 > counts.sum():
            standing.append((CODES[int(given[counts.argmax()])], BY_CODERS))
        elif str(row["theme"]) in of_reference:
            standing.append((code_pair(row, of_reference[str(row["theme"])]), BY_RULE))
        else:
            standing.append((SILENCE, BY_RULE))
    code, told_by = zip(*standing, strict=True)
    return replace(evidence, said=evidence.said.assign(code=list(code), told_by=list(told_by)))


def _refuse_words(evidence: pd.DataFrame, reference: str) -> None:
    if evidence.empty:
        raise AnalysisError("evidence: there is no row. Write down what each source says.")
    faults = []
    for column, known in (("direction", DIRECTIONS), ("code", CODES)):
        wrong = int((evidence[column].notna() & ~evidence[column].isin(known)).sum())
        wrong += int(evidence["direction"].isna().sum()) if column == "direction" else 0
        if wrong:
            faults.append(f"{column}: {wrong} rows are none of {', '.join(known)}")
    if faults:
        raise AnalysisError(f"evidence: {'; '.join(faults)}. Use these words.")
    if reference not in set(evidence["source"]):
        raise AnalysisError(
            "reference_source: it is none of the sources of the evidence, of which there are "
            f"{evidence['source'].nunique()}. Name the one that coders compared the others with."
        )
