"""What a release showed is kept for its readers, and taken away when it is withdrawn."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit.disclosure.history import withdraw
from evalkit.disclosure.release import release_study
from evalkit.disclosure.versions import drop_sweeps, keep_version
from evalkit.record.hashes import hash_bytes
from evalkit.reports.bundle import read_bundle
from evalkit.reports.versions import list_versions

MakeRun = Callable[..., Path]


def test_each_release_is_kept_as_it_was_scanned(make_run: MakeRun, tmp_path: Path) -> None:
    """The kept bundle and paper are those of the release, byte by byte, and nothing else."""
    home = tmp_path / "released"
    release_study(make_run(), released=home)
    kept = tmp_path / "versions" / "000001" / "staff_wellbeing"
    assert {path.name for path in kept.iterdir()} == {"bundle.json", "release.json"}
    for name in ("bundle.json", "release.json"):
        assert (kept / name).read_bytes() == (home / "staff_wellbeing" / name).read_bytes()


def test_what_is_kept_stays_as_it_was(make_run: MakeRun, tmp_path: Path) -> None:
    """Releasing the same again writes no kept version anew."""
    home, run = tmp_path / "released", make_run()
    release_study(run, released=home)
    paper = tmp_path / "versions" / "000001" / "staff_wellbeing" / "release.json"
    before = hash_bytes(paper.read_bytes())
    paper.with_name("bundle.json").write_text("{}")
    keep_version(home, "staff_wellbeing", 1)
    assert hash_bytes(paper.read_bytes()) == before
    assert paper.with_name("bundle.json").read_text() == "{}"


def test_a_withdrawn_version_leaves_a_note_alone(
    make_run: MakeRun, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After withdrawal no kept file holds what was shown, and the next release says withdrawn."""
    home, run = tmp_path / "released", make_run()
    monkeypatch.setenv("EVALKIT_RELEASED", str(home))
    release_study(run, released=home)
    withdraw(home, "staff_wellbeing", "Ada Example", "It was the wrong year.")
    left = [path for path in (tmp_path / "versions").rglob("*") if path.is_file()]
    assert [path.name for path in left] == ["withdrawn.json"]
    note = json.loads(left[0].read_text())
    assert note == {"study": "staff_wellbeing", "version": 1, "withdrawn": True}
    release_study(run, approved_by="Ada Example", reason="All is well.", released=home)
    (version,) = list_versions(read_bundle(home, "staff_wellbeing"))
    assert (version.number, version.bundle) == (1, None)


def test_a_sweep_of_a_withdrawn_run_is_taken_away(tmp_path: Path) -> None:
    """What was worked out with a withdrawn study is deleted; other sweeps and files stay."""
    folder = tmp_path / "released_sweeps"
    folder.mkdir()
    for name, study in (("ways", "staff_wellbeing"), ("sites", "other")):
        (folder / f"{name}.json").write_text(json.dumps({"runs": [{"study": study}]}))
    (folder / "broken.json").write_text("[")
    drop_sweeps(tmp_path / "released", "staff_wellbeing")
    assert sorted(path.name for path in folder.iterdir()) == ["broken.json", "sites.json"]
