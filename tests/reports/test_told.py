"""A sentence that is a list is written as one, in the same words."""

import re

import pytest

from evalkit.reports.told import sentences_told, split_list, write_limits, write_told


def test_a_list_in_a_sentence_becomes_a_list() -> None:
    """Heading, then a line for each part, each with its capital and full stop."""
    written = write_limits(["One limit.", "Could not be tested: that it rained; that it snowed."])
    assert written == (
        '<ul class="limits"><li>One limit.</li><li><p>Could not be tested:</p>'
        "<ul><li>It rained.</li><li>It snowed.</li></ul></li></ul>"
    )
    assert (
        write_told(["They: a (b; c); d."]) == "<p>They:</p><ul><li>A (b; c).</li><li>D.</li></ul>"
    )


@pytest.mark.parametrize(
    "text",
    [
        "It rose by 0.3 points; that is little.",
        "They: a.",
        "They: a; b. And then more.",
        "They: (a; b).",
        "One: two: three; four.",
    ],
)
def test_other_sentences_stay_whole(text: str) -> None:
    """Without a colon, with one part, with a sentence behind, or inside brackets: no list."""
    assert split_list(text) == (text, [])
    assert write_told([text]) == f"<p>{text}</p>"


def test_no_word_is_lost() -> None:
    """The list holds the words of the sentence, but for the `that` of each part."""
    text = "Not so: that 0.20 (95% interval -0.21 to 0.61) held; that both agreed."
    told = re.sub(r"<[^>]+>", " ", write_told([text])).replace("\u2212", "-").lower()
    wanted = re.findall(r"[\w.%-]+", text.lower().replace("that ", ""))
    assert [w.strip(".") for w in re.findall(r"[\w.%-]+", told)] == [w.strip(".") for w in wanted]
    assert list(sentences_told([text]))[1:] == [
        "that 0.20 (95% interval -0.21 to 0.61) held",
        "that both agreed",
    ]


def test_text_is_escaped() -> None:
    """No part of a text runs."""
    assert "<script>" not in write_told(["<script>: a; <script>."]) + write_limits(["<script>"])
