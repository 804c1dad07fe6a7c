"""Every script of the project says what it is for, and starts no work, when it is asked."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
LONGEST = 300
ASK = """
import contextlib, io, json, runpy, sys
found = {}
for path in sys.argv[1:]:
    sys.argv, said = [path, "--help"], io.StringIO()
    sys.modules.pop("page", None)
    try:
        with contextlib.redirect_stdout(said):
            runpy.run_path(path, run_name="__main__")
        ended = "went on to its end"
    except SystemExit as end:
        ended = end.code
    found[path] = [ended, said.getvalue()]
print(json.dumps(found))
"""


def find_scripts() -> list[str]:
    """Return every file of the tests and of CI that is run by its name."""
    files = [*(ROOT / "tests").rglob("*.py"), *(ROOT / ".ci").glob("*.py")]
    return sorted(
        path.relative_to(ROOT).as_posix()
        for path in files
        if '\nif __name__ == "__main__":\n' in path.read_text("utf-8")
    )


def ask(*scripts: str, folder: Path = ROOT) -> dict[str, tuple[object, str]]:
    """Ask scripts for help, one after another in one process that has imported most things once."""
    done = subprocess.run(
        [sys.executable, "-c", ASK, *scripts],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=LONGEST,
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, tuple[object, str]] = json.loads(done.stdout)
    return told


def starts_work(ended: object, said: str) -> bool:
    """Tell whether a script did anything but say how it is used."""
    return ended != 0 or not said.startswith("usage: ")


def test_every_script_answers_help_and_does_nothing_else() -> None:
    """`--help` ends with 0 after the words on use, whatever the script is for."""
    scripts = find_scripts()
    assert {"tests/run.py", "tests/faults/kills.py", ".ci/install.py"} <= set(scripts)
    told = ask(*scripts)
    assert [name for name in scripts if starts_work(*told[name])] == []


@pytest.mark.parametrize(
    "work", ["pathlib.Path('made').touch()", "raise SystemExit(0)", "print('usage: none')"]
)
def test_a_script_that_starts_work_is_seen(tmp_path: Path, work: str) -> None:
    """One that does not look at its options is found out, however it ends."""
    (tmp_path / "a.py").write_text(f"import pathlib\n{work}\n")
    assert starts_work(*ask("a.py", folder=tmp_path)["a.py"])
