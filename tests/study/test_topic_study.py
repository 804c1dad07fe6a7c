"""A topic's parameters: sources of its own, roles known and mapped, and what is its protocol."""

from typing import Any, ClassVar, Literal

import pytest
from pydantic import Field

from evalkit.errors import ParameterError
from evalkit.study import parameters
from evalkit.study.protocol import protocol_names
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.topic_study import SourceRoles, TopicStudy, with_sources


@with_sources
class MadeTopic(TopicStudy):
    """A topic with two sources, one of which may be left out."""

    SOURCES: ClassVar[dict[str, SourceRoles]] = {
        "counts": SourceRoles(
            "counts of answers",
            {"unit": "text", "period": "period", "good": "events"},
            needed=("unit", "good"),
            one_row_per=("unit", "period"),
        ),
        "answers": SourceRoles(
            "answers", {"unit": "text"}, needed=("unit",), others="item", optional=True
        ),
    }

    notebook: Literal["made_topic"] = Field(description="notebook")
    target: float = Field(default=90.0, description="what is aimed at")


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """Return right parameters of the made topic, known to the registry for a test."""
    monkeypatch.setitem(SCHEMAS, "made_topic", MadeTopic)
    return {
        "study": "made",
        "notebook": "made_topic",
        "title": "Made",
        "question": "Is it good?",
        "population": "All",
        "estimand": "Share",
        "co_production": [],
        "outcome_name": "good answers",
        "outcome_unit": "percentage points",
        "seed": 1,
        "counts_file": "data/made.csv",
        "counts_profile": "fft",
        "counts_columns": {"unit": "trust", "good": "good"},
    }


def fault_of(values: dict[str, Any]) -> str:
    """Return the message of the refusal."""
    with pytest.raises(ParameterError) as refusal:
        parameters.validate(values, "made.yml")
    return str(refusal.value)


def test_a_source_that_may_be_left_out_is_not_asked_for(given: dict[str, Any]) -> None:
    """Right parameters are taken without the optional source, and have its defaults."""
    made = parameters.validate(given | {"answers_profile": "fft"}, "made.yml")
    assert isinstance(made, MadeTopic)
    values = made.model_dump()
    assert (values["answers_file"], values["answers_columns"]) == (None, {})


def test_further_roles_are_taken_where_a_source_has_items(given: dict[str, Any]) -> None:
    """A role that is not listed is an item of a questionnaire, and of no other source."""
    answers = {"answers_profile": "fft", "answers_file": "data/answers.csv"}
    items = answers | {"answers_columns": {"unit": "trust", "q1": "q1"}}
    assert parameters.validate(given | items, "made.yml")
    wrong = given | {"answers_profile": "fft"}
    wrong["counts_columns"] = given["counts_columns"] | {"goood": "good"}
    assert "goood is no role of counts of answers. Did you mean good?" in fault_of(wrong)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"counts_file": None}, "counts_file, counts_connection: neither is given"),
        ({"counts_columns": {"unit": "trust"}}, "counts_columns: no column is given for good"),
        ({"answers_query": "SELECT 1"}, "answers_query: given without answers_connection"),
        ({"counts_layout": "other"}, 'counts_layout: given "other"'),
        ({"targt": 5.0}, "targt: no parameter has this name. Did you mean target?"),
    ],
)
def test_each_fault_is_told(given: dict[str, Any], changes: dict[str, Any], said: str) -> None:
    """A source without file, a role without column, a query alone: each has its own line."""
    assert said in fault_of(given | {"answers_profile": "fft"} | changes)


def test_files_and_columns_are_not_the_protocol() -> None:
    """A topic's protocol is its choices, without where its sources lie."""
    names = protocol_names(MadeTopic)
    assert "target" in names
    assert not [name for name in names if name.startswith(("counts_", "answers_"))]
