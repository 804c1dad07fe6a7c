"""Whose words may be shown: of nobody who did not agree to these readers, or who withdrew."""

from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest

from evalkit.record.withheld import (
    Withheld,
    find_withheld,
    free_text_sources,
    read_withheld,
    withheld_bytes,
    word_runs,
)
from evalkit.study.parameters import load_parameters
from evalkit.study.schema import StudyParameters

ROOT = Path(__file__).parents[2]
TOLD = {
    "internal": "they moved me at night without a single word",
    "board": "the porter stayed with me until my daughter came",
    "public": "he drew the operation on the back of a menu",
    "withdrawn": "she laughed when I said that it hurt me badly",
    "silent": "my letter came four weeks after the clinic it named",
}


@dataclass(frozen=True)
class Rows:
    """A source as the record knows it, by its rows alone."""

    frame: pd.DataFrame
    name: str = "made"
    profile: str = "gpps"
    layout: str = "table"
    sha256: str = "0" * 64
    rows: int = 5
    synthetic: bool = True


def study(name: str, **changes: object) -> StudyParameters:
    """Return the parameters of an example, some of them changed."""
    return load_parameters(ROOT / "parameters" / f"{name}.yml").model_copy(update=changes)


def stories() -> pd.DataFrame:
    """Return a register of five stories under the columns of the example."""
    parameters = study("patient_stories")
    columns = parameters.stories_columns.values()
    table = pd.DataFrame({"text": TOLD.values()}).reindex(columns=list(columns))
    table["consent"] = ["internal", "board", "public", "public", None]
    table["withdrawn"] = [False, False, False, True, False]
    return table


@pytest.mark.parametrize(
    ("audience", "shown"),
    [
        ("internal", {"internal", "board", "public"}),
        ("board", {"board", "public"}),
        ("public", {"public"}),
    ],
)
def test_a_story_is_withheld_from_more_readers_than_its_teller_agreed_to(
    audience: str, shown: set[str]
) -> None:
    """By audience; a withdrawn story, and one without a consent, are withheld from everybody."""
    sources = {"stories": Rows(stories())}
    withheld = find_withheld(study("patient_stories", audience=audience), sources)
    assert {name for name, text in TOLD.items() if not withheld.count(text)} == shown


@pytest.mark.parametrize(
    ("columns", "shown"),
    [
        ({}, set()),
        ({"quote_consent": "agreed"}, set()),
        ({"quote_consent": "agreed", "quote_checked": "read"}, {"board"}),
    ],
)
def test_a_comment_is_withheld_until_its_writer_agreed_and_a_person_read_it(
    columns: dict[str, str], shown: set[str]
) -> None:
    """Where no column says so, nobody agreed."""
    mapped = {"comment": "comment", "period": "month", "text": "text", **columns}
    frame = pd.DataFrame(
        {
            "text": TOLD.values(),
            "agreed": [True, True, False, False, False],
            "read": [False, True, True, False, False],
        }
    )
    withheld = find_withheld(
        study("feedback_themes", comments_columns=mapped), {"comments": Rows(frame)}
    )
    assert {name for name, text in TOLD.items() if not withheld.count(text)} == shown


def test_what_another_agreed_to_show_word_for_word_is_not_withheld() -> None:
    """Nobody could tell whose words they are."""
    table = stories()
    table.loc[3, "text"] = table.loc[2, "text"]
    withheld = find_withheld(study("patient_stories"), {"stories": Rows(table)})
    assert not withheld.count(TOLD["public"])
    assert withheld.count(TOLD["internal"])


def test_words_are_found_as_they_are_made_fit_to_be_shown() -> None:
    """A number or a name that is taken out does not hide the words around it."""
    table = stories()
    table.loc[0, "text"] = "Ring me on 020 7946 0958 and ask for the woman in bed nine please"
    withheld = find_withheld(study("patient_stories"), {"stories": Rows(table)})
    assert withheld.count("Ring me on [removed] and ask for the woman in bed nine please")


def test_a_short_text_is_known_only_as_a_whole() -> None:
    """Five words are looked for by themselves; four words could be anybody's."""
    texts = ("Nurse on nights was cruel", "Too long")
    withheld = Withheld(frozenset(run for text in texts for run in word_runs(text)))
    assert withheld.count("“nurse on nights was cruel”") == 1
    assert not withheld.count("A nurse on nights was cruel to him, they wrote to us")
    assert not withheld.count("Too long")


def test_fingerprints_are_read_back_as_they_were_written(tmp_path: Path) -> None:
    """The file holds them in one order, and none of the words."""
    withheld = Withheld(frozenset(word_runs(TOLD["board"])))
    path = tmp_path / "withheld.bin"
    path.write_bytes(withheld_bytes(withheld))
    assert read_withheld(path) == withheld
    assert b"porter" not in path.read_bytes()
    assert read_withheld(tmp_path / "none.bin") == Withheld()


def test_only_sources_of_peoples_own_words_are_asked_for_consent() -> None:
    """Stories and comments have a place for consent; a design has no such words."""
    told = free_text_sources(study("patient_stories"))
    assert told == {"stories": ["text", "learning", "action"]}
    assert free_text_sources(study("feedback_themes")) == {"comments": ["text"]}
    assert free_text_sources(study("staff_wellbeing")) == {}
    assert free_text_sources(study("priority_programmes")) == {}
