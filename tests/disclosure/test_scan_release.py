"""The papers beside a release are scanned too: each place holds what it is for, and no more."""

import json
import shutil
from collections.abc import Callable
from functools import reduce
from pathlib import Path
from typing import Any

import pytest

from evalkit.disclosure.release import release_study
from evalkit.disclosure.scan import Expected, scan_folder

PLANT = "8.27153"
RELEASE, CRATE, PAPER, BUNDLE = (
    "release.json",
    "ro-crate-metadata.json",
    "provenance/parameters.json",
    "bundle.json",
)
Folder = tuple[Path, Expected]


@pytest.fixture(scope="session")
def kept_files() -> dict[str, bytes]:
    """Return the files of a whole release, made once."""
    return {}


@pytest.fixture
def whole(
    make_release: Callable[..., Folder],
    make_run: Callable[..., Path],
    kept_files: dict[str, bytes],
    tmp_path: Path,
) -> Folder:
    """Write all files of an approved release, and say what may be in them."""
    if not kept_files:
        run, home = make_run(), tmp_path / "home"
        done = release_study(run, approved_by="A person", reason="It is plain.", released=home)
        files = (p for p in done.folder.rglob("*") if p.is_file())
        kept_files |= {p.relative_to(done.folder).as_posix(): p.read_bytes() for p in files}
        shutil.rmtree(run.parents[1])
    expected = make_release()[1]
    for name, content in kept_files.items():
        (tmp_path / "whole" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "whole" / name).write_bytes(content)
    return tmp_path / "whole", expected


def change(folder: Path, file: str, place: str, value: Any) -> None:
    """Put a value at a place of a JSON file: names by dots, a number for a place in a list."""
    content = json.loads((folder / file).read_text("utf-8"))
    *way, last = place.split("/")
    held = reduce(lambda part, name: part[int(name) if name.isdigit() else name], way, content)
    held[int(last) if last.isdigit() else last] = value
    (folder / file).write_text(json.dumps(content), "utf-8")


def test_a_whole_release_is_clean(whole: Folder) -> None:
    """Nothing is found in the papers as release writes them."""
    assert {RELEASE, CRATE, PAPER, BUNDLE} <= {
        p.relative_to(whole[0]).as_posix() for p in whole[0].rglob("*")
    }
    assert scan_folder(*whole) == []


