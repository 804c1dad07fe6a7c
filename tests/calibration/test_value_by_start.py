"""What is planted where wards began at two times is what the study says that it estimates."""

import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
import value_by_start as by_start

from evalkit.synthetic.linked.places import MONTHS, Size

EXACT = 1e-9  # the same answers, people and weights: what is planted comes out to rounding


def test_gains_of_two_starts_come_out_weighted_by_people_since(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """What planting adds to the estimate is the mean of the gains by the people cared for since."""
    monkeypatch.setattr(by_start, "SIZE", Size(2300, 12, 4))
    found = {(one.world, one.what): one for one in by_start.find(3)}
    plain, apart = (found[world, "gain"] for world in by_start.GAINS)
    assert plain.truth == 0.0
    assert 0.3 < apart.truth < 0.6
    assert apart.estimate - plain.estimate == pytest.approx(apart.truth, abs=EXACT)


def test_wards_of_a_trust_begin_together_and_three_trusts_early() -> None:
    """Half of the trusts that have it begin early, with all their wards; nobody else begins."""
    places = by_start.make_places(by_start.WORLDS["null"], 1, Size(2300, 12, 4))
    parameters = by_start.study(by_start.TOPIC)
    units = by_start.tables_of(places, parameters, {"units": "wards"})["units"]
    begun = by_start.begin_at_two_times(units)
    assert (begun["start"].isna() == units["start"].isna()).all()
    by_trust = begun.dropna(subset=["start"]).groupby("provider")["start"].unique()
    starts = [*map(tuple, by_trust)]
    assert sorted(starts) == sorted([(MONTHS[n],) for n in by_start.STARTS for _ in range(3)])
