"""The register of protocols: only added to, and nothing in it changed unnoticed."""

import datetime
import hashlib
import json
import multiprocessing
import os
from pathlib import Path

import pytest

from evalkit.errors import EnvironmentFault, LockedError, ParameterError
from evalkit.study import register
from evalkit.study.register import append_entry, read_register

DAY = datetime.date(2026, 3, 1)
LATER = datetime.date(2027, 1, 1)
WRITERS = 8
REGISTERED = Path(__file__).parents[2] / "parameters" / "registered"


def write_three(folder: Path) -> Path:
    """Register three protocols of one study, one after the other."""
    for number in range(3):
        append_entry(folder, "study", {"lag": number}, DAY, results_seen=False)
    return folder / "study.jsonl"


def test_each_line_ties_to_the_whole_line_before(tmp_path: Path) -> None:
    """By hand: `previous` is the SHA-256 of the bytes of the line before, the first has none."""
    path = write_three(tmp_path)
    lines = path.read_bytes().splitlines()
    entries = [json.loads(line) for line in lines]
    assert [entry["previous"] for entry in entries] == [
        None,
        hashlib.sha256(lines[0]).hexdigest(),
        hashlib.sha256(lines[1]).hexdigest(),
    ]
    assert entries[0]["hash"] == hashlib.sha256(b'{"lag":0}').hexdigest()
    assert {key for entry in entries for key in entry} == {
        "study",
        "date",
        "hash",
        "previous",
        "protocol",
        "results_seen",
    }
    assert [entry.protocol for entry in read_register(path)] == [{"lag": n} for n in range(3)]


def test_the_same_protocol_again_adds_nothing(tmp_path: Path) -> None:
    """Not even a new date; one that was left and is taken up again is added."""
    path = write_three(tmp_path)
    before = path.read_bytes()
    again = append_entry(tmp_path, "study", {"lag": 2}, LATER, results_seen=True)
    assert (again.appended, again.entry.date) == (False, "2026-03-01")
    assert path.read_bytes() == before
    assert append_entry(tmp_path, "study", {"lag": 0}, DAY, results_seen=False).appended
    assert path.read_bytes().startswith(before)
    assert len(read_register(path)) == 4


def test_results_that_were_seen_stay_seen(tmp_path: Path) -> None:
    """Once an entry was added after results, no later one counts as registered before them."""
    for number, seen in enumerate((False, True, False)):
        append_entry(tmp_path, "study", {"lag": number}, DAY, results_seen=seen)
    entries = read_register(tmp_path / "study.jsonl")
    assert [entry.results_seen for entry in entries] == [False, True, True]


def test_a_line_without_the_note_counts_as_before_results(tmp_path: Path) -> None:
    """A register from before the note was kept is read, and added to without a change to it."""
    digest = hashlib.sha256(b'{"lag":0}').hexdigest()
    line = (
        f'{{"date":"2026-03-01","hash":"{digest}","previous":null,'
        '"protocol":{"lag":0},"study":"study"}\n'
    )
    path = tmp_path / "study.jsonl"
    path.write_text(line)
    assert [entry.results_seen for entry in read_register(path)] == [False]
    append_entry(tmp_path, "study", {"lag": 1}, LATER, results_seen=True)
    assert path.read_text().startswith(line)
    assert [entry.results_seen for entry in read_register(path)] == [False, True]


@pytest.mark.parametrize("path", sorted(REGISTERED.glob("*.jsonl")), ids=lambda path: path.stem)
def test_committed_plans_were_registered_before_results(path: Path) -> None:
    """The plans that come with the project are read, whole and as first registered."""
    assert [entry.results_seen for entry in read_register(path)] == [False]


def test_a_study_without_a_register_has_no_entries(tmp_path: Path) -> None:
    """Never registered is no fault."""
    assert read_register(tmp_path / "study.jsonl") == ()


def changed_value(lines: list[str]) -> list[str]:
    """Change a choice in the second line."""
    return [lines[0], lines[1].replace('"lag":1', '"lag":9'), lines[2]]


def changed_date(lines: list[str]) -> list[str]:
    """Date the first line back, which its own hash does not cover."""
    return [lines[0].replace("2026-03-01", "2020-03-01"), *lines[1:]]


