"""Terms are explained where they stand, once a part, in the words of the glossary."""

import re
from pathlib import Path

import pytest

from evalkit.reports.bundle import read_bundle
from evalkit.reports.detail import write_detail
from evalkit.reports.reading_age import AIM, reading_age
from evalkit.reports.summary import write_summary
from evalkit.reports.terms import explain_terms, find_terms, read_terms

ROOT = Path(__file__).parents[2]
NAMES = [term.term for term in read_terms()]


def test_terms_stand_in_the_glossary_with_the_same_meaning() -> None:
    """Every row of the glossary's last part is a term, and every term a row."""
    part = (ROOT / "docs" / "glossary.md").read_text("utf-8").split("## What the page explains")[1]
    rows = re.findall(r"^\| (.+?) \| (.+) \|$", part, re.MULTILINE)[1:]
    assert rows == [(term.term, term.meaning) for term in read_terms()]


def test_meanings_are_plain() -> None:
    """No numbers, and a reading age within the aim, all together."""
    meanings = [term.meaning for term in read_terms()]
    assert not any(re.search(r"\d", meaning) for meaning in meanings)
    assert reading_age(meanings) <= AIM


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("A 95% interval 0.1 to 0.2.", ["interval"]),
        ("It was better by 2 percentage points (p = 0.03).", ["percentage point", "p-value"]),
        ("A mixture of other units.", ["synthetic control"]),
        ("The smallest difference that would matter.", ["smallest difference that matters"]),
        ("Nothing of the kind.", []),
        ("<svg><title>interval</title></svg><details>trend</details>", []),
    ],
)
def test_a_term_is_found_by_the_words_that_use_it(text: str, names: list[str]) -> None:
    """Also in other forms; not in a chart, and not in what is folded away."""
    assert [term.term for term in find_terms(text)] == names


def test_what_is_explained_just_above_is_not_again() -> None:
    """The part below explains only what is new in it."""
    assert explain_terms("<p>An interval.</p>", above="<p>Its interval.</p>") == ""
    told = explain_terms("<p>An interval and a trend.</p>", above="<p>Its interval.</p>")
    assert re.findall(r"<summary>([^<]+)</summary>", told) == ["Trend: what is that?"]


def test_the_page_explains_its_answer(released: Path) -> None:
    """Each explanation is a line that opens by keyboard: details with a summary, never a title."""
    bundle = read_bundle(released, "staff_wellbeing")
    page = write_summary(bundle, []) + write_detail(bundle)
    answer = page[page.index('class="answer"') : page.index('class="contents"')]
    assert "<summary>Interval: what is that?</summary><p>The range of values" in answer
    assert "<summary>Smallest difference that matters: what is that?</summary>" in answer
    assert "<abbr" not in page
    meaning = page[page.index('id="meaning"') : page.index('id="people"')]
    assert "Interval: what is that?" not in meaning
