"""README is short, and every command and path in it is real."""

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
LONGEST = 120
HARDLY_BEGUN = 10
MADE_BY_RUNNING = ("reports/runs", "reports/released", ".venv")
PATH = re.compile(r"`((?:\.?[\w-]+/)+[\w.-]*|[\w-]+\.(?:md|yml|toml|lock|cff))`")
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")
COMMAND = re.compile(r"\bmake ([a-z][a-z-]*)")


def commands_in(text: str) -> set[str]:
    """Return what follows `make` in code, inline or in a block."""
    code = re.findall(r"```.*?```|`[^`]+`", text, flags=re.DOTALL)
    return {name for piece in code for name in COMMAND.findall(piece)}


def paths_in(text: str) -> set[str]:
    """Return the paths in backticks and links, but for those with a placeholder in them."""
    return {path for path in PATH.findall(text) + LINK.findall(text) if "<" not in path}


def targets() -> set[str]:
    """Return the targets of the Makefile."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^\.PHONY: ([a-z-]+)$", text, flags=re.MULTILINE))


def is_real(path: str) -> bool:
    """Tell whether a path exists, or is made by running."""
    return (ROOT / path).exists() or path.startswith(MADE_BY_RUNNING)


def test_patterns_find_commands_and_paths() -> None:
    """The patterns see a command in a block and inline, a path in backticks and in a link."""
    text = "```\nmake study\n```\nor `make test`, make haste. See `docs/x.md`, [more](a/b.md)."
    assert commands_in(text) == {"study", "test"}
    assert paths_in(text) == {"docs/x.md", "a/b.md"}


def test_commands_are_targets() -> None:
    """Every `make x` that README names is a target."""
    assert commands_in(README.read_text(encoding="utf-8")) - targets() == set()


def test_paths_exist() -> None:
    """Every path that README names is in the repository."""
    paths = paths_in(README.read_text(encoding="utf-8"))
    assert [path for path in sorted(paths) if not is_real(path)] == []


def test_length() -> None:
    """README is read in two minutes."""
    assert len(README.read_text(encoding="utf-8").splitlines()) <= LONGEST


def test_the_two_commands_are_named() -> None:
    """Once written, README tells how to run the study and the tests."""
    text = README.read_text(encoding="utf-8")
    if len(text.splitlines()) > HARDLY_BEGUN:
        assert {"study", "test"} <= commands_in(text)
