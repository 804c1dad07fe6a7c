"""The worlds of the stepped wedge: who starts when, what it does, and what is hidden."""

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.stepped_wedge import FIELDS, WORLDS, make_world


def cells(name: str, seed: int, **size: float) -> pd.DataFrame:
    """Return overall experience, a row a ward and a column a quarter."""
    made = make_world(name, seed, **size)
    return made.table.pivot_table(index="ward", columns="quarter", values="overall")


def starts(name: str, seed: int) -> "pd.Series[str]":
    """Return the first quarter with the pathway of each ward."""
    table = make_world(name, seed).table
    return table.groupby("ward")["pathway_from"].first()


@pytest.mark.parametrize("name", WORLDS)
def test_a_seed_fixes_a_world(name: str) -> None:
    """The same seed gives the same rows, each with its word, in columns that are described."""
    one, again, other = (make_world(name, seed).table for seed in (3, 3, 4))
    pd.testing.assert_frame_equal(one, again)
    assert not one.equals(other)
    assert one["ward_name"].str.contains("Synthetic").all()
    assert set(one) <= set(FIELDS)


def test_three_wards_start_at_each_of_four_steps() -> None:
    """Twelve wards over eight quarters; the lot differs from seed to seed."""
    first = starts("effect", 3)
    assert first.value_counts().sort_index().to_dict() == dict.fromkeys(
        ["2022Q3", "2022Q4", "2023Q1", "2023Q2"], 3
    )
    assert not first.equals(starts("effect", 4))
    assert cells("effect", 3).shape == (12, 8)


def test_half_start_at_once_in_parallel() -> None:
    """Four of eight wards start in one quarter; the others never do."""
    first = starts("parallel", 3)
    assert first.notna().sum() == first.isna().sum() == 4
    assert len(set(first.dropna())) == 1


def test_effects_are_as_the_truth_says() -> None:
    """With many answers, wards with it less those without differ by what truth states."""
    tables = [make_world("effect", seed, answers=4000.0).table for seed in range(40)]
    rows = pd.concat(t.assign(seed=s) for s, t in enumerate(tables))
    rows = rows[rows["quarter"] == "2022Q4"]
    rows["on"] = rows["pathway_from"] <= "2022Q4"
    gaps = rows.groupby("on")[["overall", "relational", "functional"]].mean().diff().loc[True]
    assert gaps.to_numpy() == pytest.approx([0.4, 0.6, 0.2], abs=0.07)


def test_growth_is_averaged_in_the_truth() -> None:
    """From 0.1 by 0.15 over six quarters: 0.475 on average, half as much again for relational."""
    truth = make_world("exposure_grows", 3).truth["effect"]
    assert truth == pytest.approx(
        {"overall": 0.475, "relational": 0.7125, "functional": 0.2375, "felt": 0.475}
    )


def test_the_poorest_start_first_and_get_more_staff() -> None:
    """Wards that start first were poorer before, and gain most while the roll-out goes on."""
    early, gain = [], []
    for seed in range(20):
        values, first = cells("worst_first", seed), starts("worst_first", seed)
        poor = (first <= "2022Q4").to_numpy()
        before, during = values["2022Q2"], values["2022Q4"]
        early.append(before[poor].mean() - before[~poor].mean())
        gain.append((during - before)[poor].mean() - (during - before)[~poor].mean())
    assert np.mean(early) < -0.3
    assert np.mean(gain) > 0.6


def test_what_lasts_and_what_does_not() -> None:
    """Of what a ward's quarters share, all or four fifths lasts, as asked."""
    for lasts in (0.8, 1.0):
        size = {"wards": 400, "answers": 4000.0, "autocorrelation": lasts}
        values = cells("null", 3, **size)
        correlation = values["2022Q1"].corr(values["2023Q4"])
        assert correlation == pytest.approx(lasts, abs=0.05)


def test_people_answer_yes_or_no() -> None:
    """About three in four would recommend their ward; with the pathway 12 in a hundred more."""
    tables = pd.concat(make_world("people", seed).table for seed in range(10))
    on = tables["pathway_from"] <= tables["quarter"]
    shares = tables["recommends"].groupby(on).mean()
    assert tables["recommends"].dtype == bool
    assert shares[False] == pytest.approx(0.75, abs=0.03)
    assert shares[True] - shares[False] == pytest.approx(0.12, abs=0.03)
