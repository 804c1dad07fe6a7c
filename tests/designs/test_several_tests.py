"""Several facets or groups at once: by Holm, or by how they move together, as the study says."""

from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data import make_table, read_sources
from evalkit.designs.by_facet import estimate_facets
from evalkit.designs.by_group import estimate_groups
from evalkit.designs.difference_in_differences import estimate
from evalkit.errors import AnalysisError, ParameterError
from evalkit.record.design_tables import tell_several
from evalkit.study import load_parameters
from evalkit.study.parameters import validate
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences
from evalkit.study.yaml_file import read_yaml_file

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "parameters"


@cache
def study() -> DifferenceInDifferences:
    """Return the embedded study, with its tests adjusted together."""
    loaded = load_parameters(FOLDER / "difference_in_differences.yml")
    assert isinstance(loaded, DifferenceInDifferences)
    return loaded.model_copy(update={"multiplicity": "romano_wolf"})


@cache
def table() -> pd.DataFrame:
    """Return 24 of the study's wards, whose facets share the wards' ups and downs."""
    whole = make_table(read_sources(study()), study())
    had = whole.drop_duplicates("unit").set_index("unit")["first_treated"].notna()
    kept = [*had.index[had][:12], *had.index[~had][:12]]
    made = whole[whole["unit"].isin(kept)].reset_index(drop=True)
    luck = np.random.default_rng(8).normal(0, 1.0, made["unit"].nunique())
    late = (made["time"] >= made["first_treated"].min()).to_numpy()
    shared = luck[pd.factorize(made["unit"])[0]] * late
    for place, facet in enumerate(("relational", "functional", "felt")):
        own = np.random.default_rng(place).normal(0, 0.3, len(made))
        made[facet] = 5 + shared + own + 0.6 * made["treated"]
    return made


def test_facets_that_move_together_cost_less_than_by_holm() -> None:
    """Between each facet's own p-value and Holm's, and the table says which method it was."""
    joint = estimate_facets(table(), study(), estimate)
    holm = estimate_facets(table(), study().model_copy(update={"multiplicity": "holm"}), estimate)
    assert "p_holm" not in joint
    assert np.isnan(joint["p_romano_wolf"].iloc[0])
    own, together, apart = (
        frame[name].to_numpy(float)[1:]
        for frame, name in ((joint, "p_value"), (joint, "p_romano_wolf"), (holm, "p_holm"))
    )
    assert (together >= own - 0.02).all()
    assert together.min() < 0.7 * apart.min()
    assert "Romano and Wolf" in tell_several(joint)
    assert "Holm" in tell_several(holm)
    kept = ["estimate", "std_error", "p_value"]
    pd.testing.assert_frame_equal(joint[kept], holm[kept])


def test_groups_are_adjusted_together_over_all_subgroups() -> None:
    """A subgroup asked twice under two names costs nothing, where Holm would double it."""
    twice = table().assign(again=table()["more_deprived"])
    asked = study().model_copy(update={"subgroups": ["more_deprived", "again"]})
    found = estimate_groups(twice, asked, estimate)
    rows = found[found["term"] == "difference"]
    assert rows["p_romano_wolf"].to_numpy() == pytest.approx(rows["p_value"].to_numpy(), abs=0.05)
    holm = estimate_groups(twice, asked.model_copy(update={"multiplicity": "holm"}), estimate)
    assert holm["p_holm"].iloc[0] == pytest.approx(min(1.0, 2 * rows["p_value"].iloc[0]))


def test_one_cluster_alone_with_it_is_refused() -> None:
    """Without the only ward that had it nothing can be estimated, nor how tests move."""
    had = table()["first_treated"].notna()
    one = had & (table()["unit"] == table().loc[had, "unit"].iloc[0])
    with pytest.raises(AnalysisError, match=r"multiplicity \(romano_wolf\): .* Use holm"):
        estimate_facets(table()[one | ~had], study(), estimate)


@pytest.mark.parametrize("design", ["interrupted_time_series", "synthetic_control", "mediation"])
def test_designs_whose_errors_rest_on_no_clusters_refuse_it(design: str) -> None:
    """It is said which method to use."""
    values = read_yaml_file(FOLDER / f"{design}.yml")
    with pytest.raises(ParameterError, match=r"multiplicity: romano_wolf needs errors .* Use holm"):
        validate({**values, "multiplicity": "romano_wolf"}, "x.yml")
