"""A bundle is read as released, or refused with everything that is wrong with it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import DataError, EnvironmentFault
from evalkit.reports.bundle import Bundle, read_bundle, released_folder, released_studies

Write = Callable[[dict[str, Any]], Path]


def test_numbers_stand_as_released(bundle: Bundle, content: dict[str, Any]) -> None:
    """Every cell of every table is read without change."""
    for name, table in bundle.tables.items():
        assert [list(row.values()) for row in table.rows] == content["tables"][name]["rows"]


def test_not_a_number_is_not_available(content: dict[str, Any], write: Write) -> None:
    """A cell that is not a number is read as missing, never as a number."""
    content["tables"]["headline"]["rows"][0][1] = float("nan")
    held = read_bundle(write(content), "staff_wellbeing").tables["headline"].rows[0]
    assert held["value"] is None


def test_all_faults_are_named_together(content: dict[str, Any], write: Write) -> None:
    """Missing keys, wrong types, a short row and an unknown verdict are listed in one message."""
    del content["question"]
    content["departures"] = "none"
    content["tables"]["facets"]["rows"][0].pop()
    content["checks"][1]["verdict"] = "fine"
    content["checks"][1]["finding"] = "secret 12345"
    with pytest.raises(DataError) as caught:
        read_bundle(write(content), "staff_wellbeing")
    message = str(caught.value)
    assert "question is missing or not str" in message
    assert "departures is missing or not list" in message
    assert "table facets is not a table" in message
    assert "1 of the checks" in message
    assert "12345" not in message


@pytest.mark.parametrize("text", ["", "[]", "{", '{"schema": "evalkit-bundle/2"}'])
def test_what_is_no_bundle_is_refused(content: dict[str, Any], write: Write, text: str) -> None:
    """Broken or foreign JSON gives one message that says what to do."""
    folder = write(content)
    (folder / "staff_wellbeing" / "bundle.json").write_text(text)
    with pytest.raises(DataError, match="Release the study again"):
        read_bundle(folder, "staff_wellbeing")


@pytest.mark.parametrize("name", ["..", "../secret", "", "Staff", "no_such_study", "a" * 300])
def test_only_listed_studies_are_read(released: Path, name: str) -> None:
    """A name that is no released study is refused before any path is made of it."""
    secret = released.parent / "secret"
    secret.mkdir()
    (secret / "bundle.json").write_text(json.dumps({}))
    with pytest.raises(DataError, match="no released study has this name"):
        read_bundle(released, name)


def test_folders_without_a_bundle_are_no_studies(released: Path, tmp_path: Path) -> None:
    """Only a folder with a bundle and a plain name is listed; a missing folder lists none."""
    (released / "half_done").mkdir()
    (released / ".hidden").mkdir()
    assert released_studies(released) == ["staff_wellbeing"]
    assert released_studies(tmp_path / "nowhere") == []


def test_the_folder_is_named_by_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    """Outside the server the report says how it is opened."""
    monkeypatch.delenv("EVALKIT_RELEASED", raising=False)
    with pytest.raises(EnvironmentFault, match="evalkit serve"):
        released_folder()


@pytest.mark.parametrize(
    ("paper", "kind"),
    [
        ('{"approval": {"kind": "person", "by": "A. Name"}}', "person"),
        ('{"approval": "person"}', ""),
        ("[]", ""),
        ("{", ""),
        (None, ""),
    ],
)
def test_kind_of_approval_is_read_and_no_name(released: Path, paper: str | None, kind: str) -> None:
    """Of the paper of a release only the kind of approval is kept; a broken one states none."""
    if paper is not None:
        (released / "staff_wellbeing" / "release.json").write_text(paper, encoding="utf-8")
    bundle = read_bundle(released, "staff_wellbeing")
    assert bundle.approval == kind
    assert "A. Name" not in str(bundle)
