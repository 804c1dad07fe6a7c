"""The protocol: what it is made of, its hash, and departures from what was registered."""

import datetime
import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.study.parameters import validate
from evalkit.study.protocol import (
    DEPARTS,
    DEPARTS_FROM_LATE,
    FOLLOWED,
    NOT_REGISTERED,
    REGISTERED_LATE,
    Change,
    Departure,
    ProtocolState,
    compare_with_register,
    departures,
    protocol_hash,
    protocol_names,
    protocol_of,
    register_protocol,
)
from evalkit.study.schema import SCHEMAS
from evalkit.study.schemas.topic_study import TopicStudy

Values = dict[str, Any]
ROOT = Path(__file__).resolve().parents[2]
DAY = datetime.date(2026, 3, 1)

OUTSIDE = {
    "study": "other_study",
    "title": "Another title",
    "staff_file": "data/other.csv",
    "staff_profile": "gss_default",
    "staff_layout": "nhs_staff_survey",
    "bootstrap_draws": 99,
    "seed": 2,
    "co_production": [],
}
INSIDE = {
    "question": "Is it so?",
    "population": "Four trusts",
    "estimand": "A ratio",
    "exposure_name": "morale",
    "exposure_unit": "percentage points",
    "exposure_better": "lower",
    "exposure_kind": "percentage",
    "exposure_person_sd": None,
    "exposure_step": 0.3,
    "mediator_kind": "score",
    "mediator_person_sd": 1.0,
    "mediator_noise_correlation": 0.5,
    "outcome_name": "trust",
    "outcome_unit": "percentage points",
    "outcome_facet": "felt",
    "outcome_person_sd": None,
    "primary_analysis": "first_difference",
    "exposure_lag": 2,
    "adjust_for": [],
    "minimum_important_difference": 0.1,
    "subgroups": [],
    "confidence_level": 0.9,
    "periods": ["2021"],
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_what_is_outside_the_protocol_does_not_change_its_hash(values: Values, name: str) -> None:
    """Files, seeds, titles and the decision log may change after registration."""
    changed = validate({**values, name: OUTSIDE[name]}, "x.yml")
    assert protocol_hash(changed) == protocol_hash(validate(values, "x.yml"))


@pytest.mark.parametrize("name", INSIDE)
def test_every_choice_of_the_protocol_changes_its_hash(values: Values, name: str) -> None:
    """A choice changed after the data were seen shows, as the one departure, old and new."""
    registered = protocol_of(validate(values, "x.yml"))
    if name in ("adjust_for", "subgroups"):
        role = values[name][0]
        values["staff_columns"].pop(role, None)
        values["patient_columns"].pop(role, None)
    changed = validate({**values, name: INSIDE[name]}, "x.yml")
    expected = (Departure(name, registered[name], INSIDE[name]),)
    assert departures(changed, registered) == expected


def test_only_what_cannot_change_the_answer_is_outside_the_protocol() -> None:
    """Names, files, draws and the log are outside; a parameter added later is inside."""
    named = {"study", "notebook", "title", "co_production", "bootstrap_draws", "draws", "seed"}
    parts = ("layout", "file", "connection", "query", "profile", "columns")
    for schema in SCHEMAS.values():
        own = schema.SOURCES if issubclass(schema, TopicStudy) else ("staff", "patient", "data")
        sources = {f"{source}_{part}" for source in own for part in parts}
        outside = set(schema.model_fields) - set(protocol_names(schema))
        assert outside == set(schema.model_fields) & (named | sources)


def test_the_committed_register_holds_the_whole_protocol() -> None:
    """The choices that were registered are those that the protocol is made of."""
    register = ROOT / "parameters" / "registered" / "staff_wellbeing.jsonl"
    entry = json.loads(register.read_text("utf-8").splitlines()[-1])
    assert sorted(entry["protocol"]) == sorted(protocol_names(SCHEMAS["staff_wellbeing"]))


def test_the_order_of_a_list_is_no_choice(values: Values) -> None:
    """Two periods are the same two whichever is written first."""
    first = validate({**values, "periods": ["2021", "2022"]}, "x.yml")
    second = validate({**values, "periods": ["2022", "2021"]}, "x.yml")
    assert protocol_hash(first) == protocol_hash(second)


def test_a_run_is_confirmatory_only_if_it_keeps_to_the_register(
    values: Values, tmp_path: Path
) -> None:
    """Never registered, kept to, departed from: exploratory, confirmatory, exploratory."""
    study = validate(values, "x.yml")
    digest = protocol_hash(study)
    assert compare_with_register(study, tmp_path) == ProtocolState(
        digest, None, None, 0, "exploratory", NOT_REGISTERED, (), ()
    )
    register_protocol(study, tmp_path, DAY, results_seen=False)
    assert compare_with_register(study, tmp_path) == ProtocolState(
        digest, digest, "2026-03-01", 1, "confirmatory", FOLLOWED, (), ()
    )
    departed = validate({**values, "exposure_lag": 2}, "x.yml")
    assert compare_with_register(departed, tmp_path) == ProtocolState(
        protocol_hash(departed),
        digest,
        "2026-03-01",
        1,
        "exploratory",
        DEPARTS,
        (Departure("exposure_lag", 1, 2),),
        (Change("exposure_lag", 1, 2),),
    )


def test_registering_after_results_does_not_make_a_run_confirmatory(
    values: Values, tmp_path: Path
) -> None:
    """Depart, see the answer, register that: followed, and exploratory all the same."""
    first = validate(values, "x.yml")
    second = validate({**values, "exposure_lag": 2}, "x.yml")
    register_protocol(first, tmp_path, DAY, results_seen=False)
    register_protocol(second, tmp_path, DAY.replace(year=2027), results_seen=True)
    state = compare_with_register(second, tmp_path)
    assert (state.stamp, state.stamp_reason) == ("exploratory", REGISTERED_LATE)
    assert (state.registered_on, state.registrations) == ("2027-03-01", 2)
    assert state.departures == ()
    assert state.changes_since_first == (Change("exposure_lag", 1, 2),)
    back = compare_with_register(first, tmp_path)
    assert (back.stamp, back.stamp_reason) == ("exploratory", DEPARTS_FROM_LATE)
    assert back.changes_since_first == ()


def test_first_registered_after_results_is_exploratory(values: Values, tmp_path: Path) -> None:
    """A study that ran unregistered is not made a test by registering it afterwards."""
    study = validate(values, "x.yml")
    register_protocol(study, tmp_path, DAY, results_seen=True)
    state = compare_with_register(study, tmp_path)
    assert (state.stamp, state.stamp_reason) == ("exploratory", REGISTERED_LATE)
    register_protocol(study, tmp_path, DAY, results_seen=False)
    assert compare_with_register(study, tmp_path) == state


def test_the_latest_registered_protocol_is_the_one_that_counts(
    values: Values, tmp_path: Path
) -> None:
    """After a change is registered, the run that keeps to the old one departs."""
    old = validate(values, "x.yml")
    new = validate({**values, "confidence_level": 0.9}, "x.yml")
    for study in (old, new):
        register_protocol(study, tmp_path, DAY, results_seen=False)
    assert compare_with_register(new, tmp_path).stamp == "confirmatory"
    assert compare_with_register(old, tmp_path).departures == (
        Departure("confidence_level", 0.9, 0.95),
    )


def test_a_choice_that_only_one_of_the_two_has_is_a_departure(values: Values) -> None:
    """A choice that was dropped, or that came later, is listed with None on the other side."""
    study = validate(values, "x.yml")
    registered = {**protocol_of(study), "dropped": "yes"}
    del registered["question"]
    assert departures(study, registered) == (
        Departure("question", None, values["question"]),
        Departure("dropped", "yes", None),
    )
