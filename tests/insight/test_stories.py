"""Stories: who may read which, what was done about them, and nothing of how common a thing is."""

from typing import Any

import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.insight.stories import (
    open_register,
    tabulate_heard,
    tabulate_overdue,
    tabulate_shares,
    tabulate_stories,
)

AS_OF = pd.Timestamp("2024-06-30")
DAYS = ("date", "due", "closed", "fed_back")


def made_stories(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make a register: each row as given, and otherwise a public story with an open action."""
    usual: dict[str, Any] = {
        "consent": "public",
        "withdrawn": False,
        "teller": "patient",
        "touchpoint": "T10",
        "theme": "going home",
        "text": "We did not know whom to ring.",
        "learning": "Give one number",
        "action": "Call after discharge",
        "owner": "matron",
        "date": "2024-01-10",
        "due": "2024-04-01",
        "closed": None,
        "fed_back": None,
    }
    table = pd.DataFrame([{"story": f"S{n}", **usual, **row} for n, row in enumerate(rows)])
    return table.assign(**{day: pd.to_datetime(table[day]) for day in DAYS})


REGISTER = (
    {"closed": "2024-03-20", "fed_back": "2024-04-02"},
    {"closed": "2024-04-20"},
    {},
    {"due": "2024-09-01"},
    {"action": None, "due": None, "teller": "carer"},
    {"closed": "2024-03-01", "withdrawn": True, "text": "aardvark"},
)


@pytest.mark.parametrize(
    ("share", "done", "base"),
    [("with_action", 4, 5), ("closed_on_time", 1, 3), ("fed_back", 1, 5)],
)
def test_shares_by_hand(share: str, done: int, base: int) -> None:
    """Five stories count: four with an action, three of them due, one done in time and told."""
    register = open_register(made_stories(*REGISTER), "public")
    found = tabulate_shares(register, AS_OF, share).set_index("group")
    assert (found["done"]["all"], found["stories"]["all"]) == (done, base)
    assert found["estimate"]["all"] == pytest.approx(100 * done / base)


def test_wilson_interval_of_a_share() -> None:
    """One of three: Wilson's interval, 6.15 to 79.23 per cent."""
    register = open_register(made_stories(*REGISTER), "public")
    row = tabulate_shares(register, AS_OF, "closed_on_time").iloc[0]
    assert row["conf_low"] == pytest.approx(6.149, abs=1e-3)
    assert row["conf_high"] == pytest.approx(79.234, abs=1e-3)


@pytest.mark.parametrize(
    ("audience", "shown"),
    [("internal", ["S0", "S1", "S2"]), ("board", ["S1", "S2"]), ("public", ["S2"])],
)
def test_only_those_who_agreed_are_read(audience: str, shown: list[str]) -> None:
    """Who agreed to the public agreed to the board; who agreed to neither is shown to staff."""
    stories = made_stories({"consent": "internal"}, {"consent": "board"}, {}, {"consent": None})
    register = open_register(stories, audience)
    assert tabulate_stories(register)["story"].tolist() == shown
    assert len(register.stories) == 4


def test_withdrawn_stories_are_in_no_table() -> None:
    """The word planted in a withdrawn story, and its count, are nowhere."""
    register = open_register(made_stories(*REGISTER), "internal")
    tables = [
        tabulate_stories(register),
        tabulate_heard(register),
        tabulate_overdue(register, AS_OF),
        *(tabulate_shares(register, AS_OF, s) for s in ("with_action", "fed_back")),
    ]
    assert not any("aardvark" in table.to_csv() for table in tables)
    assert register.withdrawn == 1 and len(register.stories) == 5


@pytest.mark.parametrize("asked", ["theme", "touchpoint", "waiting"])
def test_rate_of_a_theme_over_stories_is_refused(asked: str) -> None:
    """How common a thing is cannot be asked of stories; the message names what can."""
    register = open_register(made_stories(*REGISTER), "public")
    with pytest.raises(AnalysisError, match="no share of stories says how common") as refusal:
        tabulate_shares(register, AS_OF, asked)
    assert "feedback_themes" in str(refusal.value)


def test_touchpoints_without_a_story_are_named() -> None:
    """All twelve touchpoints stand in the table; eleven were not heard of."""
    heard = tabulate_heard(open_register(made_stories(*REGISTER), "public"))
    assert len(heard) == 12
    assert heard.set_index("touchpoint")["stories"]["T10 Discharge"] == 5
    assert (heard["heard"] == "no story heard").sum() == 11


def test_overdue_actions_are_those_open_past_their_day() -> None:
    """Of four actions two are done, one is open past its day, one is not due yet."""
    overdue = tabulate_overdue(open_register(made_stories(*REGISTER), "public"), AS_OF)
    assert overdue.iloc[0].tolist() == ["all", 4, 2, 1]


def test_unknown_consent_and_empty_registers_are_refused() -> None:
    """A consent that is none of the three is a fault, and so is a register of withdrawn stories."""
    with pytest.raises(AnalysisError, match="1 of 2 have a consent"):
        open_register(made_stories({}, {"consent": "press"}), "public")
    with pytest.raises(AnalysisError, match="all 1 were withdrawn"):
        open_register(made_stories({"withdrawn": True}), "public")
    with pytest.raises(AnalysisError, match="no such audience"):
        open_register(made_stories({}), "everybody")
