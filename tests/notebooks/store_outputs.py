"""Run notebooks and store the outputs of the cells that nbval compares; strip all others.

For a change that was meant: read the difference before it is committed.
    .venv/bin/python tests/notebooks/store_outputs.py notebooks/staff_wellbeing.ipynb
"""

import argparse
import os
import re
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode

CHECKED = re.compile(r"^\s*#\s*NBVAL_CHECK_OUTPUT\s*$", re.MULTILINE)
SECONDS = 300


def main() -> None:
    """Store the outputs of each notebook named."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("notebooks", nargs="+", type=Path)
    named = parser.parse_args().notebooks
    with tempfile.TemporaryDirectory(prefix="evalkit-") as folder:
        os.environ["EVALKIT_STAGING"] = folder
        for path in named:
            store(path)


def store(path: Path) -> None:
    """Run one notebook from a fresh kernel and write it back with the outputs that count."""
    notebook = nbformat.read(path, 4)
    ran = nbformat.from_dict(notebook)
    resources = {"metadata": {"path": str(path.resolve().parent)}}
    NotebookClient(ran, timeout=SECONDS, kernel_name="python3", resources=resources).execute()
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    done = [cell for cell in ran.cells if cell.cell_type == "code"]
    kept = sum(keep(cell, result) for cell, result in zip(code, done, strict=True))
    nbformat.write(notebook, path)
    print(f"{path}: {kept} outputs stored")


def keep(cell: NotebookNode, result: NotebookNode) -> bool:
    """Give a cell its result if it is checked by value, and nothing otherwise."""
    checked = bool(CHECKED.search(cell.source))
    cell.outputs = result.outputs if checked else []
    cell.execution_count = result.execution_count if checked else None
    cell.metadata.pop("execution", None)
    return checked


if __name__ == "__main__":
    main()
