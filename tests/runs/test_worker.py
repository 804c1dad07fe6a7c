"""A notebook that papermill calls finished is looked at cell by cell."""

from pathlib import Path
from typing import Any

import nbformat
import pytest

from evalkit.runs.worker import Clock, is_counted, judge_finished


def executed_cell(
    source: str = "1", count: int | None = 1, error: str = "", **metadata: Any
) -> Any:
    """Make a code cell as papermill leaves it."""
    outputs = [nbformat.v4.new_output("error", ename=error, evalue="0")] if error else []
    return nbformat.v4.new_code_cell(
        source, execution_count=count, outputs=outputs, metadata=metadata
    )


def judge(tmp_path: Path, *cells: Any, overran: bool = False) -> tuple[str, bool]:
    """Return the status, and whether the executed notebook was kept."""
    notebook = nbformat.v4.new_notebook(cells=list(cells), metadata={"papermill": {}})
    clock = Clock(60, None, lambda event: None)
    clock.overran = overran
    status = judge_finished(notebook, clock, tmp_path / "out.ipynb")["status"]
    return status, (tmp_path / "out.ipynb").exists()


def test_a_notebook_run_to_its_end_is_kept(tmp_path: Path) -> None:
    """Every cell that is not blank was executed, and none ended in an error."""
    blank = executed_cell(" ", count=None)
    assert judge(tmp_path, executed_cell(), blank) == ("ok", True)


@pytest.mark.parametrize(
    "last",
    [executed_cell(count=None), executed_cell(error="SystemExit"), executed_cell(error="KeyError")],
    ids=["not executed", "exit in the last cell", "error that a tag allows"],
)
def test_a_cell_that_did_not_run_to_its_end_is_no_success(last: Any, tmp_path: Path) -> None:
    """papermill raises nothing for these; the runner says that the notebook ended early."""
    assert judge(tmp_path, executed_cell(), last) == ("early_exit", False)


def test_a_cell_that_swallowed_its_interrupt_has_timed_out(tmp_path: Path) -> None:
    """A cell that went on after its time was up does not turn into a success."""
    assert judge(tmp_path, executed_cell(), overran=True) == ("timeout", False)


def test_cells_are_counted_as_a_reader_counts_them() -> None:
    """Code that the author wrote counts; blank cells, text and injected parameters do not."""
    assert is_counted(executed_cell())
    assert not is_counted(executed_cell(" "))
    assert not is_counted(executed_cell(tags=["injected-parameters"]))
    assert not is_counted(nbformat.v4.new_markdown_cell("1"))
