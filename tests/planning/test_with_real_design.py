"""Planning with a design of the workbench in place of the small one."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from evalkit.designs.difference_in_differences import estimate
from evalkit.planning.specification_curve import infer_jointly, tabulate_specifications
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

Make = Callable[..., pd.DataFrame]


def test_choices_of_inference_are_alternatives(
    make: Make, parameters: DifferenceInDifferences
) -> None:
    """The design's own choices may differ; its estimate is one, its interval is not."""
    table = make(units=20, treated=10)
    allowed = {"inference": ["cr2", "clustered"], "weight_by": ["people"]}
    frame, missing = tabulate_specifications(table, parameters, estimate, allowed)
    assert (len(frame), missing) == (6, 0)
    rows = frame[frame["weight_by"] == "rows"].set_index("inference")
    assert np.ptp(rows["estimate"]) < 1e-9
    assert rows.loc["CR2 errors", "conf_low"] != rows.loc["clustered errors", "conf_low"]
    assert frame["main"].sum() == 1


def test_curve_with_an_effect_is_no_chance(make: Make, parameters: DifferenceInDifferences) -> None:
    """All analyses find the effect, and permuted clusters show nothing like it."""
    table = make(units=20, treated=10)
    found = infer_jointly(table, parameters, estimate, {"inference": ["clustered"]}, draws=19)
    assert (found["p_value"] == 1 / 20).all()
