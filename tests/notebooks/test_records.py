"""The record of a run agrees with stored values, for several parameter files.

Each `parameters/<name>.yml` here is run; `expected/<name>.json` holds
`{"source": how the values were made, "claim": ..., "estimates": [{term, facet, group, method,
and the numbers that are compared}]}`. The stored rows are compared, others may stand beside them.
"""

import json
import math
from pathlib import Path
from typing import Any

import pytest

from evalkit.runs.run import run_study

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
FILES = sorted((HERE / "parameters").glob("*.yml"))
KEY = ("term", "outcome", "facet", "group", "period", "method")

# An estimate is linear algebra: machines differ in the last digits only. Its standard error and
# interval also take quantiles of t, and a bootstrap's draws depend on the order of sums.
ESTIMATE = 1e-6
STD_ERROR = 1e-5
BOUND = 1e-5
TOLERANCES = {
    "estimate": ESTIMATE,
    "std_error": STD_ERROR,
    "conf_low": BOUND,
    "conf_high": BOUND,
    "level": 0.0,
    "n": 0.0,
    "clusters": 0.0,
    "df": 0.0,
}

Row = dict[str, Any]


def key_of(row: Row) -> tuple[str, ...]:
    """Return what identifies an estimate; a missing part is the empty word."""
    return tuple("" if row.get(part) is None else str(row[part]) for part in KEY)


def agree(stored: Any, found: Any, tolerance: float) -> bool:
    """Tell whether two numbers agree; null agrees with null alone."""
    if stored is None or found is None:
        return stored is None and found is None
    return math.isclose(stored, found, rel_tol=0.0, abs_tol=tolerance)


def differences(stored: list[Row], found: list[Row]) -> list[str]:
    """Return each stored row that is missing or doubled, and each number that moved."""
    rows: dict[tuple[str, ...], list[Row]] = {}
    for row in found:
        rows.setdefault(key_of(row), []).append(row)
    problems = []
    for row in stored:
        matches = rows.get(key_of(row), [])
        if len(matches) != 1:
            problems.append(f"{key_of(row)}: found {len(matches)} times")
            continue
        for name in TOLERANCES.keys() & row.keys():
            if not agree(row[name], matches[0].get(name), TOLERANCES[name]):
                problems.append(f"{key_of(row)}: {name} was {row[name]}, is {matches[0].get(name)}")
    return problems


STORED = {
    "term": "x", "outcome": "y", "facet": "overall", "group": "all", "method": "within",
    "estimate": 0.1, "std_error": 0.02, "n": 10, "df": None,
}  # fmt: skip


def test_equal_rows_agree() -> None:
    """The same row agrees with itself, whatever else stands beside it."""
    other = STORED | {"method": "pooled", "estimate": 9.0}
    assert differences([STORED], [other, STORED | {"label": "more"}]) == []


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("estimate", 0.1 + 2e-6),
        ("std_error", 0.02 + 2e-5),
        ("n", 11),
        ("df", 9.0),
        ("estimate", None),
        ("estimate", float("nan")),
    ],
)
def test_a_moved_number_is_seen(name: str, value: float | None) -> None:
    """A number beyond its tolerance, or no longer a number, is reported by its name."""
    problems = differences([STORED], [STORED | {name: value}])
    assert len(problems) == 1
    assert f": {name} was" in problems[0]


def test_a_missing_or_doubled_row_is_seen() -> None:
    """A stored row must be found once."""
    assert "found 0 times" in differences([STORED], [])[0]
    assert "found 2 times" in differences([STORED], [STORED, STORED])[0]


def test_files_and_stored_values_are_pairs() -> None:
    """Each parameter file has stored values that say how they were made, and the reverse."""
    stored = sorted((HERE / "expected").glob("*.json"))
    assert [path.stem for path in FILES] == [path.stem for path in stored]
    for path in stored:
        values = json.loads(path.read_text(encoding="utf-8"))
        assert values["source"], path.name
        assert values["estimates"], path.name


@pytest.mark.slow
@pytest.mark.usefixtures("project")
@pytest.mark.parametrize("parameters", FILES, ids=lambda path: path.stem)
def test_record_agrees_with_stored_values(parameters: Path, forks: str | None) -> None:
    """Every stored estimate is found in the record within its tolerance, and the same claim."""
    stored = json.loads((HERE / "expected" / f"{parameters.stem}.json").read_text("utf-8"))
    sealed = run_study(parameters, warm=forks).sealed.folder
    record = json.loads((sealed / "record.json").read_text(encoding="utf-8"))
    assert record["finding"]["claim"] == stored["claim"]
    assert differences(stored["estimates"], record["estimates"]) == []
