"""A study that reads no data: released without rules, and only where no data can have been read."""

import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from evalkit.disclosure.bundle import NO_DATA
from evalkit.disclosure.profiles import NOTHING_MEASURED, load_profiles, strictest
from evalkit.disclosure.release import release_study
from evalkit.disclosure.suppress import protect_table
from evalkit.errors import DisclosureError
from evalkit.record.hashes import hash_file
from evalkit.record.stage_plan import stage_plan_table
from evalkit.record.stage_topic import stage_topic_headline
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.results import Finding, Result

HERE = Path(__file__).resolve().parent
seal = runpy.run_path(str(HERE / "conftest.py"))["seal"]
make_plan = runpy.run_path(str(HERE.parent / "planning" / "made_plan.py"))["make_plan"]
POWER = pd.DataFrame(
    {
        "units": [3, 3, 20, 20],
        "size": [0.0, 0.2, 0.0, 0.2],
        "power": [5.0, 12.5, 4.5, 61.5],
        "power_error": [1.1, 2.2, 1.0, 3.4],
    }
)
NEEDS = pd.DataFrame({"design": ["Mediation"], "need": ["10 clusters or more"], "state": ["met"]})
ESTIMATES = pd.DataFrame(
    [
        {
            "term": "detectable",
            "method": "simulation",
            "estimate": 0.25,
            "std_error": 0.01,
            "conf_low": 0.23,
            "conf_high": 0.27,
            "level": 0.95,
            "n": 60,
            "clusters": 3,
        }
    ]
)


@pytest.fixture
def make_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Path]:
    """Return a function that stages and seals a plan's run."""
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))

    def make(answer: str = "With 3 wards 12.5% would find 0.2 points.") -> Path:
        folder = tmp_path / "runs" / "plan" / "0123456789ab"
        staging = Staging(folder, make_plan(), ())
        stage_plan_table(staging, "power", POWER)
        stage_plan_table(staging, "needs", NEEDS)
        values = pd.DataFrame({"name": ["units", "power"], "value": [3.0, 12.5]})
        finding = Finding("too small", answer, (), (), values)
        stage_topic_headline(staging, finding)
        staging.conclude(
            result=Result("plan_a_study", ESTIMATES, {"term": "detectable"}),
            finding=finding,
            checks=[],
            not_measured=[],
        )
        sealed: Path = seal(folder)
        return sealed

    return make


def read(folder: Path, name: str) -> dict[str, Any]:
    """Read a JSON file of a release."""
    content: dict[str, Any] = json.loads((folder / name).read_text("utf-8"))
    return content


def test_it_is_released_without_a_person_and_says_why(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """Small numbers of units stand: they count nobody; nothing is called synthetic."""
    outcome = release_study(make_run(), released=tmp_path / "released")
    paper, bundle = read(outcome.folder, "release.json"), read(outcome.folder, "bundle.json")
    assert outcome.approval == paper["approval"]["kind"] == "without data"
    assert (paper["profiles"], paper["rules"], paper["data"]) == ({}, {}, None)
    assert bundle["sources"] == []
    assert bundle["synthetic"] is False
    table = bundle["tables"]["power"]
    assert table["description"].startswith(f"{NO_DATA}. ")
    assert [row[0] for row in table["rows"]] == [3, 3, 20, 20]
    assert outcome.remarks == ()
    files = {path.name for path in outcome.folder.rglob("*") if path.is_file()}
    assert {"power.csv", "power.svg", "power.png", "needs.csv"} <= files
    shown = [p for p in outcome.folder.rglob("*.*") if p.suffix in (".csv", ".svg", ".png")]
    assert [p.name for p in shown if b"ynthetic" in p.read_bytes()] == []


def test_released_again_nothing_changes(make_run: Callable[..., Path], tmp_path: Path) -> None:
    """The same run released twice is one release."""
    run = make_run()
    release_study(run, released=tmp_path / "released")
    assert release_study(run, released=tmp_path / "released").unchanged


def test_a_person_may_approve_all_the_same(make_run: Callable[..., Path], tmp_path: Path) -> None:
    """A name that is given is kept."""
    outcome = release_study(make_run(), approved_by="A. Person", released=tmp_path / "released")
    assert outcome.approval == "person"


def test_numbers_in_words_are_scanned_as_ever(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """A number that stands in no table stops the release."""
    with pytest.raises(DisclosureError, match="a number that no released table holds"):
        release_study(make_run("With 77 wards."), released=tmp_path / "released")


def test_a_record_that_hides_its_source_is_refused(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """Where the parameters of a plan name a source, a record without one is not believed."""
    run = make_run()
    record, papers = read(run, "record.json"), read(run, "run.json")
    record["parameters"] |= {"data_file": "data/real.csv", "data_connection": None}
    (run / "record.json").write_text(json.dumps(record), "utf-8")
    papers["files"]["record.json"] = hash_file(run / "record.json")
    (run / "run.json").write_text(json.dumps(papers), "utf-8")
    with pytest.raises(DisclosureError, match=r"names no source.*\(data_file\)"):
        release_study(run, released=tmp_path / "released")
    assert not (tmp_path / "released").exists()


def test_only_a_plan_may_leave_its_places_for_sources_empty(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """The same record, said to be of another notebook, is not believed."""
    run = make_run()
    record, papers = read(run, "record.json"), read(run, "run.json")
    record["notebook"] = "before_after"
    (run / "record.json").write_text(json.dumps(record), "utf-8")
    papers["files"]["record.json"] = hash_file(run / "record.json")
    (run / "run.json").write_text(json.dumps(papers), "utf-8")
    with pytest.raises(DisclosureError, match=r"names no source.*data_connection, data_file"):
        release_study(run, released=tmp_path / "released")


def test_a_record_without_sources_may_not_call_itself_synthetic(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """No source is synthetic, so neither is the study."""
    run = make_run()
    record, papers = read(run, "record.json"), read(run, "run.json")
    record["synthetic"] = True
    (run / "record.json").write_text(json.dumps(record), "utf-8")
    papers["files"]["record.json"] = hash_file(run / "record.json")
    (run / "run.json").write_text(json.dumps(papers), "utf-8")
    with pytest.raises(DisclosureError, match="says otherwise of the study"):
        release_study(run, released=tmp_path / "released")


def test_its_rules_hide_nothing_and_never_mix_with_others() -> None:
    """No publisher's profile is as lax, and none can be named in a parameter file."""
    (rules,) = NOTHING_MEASURED.values()
    assert rules.name not in load_profiles()
    for profile in load_profiles().values():
        assert strictest([rules, profile]).smallest_count == profile.smallest_count
        assert strictest([rules, profile]).smallest_base == profile.smallest_base


def test_a_table_of_words_is_not_one_whose_numbers_are_hidden() -> None:
    """Without a column of numbers there is nothing that could be hidden."""
    words = TableSpec("needs", "Needs", "", (Column("need", "Need", "label"),))
    table = protect_table(pd.DataFrame({"need": ["a start"]}), words, NOTHING_MEASURED)
    assert not table.is_empty
