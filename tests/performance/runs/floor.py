"""The floor: a notebook's own calls, made one after another in a process that is warm.

`python floor.py FILE...` reads parameter files, makes the first one's calls once to be warm, says
`ready`, waits for a line, makes the calls of each file, and says each one's seconds and answer.
"""

import argparse
import ast
import contextlib
import io
import json
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import yaml

from evalkit.project import project_root


def main() -> None:
    """Be warm, wait for the word, make all calls."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    files = parser.parse_args().files
    make_calls(files[0])
    print("ready", flush=True)
    sys.stdin.readline()
    for file in files:
        print(json.dumps(make_calls(file)), flush=True)


def make_calls(file: Path) -> dict[str, Any]:
    """Make the calls of a study's notebook with a file's parameters, without any kernel."""
    values = yaml.safe_load(file.read_text("utf-8"))
    path = project_root() / "notebooks" / f"{values['notebook']}.ipynb"
    names, *cells = code_cells(json.loads(path.read_text("utf-8")))
    known: dict[str, Any] = {}
    with tempfile.TemporaryDirectory() as staging, contextlib.redirect_stdout(io.StringIO()):
        os.environ["EVALKIT_STAGING"] = staging
        began = time.perf_counter(), time.process_time()
        exec(names, known)  # noqa: S102  (our own notebooks)
        known.update(values)
        for cell in cells:
            exec(cell, known)  # noqa: S102
        wall, processor = time.perf_counter() - began[0], time.process_time() - began[1]
    return {"seconds": wall, "processor": processor, "answer": known["finding"].answer}


def code_cells(notebook: dict[str, Any]) -> list[Any]:
    """Compile each code cell."""
    sources = ("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == "code")
    return [compile(ast.parse(source), "cell", "exec") for source in sources]


if __name__ == "__main__":
    main()
