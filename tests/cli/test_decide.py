"""`evalkit decide` and the planned day, as the commands have them."""

import datetime
import json
import runpy
from pathlib import Path

import pytest

from evalkit.cli.decide import Choice, decide, look_by_plan, may_look
from evalkit.errors import DisclosureError, ParameterError

ROOT = Path(__file__).parents[2]
_MADE = runpy.run_path(str(ROOT / "tests" / "reports" / "made_bundle.py"))
STUDY = "staff_wellbeing"


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a project with one release, whose rule says adapt."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    content = _MADE["make_bundle"]() | {"decision": {"says": "adapt"}}
    _MADE["write_bundle"](tmp_path / "reports" / "released", content)
    return tmp_path


def _plan(project: Path, day: datetime.date) -> None:
    path = project / "parameters" / "decisions" / f"{STUDY}.yml"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = (ROOT / "parameters" / "decisions" / path.name).read_text("utf-8")
    planned = next(line for line in text.splitlines() if line.startswith("planned_look"))
    path.write_text(text.replace(planned, f'planned_look: "{day.isoformat()}"'), "utf-8")


def test_a_decision_is_logged_with_what_the_rule_said(
    project: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is told where it departs, and said once."""
    decide(STUDY, Choice.SPREAD, by="A. Board", why="People asked for it")
    printed = capsys.readouterr().out
    assert "departs from the rule, which says: adapt" in printed
    log = project / "parameters" / "registered" / "decisions" / f"{STUDY}.jsonl"
    entry = json.loads(log.read_text("utf-8"))["protocol"]
    assert (entry["decision"], entry["rule_says"], entry["by"]) == ("spread", "adapt", "A. Board")
    decide(STUDY, Choice.SPREAD, by="A. Board", why="People asked for it")
    assert "Nothing was written" in capsys.readouterr().out


def test_a_strange_name_of_a_study_is_refused(project: Path) -> None:
    """A path is no study."""
    with pytest.raises(ParameterError, match="name of a released study"):
        decide("../other", Choice.STOP, by="A. Board", why="No reason")


def test_nothing_is_decided_or_seen_before_the_day(project: Path) -> None:
    """Tomorrow's look is refused today; today's is not; an early one is logged."""
    today = datetime.date.today()
    _plan(project, today + datetime.timedelta(days=1))
    assert not may_look(STUDY)
    with pytest.raises(DisclosureError, match="--look-early"):
        decide(STUDY, Choice.STOP, by="A. Board", why="No reason")
    look_by_plan(STUDY, ("B. Curious", "A safety alarm"))
    log = project / "parameters" / "registered" / "decisions" / f"{STUDY}.jsonl"
    assert "B. Curious" in log.read_text("utf-8")
    assert not may_look(STUDY)
    _plan(project, today)
    assert may_look(STUDY)
