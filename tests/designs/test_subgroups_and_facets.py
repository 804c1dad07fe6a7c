"""For whom, and which facet: differences first, Holm's adjustment, groups too small."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.designs import facets, lagged_panel, subgroup_effects
from evalkit.errors import AnalysisError
from evalkit.results import pick_row
from evalkit.study.schema import StaffWellbeing


@pytest.fixture
def grouped(simple: StaffWellbeing) -> StaffWellbeing:
    """Return parameters that name two groupings and one period of lag."""
    return simple.model_copy(update={"subgroups": ["big", "few"], "exposure_lag": 1})


@pytest.fixture
def panel(make_noisy: Callable[..., pd.DataFrame]) -> pd.DataFrame:
    """Return a panel whose slope is 0.5, and 1.5 in the group `big`; `few` has five trusts."""
    made = make_noisy(3, 0.5, trusts=160, periods=8, noise_sd=0.0)
    number = made["unit"].str[1:].astype(int)
    made["big"], made["few"] = number % 2 == 0, number < 5
    before = made.groupby("unit")["exposure"].shift(1)
    made.loc[made["big"], "outcome"] += before[made["big"]].fillna(0.0)
    return made


def test_difference_between_groups_is_recovered(
    panel: pd.DataFrame, grouped: StaffWellbeing
) -> None:
    """The interaction's interval holds the true difference of one."""
    table = subgroup_effects.estimate(panel, grouped).estimates
    difference = pick_row(table, group="big:difference")
    assert difference["conf_low"] < 1.0 < difference["conf_high"]
    assert difference["p_holm"] < 0.001
    yes, no = pick_row(table, group="big:yes"), pick_row(table, group="big:no")
    assert difference["estimate"] == pytest.approx(yes["estimate"] - no["estimate"])
    assert (yes["clusters"], no["clusters"]) == (80, 80)


def test_small_groups_are_left_out(panel: pd.DataFrame, grouped: StaffWellbeing) -> None:
    """A group of five trusts is not estimated; with no other, the table is empty."""
    table = subgroup_effects.estimate(panel, grouped).estimates
    assert not table["group"].str.startswith("few").any()
    alone = grouped.model_copy(update={"subgroups": ["few"]})
    assert subgroup_effects.estimate(panel, alone).estimates.empty


def test_difference_has_the_smaller_groups_degrees_of_freedom(
    panel: pd.DataFrame, grouped: StaffWellbeing
) -> None:
    """Of 12 trusts against 148, the difference is judged by t(11)."""
    number = panel["unit"].str[1:].astype(int)
    table = subgroup_effects.estimate(panel.assign(few=number < 12), grouped).estimates
    assert pick_row(table, group="few:difference")["df"] == 11
    assert pick_row(table, group="few:no")["df"] == 147


def test_a_group_that_changes_is_refused(panel: pd.DataFrame, grouped: StaffWellbeing) -> None:
    """A trust that moves from one group to the other belongs to neither."""
    moving = panel.assign(few=panel["time"] > 3)
    with pytest.raises(AnalysisError, match="few changes over time in 160 trusts"):
        subgroup_effects.estimate(moving, grouped)


def test_labels_and_methods_say_what_was_done(panel: pd.DataFrame, grouped: StaffWellbeing) -> None:
    """A difference says which less which; without noise to remove none is said to be removed."""
    table = subgroup_effects.estimate(panel, grouped).estimates
    assert table["label"].tolist() == ["Big: yes", "Big: no", "Big: yes less no"]
    assert set(table["method"]) == {"within"}


def test_holm_by_hand(panel: pd.DataFrame, grouped: StaffWellbeing) -> None:
    """Of two groupings, the smaller p-value is doubled and the larger is not below it."""
    both = panel.assign(few=panel["unit"].str[-1].astype(int) < 5)
    table = subgroup_effects.estimate(both, grouped).estimates
    from scipy import stats

    rows = table[table["p_holm"].notna()].set_index("group")
    raw = 2 * stats.t.sf(np.abs(rows["estimate"] / rows["std_error"]), rows["df"])
    low = int(np.argmin(raw))
    assert rows["p_holm"].iloc[low] == pytest.approx(min(2 * raw[low], 1))
    assert rows["p_holm"].iloc[1 - low] == pytest.approx(max(2 * raw[low], raw[1 - low]))


def test_each_facet_is_the_primary_comparison(panel: pd.DataFrame, grouped: StaffWellbeing) -> None:
    """A facet's row equals the primary comparison with that facet as the outcome."""
    two = panel.assign(relational=2 * panel["outcome"], felt=panel["outcome"])
    table = facets.estimate(two, grouped).estimates
    assert table["facet"].tolist() == ["overall", "relational", "felt"]
    headline = lagged_panel.estimate(two, grouped).headline
    by_facet = table.set_index("facet")["estimate"]
    assert by_facet["overall"] == pytest.approx(headline["estimate"])
    assert by_facet["relational"] == pytest.approx(2 * headline["estimate"])
