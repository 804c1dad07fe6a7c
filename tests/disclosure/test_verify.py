"""A release is verified against its own list: what was changed, added or taken away is named."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.disclosure.crate import CRATE_FILE, PARAMETERS_FILE
from evalkit.disclosure.release import release_study
from evalkit.disclosure.verify import read_provenance, verify_release
from evalkit.errors import DisclosureError
from evalkit.record.hashes import hash_json
from evalkit.record.schema import check_record


@pytest.fixture
def folder(make_run: Callable[..., Path], tmp_path: Path) -> Path:
    """Return the folder of a release."""
    return release_study(make_run(), released=tmp_path / "released").folder


def crate_of(folder: Path) -> dict[str, Any]:
    """Return the entities of a crate by their names."""
    graph = json.loads((folder / CRATE_FILE).read_text("utf-8"))["@graph"]
    return {entity["@id"]: entity for entity in graph}


def test_a_release_verifies_where_it_was_made_and_alone_elsewhere(
    folder: Path, tmp_path: Path
) -> None:
    """Beside its kept copy it is compared with that too; a copy alone has only its own list."""
    here = verify_release(folder)
    assert here.is_as_released
    assert here.compared
    assert here.files == 10
    alone = verify_release(shutil.copytree(folder, tmp_path / "mail" / "copy"))
    assert alone.is_as_released
    assert not alone.compared
    assert alone.paper_sha256 == here.paper_sha256


@pytest.mark.parametrize("name", ["tables/who.csv", "figures/estimates.png", "release.json"])
def test_a_flipped_bit_is_named(folder: Path, name: str) -> None:
    """One changed bit of a table or picture is found, and of the list itself by its kept copy."""
    content = bytearray((folder / name).read_bytes())
    content[-2 if name != "release.json" else content.find(b"synthetic by rule")] ^= 1
    (folder / name).write_bytes(content)
    found = verify_release(folder)
    assert found.changed == (name,)
    assert not found.is_as_released


def test_what_was_added_and_what_is_missing_are_named(folder: Path) -> None:
    """A file that the release does not list, hidden or linked, and one that is gone."""
    (folder / "tables" / ".rows.csv").write_text("a,b\n")
    (folder / "tables" / "link.csv").symlink_to(folder / "tables" / "nowhere.csv")
    (folder / "figures" / "estimates.svg").unlink()
    found = verify_release(folder)
    assert found.added == ("tables/.rows.csv", "tables/link.csv")
    assert found.missing == ("figures/estimates.svg",)


def test_a_bundle_of_another_record_is_named(folder: Path) -> None:
    """Files that are listed rightly but tell of another run contradict the release."""
    paper = json.loads((folder / "release.json").read_text("utf-8"))
    paper["record_sha256"] = hash_json("another")
    (folder / "release.json").write_text(json.dumps(paper))
    assert verify_release(folder).contradicting == ("bundle.json", CRATE_FILE)


@pytest.mark.parametrize("content", ["", "[]", '{"files": []}', '{"files": {}, "version": "1"}'])
def test_a_folder_without_a_list_is_refused(folder: Path, content: str) -> None:
    """Nothing is verified against a list that is none."""
    (folder / "release.json").write_text(content)
    with pytest.raises(DisclosureError, match="no release that can be verified"):
        verify_release(folder)


def test_the_crate_says_what_the_study_was_made_from(
    make_run: Callable[..., Path], tmp_path: Path
) -> None:
    """Parameters, code, notebook, packages, data, record, licence and who decided; each hash."""
    run = make_run()
    outcome = release_study(
        run, approved_by="A Person", reason="Looked through.", released=tmp_path / "released"
    )
    record = json.loads((run / "record.json").read_text("utf-8"))
    check_record(record)
    crate, provenance = crate_of(outcome.folder), read_provenance(outcome.folder)
    assert provenance.parameters == record["parameters"]
    assert provenance.sources == {s["name"]: s["sha256"] for s in record["sources"]}
    assert provenance.hashes == {n: record["hashes"][n] for n in provenance.hashes}
    assert crate["#person-1"]["name"] == "A Person"
    assert crate["#person-1"]["description"] == "approved"
    assert "open-government-licence" in crate["./"]["license"]["@id"]
    assert crate["#data-staff"]["alternateName"] == record["parameters"]["staff_file"]
    linked = {part["@id"] for part in crate["./"]["hasPart"]}
    assert linked == {n for n in listed_names(outcome.folder) if n != CRATE_FILE}


def listed_names(folder: Path) -> set[str]:
    """Return the names that a release lists."""
    listed: dict[str, str] = json.loads((folder / "release.json").read_text("utf-8"))["files"]
    return set(listed)


def test_a_release_again_keeps_its_crate(make_run: Callable[..., Path], tmp_path: Path) -> None:
    """The same release on another day is the same: the date in its crate stays."""
    run = make_run()
    first = release_study(run, released=tmp_path / "released")
    before = (first.folder / CRATE_FILE).read_bytes()
    assert release_study(run, released=tmp_path / "released").unchanged
    assert (first.folder / CRATE_FILE).read_bytes() == before


def test_addresses_and_queries_of_databases_stay_out_of_the_crate() -> None:
    """They are named as withheld, and their values are not written."""
    from evalkit.disclosure.crate import told_parameters

    given = {"staff_connection": "db", "staff_query": "select", "patient_query": None, "lag": 1}
    told = told_parameters({"parameters": given, "synthetic": False})
    assert told["withheld"] == ["staff_connection", "staff_query"]
    assert told["parameters"] == {"patient_query": None, "lag": 1}


def test_a_release_without_a_crate_says_what_to_do(folder: Path) -> None:
    """A release made before there were crates must be made anew."""
    (folder / PARAMETERS_FILE).unlink()
    with pytest.raises(DisclosureError, match="release the study again"):
        read_provenance(folder)
