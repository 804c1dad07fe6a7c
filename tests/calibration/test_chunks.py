"""Simulations stand for later code only where re-run seeds gave the same answers."""

import sys
from dataclasses import replace
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import calibrate
import chunks
from chunks import Chunk, chunks_of, write_row

FIRST = Chunk("a/b", "old", 0, 100, 0, 95, 5, 0.3, 1.5, 2.5, 10.0, 1.0, 0.5)


@pytest.fixture(autouse=True)
def own_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Write into a folder of the test's own."""
    for module in (chunks, calibrate):
        monkeypatch.setattr(module, "CHUNKS", tmp_path / "chunks.csv")
        monkeypatch.setattr(module, "SAME", tmp_path / "same_answers.csv")
    write_row(chunks.CHUNKS, FIRST)
    write_row(chunks.CHUNKS, replace(FIRST, first_seed=100))


def test_chunks_stand_for_code_that_answers_the_same() -> None:
    """A re-run chunk that adds up to the same lets the others stand, over several changes."""
    calibrate.write_chunk(replace(FIRST, code="new", seconds=2.0))
    calibrate.write_chunk(replace(FIRST, code="newer", seconds=2.0))
    assert set(chunks_of("a/b", "newer")["first_seed"]) == {0, 100}
    assert len(chunks_of("a/b", "newer")) == 2


@pytest.mark.parametrize("change", [{"covered": 94}, {"sum_estimate": 1.5001}, {"refused": 1}])
def test_chunks_do_not_stand_for_code_that_answers_otherwise(change: dict[str, float]) -> None:
    """One answer more or less, or a sum that moved, and all is to be asked again."""
    calibrate.write_chunk(replace(FIRST, code="new", **change))
    assert list(chunks_of("a/b", "new")["first_seed"]) == [0]


def test_another_cells_chunks_do_not_stand() -> None:
    """What was seen of one cell says nothing about another."""
    calibrate.write_chunk(replace(FIRST, code="new"))
    write_row(chunks.CHUNKS, replace(FIRST, cell="a/c"))
    assert chunks_of("a/c", "new").empty
