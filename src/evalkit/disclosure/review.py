"""Judge each output of a release by the published reasons for which releases are rejected.

These are: counts that are not rounded or not hidden, missing context, missing underlying
counts, and kinds of file. Source: OpenSAFELY's published output-checking rules.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Any, Literal

from evalkit.disclosure.grid import column_rules
from evalkit.disclosure.profiles import MARKER, Profile
from evalkit.disclosure.suppress import ProtectedTable
from evalkit.record.tables import TableSpec

State = Literal["pass", "review", "fail"]
UNHIDDEN = "a count of few people is not hidden"
UNROUNDED = "a count is not rounded as its rules say"
NO_CONTEXT = "title, description or the name of a column is missing"
NO_COUNTS = "averages or percentages without the counts that they rest on"
NO_TABLE = "the table behind it is not released"
WRONG_KIND = "a kind of file that may not be released"
REST_ON_WHOLE = "its estimates rest on the study's main estimate, not on counts of their own"
ALL_HIDDEN = "all of its numbers are hidden"
SOME_HIDDEN = "some of its numbers are hidden"
WRITTEN = "holds words as people wrote them: read them before you approve"


@dataclass(frozen=True, slots=True)
class Review:
    """One output: its state and why, what it is, its counts shown and hidden, and the rule."""

    name: str
    kind: Literal["table", "figure"]
    state: State
    reasons: tuple[str, ...]
    description: str
    shown: int
    hidden: int
    rule: str


def review_outputs(
    tables: Mapping[str, ProtectedTable],
    figures: Mapping[str, Mapping[str, Any]],
    files: Mapping[str, bytes],
    profiles: Mapping[str, Profile],
    rules: Profile,
) -> list[Review]:
    """Return the state of every table and figure, in the order in which they are released."""
    kinds = {name: PurePosixPath(name).suffix.removeprefix(".") for name in files}
    wrong = {PurePosixPath(n).stem for n, kind in kinds.items() if kind not in rules.file_types}
    reviews = []
    for name, table in tables.items():
        fails, looks = _table_faults(table, profiles)
        fails += [WRONG_KIND] if name in wrong else []
        reviews.append(_review(name, "table", table, profiles, fails, looks))
    for name, figure in figures.items():
        behind = tables.get(str(figure["table"]))
        fails = [WRONG_KIND] if name in wrong else []
        fails += [] if behind is not None else [NO_TABLE]
        fails += [] if figure["title"] and figure["alt"] else [NO_CONTEXT]
        reviews.append(_review(name, "figure", behind, profiles, fails, []))
    return reviews


def reviews_json(reviews: list[Review]) -> dict[str, Any]:
    """Return the reviews as `release.json` holds them."""
    return {
        f"{r.kind} {r.name}": {
            "state": r.state,
            "reasons": list(r.reasons),
            "counts_shown": r.shown,
            "counts_hidden": r.hidden,
            "rule": r.rule,
        }
        for r in reviews
    }


def _review(
    name: str,
    kind: Literal["table", "figure"],
    table: ProtectedTable | None,
    profiles: Mapping[str, Profile],
    fails: list[str],
    looks: list[str],
) -> Review:
    state: State = "fail" if fails else "review" if looks else "pass"
    cells: list[object] = (
        [] if table is None else [c for n in _counts(table.spec) for c in table.frame[n]]
    )
    words = "" if table is None else table.spec.description
    hidden = sum(cell == MARKER for cell in cells)
    shown = sum(isinstance(cell, int | float) for cell in cells)
    rule = "+".join(sorted({p.name for p in profiles.values()}))
    return Review(name, kind, state, (*fails, *looks), words, shown, hidden, rule)


def _table_faults(
    table: ProtectedTable, profiles: Mapping[str, Profile]
) -> tuple[list[str], list[str]]:
    """Return why a table fails, and why a person should look at it."""
    spec, frame = table.spec, table.frame
    fails, looks = [], []
    for column in (c for c in spec.columns if c.kind == "count"):
        if spec.rules_by:
            continue  # each row has rules of its own, by which its part was proved
        rules = column_rules(column, profiles)
        known = [float(c) for c in frame[column.name] if isinstance(c, int | float) and c == c]
        if any(0 < n < rules.smallest_count for n in known):
            fails.append(UNHIDDEN)
        if any(n % rules.rounding_base for n in known):
            fails.append(UNROUNDED)
    if not (spec.title and spec.description and all(c.label for c in spec.columns)):
        fails.append(NO_CONTEXT)
    bases = {c.base for c in spec.columns if c.kind in ("mean", "percentage")}
    if bases - {c.name for c in spec.columns}:
        fails.append(NO_COUNTS)
    if any(c.kind == "estimate" and c.base is None for c in spec.columns):
        looks.append(REST_ON_WHOLE)
    if any(c.kind == "text" and c.name != "unit" for c in spec.columns):
        looks.append(WRITTEN)
    if table.is_empty:
        looks.append(ALL_HIDDEN)
    elif (frame == MARKER).to_numpy().any():
        looks.append(SOME_HIDDEN)
    return list(dict.fromkeys(fails)), looks


def _counts(spec: TableSpec) -> list[str]:
    return [c.name for c in spec.columns if c.kind == "count"]
