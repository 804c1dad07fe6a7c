"""The runs of simulations that stand, and which later code was seen to give the same answers."""

import csv
import math
from dataclasses import asdict, dataclass
from pathlib import Path

import pandas as pd

HERE = Path(__file__).resolve().parent
CHUNKS = HERE / "chunks.csv"
SAME = HERE / "same_answers.csv"
TOLERANCE = 1e-9
"""Largest relative difference of two sums that still are the same."""


@dataclass(frozen=True, slots=True)
class Chunk:
    """What one run of simulations added up to; `refused` were not estimated, with a message."""

    cell: str
    code: str
    first_seed: int
    simulations: int
    refused: int
    covered: int
    rejected: int
    truth: float
    sum_estimate: float
    sum_squares: float
    sum_error: float
    outcome_sd: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Same:
    """A cell whose code changed from `before` to `code` while its re-run answers did not."""

    cell: str
    code: str
    before: str
    simulations: int


def write_row(file: Path, row: Chunk | Same) -> None:
    """Add one row to a file, with a header where it is new."""
    values = asdict(row)
    new = not file.exists()
    with file.open("a", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, list(values), lineterminator="\n")
        if new:
            writer.writeheader()
        writer.writerow(values)


def read_chunks() -> pd.DataFrame:
    """Return all chunks, made by whatever code."""
    if not CHUNKS.exists():
        return pd.DataFrame(columns=list(Chunk.__dataclass_fields__))
    return pd.read_csv(CHUNKS, dtype={"code": str})


def read_same() -> list[Same]:
    """Return which code was seen to answer as code before it did."""
    if not SAME.exists():
        return []
    rows = pd.read_csv(SAME, dtype={"code": str, "before": str}).to_dict("records")
    return [Same(**{str(name): value for name, value in row.items()}) for row in rows]


def chunks_of(cell: str, code: str) -> pd.DataFrame:
    """Return a cell's chunks by this code, and by code before it that answered the same."""
    codes, waiting = {code}, [code]
    known = [same for same in read_same() if same.cell == cell]
    while waiting:
        now = waiting.pop()
        found = {same.before for same in known if same.code == now} - codes
        codes |= found
        waiting += found
    chunks = read_chunks()
    mine = chunks[(chunks["cell"] == cell) & chunks["code"].isin(codes)]
    return mine.drop_duplicates("first_seed", keep="last")


def last_before(cell: str, code: str, first_seed: int) -> Chunk | None:
    """Return the last chunk of these seeds by other code; none where there is one by this."""
    chunks = read_chunks()
    mine = chunks[(chunks["cell"] == cell) & (chunks["first_seed"] == first_seed)]
    if mine.empty or code in set(mine["code"]):
        return None
    return Chunk(**{str(name): value for name, value in mine.iloc[-1].items()})


def answers_alike(one: Chunk, other: Chunk) -> bool:
    """Say whether two runs of the same seeds gave the same answers."""
    counts = ("first_seed", "simulations", "refused", "covered", "rejected")
    sums = ("truth", "sum_estimate", "sum_squares", "sum_error", "outcome_sd")
    return all(getattr(one, n) == getattr(other, n) for n in counts) and all(
        _as_much(getattr(one, n), getattr(other, n)) for n in sums
    )


def _as_much(one: float, other: float) -> bool:
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=TOLERANCE, abs_tol=TOLERANCE)