PLANTED = [
    (RELEASE, "more", PLANT, "holds names that are not in the contract"),
    (RELEASE, "files/tables~who.txt", "0" * 64, "is no released file and its hash"),
    (RELEASE, "files/bundle.json", PLANT, "is no released file and its hash"),
    (RELEASE, "record_sha256", PLANT, "is no hash"),
    (RELEASE, "previous", PLANT, "is no hash"),
    (RELEASE, "profiles/staff", f"staff {PLANT}", "is no name"),
    (RELEASE, "study", f"of {PLANT}", "is no name"),
    (RELEASE, "rules/who", {f"of {PLANT}": 1}, "a number that no released table holds"),
    (RELEASE, "rules/who", {"primary": -3}, "is no count of cells"),
    (RELEASE, "rules/who", {"primary": 2.5}, "is no count of cells"),
    (RELEASE, "schema", "evalkit-release/24", "is not evalkit-release/1"),
    (RELEASE, "data", f"of {PLANT}", "is not evalkit-release/1"),
    (RELEASE, "approval/note", PLANT, "holds names that are not in the contract"),
    (RELEASE, "approval/date", f"day {PLANT}", "is no date"),
    (RELEASE, "approval/by", f"person {PLANT}", "a number that no released table holds"),
    (RELEASE, "approval/kind", "nobody@example.org", "looks like a person's e-mail address"),
    (RELEASE, "outputs/table who/note", PLANT, "holds names that are not in the contract"),
    (RELEASE, "outputs/table who/counts_shown", -1, "is no count of cells"),
    (RELEASE, "outputs/table who/counts_hidden", 2.5, "is no count of cells"),
    (RELEASE, "outputs/table who/rule", f"of {PLANT}", "a number that no released table holds"),
    (RELEASE, "outputs/table who/reasons", [PLANT], "a number that no released table holds"),
    (
        RELEASE,
        f"outputs/row {PLANT}",
        {"state": "pass", "reasons": [], "counts_shown": 0, "counts_hidden": 0, "rule": "fft"},
        "is no output of a release",
    ),
    (RELEASE, "decisions/0/note", PLANT, "holds names that are not in the contract"),
    (RELEASE, "decisions/0/date", PLANT, "is no date"),
    (RELEASE, "decisions/0/record_sha256", PLANT, "is no hash"),
    (RELEASE, "decisions/0/reason", f"for {PLANT}", "a number that no released table holds"),
    (RELEASE, "decisions/0/by", "943 476 5919", "looks like a person's NHS number"),
    (CRATE, "more", PLANT, "holds names that are not in the contract"),
    (CRATE, "@graph/0/more", PLANT, "holds names that are not in the contract"),
    (CRATE, "@graph/0/name", f"of {PLANT}", "a number that no released table holds"),
    (CRATE, "@graph/0/name", 8, "is no text"),
    (CRATE, "@graph/0/@id", "https://example.org", "refers to what is no part of a release"),
    (CRATE, "@graph/0/identifier", f"sha256:{PLANT}", "is no hash"),
    (CRATE, "@graph/0/datePublished", PLANT, "is no date"),
    (CRATE, "@graph/0/version", f"of {PLANT}", "is no version"),
    (CRATE, "@graph/0/@type", f"Of{PLANT}", "is no type"),
    (PAPER, "more", PLANT, "holds names that are not in the contract"),
    (PAPER, "schema", f"of {PLANT}", "is no schema of parameters"),
    (PAPER, "data", f"of {PLANT}", "is no origin of data"),
    (PAPER, "withheld", [PLANT], "a number that no released table holds"),
    (PAPER, "parameters/title", f"of {PLANT}", "a number that no released table holds"),
    (PAPER, "parameters/seed", 827153, "a number that no released table holds"),
    (PAPER, f"parameters/of {PLANT}", None, "a number that no released table holds"),
    (PAPER, "parameters/staff_connection", "there", "the address or the query of a database"),
    (PAPER, "parameters/staff_query", "SELECT", "the address or the query of a database"),
    (BUNDLE, "finding/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "checks/0/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "tables/who/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "tables/who/columns/0/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "tables/who/title", f"of {PLANT}", "a number that no released table holds"),
    (BUNDLE, "tables/who/rows/0/0", "nobody@example.org", "looks like a person's e-mail address"),
    (BUNDLE, "tables/who/rows/0", ["east"], "has other rows or columns than its protected table"),
    (BUNDLE, "tables/who/rows/2/1", True, "a cell that differs from the protected table"),
    (
        BUNDLE,
        "tables/other",
        {"title": "", "description": "", "columns": [], "rows": []},
        "is no table of this release",
    ),
    (BUNDLE, "figures/estimates/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "figures/estimates/title", f"of {PLANT}", "a number that no released table holds"),
    (BUNDLE, "figures/estimates/svg", "elsewhere.svg", "is no released file"),
    (BUNDLE, "hashes/data", PLANT, "is no hash"),
    (BUNDLE, "record_sha256", PLANT, "is no hash"),
    (BUNDLE, "sources/0/more", "words", "holds names that are not in the contract"),
    (BUNDLE, "sources/0/name", f"of {PLANT}", "a number that no released table holds"),
    (BUNDLE, "versions/pandas of 24", "1.0", "is no version"),
    (BUNDLE, "decision", [PLANT], "is no JSON object"),
    (BUNDLE, "decision", {"more": "words"}, "holds names that are not in the contract"),
    (BUNDLE, "decision", {"says": "more"}, "is none of the decisions"),
]


@pytest.mark.parametrize(("file", "place", "value", "reason"), PLANTED)
def test_what_is_planted_in_a_paper_is_found(
    whole: Folder, file: str, place: str, value: Any, reason: str
) -> None:
    """Every place of the release's paper, crate, parameters and bundle is looked at by its kind."""
    change(whole[0], file, place, value)
    found = [leak for leak in scan_folder(*whole) if leak.file == file]
    assert any(reason in leak.reason for leak in found), found
    assert PLANT not in str(found)


@pytest.mark.parametrize("file", [RELEASE, CRATE, PAPER, BUNDLE])
@pytest.mark.parametrize("text", ["[]", "3", "no JSON"])
def test_a_paper_that_is_no_object_is_found(whole: Folder, file: str, text: str) -> None:
    """A list, a number or a broken file in the place of a paper is refused."""
    (whole[0] / file).write_text(text, "utf-8")
    found = {leak.reason for leak in scan_folder(*whole) if leak.file == file}
    assert found & {"is no JSON object", "is not JSON"}


@pytest.mark.parametrize("file", [RELEASE, CRATE, PAPER, BUNDLE])
def test_a_paper_of_made_up_data_that_does_not_say_so_is_found(whole: Folder, file: str) -> None:
    """Each paper of a synthetic study carries the word."""
    path = whole[0] / file
    assert "Synthetic" in path.read_text("utf-8")
    path.write_text(path.read_text("utf-8").replace("Synthetic", "Real"), "utf-8")
    reasons = {leak.reason for leak in scan_folder(*whole) if leak.file == file}
    assert "does not say that its data are synthetic" in reasons


def test_a_link_to_a_file_elsewhere_is_found(whole: Folder, tmp_path: Path) -> None:
    """A released file is a file, and no link that could lead to the rows."""
    (tmp_path / "rows.csv").write_text("group,respondents\n", "utf-8")
    (whole[0] / "tables" / "who.csv").unlink()
    (whole[0] / "tables" / "who.csv").symlink_to(tmp_path / "rows.csv")
    found = [leak.reason for leak in scan_folder(*whole) if leak.file == "tables/who.csv"]
    assert len(found) == 1
    assert "of a kind that may not be released" in found[0]


@pytest.mark.parametrize(
    "rows",
    ["group,respondents\n", "group,respondents,synthetic,more\n"],
    ids=["rows left out", "a column more"],
)
def test_a_csv_of_another_shape_is_found(whole: Folder, rows: str) -> None:
    """Rows left out, or a column more, are no protected table."""
    path = whole[0] / "tables" / "who.csv"
    lines = path.read_text("utf-8").splitlines()
    more = "more" in rows
    path.write_text("\n".join(f"{line},24" for line in lines) if more else rows, "utf-8")
    found = [leak.reason for leak in scan_folder(*whole) if leak.file == "tables/who.csv"]
    assert found == ["has other rows or columns than its protected table"]


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("Synthetic\n", "Real\n", "a cell that differs"),
        ("north", "nobody@example.org", "looks like a person's e-mail address"),
        ("60", "60 ", "a cell that differs"),
        ("60", "6e1", None),
        ("60", "sixty", "a cell that differs"),
    ],
)
def test_a_cell_of_a_csv_is_read(whole: Folder, old: str, new: str, reason: str | None) -> None:
    """The word synthetic, identifiers and numbers as a person would type them are told apart."""
    path = whole[0] / "tables" / "who.csv"
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    found = [leak.reason for leak in scan_folder(*whole) if leak.file == "tables/who.csv"]
    assert any(reason in one for one in found) if reason else not found
