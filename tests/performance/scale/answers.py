"""Make as many answers as are asked for, piece by piece, from the levels of a linked world.

Trusts, their true levels and who has the programme are those of the world `effect_relational`; each
answer is drawn about the level of its trust and month as the world draws people's. A row is an
answer: `trust, month, programme, deprived, age, score`. What is not needed (the sixteen items of a
whole questionnaire) is left out, so that fifty million answers take minutes and not hours.
"""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.draws import spread_people
from evalkit.synthetic.linked.places import MONTHS, START, Places, Size, make_places

WORLD, SEED, TRUSTS = "effect_relational", 20260301, 200
PIECE = 1_000_000
MOST_DEPRIVED, GAP, PER_YEAR = 0.2, -0.35, 0.004


def write_answers(path: Path, rows: int, *, trusts: int = TRUSTS) -> None:
    """Write so many answers as Parquet, a piece of a million at a time."""
    places = make_places(WORLDS[WORLD], SEED, Size(trusts=trusts))
    writer = None
    for first in range(0, rows, PIECE):
        table = make_piece(places, first // PIECE, min(PIECE, rows - first))
        writer = writer or pq.ParquetWriter(path, table.schema)
        writer.write_table(table)
    if writer is not None:
        writer.close()


def make_piece(places: Places, piece: int, rows: int) -> pa.Table:
    """Make one piece from a seed of its own."""
    rng = np.random.default_rng([SEED, piece])
    trusts, wards = places.size.trusts, places.size.wards
    trust, month = rng.integers(0, trusts, rows), rng.integers(0, len(MONTHS), rows)
    level = places.experience.mean(axis=0).reshape(len(MONTHS), trusts, wards).mean(axis=2)
    deprived = rng.random(rows) < MOST_DEPRIVED
    age = rng.integers(16, 96, rows)
    mean = level[month, trust] + GAP * deprived + PER_YEAR * (age - 56)
    score = spread_people(np.clip(mean, 0.5, 9.7), rng.normal(size=rows)).round(2)
    codes = [places.code_of(number) for number in range(trusts)]
    return pa.table(
        {
            "trust": pa.DictionaryArray.from_arrays(pa.array(trust, pa.int32()), codes),
            "month": pa.DictionaryArray.from_arrays(pa.array(month, pa.int32()), list(MONTHS)),
            "programme": places.treated_trusts[trust],
            "deprived": deprived,
            "age": age.astype(np.int16),
            "score": score,
        }
    )


def start_of_trust(trusts: int = TRUSTS) -> dict[str, float]:
    """Give the calendar index of each trust's first month with the programme; NaN for never."""
    places = make_places(WORLDS[WORLD], SEED, Size(trusts=trusts))
    first = float(int(MONTHS[START][:4]) * 12 + int(MONTHS[START][5:]) - 1)
    return {
        places.code_of(number): first if places.treated_trusts[number] else float("nan")
        for number in range(trusts)
    }
