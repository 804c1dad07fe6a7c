"""Made-up carers: what they hold, who takes the offer up, and that the truth is in them."""

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.design_worlds.weighted_comparison import (
    FIELDS,
    ON_TAKE_UP,
    SHARES,
    make_world,
    true_effects,
)
from evalkit.synthetic.files import describe_package, write_design_world

DESIGN, MANY = "weighted_comparison", 200_000


@pytest.fixture(scope="module")
def many() -> pd.DataFrame:
    """Return so many carers that chance hardly moves a coefficient."""
    return make_world("effect", 1, carers=MANY, practices=2000).table


def differ(table: pd.DataFrame, column: str) -> float:
    """Return how far those with the navigator are from the others, in standard deviations."""
    means = table.groupby("navigator")[column].mean()
    return float((means[True] - means[False]) / table[column].std())


def held_fixed(table: pd.DataFrame, outcome: str) -> float:
    """Return the coefficient of the navigator with the measured causes held fixed."""
    columns = [np.ones(len(table)), table["navigator"], *(table[name] for name in ON_TAKE_UP)]
    design = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    return float(np.linalg.lstsq(design, table[outcome].to_numpy(), rcond=None)[0][1])


def test_columns_are_described_and_synthetic() -> None:
    """Every column has its description, and every row says that it is made up but not whose."""
    table = make_world("effect", 1).table
    assert list(table) == list(FIELDS)
    assert table["practice_name"].str.startswith("Synthetic").all()
    assert table["practice"].nunique() == 60
    assert not {"carer", "name", "person"} & set(table)


def test_the_package_describes_this_designs_own_columns(tmp_path: Path) -> None:
    """A name that other designs use for another thing is told as what it is here."""
    files = write_design_world(make_world("effect", 1, carers=100), tmp_path / DESIGN)
    package: dict[str, Any] = describe_package(tmp_path, files, 1)
    told = {f["name"]: f["description"] for f in package["resources"][0]["schema"]["fields"]}
    assert told == {name: words for name, (_, words) in FIELDS.items()}


def test_the_same_seed_makes_the_same_world() -> None:
    """A seed gives one world, another seed another."""
    one, two, other = (make_world("null", seed, carers=500).table for seed in (1, 1, 2))
    pd.testing.assert_frame_equal(one, two)
    assert not one["overall"].equals(other["overall"])


def test_those_who_take_it_up_are_worse_off(many: pd.DataFrame) -> None:
    """They care for longer, for frailer people, and fared worse a year earlier; a third do."""
    assert many["navigator"].mean() == pytest.approx(0.36, abs=0.03)
    assert differ(many, "hours") > 0.4
    assert differ(many, "frailty") > 0.3
    assert differ(many, "earlier") < -0.3
    assert differ(many, "deprivation") < -0.2


@pytest.mark.parametrize("facet", list(SHARES))
def test_the_truth_is_there_once_causes_are_held_fixed(many: pd.DataFrame, facet: str) -> None:
    """Regression on the measured causes finds the true effect, which plain means do not."""
    true = true_effects("effect")["overlap"][facet]
    assert held_fixed(many, facet) == pytest.approx(true, abs=0.03)
    assert differ(many, facet) * many[facet].std() < true - 0.3


def test_parking_cannot_be_moved(many: pd.DataFrame) -> None:
    """Parking differs between the groups as they are, and not once causes are held fixed."""
    assert differ(many, "parking") < -0.1
    assert held_fixed(many, "parking") == pytest.approx(0, abs=0.03)


def test_a_hidden_cause_leaves_a_difference_without_an_effect() -> None:
    """In the trap the true effect is nought, and measured causes do not account for all."""
    table = make_world("unmeasured_cause", 1, carers=MANY, practices=2000).table
    assert set(true_effects("unmeasured_cause")["overlap"].values()) == {0.0}
    assert held_fixed(table, "overall") > 0.15
    assert held_fixed(table, "parking") == pytest.approx(0, abs=0.03)


def test_uneven_effects_are_larger_among_those_who_take_it_up() -> None:
    """Frailer carers gain more and take it up more, so whom one asks about matters."""
    true = true_effects("uneven")
    sizes = [true[whom]["overall"] for whom in ("treated", "overlap", "everyone")]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] - sizes[2] > 0.05
