"""P-values of several tests of one study, adjusted for all of them in the way that it names."""

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.left_out import adjust_together
from evalkit.inference.multiplicity import adjust_holm
from evalkit.results.words import counted
from evalkit.study.schemas.design_study import DesignStudy


def add_adjusted(
    frame: pd.DataFrame, tested: Flags, parameters: DesignStudy, left_out: Floats | None
) -> pd.DataFrame:
    """Add `p_holm` or `p_romano_wolf` for the rows `tested`, as `multiplicity` says.

    `left_out` (groups, tests) has the estimates of the rows tested without each group of clusters;
    Holm's method needs none. Raises AnalysisError where one of them could not be made.
    """
    p_values = frame.loc[tested, "p_value"].to_numpy(float)
    adjusted = np.full(len(frame), np.nan)
    if parameters.multiplicity == "holm" or left_out is None:
        adjusted[tested] = adjust_holm(p_values)
        return frame.assign(p_holm=adjusted)
    _refuse_unknown(left_out)
    rng = np.random.default_rng(parameters.seed)
    adjusted[tested] = adjust_together(p_values, left_out, rng, parameters.draws)
    return frame.assign(p_romano_wolf=adjusted)


def _refuse_unknown(left_out: Floats) -> None:
    still = np.ptp(left_out, axis=0) == 0
    unknown = int((~np.isfinite(left_out)).any(axis=0).sum() + still.sum())
    if unknown:
        raise AnalysisError(
            f"multiplicity (romano_wolf): how {counted(left_out.shape[1], 'test')} move together "
            f"is seen with clusters left out in turn, and {unknown} of them cannot be made "
            "without some. Use holm, or give more clusters."
        )
