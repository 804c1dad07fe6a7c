"""What was released before: versions, withdrawal, decisions, and their place in the proof."""

import json
import stat
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from evalkit.disclosure.history import read_decisions, withdraw
from evalkit.disclosure.release import refuse_study, release_study
from evalkit.errors import DisclosureError
from evalkit.record import Column, Margin, TableSpec

MakeRun = Callable[..., Path]
WHO = TableSpec(
    name="who",
    title="Who answered",
    description="Respondents by group.",
    columns=(
        Column("group", "Group", "label"),
        Column("respondents", "Respondents", "count", ("staff",)),
    ),
    margins=(Margin("group", "total"),),
)


def people(**counts: int) -> pd.DataFrame:
    """Make a table of groups."""
    return pd.DataFrame({"group": list(counts), "respondents": list(counts.values())})


def shown(home: Path, table: str = "who") -> list[str]:
    """Return the counts of a released table, as they stand."""
    frame = pd.read_csv(home / "staff_wellbeing" / "tables" / f"{table}.csv", dtype=str)
    return frame["respondents"].tolist()


def remake(run: Path, make_run: MakeRun, **parts: object) -> Path:
    """Make the run anew in its place."""
    for path in sorted(run.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    return make_run(**parts)


def test_a_second_release_takes_the_first_into_the_proof(make_run: MakeRun, tmp_path: Path) -> None:
    """The first hid north and south, 31 together: the second may not show south."""
    home = tmp_path / "released"
    run = make_run()
    release_study(run, released=home)
    assert shown(home) == ["[c]", "[c]", "60", "91"]
    other = WHO.__class__(**{**{n: getattr(WHO, n) for n in WHO.__slots__}, "margins": ()})
    parts = people(south=24, east=60, west=80)
    run = remake(run, make_run, tables=[(other, parts)])
    outcome = release_study(run, released=home)
    assert (outcome.version, shown(home)) == (2, ["[c]", "60", "80"])
    release_study(run, released=tmp_path / "elsewhere" / "released")
    assert shown(tmp_path / "elsewhere" / "released") == ["24", "60", "80"]


def test_the_history_is_closed_to_others(make_run: MakeRun, tmp_path: Path) -> None:
    """It says which hidden counts are small, so its owner alone may enter."""
    release_study(make_run(), released=tmp_path / "released")
    folder = tmp_path / "history" / "staff_wellbeing"
    assert {p.name for p in folder.iterdir()} == {"000001.json", "withheld.bin"}
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_what_is_withdrawn_is_in_no_file_and_still_counts(
    make_run: MakeRun, tmp_path: Path
) -> None:
    """Release and exports are gone, the log says who and why, and versions go on."""
    home = tmp_path / "released"
    run = make_run()
    release_study(run, released=home)
    export = tmp_path / "exports" / "staff_wellbeing" / "staff_wellbeing.html"
    export.parent.mkdir(parents=True)
    export.write_text("91")
    assert withdraw(home, "staff_wellbeing", "Ada Example", "It was the wrong year.") == 1
    assert [p for folder in (home, tmp_path / "exports") for p in folder.rglob("*")] == []
    log = read_decisions(home, "staff_wellbeing")
    assert [(d["decision"], d["by"], d["reason"]) for d in log] == [
        ("withdrawn", "Ada Example", "It was the wrong year.")
    ]
    with pytest.raises(DisclosureError, match="no release to withdraw"):
        withdraw(home, "staff_wellbeing", "Ada Example", "Again.")
    with pytest.raises(DisclosureError, match=r"decided on this run \(withdrawn\)"):
        release_study(run, released=home)
    outcome = release_study(run, approved_by="Ada Example", reason="All is well.", released=home)
    paper = json.loads((home / "staff_wellbeing" / "release.json").read_text("utf-8"))
    assert outcome.version == paper["version"] == 2
    assert [d["decision"] for d in paper["decisions"]] == ["withdrawn", "approved"]


def test_what_a_person_refused_no_rule_releases(make_run: MakeRun, tmp_path: Path) -> None:
    """Synthetic or not, a refused run needs a person; another run does not."""
    home, run = tmp_path / "released", make_run()
    refuse_study(run, "Ada Example", "The groups are too small.", released=home)
    with pytest.raises(DisclosureError, match=r"\(refused\), so no rule releases it"):
        release_study(run, released=home)
    assert not home.exists()
    run = remake(run, make_run, who=people(north=70, south=24, east=60, total=154))
    assert release_study(run, released=home).version == 1


@pytest.mark.parametrize(("by", "reason"), [("12", "Because."), ("Ada Example", " ")])
def test_a_decision_needs_a_name_and_a_reason(
    make_run: MakeRun, tmp_path: Path, by: str, reason: str
) -> None:
    """Neither a number nor nothing will do, and nothing is logged."""
    home = tmp_path / "released"
    with pytest.raises(DisclosureError, match=r"no name of a person|needs a reason"):
        refuse_study(make_run(), by, reason, released=home)
    assert read_decisions(home, "staff_wellbeing") == []


def test_a_reason_that_tells_a_number_is_caught(make_run: MakeRun, tmp_path: Path) -> None:
    """The reason stands in the release, so it is scanned like all else."""
    home = tmp_path / "released"
    with pytest.raises(DisclosureError, match=r"decisions: a number that no released table holds"):
        release_study(make_run(), approved_by="Ada Example", reason="Only 7 wards.", released=home)
    assert not (home / "staff_wellbeing").exists()


def test_a_history_that_cannot_be_read_stops_the_release(make_run: MakeRun, tmp_path: Path) -> None:
    """Without it nobody knows what was told before."""
    home, run = tmp_path / "released", make_run()
    release_study(run, released=home)
    (tmp_path / "history" / "staff_wellbeing" / "000001.json").write_text("{")
    with pytest.raises(DisclosureError, match="release 1 told"):
        release_study(run, released=home)
