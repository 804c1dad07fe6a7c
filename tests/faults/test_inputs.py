"""Inputs of the table of faults that no room's own tests hold: links, order, broken notebooks."""

import json
import zipfile
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
import yaml

from evalkit.data import make_table, read_sources
from evalkit.data.spreadsheets import check_workbook
from evalkit.errors import DataError, ParameterError
from evalkit.project import resolve_data_path
from evalkit.runs.run import run_study
from evalkit.study.parameters import validate

ROOT = Path(__file__).resolve().parents[2]
STUDY = "staff_wellbeing"
DESIGN = "difference_in_differences"


def test_a_link_that_leads_out_is_refused(tmp_path: Path) -> None:
    """A path of the project that is a link to elsewhere is judged by where it leads."""
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "outside.csv").touch()
    (root / "inside.csv").symlink_to(tmp_path / "outside.csv")
    with pytest.raises(ParameterError, match="leads out of the project"):
        resolve_data_path("inside.csv", root)
    (root / "inside.csv").unlink()
    (root / "inside.csv").touch()
    assert resolve_data_path("inside.csv", root) == root / "inside.csv"


@pytest.mark.parametrize("packing", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA])
def test_a_workbook_with_spoilt_bytes_is_refused(tmp_path: Path, packing: int) -> None:
    """What was packed cannot be unpacked: one message, whichever way it was packed."""
    path = tmp_path / "x.xlsx"
    with zipfile.ZipFile(path, "w", packing) as archive:
        archive.writestr("sheet.xml", "<a>quill</a>" * 99)
    check_workbook(path, "data_file (x.xlsx)")
    content = path.read_bytes()
    path.write_bytes(content[:39] + b"\xff" * 16 + content[55:])
    with pytest.raises(DataError, match="the workbook is damaged"):
        check_workbook(path, "data_file (x.xlsx)")


def estimate(frame: pd.DataFrame, root: Path) -> pd.DataFrame:
    """Estimate the committed study's effect from these rows."""
    values = yaml.safe_load((ROOT / "parameters" / f"{DESIGN}.yml").read_text("utf-8"))
    frame.to_csv(root / "rows.csv", index=False)
    parameters = validate({**values, "data_file": "rows.csv"}, "x.yml")
    table = make_table(read_sources(parameters), parameters)
    return import_module(f"evalkit.designs.{DESIGN}").estimate(table, parameters).estimates


def test_the_order_of_rows_changes_no_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file turned upside down and shuffled gives the same estimates."""
    (tmp_path / "pyproject.toml").touch()
    monkeypatch.setenv("EVALKIT_PROJECT", str(tmp_path))
    values = yaml.safe_load((ROOT / "parameters" / f"{DESIGN}.yml").read_text("utf-8"))
    frame = pd.read_csv(ROOT / values["data_file"], dtype=str)
    shuffled = frame.sample(frac=1, random_state=1)
    assert not shuffled.index.equals(frame.index)
    pd.testing.assert_frame_equal(estimate(shuffled, tmp_path), estimate(frame, tmp_path))


def cut_short(notebook: str) -> str:
    """Leave the first half of a file."""
    return notebook[: len(notebook) // 2]


def of_format_3(notebook: str) -> str:
    """Write cells as format 3 did, in worksheets."""
    content = json.loads(notebook)
    return json.dumps({"nbformat": 3, "worksheets": [{"cells": content["cells"]}]})


def of_no_form(notebook: str) -> str:
    """Write what is no JSON."""
    return notebook.replace(":", "=")


def with_a_cell_of_no_type(notebook: str) -> str:
    """Take the type of its last cell away."""
    content = json.loads(notebook)
    del content["cells"][-1]["cell_type"]
    return json.dumps(content)


def with_a_cell_without_text(notebook: str) -> str:
    """Take the text of its last cell away."""
    content = json.loads(notebook)
    content["cells"][-1]["source"] = None
    return json.dumps(content)


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (cut_short, "not a whole notebook"),
        (of_format_3, "not a notebook of format 4"),
        (of_no_form, "not a whole notebook"),
        (with_a_cell_of_no_type, "1 of 4 cells are broken"),
        (with_a_cell_without_text, "1 of 4 cells are broken"),
    ],
)
def test_a_broken_notebook_is_refused_before_anything_starts(
    spoil: object, told: str, small: Path
) -> None:
    """One message with exit code 2, and no file of a run."""
    path = small / "notebooks" / f"{STUDY}.ipynb"
    path.write_text(spoil(path.read_text("utf-8")), "utf-8")  # type: ignore[operator]
    with pytest.raises(ParameterError, match=told):
        run_study(small / "parameters" / f"{STUDY}.yml")
    assert not (small / "reports").exists()
