"""Gaps by deprivation: by hand, within and between providers, and combinations drawn to zero."""

import numpy as np
import pandas as pd
import pytest

from evalkit.equity.gaps import split_gap, tabulate_gaps
from evalkit.equity.groups import add_groups
from evalkit.equity.strata import fit_strata
from evalkit.results import pick_row
from tests.equity.conftest import Maker

LEVEL, ALIKE = 0.95, 1e-9
BOUNDS = (0.0, 10.0)


def concentrated() -> pd.DataFrame:
    """Return three providers, each with no gap inside: the poorest are cared for in the worst."""
    rows = [
        (provider, decile, level)
        for provider, level, poor in (("x", 5.0, 8), ("y", 7.0, 4), ("z", 9.0, 2))
        for decile in [1] * poor + [9] * (10 - poor)
    ]
    frame = pd.DataFrame(rows, columns=["provider", "deprivation_decile", "outcome"])
    return add_groups(frame.assign(unit=[f"u{i % 5}" for i in range(len(frame))]))


def test_the_gap_is_the_difference_of_means() -> None:
    """Mean of the 14 poorest less that of the 16 others, and their ratio the other way."""
    gaps = tabulate_gaps(concentrated(), BOUNDS, LEVEL)
    poorest, rest = (8 * 5 + 4 * 7 + 2 * 9) / 14, (2 * 5 + 6 * 7 + 8 * 9) / 16
    assert pick_row(gaps, measure="gap")["estimate"] == pytest.approx(poorest - rest)
    assert pick_row(gaps, measure="ratio")["estimate"] == pytest.approx(rest / poorest)


def test_a_gap_from_who_is_cared_for_where_lies_between_providers() -> None:
    """With no gap inside any provider, all of it lies between them."""
    parts = split_gap(concentrated(), LEVEL).set_index("part")["estimate"]
    assert parts["within"] == pytest.approx(0, abs=ALIKE)
    assert parts["between"] == pytest.approx(parts["total"])


def test_two_providers_cannot_be_told_apart_from_chance() -> None:
    """With two providers there is no table: nothing would show how far they vary."""
    frame = concentrated()
    assert split_gap(frame[frame["provider"] != "z"], LEVEL).empty


def test_noise_alone_leaves_combinations_where_their_parts_put_them(maker: Maker) -> None:
    """Where combinations have nothing of their own, what stands apart is drawn near zero."""
    answers, _ = maker(3)
    strata = fit_strata(answers, ["deprivation", "ethnic_group", "sex"], LEVEL, 30)
    assert len(strata.table) == 30
    assert strata.table["apart"].abs().max() < 0.1
    assert strata.between < 0.02


def test_a_combination_that_stands_apart_is_found(maker: Maker) -> None:
    """One stratum two points worse than its parts keeps most of that, and its interval says so."""
    answers, _ = maker(4)
    chosen = (answers["deprivation"] == "Third fifth") & (answers["sex"] == "male")
    chosen &= answers["ethnic_group"] == "Black"
    lower = answers.assign(outcome=answers["outcome"] - 2.0 * chosen)
    table = fit_strata(lower, ["deprivation", "ethnic_group", "sex"], LEVEL, 30).table
    worst = table.iloc[0]
    assert worst["stratum"] == "Third fifth, Black, male"
    assert worst["apart_high"] < 0
    assert np.isclose(worst["apart"], -1.6, atol=0.5)


def test_too_few_combinations_give_no_table(maker: Maker) -> None:
    """Two strata are not enough to tell how strata vary."""
    answers, _ = maker(5, people=500)
    assert fit_strata(answers, ["sex"], LEVEL, 30).table.empty
