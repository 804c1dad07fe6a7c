"""Reading age by a published formula: worked by hand, and aimed at on our own words."""

from pathlib import Path

import pytest

from evalkit.reports.bundle import read_bundle
from evalkit.reports.reading_age import (
    AIM,
    count_syllables,
    hardest_sentences,
    reading_age,
    say_reading_age,
    study_texts,
    whole_age,
)

BY_HAND = 1e-9
ONE = "The cat sat on the mat."
TWO = "Nobody measured experience. The cat sat on the mat."
BY_EAR = {
    "care": 1,
    "people": 2,
    "experience": 4,
    "measured": 2,
    "nobody": 3,
    "interval": 3,
    "table": 2,
    "changes": 2,
    "asked": 1,
    "wanted": 2,
    "science": 2,
    "patients": 2,
    "inequalities": 5,
    "variation": 4,
    "being": 2,
    "engagement": 3,
    "situation": 4,
    "closely": 2,
    "society": 4,
    "organisation": 5,
}


@pytest.mark.parametrize(("word", "count"), BY_EAR.items())
def test_syllables_are_as_they_are_spoken(word: str, count: int) -> None:
    """Counted by ear; the rule agrees on words of the field."""
    assert count_syllables(word) == count


def test_the_formula_is_worked_by_hand() -> None:
    """Six words of one syllable: 0.39 x 6 + 11.8 x 1 - 15.59 + 5 years."""
    assert reading_age([ONE]) == pytest.approx(0.39 * 6 + 11.8 - 15.59 + 5, abs=BY_HAND)


def test_short_bits_are_no_sentences() -> None:
    """Three words (of nine syllables) are a label; with a fourth they are a sentence."""
    assert reading_age([TWO]) == reading_age([ONE])
    longer = reading_age(["Nobody ever measured experience."])
    assert longer == pytest.approx(0.39 * 4 + 11.8 * (3 + 2 + 2 + 4) / 4 - 15.59 + 5, abs=BY_HAND)


def test_a_list_is_read_part_by_part() -> None:
    """What the page writes as a list is judged as one."""
    whole = "Could not be tested: that the cat sat on the mat; that the dog sat on the cat."
    parts = ["Could not be tested", "that the cat sat on the mat", "that the dog sat on the cat"]
    assert reading_age([whole]) == pytest.approx(reading_age(parts), abs=BY_HAND)


def test_a_decimal_point_ends_no_sentence() -> None:
    """`0.25 to 0.38` is read on."""
    assert len(hardest_sentences(["It rose by 0.25 points or by 0.38 points in all."])) == 1


def test_longer_words_and_sentences_ask_for_older_readers() -> None:
    """The hardest sentence comes first."""
    hard = "Heterogeneity of institutional characteristics necessitates considerable caution."
    assert hardest_sentences([ONE, hard])[0].text == hard
    assert reading_age([hard]) > reading_age([ONE]) + 10


def test_without_words_there_is_no_age() -> None:
    """Nothing is nothing."""
    assert reading_age([]) == 0


def test_the_page_says_its_reading_age_and_keeps_the_aim(released: Path) -> None:
    """The hand-made study, whose words are as a study's, asks for no more than the aim."""
    bundle = read_bundle(released, "staff_wellbeing")
    assert f"reading age of {whole_age(bundle)} years" in say_reading_age(bundle)
    assert reading_age(study_texts(bundle)) <= AIM
