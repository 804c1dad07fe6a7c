"""The plan's choices are told in words, and what does not apply is left out."""

import pytest

from evalkit.planning.specifications import CHOICES_IN_WORDS
from evalkit.reports.choices import name_choice, show_choice, write_choices
from evalkit.study.schema import StaffWellbeing


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("adjust_for", "agency_share, bed_occupancy", "agency share, bed occupancy"),
        ("adjust_for", ["agency_share", "bed_occupancy"], "agency share, bed occupancy"),
        ("subgroups", "", "None"),
        ("subgroups", [], "None"),
        ("periods", None, "All in the data"),
        ("confidence_level", 0.95, "95%"),
        ("primary_analysis", "within", "Each trust with itself over time (within trusts)"),
        ("exposure_lag", 1, "1"),
        ("alternatives", {}, "Nothing"),
        (
            "alternatives",
            {
                "adjust_for": [["agency_share", "beds"], []],
                "periods": [["2021Q1", "2021Q2", "2021Q3"]],
                "weight_by": ["people", "units"],
                "anticipation": [1],
            },
            "Measured causes allowed for: agency share, beds or none; Periods used: 2021Q1 to "
            "2021Q3; Weight by: people or units; Anticipation: 1",
        ),
    ],
)
def test_choices_are_told_in_words(name: str, value: object, words: str) -> None:
    """No name of code stands on the page, neither for a choice nor for what was chosen."""
    assert show_choice(name, value) == words
    assert "_" not in name_choice(name)


def test_what_does_not_apply_is_left_out() -> None:
    """A choice of nothing is not listed, but for the periods; without a mediator nor are its."""
    written = write_choices(
        {
            "exposure_person_sd": None,
            "periods": None,
            "mediator_name": None,
            "mediator_kind": "score",
        }
    )
    assert written == "<dl><div><dt>Periods used</dt><dd>All in the data</dd></div></dl>"


def test_every_choice_of_a_study_has_words_of_its_own() -> None:
    """A parameter that may be in a plan is named in words, not by its own name."""
    fields = [
        name
        for name in StaffWellbeing.model_fields
        if name.startswith(("exposure", "mediator", "outcome", "primary", "adjust", "minimum"))
    ]
    assert len(fields) > 12
    named = [name_choice(name) for name in fields]
    assert [name for name in named if name.replace(" ", "_").casefold() in fields] == []
    assert len(set(named)) == len(named)


def test_texts_are_escaped() -> None:
    """No text of a plan becomes markup."""
    assert "<b>" not in write_choices({"<b>": "<b>", "question": ["<b>"]})


def test_a_choice_is_called_the_same_in_the_plan_and_in_the_record() -> None:
    """What the specification curve calls an analysis, the list of the plan's choices does too."""
    assert CHOICES_IN_WORDS[("serial_correlation", "prais_winsten")].startswith("by Prais")
    for (name, value), words in CHOICES_IN_WORDS.items():
        assert show_choice(name, value) == words