BREAKS = {
    "a value changed": (changed_value, "line 2 holds a protocol that does not fit its hash"),
    "a date changed": (changed_date, "line 2 does not follow from the line before"),
    "a line taken out": (lambda lines: [lines[0], lines[2]], "line 2 does not follow"),
    "the first line taken out": (lambda lines: lines[1:], "line 1 does not follow"),
    "two lines swapped": (lambda lines: [lines[1], lines[0], lines[2]], "line 1 does not follow"),
    "a line doubled": (lambda lines: [*lines, lines[2]], "line 4 does not follow"),
    "a space added": (lambda lines: [*lines[:2], lines[2] + " "], "line 3 is not an entry as"),
    "a blank line": (lambda lines: [*lines, ""], "line 4 is not an entry"),
    "not JSON": (lambda lines: [*lines, "{"], "line 4 is not an entry"),
    "a list": (lambda lines: [*lines, "[]"], "line 4 is not an entry as"),
    "NaN": (lambda lines: [lines[0].replace('"lag":0', '"lag":NaN')], "line 1 is not an entry"),
    "a name given twice": (
        lambda lines: [lines[0].replace("{", '{"date":"2020-01-01",', 1)],
        "line 1 is not an entry as",
    ),
    "another study": (
        lambda lines: [lines[0].replace('"study":"study"', '"study":"other"')],
        "line 1 belongs to another study",
    ),
    "results seen, not said with true or false": (
        lambda lines: [lines[0].replace('"results_seen":false', '"results_seen":0')],
        "line 1 does not say with true or false",
    ),
    "results seen taken back": (
        lambda lines: [lines[0].replace('"results_seen":false,', ""), *lines[1:]],
        "line 2 does not follow from the line before",
    ),
    "no date": (lambda lines: [lines[0].replace("2026-03-01", "spring")], "line 1 has no date"),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_register_is_refused_with_its_line(tmp_path: Path, name: str) -> None:
    """Reading and adding both refuse, and the file is left as it was found."""
    change, said = BREAKS[name]
    path = write_three(tmp_path)
    broken = "".join(f"{line}\n" for line in change(path.read_text().splitlines()))
    path.write_text(broken)
    for refuse in (
        lambda: read_register(path),
        lambda: append_entry(tmp_path, "study", {"lag": 5}, DAY, results_seen=False),
    ):
        with pytest.raises(ParameterError) as refusal:
            refuse()
        assert said in str(refusal.value)
    assert path.read_text() == broken


def test_a_line_cut_off_is_refused(tmp_path: Path) -> None:
    """Half a line is not taken for the last."""
    path = write_three(tmp_path)
    path.write_bytes(path.read_bytes()[:-9])
    with pytest.raises(ParameterError, match="line 3 has no end"):
        read_register(path)
    path.write_bytes(b"\xff\n")
    with pytest.raises(ParameterError, match="not UTF-8"):
        read_register(path)


def test_writers_at_once_all_succeed_and_the_chain_holds(tmp_path: Path) -> None:
    """Eight processes register eight protocols: eight lines, each tied to the one before."""
    context = multiprocessing.get_context("spawn")
    processes = [
        context.Process(
            target=append_entry,
            args=(tmp_path, "study", {"lag": number}, DAY),
            kwargs={"results_seen": False},
        )
        for number in range(WRITERS)
    ]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    assert [process.exitcode for process in processes] == [0] * WRITERS
    lags = {str(entry.protocol["lag"]) for entry in read_register(tmp_path / "study.jsonl")}
    assert lags == {str(number) for number in range(WRITERS)}
    assert [path.name for path in tmp_path.iterdir()] == ["study.jsonl"]


def test_a_writer_that_waits_too_long_gives_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It says that another registration is under way, and writes nothing."""
    import fcntl

    monkeypatch.setattr(register, "_WAIT_SECONDS", 0.05)
    handle = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    with pytest.raises(LockedError, match="under way"):
        append_entry(tmp_path, "study", {"lag": 1}, DAY, results_seen=False)
    os.close(handle)
    assert list(tmp_path.iterdir()) == []


def test_a_temporary_file_left_by_a_crash_does_no_harm(tmp_path: Path) -> None:
    """What a killed writer left is written over, never read."""
    path = write_three(tmp_path)
    (tmp_path / ".study.jsonl.tmp").write_text("half a li")
    append_entry(tmp_path, "study", {"lag": 9}, DAY, results_seen=False)
    assert len(read_register(path)) == 4
    assert [path.name for path in tmp_path.iterdir()] == ["study.jsonl"]


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    """A file stands where the folder should."""
    (tmp_path / "registered").write_text("")
    with pytest.raises(EnvironmentFault, match="Nothing was registered"):
        append_entry(tmp_path / "registered", "study", {"lag": 1}, DAY, results_seen=False)
