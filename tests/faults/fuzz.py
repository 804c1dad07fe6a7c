"""Read ten thousand random files, and count how each ended: `make fuzz`.

8,000 are parameter files and 2,000 are data files that a design then estimates from, in 20 parts
of which each has its own seed. A crash, a traceback or a value of the data in a message stops it,
with the file that did it, made as small as it gets. Writes tests/faults/fuzz.csv, a row a part and
kind, and goes on where it stopped; rows of other code are dropped.
"""

import argparse
import csv
import os
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as seeded
from hypothesis.database import InMemoryExampleDatabase

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import evalkit
from evalkit.record.hashes import hash_code, hash_json
from tests.faults.random_files import data_files, judge_data, judge_parameters, parameter_files

TABLE = Path(__file__).with_name("fuzz.csv")
PARTS = 20
FILES = {"parameters": 400, "data": 100}
"""Files of each kind in a part."""
CODES = (0, 2, 3, 4, 8)
ROOMS = {"parameters": ("study",), "data": ("study", "data", "designs")}
"""Rooms of evalkit that a file of each kind goes through."""
NAMES = ("code", "kind", "seed", *(f"exit_{code}" for code in CODES))


def main() -> int:
    """Read the parts that lack; a crash is raised, and its part is not written."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    drop_other_code()
    done = {(row["kind"], int(row["seed"])) for row in read_parts()}
    for seed in range(1, PARTS + 1):
        for kind in FILES:
            if (kind, seed) not in done:
                with empty_project() as root:
                    add_part(kind, seed, count(kind, seed, root))
    return 0


@contextmanager
def empty_project() -> Iterator[Path]:
    """Make a project without any file, which EVALKIT_PROJECT names."""
    with tempfile.TemporaryDirectory(prefix="evalkit-fuzz-") as folder:
        os.environ["EVALKIT_PROJECT"] = folder
        (Path(folder) / "pyproject.toml").touch()
        yield Path(folder)


def count(kind: str, seed: int, root: Path) -> Counter[int]:
    """Judge a part's files; return how many ended with each exit code."""
    strategy: Any = {"parameters": parameter_files, "data": data_files}[kind]()
    judges: dict[str, Callable[[Any], int]] = {
        "parameters": lambda file: judge_parameters(file, root),
        "data": lambda file: judge_data(*file, root),
    }
    ended: Counter[int] = Counter()

    @seeded(seed)
    @settings(
        max_examples=FILES[kind],
        deadline=None,
        database=InMemoryExampleDatabase(),
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    @given(strategy)
    def every(file: Any) -> None:
        ended[judges[kind](file)] += 1

    every()
    return ended


def code_of(kind: str) -> str:
    """Return the first digits of a hash of the rooms that a kind of file goes through."""
    folder = Path(evalkit.__file__).parent
    return hash_json([hash_code(folder / room) for room in ROOMS[kind]])[:12]


def drop_other_code() -> None:
    """Write the table anew, without the parts that other code read."""
    kept = [row for row in read_parts() if row.get("code") == code_of(row["kind"])]
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, NAMES, lineterminator="\n")
        writer.writeheader()
        writer.writerows(kept)


def read_parts() -> list[dict[str, str]]:
    """Read the parts that are done: `code, kind, seed` and how many files ended with each code."""
    if not TABLE.exists():
        return []
    with TABLE.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def add_part(kind: str, seed: int, ended: Counter[int]) -> None:
    """Write one part more."""
    with TABLE.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow((code_of(kind), kind, seed, *(ended[code] for code in CODES)))
    print(kind, seed, dict(ended), flush=True)


if __name__ == "__main__":
    sys.exit(main())
