"""Make docs/faults.md of the table of faults and of the figures of `make kills` and `make fuzz`."""

import argparse
import csv
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import yaml

FOLDER = Path(__file__).resolve().parent
PAGE = FOLDER.parents[1] / "docs" / "faults.md"
STATES = ("held", "refused")
WORDS = {
    "held": "all that is expected is held by a test",
    "refused": "part of it is not done, and the row says why",
}
HEAD = """# What can go wrong, and what then happens

Made by `python tests/faults/page.py` of `tests/faults/matrix.yml`, which a test holds to the tests
that it names. Exit codes are those of `src/evalkit/errors.py`; a message says where, what and what
to do, and repeats no value of the data.
"""


def main() -> int:
    """Write the page."""
    argparse.ArgumentParser(description=__doc__).parse_args()
    PAGE.write_text(make_page(), encoding="utf-8")
    return 0


def read_matrix() -> list[dict[str, Any]]:
    """Read the rows: `row, input, expected, result, state, refusal, tests`."""
    rows: list[dict[str, Any]] = yaml.safe_load((FOLDER / "matrix.yml").read_text("utf-8"))
    return rows


def make_page() -> str:
    """Return the page: how many rows are held, the figures, and the rows."""
    rows = read_matrix()
    parts = [HEAD, _counts(rows), _figures(), *map(_row, rows)]
    return "\n".join(parts)


def _counts(rows: list[dict[str, Any]]) -> str:
    counted = Counter(row["state"] for row in rows)
    lines = [f"| {state} | {counted[state]} | {WORDS[state]} |" for state in STATES]
    return "\n".join([f"## {len(rows)} rows", "", "| | Rows | |", "|---|---|---|", *lines, ""])


def _figures() -> str:
    lines = ["## Figures", "", *_kills(), *_fuzz()]
    return "\n".join([*lines, ""])


def _kills() -> list[str]:
    path = FOLDER / "kills.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    made = Counter(row["kind"] for row in rows)
    well = Counter(row["kind"] for row in rows if row["outcome"] == "survived")
    told = " and ".join(f"{well[k]} of {made[k]} of a {k}" for k in sorted(made))
    under_way = sum(row["kind"] == "sweep" and int(row["sealed"]) > 0 for row in rows)
    return [
        f"- Killed outright at random moments (`make kills`, which goes on to 20 of each): {told} "
        "were survived, with the same records byte for byte after the next run and no process "
        f"after ten seconds. {under_way} of the sweeps had sealed some of their runs by then.",
    ]


def _fuzz() -> list[str]:
    with (FOLDER / "fuzz.csv").open(newline="", encoding="utf-8") as file:
        parts = list(csv.DictReader(file))
    lines = []
    for kind, called in (("parameters", "parameter"), ("data", "data")):
        own = [part for part in parts if part["kind"] == kind]
        codes = [name for name in parts[0] if name.startswith("exit_")]
        ended = {name.removeprefix("exit_"): sum(int(p[name]) for p in own) for name in codes}
        told = ", ".join(f"{n:,} with {code}" for code, n in ended.items() if n)
        lines.append(
            f"- Random {called} files (`make fuzz`): {sum(ended.values()):,} were read and ended "
            f"with these exit codes: {told}. No crash, no traceback, no value of the data in a "
            "message."
        )
    return lines


def _row(row: dict[str, Any]) -> str:
    refusal = [f"- Refused: {row['refusal']}."] if "refusal" in row else []
    lines = [
        f"## {row['row']}. {row['input']}",
        "",
        f"- Expected: {row['expected']}.",
        f"- What happens: {row['result']}. ({row['state']})",
        *refusal,
        *(f"- `{test}`" for test in row["tests"]),
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
