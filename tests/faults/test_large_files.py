"""The largest files that are taken: read in a process of their own, so that its memory is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.data.files import MAXIMUM_ROWS

MOST_MEGABYTES = 1500
"""What a process may hold that reads one, imports among it: 20 million cells are a gigabyte."""
COLUMNS, CELLS = 5_000, 20_000_000
READ = """
import resource, sys
from pathlib import Path
from evalkit.data.tables import read_table
_, frame = read_table(Path(sys.argv[1]), "data_file", sys.argv[2:])
print(len(frame), len(frame.columns), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024)
"""


def write(path: Path, header: list[str], row: str, rows: int) -> None:
    """Write a file of one row, so many times."""
    with path.open("w", encoding="utf-8") as file:
        file.write(",".join(header) + "\n")
        for _ in range(rows // 1000):
            file.write(f"{row}\n" * 1000)


@pytest.mark.parametrize("shape", ["longest", "widest"])
def test_the_largest_file_is_read_in_little_memory(shape: str, tmp_path: Path) -> None:
    """Two million rows of three columns, or 5,000 columns of which three are mapped."""
    wanted, path = ["unit", "period", "outcome"], tmp_path / "large.csv"
    rows = MAXIMUM_ROWS if shape == "longest" else CELLS // COLUMNS
    more = [] if shape == "longest" else [f"other_{at}" for at in range(COLUMNS - len(wanted))]
    write(path, wanted + more, ",".join(["R0A", "2021Q1", "7.25", *("1" for _ in more)]), rows)
    done = subprocess.run(
        [sys.executable, "-c", READ, str(path), *wanted], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    read, columns, megabytes = map(int, done.stdout.split())
    assert (read, columns) == (rows, 3)
    assert megabytes < MOST_MEGABYTES
