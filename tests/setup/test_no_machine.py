"""No file of the repository names a package host, or a place on somebody's machine."""

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
HOST = re.compile(
    r"(pythonhosted|npmjs|yarnpkg|\bpypi|anaconda|debian|rubygems|crates)\.(org|com|io)\b", re.I
)
PLACE = re.compile(r"(?<![\w.~/-])/(home(?!/me\b)|root|Users|work)/[\w.-]+|[A-Z]:\\Users\\", re.I)
BINARY = {".png", ".parquet", ".ods", ".xlsx", ".ico", ".woff", ".woff2"}


def text_files() -> list[Path]:
    """Return the files that git tracks, but for binary ones; a reader's own notes are not read."""
    command = ["git", "ls-files", "--cached", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode != 0:
        pytest.skip("git: the files of the repository cannot be listed without it")
    files = [ROOT / name for name in listed.stdout.split("\0") if name]
    return [path for path in files if path.is_file() and path.suffix not in BINARY]


def lines_with(pattern: re.Pattern[str]) -> list[str]:
    """Return where a pattern occurs, as file and line number."""
    return [
        f"{path.relative_to(ROOT)}:{number}"
        for path in text_files()
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if pattern.search(line)
    ]


def test_patterns_catch_what_they_are_for() -> None:
    """The patterns see a host and a home folder, and let a web path and a made-up one be."""
    assert HOST.search("https://" + "py" + "pi.org/simple")
    assert PLACE.search('"' + "/home" + '/ann/project"')
    assert not PLACE.search("https://example.org/home/page")
    assert not PLACE.search("see tests/work/x, or /home/me")


def test_no_package_host_is_named() -> None:
    """Where packages come from is the reader's own setting."""
    assert lines_with(HOST) == []


def test_no_place_on_a_machine_is_named() -> None:
    """No path begins in somebody's home or work folder."""
    assert lines_with(PLACE) == []
