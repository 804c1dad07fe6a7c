"""The parameters cell, read by its syntax tree."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from evalkit.errors import ParameterError
from evalkit.study.notebook_cell import (
    CellParameter,
    check_cell_against_schema,
    read_parameters_cell,
)
from evalkit.study.schema import StaffWellbeing

Writer = Callable[..., Path]

SOURCE = """\
# a line of its own is no help
study = "x=y"  # name, with = and >= and # in it
periods: list[str] | None = None  # an annotation
seed = -7
columns = {  # the first line's help
    "unit": "trust",
    "period": "quarter # no help",
}
shares = [
    1.5,
    True,
]  # the last line's help
"""


def test_names_defaults_and_help_are_read_as_written(write_notebook: Writer) -> None:
    """Signs of equality, annotations and many-line values do not mislead a syntax tree."""
    assert read_parameters_cell(write_notebook(SOURCE)) == [
        CellParameter("study", "x=y", "name, with = and >= and # in it"),
        CellParameter("periods", None, "an annotation"),
        CellParameter("seed", -7, ""),
        CellParameter(
            "columns", {"unit": "trust", "period": "quarter # no help"}, "the first line's help"
        ),
        CellParameter("shares", [1.5, True], "the last line's help"),
    ]


REFUSED = {
    "import os": "line 1: not an assignment",
    "a = 1\nprint(a)": "line 2: not an assignment",
    "a = b = 1": "line 1: not an assignment",
    "a, b = 1, 2": "line 1: not an assignment",
    "a.b = 1": "line 1: not an assignment",
    "a += 1": "line 1: not an assignment",
    "a: int": "line 1: not an assignment",
    "'words'": "line 1: not an assignment",
    "a = 1 + 1": "line 1: the value of a is not a literal",
    "a = f'{1}'": "line 1: the value of a is not a literal",
    "a = dict(b=1)": "line 1: the value of a is not a literal",
    "a = (1, 2)": "line 1: a: is a Python tuple",
    "a = {1, 2}": "line 1: a: is a Python set",
    "a = 1 + 2j": "line 1: a: is a Python complex",
    "a = 1e999": "line 1: a: is not a finite number",
    "a = {1: 2}": "line 1: a: a name in it is a whole number",
    "a = {'b': 1, 'b': 2}": "line 1: a: a name in it is given twice",
    "a = 1\na = 2": "a: assigned 2 times",
    "a = 1\n%matplotlib inline": "line 2, is not Python",
    "a = 'x": "line 1, is not Python",
    "a = " + "-" * 50_000 + "1": "the parameters cell",
    "a = " + "[" * 10_000: "is not Python",
}


@pytest.mark.parametrize(("source", "said"), REFUSED.items(), ids=range(len(REFUSED)))
def test_anything_but_literal_assignments_is_refused(
    write_notebook: Writer, source: str, said: str
) -> None:
    """Whatever papermill could not override, or would compute before it does."""
    with pytest.raises(ParameterError) as refusal:
        read_parameters_cell(write_notebook(source))
    assert said in str(refusal.value)


def test_all_faults_of_a_cell_are_told_at_once(write_notebook: Writer) -> None:
    """Three faults, three lines."""
    with pytest.raises(ParameterError) as refusal:
        read_parameters_cell(write_notebook("import os\na = b\nc = 1\nc = 2\n"))
    assert len(str(refusal.value).splitlines()) == 4


def test_a_notebook_needs_exactly_one_tagged_cell(write_notebook: Writer) -> None:
    """Without the tag papermill's values are overwritten, and nobody is told."""
    with pytest.raises(ParameterError, match="0 cells are tagged"):
        read_parameters_cell(write_notebook("a = 1", tags=()))
    path = write_notebook("a = 1")
    notebook = json.loads(path.read_text())
    notebook["cells"] *= 2
    path.write_text(json.dumps(notebook))
    with pytest.raises(ParameterError, match="2 cells are tagged"):
        read_parameters_cell(path)
    notebook["cells"] = [{**notebook["cells"][0], "cell_type": "markdown"}]
    path.write_text(json.dumps(notebook))
    with pytest.raises(ParameterError, match="no code cell"):
        read_parameters_cell(path)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"nbformat": 3}',
        b'{"nbformat": 4}',
        b'{"nbformat": 4, "cells": [1, {"metadata": 2}, {"metadata": {"tags": "parameters"}}]}',
        b"\xff",
        b"[" * 100_000,
    ],
)
def test_what_is_no_whole_notebook_is_refused(tmp_path: Path, content: bytes) -> None:
    """Empty, cut off, of another format, of another shape: one message each."""
    path = tmp_path / "x.ipynb"
    path.write_bytes(content)
    with pytest.raises(ParameterError, match=r"x\.ipynb: "):
        read_parameters_cell(path)


def test_a_missing_notebook_is_refused(tmp_path: Path) -> None:
    """The message says what to give."""
    with pytest.raises(ParameterError, match="no such notebook"):
        read_parameters_cell(tmp_path / "absent.ipynb")


def test_the_cell_and_the_schema_have_the_same_names(
    values: dict[str, Any], write_notebook: Writer
) -> None:
    """A name too few or too many is refused, with the nearest; the order does not matter."""
    lines = [f"{name} = {value!r}" for name, value in reversed(values.items())]
    check_cell_against_schema(write_notebook("\n".join(lines)), StaffWellbeing)
    changed = "\n".join(line.replace("exposure_lag =", "exposure_lags =") for line in lines)
    with pytest.raises(ParameterError) as refusal:
        check_cell_against_schema(write_notebook(changed), StaffWellbeing)
    assert "exposure_lags: not in the schema. Did you mean exposure_lag" in str(refusal.value)
    assert "exposure_lag: not in the cell." in str(refusal.value)


def test_the_projects_own_notebooks_have_the_names_of_their_schemas() -> None:
    """Each notebook that has a schema, once it is there."""
    from evalkit.study.schema import SCHEMAS

    folder = Path(__file__).resolve().parents[2] / "notebooks"
    for name, schema in SCHEMAS.items():
        notebook = folder / f"{name}.ipynb"
        if not notebook.exists():
            pytest.skip(f"notebooks: {name}.ipynb is not written yet")
        check_cell_against_schema(notebook, schema)
