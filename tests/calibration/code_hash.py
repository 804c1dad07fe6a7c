"""What a cell's answer depends on, as one short hash."""

import ast
import hashlib
import inspect
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from cells import Cell

from evalkit.study import load_parameters
from evalkit.study.fields import StudyParameters

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "evalkit"
COMPUTES = {"designs", "fits", "inference", "sensitivity", "synthetic"}
"""Rooms whose statements count."""
STAFF = "lagged_panel"
"""The design whose study and worlds are those of staff wellbeing."""


@cache
def study_of(design: str) -> StudyParameters:
    """Return the embedded study's parameters."""
    name = "staff_wellbeing" if design == STAFF else design
    return load_parameters(ROOT / "parameters" / f"{name}.yml")


def world_of(cell: Cell) -> str:
    """Name the module that makes a cell's worlds."""
    own = f"evalkit.synthetic.design_worlds.{cell.design}"
    return "evalkit.synthetic.worlds" if cell.design == STAFF else own


def code_of(cell: Cell) -> str:
    """Hash what a cell's answer depends on: statements of its design and world, and its own terms.

    Of code, what is computed counts: not imports, docstrings or comments, and not the modules that
    only put remarks in words (`*_remarks.py`, `*_words.py`). Of the study's parameters, every one
    but names, texts and files.
    """
    roots = [f"evalkit.designs.{cell.design}", world_of(cell)]
    digest = hashlib.sha256()
    for path in sorted({p for root in roots for p in imported(root)}):
        if not path.stem.endswith(("_remarks", "_words")):
            digest.update(statements_of(path).encode())
    alter = inspect.getsource(cell.alter) if cell.alter else ""
    closed = repr(inspect.getclosurevars(cell.alter).nonlocals) if cell.alter else ""
    own = (cell.world, cell.size, cell.changes, cell.truth, alter, closed, choices_of(cell.design))
    scale = () if cell.times == 1 else (cell.times,)
    digest.update(repr((*own, *scale)).encode())
    return digest.hexdigest()[:12]


def choices_of(design: str) -> dict[str, Any]:
    """Return the embedded study's parameters that are no names, texts or files."""
    values = study_of(design).model_dump(mode="json")
    texts = ("study", "title", "question", "population", "estimand")
    outside = (*texts, "co_production", "alternatives")
    ends = ("_name", "_unit", "_file", "_columns", "_profile", "_connection", "_query", "_layout")
    return {k: v for k, v in values.items() if k not in outside and not k.endswith(ends)}


@cache
def statements_of(path: Path) -> str:
    """Write out a module's statements alone: no imports, docstrings, comments or layout."""
    tree = ast.parse(path.read_text("utf-8"))
    for node in ast.walk(tree):
        if not isinstance(getattr(node, "body", None), list):
            continue
        kept = [one for one in node.body if not _says_nothing(one)]
        node.body = kept or [ast.Pass()]
    return ast.dump(tree)


def _says_nothing(node: ast.stmt) -> bool:
    words = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    return words or isinstance(node, ast.Import | ast.ImportFrom)


@cache
def imported(module: str) -> frozenset[Path]:
    """Return the files of evalkit that a module reaches by imports, its own among them."""
    reached: set[Path] = set()
    waiting = [module]
    while waiting:
        name = waiting.pop()
        path = ROOT / "src" / Path(*name.split("."))
        file = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
        if not file.exists() or file in reached:
            continue
        reached.add(file)
        waiting += [found for found in imports_of(file) if found.startswith("evalkit.")]
    return frozenset(f for f in reached if f.relative_to(SOURCE).parts[0] in COMPUTES)


def imports_of(file: Path) -> Iterator[str]:
    """Yield the modules that a file imports, at its head or inside a function."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
