"""Made-up trusts for synthetic control: what they hold, and that the truth is in them."""

import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.synthetic_control import FIELDS, SHARES, make_world


def test_columns_are_described_and_synthetic() -> None:
    """Every column of a world has its description, and every row says that it is made up."""
    table = make_world("effect", 1, trusts=12).table
    assert list(table) == list(FIELDS)
    assert table["trust_name"].str.startswith("Synthetic").all()
    assert table["trust"].nunique() == 12
    assert table.groupby("trust")["carers_offer"].nunique().eq(1).all()


def test_the_same_seed_makes_the_same_world() -> None:
    """A seed gives one world, another seed another."""
    one, two, other = (make_world("null", seed).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["overall"].equals(other["overall"])


@pytest.mark.parametrize("facet", list(SHARES))
def test_the_effect_is_in_each_facet_by_its_share(facet: str) -> None:
    """With many trusts, those with the offer change more than the others by the truth."""
    world = make_world("effect", 3, trusts=400, treated=200, answers=20_000.0)
    table, true = world.table, 0.4 * SHARES[facet]
    after = table["quarter"] >= str(world.truth["start"])
    change = [
        table.loc[mask & after, facet].mean() - table.loc[mask & ~after, facet].mean()
        for mask in (table["carers_offer"], ~table["carers_offer"])
    ]
    assert world.truth["effect"][facet] == pytest.approx(true)  # type: ignore[index]
    assert change[0] - change[1] == pytest.approx(true, abs=0.05)


def test_the_poor_fit_lies_above_all_others() -> None:
    """The trust that no mixture can match has the best experience of all, long before the start."""
    table = make_world("poor_fit", 2).table
    before = table[table["quarter"] < "2023Q1"].groupby("trust")["overall"].mean()
    had = table.loc[table["carers_offer"], "trust"].iloc[0]
    assert before.idxmax() == had
    assert before[had] - before.drop(had).max() > 0.4


def test_placebo_outcomes_and_neighbours_are_spared() -> None:
    """Parking does not move with the offer, and only trusts without it are its neighbours."""
    table = make_world("effect", 4).table
    assert not (table["borders_it"] & table["carers_offer"]).any()
    assert table.loc[table["borders_it"], "trust"].nunique() == 6
