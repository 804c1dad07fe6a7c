"""How a study stands to its plan is told with dates, reasons, and every choice that changed."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle
from evalkit.reports.detail import write_detail
from evalkit.reports.gallery import write_gallery
from evalkit.reports.plan import write_plan, write_stamp
from evalkit.reports.summary import write_banners

LATE = "the plan was registered after results were seen"


@pytest.fixture
def followed(bundle: Bundle) -> Bundle:
    """Return a study whose one registered plan was followed."""
    parts: Any = {"departures": [], "changes_since_first": [], "registrations": 1}
    return replace(bundle, stamp="confirmatory", **parts)


def test_a_followed_plan_is_told_with_its_date(followed: Bundle) -> None:
    """One line, without a reason or a change."""
    assert write_stamp(followed) == "Plan registered 3 February 2026, followed"
    written = write_plan(followed)
    assert written == "<p><strong>Plan registered 3 February 2026, followed.</strong></p>"


def test_an_unregistered_study_says_so(followed: Bundle) -> None:
    """Without a plan there is no date, and no list of changes."""
    reason = "no plan was registered before the run"
    study = replace(
        followed, stamp="exploratory", stamp_reason=reason, registered_on=None, registrations=0
    )
    assert write_plan(study) == (
        "<p><strong>Exploratory.</strong> No plan was registered before the run. "
        "Read the result as a lead to follow, not as a test.</p>"
    )


def test_a_plan_registered_late_says_so_everywhere(bundle: Bundle) -> None:
    """The banner and the account of where the numbers come from both give the reason."""
    late = replace(bundle, stamp_reason=LATE, departures=[])
    for written in (write_banners(late), write_detail(late).split('id="provenance"')[1]):
        assert "The plan was registered after results were seen." in written
        assert "3 February 2026" in written


@pytest.mark.parametrize(
    ("registrations", "often"), [(2, "once"), (3, "twice"), (4, "3 times"), (9, "8 times")]
)
def test_changes_are_counted_and_listed(bundle: Bundle, registrations: int, often: str) -> None:
    """Each choice that differs from the first plan is told, first and now."""
    written = write_plan(replace(bundle, registrations=registrations))
    assert f"The plan was changed {often} since it was first registered:" in written
    assert "Smallest difference that matters: first <q>0.3</q>, now <q>0.2</q>" in written
    assert "Periods used: first <q>All in the data</q>, now <q>2021, 2022</q>" in written


def test_a_plan_changed_before_results_shows_its_changes(bundle: Bundle) -> None:
    """Confirmatory, and still the change of plan stands first on the page."""
    changed = replace(bundle, stamp="confirmatory", departures=[])
    written = write_banners(changed)
    assert "Plan registered 3 February 2026, followed." in written
    assert "The plan was changed twice" in written
    assert "Exploratory" not in written


def test_a_plan_changed_and_changed_back_says_so(bundle: Bundle) -> None:
    """Nothing differs from the first plan, and that it was changed is told all the same."""
    written = write_plan(replace(bundle, changes_since_first=[], departures=[]))
    assert "changed twice since it was first registered. This run makes every choice" in written


def test_departures_from_an_unchanged_plan_are_told_once(bundle: Bundle) -> None:
    """With one registration the first plan is the latest: no second list."""
    written = write_plan(replace(bundle, registrations=1))
    assert "registered as <q>0.1</q>, run as <q>0.2</q>" in written
    assert "was changed" not in written


def test_the_list_of_studies_gives_the_reason(released: Path) -> None:
    """A card says why its study is exploratory."""
    assert "Exploratory: the run departs from the registered plan" in write_gallery(released)


@pytest.mark.parametrize("key", ["name", "first", "now"])
def test_changes_are_escaped(bundle: Bundle, key: str) -> None:
    """No choice of a plan becomes markup."""
    change = {"name": "a", "first": "b", "now": "c"} | {key: "<script>"}
    hostile = replace(bundle, changes_since_first=[change], registered_on="<script>")
    assert "<script>" not in write_plan(hostile) + write_banners(hostile)
