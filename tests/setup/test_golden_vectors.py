"""The pages of golden vectors and of worlds name tests that are there; no value is without one."""

import ast
import json
import re
from pathlib import Path

import pytest

from evalkit.synthetic.linked.causes import WORLDS as LINKED

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "golden_vectors.md").read_text("utf-8")
REFERENCE = ROOT / "tests" / "reference"
WORLDS = (ROOT / "docs" / "topic_worlds.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[\w/]+\.py)::(\w+)`", PAGE + WORLDS)))


def tree_of(path: Path) -> ast.Module:
    """Parse a module without running it."""
    return ast.parse(path.read_text("utf-8"))


def jobs_of(path: Path) -> set[str]:
    """Return the stored files whose values a module tests one by one."""
    named = [
        ast.literal_eval(node.value)
        for node in tree_of(path).body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "JOBS"
    ]
    return {job for jobs in named for job in jobs}


@pytest.mark.parametrize(("path", "test"), NAMED, ids=[test for _, test in NAMED])
def test_a_test_that_is_named_is_there(path: str, test: str) -> None:
    """Each test that a page names is defined where it says."""
    defined = [n.name for n in tree_of(ROOT / path).body if isinstance(n, ast.FunctionDef)]
    assert test in defined


def test_every_stored_file_of_values_is_tested() -> None:
    """Each file of values is asked for by a module and named on the page."""
    read = [(path.stem, json.loads(path.read_text("utf-8"))) for path in REFERENCE.glob("*.json")]
    stored = {name for name, held in read if isinstance(held, dict) and "values" in held}
    tested = {job for path in REFERENCE.glob("test_*.py") for job in jobs_of(path)}
    assert stored == tested
    assert {name for name in stored if f"`{name}`" not in PAGE} == set()


def test_every_named_world_has_its_tests() -> None:
    """Each world that can be made stands in the table of guards."""
    assert {
        name for name in LINKED if f"`{name}`" not in WORLDS.split("## The named worlds")[1]
    } == set()
