"""Local linear discontinuity and jump of a density, against the packages of their authors."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.fits.density_jump import fit_density_jump
from evalkit.fits.local_linear import DiscontinuityFit, fit_discontinuity, partial_out

JOBS = ("discontinuity",)
FIXED = (0.4, 0.6)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Bandwidths, estimates, errors and robust intervals are those of rdrobust and rddensity."""
    case, what = value["name"].split(":")
    frame = table("discontinuity")
    if case == "density":
        jump = fit_density_jump(frame["score"].to_numpy(), 0.4)
        found = {"below": jump.below, "above": jump.above, "error": jump.std_error}
        return agree(value, {"estimate": found[what]})
    return agree(value, numbers(fit(case, frame), what))


def fit(case: str, frame: pd.DataFrame) -> DiscontinuityFit:
    """Call the fit as the stored case was called.

    Of `few` the second pilot is held within the data; of `repeated` it is widened to ten values.
    """
    if case in ("few", "repeated"):
        own = frame[:60] if case == "few" else frame[440:560]
        score = own["score" if case == "few" else "rounded"]
        return fit_discontinuity(score.to_numpy(), own["outcome"].to_numpy())
    x, y = frame["score"].to_numpy(), frame["outcome"].to_numpy()
    if case == "fixed":
        return fit_discontinuity(x, y, bandwidths=FIXED)
    if case == "fuzzy":
        return fit_discontinuity(x, y, takeup=frame["takeup"].to_numpy(float))
    if case.startswith("weighted"):
        takeup = frame["takeup"].to_numpy(float) if case == "weighted_fuzzy" else None
        weight = 3 - frame["earlier"].clip(-2, 2).to_numpy()
        return fit_discontinuity(x, y, takeup=takeup, weight=weight)
    if case == "covariate":
        earlier = frame[["earlier"]].to_numpy()
        return fit_discontinuity(x, partial_out(x, y, earlier, FIXED[0]), bandwidths=FIXED)
    return fit_discontinuity(frame["rounded"].to_numpy() if case == "rounded" else x, y)


def numbers(found: DiscontinuityFit, what: str) -> dict[str, float]:
    """Pick the numbers of one stored row."""
    if what == "conventional":
        return {"estimate": found.estimate, "std_error": found.std_error}
    if what == "robust":
        low, high = stats.norm.interval(0.95, found.corrected, found.robust_error)
        error = {"std_error": found.robust_error, "conf_low": low, "conf_high": high}
        return {"estimate": found.corrected, **error}
    return {"estimate": float(getattr(found, what))}


def test_order_of_rows_does_not_matter(table: Callable[[str], pd.DataFrame]) -> None:
    """Rows in another order give the same fit."""
    frame = table("discontinuity")
    shuffled = frame.sample(frac=1, random_state=np.random.RandomState(1))
    first, second = (fit("sharp", rows) for rows in (frame, shuffled))
    assert np.isclose(first.robust_error, second.robust_error)
    assert np.isclose(first.bandwidth, second.bandwidth)
