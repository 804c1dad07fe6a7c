"""The last part of a report says how sure one can be, who took part, and how to repeat it."""

import re
from dataclasses import replace
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle
from evalkit.reports.detail import write_detail
from evalkit.reports.words import escape


@pytest.mark.parametrize("words", ["Passes", "A concern", "Cannot tell"])
def test_verdicts_stand_in_words_beside_their_shape(bundle: Bundle, words: str) -> None:
    """A verdict is a word and a shape, so that colour is not the only cue."""
    assert f"</svg> {words}</p>" in write_detail(bundle)


def test_checks_tell_everything(bundle: Bundle) -> None:
    """Each check shows its assumption, question, finding, power and consequence, in order."""
    written = write_detail(bundle)
    for check in bundle.checks:
        for name in ("question", "assumption", "finding", "power", "consequence"):
            assert escape(check[name]) in written
    assert "4 assumptions were checked. Passes: 2. A concern: 1. Cannot tell: 1." in written
    assert "Numbers behind check 1" in written


def test_both_views_of_a_decision_are_shown(bundle: Bundle) -> None:
    """What people with lived experience and professionals held stands side by side."""
    written = write_detail(bundle)
    assert "Anything below 0.2 would not be felt on a ward" in written
    assert "Preferred 0.1, as nearer to what programmes have reached" in written
    assert "14 January 2026" in written
    assert "Adapted" in written


def test_report_without_co_production_is_not_final(bundle: Bundle) -> None:
    """Without recorded decisions the page says that the report is not final."""
    assert "this report is not final" in write_detail(replace(bundle, co_production=[]))


def test_primary_estimate_is_set_apart_from_the_others(bundle: Bundle) -> None:
    """Of five estimates only the one that the release names is drawn with a round mark."""
    method = write_detail(bundle).split('id="method"')[1].split('id="provenance"')[0]
    assert method.count("<circle") == 2  # once wide, once narrow
    assert method.count("<rect") == 8
    marked = re.findall(r'class="strong" text-anchor="start">([^<]*)<', method)
    assert " ".join(marked[: len(marked) // 2]) == "Within trusts, corrected for noise"


def test_provenance_names_every_fingerprint(bundle: Bundle) -> None:
    """Hashes, record, versions, sources and their disclosure rules are on the page."""
    written = write_detail(bundle)
    for text in (*bundle.hashes.values(), bundle.record_sha256, *bundle.versions.values()):
        assert text in written
    for source in bundle.sources:
        assert f"<q>{source['profile']}</q>" in written


@pytest.mark.parametrize("where", ["checks", "co_production", "not_measured", "hashes", "sources"])
def test_texts_are_escaped(bundle: Bundle, where: str) -> None:
    """No text of checks, decisions, limits, hashes or sources becomes markup."""
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
