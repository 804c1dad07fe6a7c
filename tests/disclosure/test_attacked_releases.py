"""A curious reader attacks random sets of tables, released at once and in two releases."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))

import table_sets
from table_sets import TableSet, attack

SETS = (
    TableSet(((7, 40), (24, 30), (3, 55)), (30, 20, 50), "fft"),
    TableSet(((7, 40), (24, 30), (13, 55)), (44, 20, 50), "staff"),
    TableSet(((52, 52), (33, 9), (60, 41)), (60, 20, 90), "gss_default"),
)


@pytest.mark.parametrize("made", SETS, ids=lambda made: made.profile)
@pytest.mark.parametrize("releases", [1, 2])
def test_a_curious_reader_works_out_nothing(made: TableSet, releases: int) -> None:
    """Every unsafe number stays possible for an unsafe count, and every rounding for a rounded."""
    found = attack(made, releases=releases)
    assert found.refused or found.hidden
    assert (found.given_away, found.rounded_narrowed, found.undecided) == (0, 0, 0)


def test_without_second_cells_the_reader_works_counts_out() -> None:
    """The attack is able to find what is not protected."""
    found = [attack(made, releases=1, secondary=False) for made in SETS]
    assert sum(f.given_away for f in found) >= 2
    assert found[2].rounded_narrowed > 0


def test_two_releases_that_do_not_know_of_each_other_give_counts_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Were earlier releases left out of the proof, the same reader would find counts."""
    monkeypatch.setattr(table_sets, "Earlier", lambda parts, same: table_sets.NOTHING_EARLIER)
    found = [attack(made, releases=2) for made in SETS]
    assert sum(f.given_away + f.rounded_narrowed for f in found) > 0
