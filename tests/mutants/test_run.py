"""The mutant runner: a caught fault passes, and everything else fails and says why."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PATCH = """{head}
diff --git a/src/evalkit/sums.py b/src/evalkit/sums.py
--- a/src/evalkit/sums.py
+++ b/src/evalkit/sums.py
@@ -1,2 +1,2 @@
 def add(a: int, b: int) -> int:
-    {old}
+    {new}
"""
HEAD = "# A sum is wrong.\n# tests: tests/test_sums.py"
TEST = "from evalkit.sums import add\n\n\ndef test_add():\n    assert add(2, 2) == 4\n"


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Return a small project under git: one module, one test of it, and the runner."""
    if shutil.which("git") is None:
        pytest.skip("git: the runner lists and patches files with it")
    files = {
        "src/evalkit/__init__.py": "",
        "src/evalkit/sums.py": "def add(a: int, b: int) -> int:\n    return a + b\n",
        "tests/test_sums.py": TEST,
        "tests/mutants/run.py": (HERE / "run.py").read_text(encoding="utf-8"),
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=tmp_path, check=True)
    return tmp_path


def run(tree: Path, **change: str) -> tuple[int, str]:
    """Run one mutant of the sum; return the exit code and what was printed."""
    parts = {"head": HEAD, "old": "return a + b", "new": "return a - b"} | change
    patch = PATCH.format(**parts)
    (tree / "tests" / "mutants" / "sum.patch").write_text(patch, encoding="utf-8")
    command = [sys.executable, "tests/mutants/run.py"]
    quick = os.environ | {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    done = subprocess.run(command, cwd=tree, env=quick, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_a_caught_fault_passes(tree: Path) -> None:
    """The test that failed is named, and the tree is left as it was."""
    code, words = run(tree)
    assert "caught by tests.test_sums::test_add" in words
    assert "1 of 1 caught" in words
    assert code == 0
    assert "return a + b" in (tree / "src" / "evalkit" / "sums.py").read_text(encoding="utf-8")


def test_a_missed_fault_fails(tree: Path) -> None:
    """A change that no test notices is NOT CAUGHT."""
    code, words = run(tree, new="return b + a")
    assert "NOT CAUGHT (1 tests passed)" in words
    assert code == 1


def test_a_stale_patch_fails(tree: Path) -> None:
    """A patch for code that is no longer there does not apply."""
    code, words = run(tree, old="return sum((a, b))")
    assert "patch does not apply" in words
    assert code == 1


def test_code_that_cannot_be_imported_is_not_caught(tree: Path) -> None:
    """A patch that stops the tests from running proves nothing of them."""
    code, words = run(tree, new="return (")
    assert "NOT CAUGHT by a test" in words
    assert code == 1


def test_tests_must_pass_unpatched(tree: Path) -> None:
    """If a named test fails anyway, its failing later says nothing."""
    (tree / "tests" / "test_sums.py").write_text(TEST.replace("4", "5"), encoding="utf-8")
    code, words = run(tree)
    assert "do not pass unpatched" in words
    assert code == 1


def test_a_test_that_skips_counts_for_nothing(tree: Path) -> None:
    """A named test that does not run cannot catch anything."""
    skipping = TEST.replace("def test_add", "import pytest\n@pytest.mark.skip\ndef test_add")
    (tree / "tests" / "test_sums.py").write_text(skipping, encoding="utf-8")
    code, words = run(tree)
    assert "nothing ran" in words
    assert code == 1


def test_a_patch_must_say_what_it_breaks(tree: Path) -> None:
    """A patch without its comment lines is refused with what to write."""
    code, words = run(tree, head="# A sum is wrong.")
    assert "sum.patch: begin with" in words
    assert code == 1
