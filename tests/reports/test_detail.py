"""The last part of a report says how sure one can be, who took part, and how to repeat it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from evalkit.disclosure.profiles import load_profiles
from evalkit.reports.bundle import Bundle
from evalkit.reports.detail import _RULES, write_detail
from evalkit.reports.words import escape, say


@pytest.mark.parametrize("words", ["Passes", "A concern", "Cannot tell"])
def test_verdicts_stand_in_words_beside_their_shape(bundle: Bundle, words: str) -> None:
    """A verdict is a word and a shape, so that colour is not the only cue."""
    assert f"</svg> {words}</p>" in write_detail(bundle)


def test_checks_tell_everything(bundle: Bundle) -> None:
    """Each check shows its assumption, question, finding, power and consequence, in order."""
    written = write_detail(bundle)
    for check in bundle.checks:
        for name in ("question", "assumption", "finding", "power", "consequence"):
            assert say(check[name]) in written
    assert "Of 4 assumptions, 2 pass, 1 is a concern and 1 cannot be told." in written
    assert "Show the numbers behind each check" in written


def test_the_ledger_is_one_table_with_headers(bundle: Bundle) -> None:
    """Each assumption is a row's header, each column has one; roles keep it a table as blocks."""
    written = write_detail(bundle)
    ledger = written[written.index('<table class="ledger"') : written.index("</table>")]
    columns = re.findall(r'<th scope="col" role="columnheader">([^<]*)</th>', ledger)
    assert columns == [
        "Assumption",
        "How it was tried",
        "What was seen",
        "Smallest thing it could find",
        "What follows if it fails",
    ]
    assert ledger.count('<th scope="row" role="rowheader">') == len(bundle.checks)
    assert re.findall(r'data-label="([^"]*)"', ledger) == columns[1:] * len(bundle.checks)


def test_the_gravest_stands_first(bundle: Bundle) -> None:
    """A concern is read before what cannot be told, and both before what passes."""
    verdicts = re.findall(r'class="check ([a-z-]+)"', write_detail(bundle))
    assert verdicts == ["concern", "cannot-tell", "passes", "passes"]


@pytest.mark.parametrize(
    ("verdicts", "told"),
    [
        (["passes"], "Of 1 assumption, 1 passes."),
        (["passes", "concern", "concern"], "Of 3 assumptions, 1 passes and 2 are concerns."),
        (["cannot tell", "cannot tell"], "Of 2 assumptions, 2 cannot be told."),
    ],
)
def test_checks_are_counted_in_a_sentence(bundle: Bundle, verdicts: list[str], told: str) -> None:
    """The count reads as a sentence, whatever the numbers are."""
    checks = [bundle.checks[0] | {"verdict": verdict} for verdict in verdicts]
    assert told in write_detail(replace(bundle, checks=checks))


def test_sentences_of_checks_end_and_say_nothing_twice(bundle: Bundle) -> None:
    """Each sentence has its full stop and a true minus sign; a column's heading is not repeated."""
    told = {"finding": "Differs by -0.04 (-0.10 to 0.02)", "power": "A description, not a test"}
    check = bundle.checks[0] | told | {"consequence": "If it fails, read it with care."}
    written = write_detail(replace(bundle, checks=[check]))
    assert "<div>Differs by −0.04 (−0.10 to 0.02).</div>" in written
    assert "<div>Read it with care.</div>" in written
    assert "<div>A description, not a test.</div>" in written
    lower = check | {"power": "a description, not a test", "finding": "Unsure (p = 0.20)"}
    written = write_detail(replace(bundle, checks=[lower]))
    assert "<div>A description, not a test.</div>" in written
    assert "(p\N{NO-BREAK SPACE}=\N{NO-BREAK SPACE}0.20)" in written


def test_numbers_behind_a_check_have_plain_names(bundle: Bundle) -> None:
    """No name of code stands in the table of a check."""
    named = bundle.tables["check_1"]
    rows = (
        {"name": "largest_shift", "value": 0.01, "unit": ""},
        {"name": "level", "value": 95.0},
        {"name": "both_times_with", "value": 40.0},
    )
    tables = {**bundle.tables, "check_1": replace(named, rows=rows)}
    written = write_detail(replace(bundle, tables=tables))
    assert ">Largest shift<" in written
    assert ">Level of the interval, per cent<" in written
    assert ">Of those with it, there before and after<" in written


def test_primary_estimate_is_set_apart_from_the_others(bundle: Bundle) -> None:
    """Of five estimates only the one that the release names is drawn with a round mark."""
    assert bundle.protocol["primary_analysis"] == "within"  # the plan's name is another's
    method = write_detail(bundle).split('id="method"')[1].split('id="provenance"')[0]
    assert method.count("<circle") == 2  # once wide, once narrow
    assert method.count("<rect") == 8
    marked = re.findall(r'class="strong" text-anchor="start">([^<]*)<', method)
    assert " ".join(marked[: len(marked) // 2]) == "Within trusts, corrected for noise"


def test_provenance_names_every_fingerprint(bundle: Bundle) -> None:
    """Hashes, record, versions as they are spelt, sources and whose rules they passed."""
    written = write_detail(bundle)
    for text in (*bundle.hashes.values(), bundle.record_sha256, *bundle.versions.values()):
        assert text in written
    assert "<dt>python</dt>" in written
    assert "<li>Staff: 2,080 rows, synthetic. Rules: NHS Staff Survey.</li>" in written
    assert "<li>Patient: 2,080 rows, synthetic. Rules: CQC patient surveys.</li>" in written


@pytest.mark.parametrize(
    ("kind", "told"),
    [("person", "A person approved the release."), ("synthetic by rule", "approved by rule")],
)
def test_kind_of_approval_is_told(bundle: Bundle, kind: str, told: str) -> None:
    """The page says whether a person approved the release; without a statement it says nothing."""
    assert told in write_detail(replace(bundle, approval=kind))
    assert "approved" not in write_detail(bundle)


def test_every_profile_is_called_by_its_publisher() -> None:
    """The names of the publishers' rules on the page are those of the rules themselves."""
    assert {name: profile.title for name, profile in load_profiles().items()} == _RULES


@pytest.mark.parametrize("where", ["checks", "not_measured", "hashes", "sources"])
def test_texts_are_escaped(bundle: Bundle, where: str) -> None:
    """No text of checks, limits, hashes or sources becomes markup."""
    payload = "<script>alert(1)</script>"
    held = getattr(bundle, where)
    hostile: Any = [payload]
    if isinstance(held, dict):
        hostile = {payload: payload}
    elif isinstance(held[0], dict):
        kept = ("verdict", "rows", "synthetic")
        hostile = [{k: v if k in kept else payload for k, v in entry.items()} for entry in held]
    written = write_detail(replace(bundle, **{where: hostile}))
    assert "<script>" not in written
    assert escape(payload) in written
