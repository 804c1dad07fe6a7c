"""The review of outputs: each published reason for rejection fails, and the rest is told."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure import review
from evalkit.disclosure.profiles import load_profiles, strictest
from evalkit.disclosure.release import release_study, review_study
from evalkit.disclosure.suppress import ProtectedTable, protect_table
from evalkit.errors import DisclosureError
from evalkit.record import Column, TableSpec

RULES = {"s": load_profiles()["gss_default"]}
SPEC = TableSpec(
    "t",
    "Title",
    "Description.",
    (
        Column("group", "G", "label"),
        Column("people", "P", "count", ("s",)),
        Column("score", "S", "mean", ("s",), "people", 1),
    ),
)
FRAME = pd.DataFrame({"group": list("abc"), "people": [20, 30, 40], "score": [1.0, 2.0, 3.0]})


def reviewed(table: ProtectedTable, **figure: Any) -> list[review.Review]:
    """Review one table, and a figure of it."""
    files = {"tables/t.csv": b"", f"figures/f.{figure.pop('kind', 'png')}": b""}
    behind = figure.pop("behind", "t")
    drawn = {"f": {"title": "T", "alt": "A", "table": behind, **figure}}
    return review.review_outputs({"t": table}, drawn, files, RULES, strictest(RULES.values()))


def test_a_protected_table_with_its_words_and_counts_passes() -> None:
    """State, description, counts and rule stand with each output."""
    table, figure = reviewed(protect_table(FRAME, SPEC, RULES))
    assert (table.state, table.description, table.shown, table.hidden, table.rule) == (
        "pass",
        "Description.",
        3,
        0,
        "gss_default",
    )
    assert figure.state == "pass"


@pytest.mark.parametrize(
    ("cell", "spec", "figure", "reasons"),
    [
        (3, SPEC, {}, (review.UNHIDDEN, review.UNROUNDED)),
        (22, SPEC, {}, (review.UNROUNDED,)),
        (20, replace(SPEC, description=""), {}, (review.NO_CONTEXT,)),
        (20, replace(SPEC, columns=(SPEC.columns[0], SPEC.columns[2])), {}, (review.NO_COUNTS,)),
        (20, SPEC, {"alt": ""}, (review.NO_CONTEXT,)),
        (20, SPEC, {"behind": "x"}, (review.NO_TABLE,)),
        (20, SPEC, {"kind": "pdf"}, (review.WRONG_KIND,)),
    ],
)
def test_each_reason_for_rejection_fails(
    cell: int, spec: TableSpec, figure: dict[str, str], reasons: tuple[str, ...]
) -> None:
    """What the protection would never leave is found by the review all the same."""
    table = protect_table(FRAME, SPEC, RULES)
    table.frame.loc[0, "people"] = cell
    found = reviewed(replace(table, spec=spec), **figure)
    assert [r.reasons for r in found if r.state == "fail"] == [reasons]


def test_what_a_person_should_look_at_is_told() -> None:
    """Hidden numbers, a table of nothing else, and estimates without counts of their own."""
    few = protect_table(FRAME.assign(people=[1, 30, 40]), SPEC, RULES)
    none = protect_table(FRAME.assign(people=[1, 2, 3]), SPEC, RULES)
    effect = replace(
        SPEC, columns=(*SPEC.columns, Column("e", "E", "estimate", ("s",), decimals=1))
    )
    whole = protect_table(FRAME.assign(e=1.0), effect, RULES, 100)
    for table, reason in (
        (few, review.SOME_HIDDEN),
        (none, review.ALL_HIDDEN),
        (whole, review.REST_ON_WHOLE),
    ):
        assert next((r.state, r.reasons) for r in reviewed(table)) == ("review", (reason,))


def test_an_output_that_fails_stops_the_release_and_the_review_writes_nothing(
    make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every state is listed; a failing output is named and nothing is released."""
    run, home = make_run(), tmp_path / "released"
    states = {r.name: r.state for r in review_study(run, released=home)}
    assert (states["who"], states["headline"]) == ("review", "review")
    assert not home.exists()
    monkeypatch.setattr(review, "_table_faults", lambda table, rules: ([review.UNROUNDED], []))
    with pytest.raises(
        DisclosureError, match=r"outputs fail[^$]*table who: a count is not rounded"
    ):
        release_study(run, released=home)
    assert not home.exists()
