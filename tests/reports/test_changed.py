"""What changed since a version: released words alone, and nothing of one that was withdrawn."""

import copy
import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from evalkit.reports.bundle import Bundle, read_bundle
from evalkit.reports.changed import list_changes, write_changes
from evalkit.reports.links import View
from evalkit.reports.page import open_study
from evalkit.reports.versions import allowed_versions, list_versions


def put(folder: Path, content: dict[str, Any], version: int, previous: str | None) -> str:
    """Write a release with its paper, and return the hash of the paper."""
    place = folder / content["study"]
    place.mkdir(parents=True, exist_ok=True)
    (place / "bundle.json").write_text(json.dumps(content))
    digest = hashlib.sha256((place / "bundle.json").read_bytes()).hexdigest()
    paper = {"version": version, "previous": previous, "files": {"bundle.json": digest}}
    (place / "release.json").write_text(json.dumps(paper))
    return hashlib.sha256((place / "release.json").read_bytes()).hexdigest()


@pytest.fixture
def home(tmp_path: Path, content: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return releases whose third version is in place, and the two before it kept."""
    first, second = copy.deepcopy(content), copy.deepcopy(content)
    first["finding"]["answer"] = "It was too early to tell."
    first["protocol"]["exposure_lag"] = 2
    second["tables"]["estimates"]["rows"][2][2] = 0.19
    second["checks"][0]["verdict"] = "concern"
    second["hashes"]["data"] = f"{77:064x}"
    paper = None
    for number, made in enumerate((first, second), start=1):
        paper = put(tmp_path / "versions" / f"{number:06d}", made, number, paper)
    put(tmp_path / "released", content, 3, paper)
    monkeypatch.setenv("EVALKIT_RELEASED", str(tmp_path / "released"))
    return tmp_path / "released"


@pytest.fixture
def now(home: Path) -> Bundle:
    """Return the release in place."""
    return read_bundle(home, "staff_wellbeing")


def test_each_kind_of_change_is_told_by_hand(now: Bundle) -> None:
    """Estimate, check and data of the second version; conclusion and plan of the first."""
    second, first = list_versions(now)
    assert (second.number, first.number) == (2, 1)
    assert second.bundle is not None
    assert first.bundle is not None
    told = list_changes(second.bundle, now)
    assert told["Estimates"] == [
        "Within trusts: was 0.19 (0.19 to 0.29), and is 0.24 (0.19 to 0.29)"
    ]
    assert told["Checks"] == ["Do patients' results come first? Was “concern”, and is “passes”"]
    assert told["Data"] == ["The data are not the same: their fingerprint changed"]
    assert told["The conclusion"] == []
    told = list_changes(first.bundle, now)
    assert told["The conclusion"][0] == "It said: It was too early to tell."
    assert told["Plan and parameters"] == [
        "Staff measured this many periods before patients: was 2, and is 1"
    ]


def test_an_address_names_a_version_that_there_was(now: Bundle) -> None:
    """Versions before this one are allowed, and this one or another is told and ignored."""
    assert allowed_versions(list_versions(now)) == ["2", "1"]
    assert open_study("study=staff_wellbeing&since=2").view.since == "2"
    opened = open_study("study=staff_wellbeing&since=3")
    assert (opened.view.since, len(opened.notices)) == ("", 1)


def test_a_withdrawn_version_says_so_and_nothing_more(home: Path, now: Bundle) -> None:
    """Of a version that was withdrawn the page has its number, and no word that it said."""
    place = home.parent / "versions" / "000001" / "staff_wellbeing"
    for name in ("bundle.json", "release.json"):
        (place / name).unlink()
    (place / "withdrawn.json").write_text("{}")
    written = write_changes(now, list_versions(now), View("s", since="1"), served=True)
    assert "Version 1 was withdrawn." in written
    assert "too early" not in written


@pytest.mark.parametrize("name", ["bundle.json", "release.json"])
def test_a_version_that_was_touched_is_not_told(home: Path, now: Bundle, name: str) -> None:
    """A kept file that differs from what the chain of papers names ends the list."""
    path = home.parent / "versions" / "000002" / "staff_wellbeing" / name
    path.write_text(path.read_text().replace("0.19", "0.91").replace('"version": 2', '"version":2'))
    assert list_versions(now) == []


def test_only_the_asked_version_is_shown(now: Bundle) -> None:
    """Every version's changes are in the page, and all but the chosen one are hidden."""
    written = write_changes(now, list_versions(now), View("s", since="2"), served=True)
    assert '<div data-since="a"><h3>' in written
    assert '<div data-since="b" hidden>' in written
    assert '<option value="2" data-key="a" selected>' in written


def test_a_first_release_has_no_such_section(bundle: Bundle) -> None:
    """Without an earlier version there is nothing to compare with."""
    assert write_changes(bundle, list_versions(bundle), View("s"), served=True) == ""
