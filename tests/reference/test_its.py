"""Segmented regression and its errors against R's sandwich, lmtest and nlme."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.segmented_regression import LEVEL, SEGMENT, SLOPE, TREND, Segments, make_design
from evalkit.inference.arrays import Floats
from evalkit.inference.autoregressive_errors import fit_autoregressive
from evalkit.inference.linear_fits import LinearFits, describe_contrasts, fit_least_squares
from evalkit.inference.serial_correlation import breusch_godfrey, durbin_watson, fit_newey_west

JOBS = ("its", "its_reml")
SEGMENTS = Segments(37, season="harmonics", season_length=12)
LEFT_OUT = (5, 6, 20, 41)


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], dict[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Estimates, errors, intervals and tests of autocorrelation equal R's."""
    agree(value, reproduce(value["name"], table("its")))


def reproduce(name: str, frame: pd.DataFrame) -> dict[str, float]:
    """Select the public function that computes a stored value, and call it."""
    kind, _, term = name.partition(":")
    if "controlled" in kind:
        return _describe(_fit_controlled(kind, frame), term.removeprefix("tr:"), first=SEGMENT + 2)
    if "gaps" in kind:
        frame = frame[~frame["month"].isin(LEFT_OUT)]
    time, outcome = frame["month"].to_numpy(), frame["score"].to_numpy()
    design = make_design(SEGMENTS, time)
    if kind == "durbin_watson":
        return {"estimate": durbin_watson(_residual(outcome, design))}
    if kind == "breusch_godfrey_3":
        test = breusch_godfrey(design, _residual(outcome, design), 3)
        return {"estimate": test.statistic, "p_value": test.p_value, "df": test.df}
    fits = _fit(kind, outcome, design, time)
    return {"estimate": float(fits.rho[0])} if term == "phi" else _describe(fits, term)


def _fit(kind: str, outcome: Floats, design: Floats, time: Any) -> LinearFits:
    if kind.startswith("nw_lag"):
        lags = int(kind.removeprefix("nw_lag").removesuffix("_adj"))
        return fit_newey_west(outcome, design, lags, adjust=kind.endswith("_adj"))
    if kind == "ols":
        return fit_least_squares(outcome, design)
    weight = 50.0 + (time * 37) % 101 if "weighted" in kind else None
    return fit_autoregressive(
        outcome, design, time, weight=weight, criterion="ml" if "_ml" in kind else "reml"
    )


def _fit_controlled(kind: str, frame: pd.DataFrame) -> LinearFits:
    time = np.tile(frame["month"].to_numpy(), 2)
    outcome = np.concatenate([frame["score"], frame["control_score"]])
    control = np.repeat([False, True], len(frame))
    design = make_design(SEGMENTS, time, control=control)
    if kind == "controlled_its_hc1":
        return fit_least_squares(outcome, design, errors="hc1")
    return fit_autoregressive(outcome, design, time, chain=control.astype(np.int64))


def _describe(fits: LinearFits, term: str, first: int = 0) -> dict[str, float]:
    """Describe a term; R's level is that of the period before, as its counter starts at one."""
    row = np.zeros((1, fits.coef.shape[1]))
    row[0, first + {"month": TREND, "post": LEVEL, "since": SLOPE}[term]] = 1.0
    if term == "post":
        row[0, first + SLOPE] = -1.0
    found = describe_contrasts(fits, row)
    names = ("estimate", "std_error", "conf_low", "conf_high", "p_value")
    return {name: float(getattr(found, name)[0]) for name in names} | {"df": fits.df}


def _residual(outcome: Floats, design: Floats) -> Floats:
    return outcome - design @ fit_least_squares(outcome, design).mean
