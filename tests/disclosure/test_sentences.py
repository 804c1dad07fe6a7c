"""Sentences are proved against their record: each planted fault is caught, true ones pass."""

from collections.abc import Callable
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from evalkit.disclosure.release import release_study
from evalkit.disclosure.sentences import sentence_faults
from evalkit.errors import DisclosureError

ANSWER = (
    "The pathway improved overall patient experience by 0.32 points (95% interval 0.25 to "
    "0.38). It was higher than if it had changed as it did in the other units."
)
MEANING = "That is 159% of the smallest difference that would matter (0.2 points)."


def made(**finding: Any) -> dict[str, Any]:
    """Return what the proof reads of a record whose design and claim permit a verb of cause."""
    values = {"difference": 0.32, "low": 0.25, "high": 0.38, "minimum_important_difference": 0.2}
    values |= {"level": 95.0, "share_of_important": 159.0, "units": 90.0}
    return {
        "permits_cause": True,
        "parameters": {
            "outcome_unit": "points",
            "outcome_better": "higher",
            "start_period": "2023Q1",
        },
        "finding": {
            "claim": "improved",
            "answer": ANSWER,
            "meaning": [MEANING],
            "limits": ["Something else that began at the same time would look the same."],
            "values": [{"name": name, "value": value} for name, value in values.items()],
            **finding,
        },
    }


def faults(record: dict[str, Any]) -> list[str]:
    """Return what the proof finds."""
    return list(sentence_faults(record))


def test_true_sentences_pass() -> None:
    """Size, direction, unit and verb are those of the record."""
    assert faults(made()) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("higher", "lower", "against its sign"),
        ("improved", "worsened", "against its sign"),
        ("0.32 points", "0.32 percentage points", "told in percentage points"),
        ("0.25 to 0.38", "0.25 to 0.38 per cent", "told in per cents"),
        ("0.32", "0.37", "no value of the finding"),
        ("0.38", "0.381", "no value of the finding"),
        ("95%", "90%", "another level"),
    ],
)
def test_a_planted_fault_in_the_answer_is_caught(old: str, new: str, said: str) -> None:
    """Wrong direction, wrong unit, wrong size, wrong precision, wrong level."""
    assert old in ANSWER
    found = faults(made(answer=ANSWER.replace(old, new)))
    assert any(said in fault for fault in found), found
    assert not any(character.isdigit() for fault in found for character in fault)


def test_what_moved_in_another_part_of_a_sentence_is_not_the_outcome_itself() -> None:
    """`Improved on average, and the gap grew: it moved by ...` says no size of the improvement."""
    told = "Experience improved on average, and the gap grew: the rest moved by 0.38 points."
    record = made(answer=told)
    record["finding"]["values"][0]["value"] = -0.32
    assert not any("said to have improved" in fault for fault in faults(record))


def test_the_sign_of_the_record_turns_the_direction() -> None:
    """With the sign of every value turned, the same words are false, and `lower` is true."""
    record = made()
    for entry in record["finding"]["values"][:3]:
        entry["value"] = -entry["value"]
    assert any("against its sign" in fault for fault in faults(record))
    turned = deepcopy(record)
    turned["finding"]["answer"] = ANSWER.replace("higher", "lower").replace("improved", "worsened")
    assert faults(turned) == []


@pytest.mark.parametrize(
    "words",
    [
        "It rose by 0.32 points.",
        "It was 0.32 points more than before.",
        "Higher by 0.32 points.",
        "Higher by 0.32.",
    ],
)
def test_each_way_to_say_a_direction_is_read(words: str) -> None:
    """Before the number or behind it; the opposite word is caught."""
    turned = {"rose": "fell", "more": "less", "Higher": "Lower"}
    old = next(word for word in turned if word in words)
    assert faults(made(meaning=[words])) == []
    assert faults(made(meaning=[words.replace(old, turned[old])]))


@pytest.mark.parametrize(
    ("permits", "claim"),
    [(False, "improved"), (True, "associated with better"), (True, "cannot be told")],
)
def test_a_verb_of_cause_needs_a_permit(permits: bool, claim: str) -> None:
    """The design permits none, or its checks do not, or nothing is claimed."""
    record = made(claim=claim) | {"permits_cause": permits}
    assert any("improved is a verb of cause" in fault for fault in faults(record))


@pytest.mark.parametrize(
    "verb", ["caused it", "led to it", "reduced waits", "raised scores", "made care feel better"]
)
def test_each_verb_of_cause_is_known(verb: str) -> None:
    """Planted in what it means, of a study that permits none."""
    whole = made(claim="came before", answer="It was higher.", meaning=[f"The programme {verb}."])
    assert faults(whole) == []
    assert faults(whole | {"permits_cause": False})


def test_what_is_not_claimed_needs_no_permit() -> None:
    """To ask whether, or to say that it cannot be told, is no claim."""
    answer = "It cannot be told whether the pathway improved overall patient experience."
    record = made(claim="cannot be told", answer=answer) | {"permits_cause": False}
    assert faults(record) == []


def test_a_false_sentence_is_not_released(
    make_run: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Release refuses with the fault in words, and writes nothing."""
    from evalkit.disclosure import sealed

    folder = make_run()
    study = sealed.read_sealed(folder)
    value = {"name": "difference", "value": -0.05}
    study.record["finding"]["values"] = [value, {"name": "low", "value": -0.01}]
    monkeypatch.setattr("evalkit.disclosure.release.read_sealed", lambda _: study)
    with pytest.raises(DisclosureError, match="called Higher, against its sign"):
        release_study(folder, released=tmp_path / "released")
    assert not (tmp_path / "released").exists()
