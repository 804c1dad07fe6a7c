"""Sites of a stepped wedge and of interrupted series: each a study of its own, then pooled."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.data.design_table import make_table
from evalkit.data.sources import Source
from evalkit.designs import interrupted_time_series, stepped_wedge
from evalkit.designs.by_site import estimate_by_site
from evalkit.fits.pooling import fit_pooled
from evalkit.study.parameters import validate
from evalkit.study.yaml_file import read_yaml_file

ROOT = Path(__file__).resolve().parents[2]
REGIONS = ["A", "B", "C", "D"]
EFFECTS = np.array([0.2, 0.3, 0.4, 0.5])
QUARTERS = [f"{year}Q{part}" for year in (2022, 2023) for part in range(1, 5)]
MONTHS = [f"{year}-{part:02d}" for year in (2021, 2022, 2023) for part in range(1, 13)]


def wedge() -> pd.DataFrame:
    """Return four regions of eight wards, two starting at each of four steps."""
    rng = np.random.default_rng(3)
    rows = pd.MultiIndex.from_product([range(4), range(8), range(8)]).to_frame(index=False)
    region, ward, time = (rows[name].to_numpy() for name in range(3))
    start = 2 + ward % 4
    level = rng.normal(0, 0.2, 32)[region * 8 + ward] + 0.02 * time
    gained = EFFECTS[region] * (time >= start)
    return pd.DataFrame(
        {
            "region": np.array(REGIONS)[region],
            "unit": [f"{one}{two}" for one, two in zip(region, ward, strict=True)],
            "period": np.array(QUARTERS)[time],
            "outcome": 7 + level + gained + rng.normal(0, 0.1, len(rows)),
            "first_treated": np.array(QUARTERS)[start],
        }
    )


def series() -> pd.DataFrame:
    """Return four regions of one series that changes in the 19th month, and one beside it."""
    rng = np.random.default_rng(4)
    rows = pd.MultiIndex.from_product([range(4), [False, True], range(36)]).to_frame(index=False)
    region, control, time = (rows[name].to_numpy() for name in range(3))
    gained = 10 * EFFECTS[region] * ((time >= 18) & ~control.astype(bool))
    return pd.DataFrame(
        {
            "region": np.array(REGIONS)[region],
            "unit": [f"{one}{two}" for one, two in zip(region, control, strict=True)],
            "period": np.array(MONTHS)[time],
            "outcome": 70 + 3.0 * region + gained + rng.normal(0, 0.6, len(rows)),
            "outcome_base": 4000.0,
            "control": control,
        }
    )


CASES = [
    (stepped_wedge, wedge, {"placebo_outcomes": []}, 1.0),
    (
        interrupted_time_series,
        series,
        {"start_period": "2022-07", "level_at_periods": 6, "placebo_outcomes": []},
        10.0,
    ),
]


def asked(design: Any, make: Callable[[], pd.DataFrame], changes: dict[str, Any]) -> Any:
    """Return a design's table and its study asked by region, through the rules of its file."""
    name, frame = design.__name__.rsplit(".", 1)[1], make()
    values = read_yaml_file(ROOT / "parameters" / f"{name}.yml")
    columns = {str(role): str(role) for role in frame}
    own = {"pool_by": "region", "data_columns": columns, "subgroups": [], "alternatives": {}}
    parameters = validate(values | own | changes, "x.yml")
    source = Source("data", "tre10", "table", frame, "0" * 64, len(frame), synthetic=True)
    return make_table({"data": source}, parameters), parameters


@pytest.mark.parametrize(("design", "make", "changes", "scale"), CASES, ids=["wedge", "series"])
def test_each_region_is_a_study_of_its_own_and_all_are_pooled(
    design: Any, make: Callable[[], pd.DataFrame], changes: dict[str, Any], scale: float
) -> None:
    """A region's row is the design on its rows alone; the pooled row is random effects of these."""
    table, parameters = asked(design, make, changes)
    found = estimate_by_site(table, parameters, design.estimate)
    assert found is not None
    rows = found.table.set_index("label")
    for name in REGIONS:
        alone = design.estimate(table[table["region"] == name], parameters).headline
        for number in ("estimate", "std_error", "conf_low", "conf_high"):
            assert rows.loc[name, number] == pytest.approx(alone[number], rel=1e-12)
    own = rows.loc[REGIONS]
    pooled = fit_pooled(own["estimate"].to_numpy(float), own["std_error"].to_numpy(float) ** 2)
    together = rows.loc["All sites, pooled"]
    assert together["estimate"] == pytest.approx(pooled.effect.estimate, rel=1e-12)
    assert together["conf_low"] < scale * EFFECTS.mean() < together["conf_high"]
    new = rows.loc["A new site like these"]
    assert new["conf_high"] - new["conf_low"] > together["conf_high"] - together["conf_low"]
