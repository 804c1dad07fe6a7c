"""Pooled effects against R's metafor."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.pooling import (
    Pooled,
    fit_funnel_asymmetry,
    fit_meta_regression,
    fit_pooled,
    leave_one_out,
)

JOBS = ("meta",)
METHODS = {
    "FE": "fixed",
    "DL": "dersimonian_laird",
    "PM": "paule_mandel",
    "REML": "reml",
    "ML": "ml",
}
METAFOR_STOPS = 1e-5
"""metafor ends its likelihood steps here, short of the maximum: the values stored carry that."""
ROOT_STOPS = float(np.finfo(float).eps) ** 0.25
"""metafor ends its search for Paule and Mandel's root here."""
TERMS = {"intrcpt": "constant", "x": "x"}


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each pooled value stored is found by the public functions."""
    agree(value, reproduce(value["name"], table("meta")))


def reproduce(name: str, sites: pd.DataFrame) -> Mapping[str, float]:
    """Return the value of that name."""
    y, v = sites["yi"].to_numpy(), sites["vi"].to_numpy()
    kind, _, part = name.partition(":")
    if kind == "Q":
        fit = fit_pooled(y, v, method="fixed")
        return {"estimate": fit.q, "p_value": fit.q_p_value, "df": fit.q_df}
    if kind == "egger_z":
        slope = fit_funnel_asymmetry(y, v)
        return {"estimate": slope.estimate / slope.std_error, "p_value": slope.p_value}
    if kind == "leave1out_DL":
        fits = leave_one_out(y, v, method="dersimonian_laird", knapp_hartung=False)
        return asdict(fits[int(part) - 1].effect)
    if kind == "metareg_REML":
        x = sites.assign(constant=1.0)[["constant", "x"]].to_numpy()
        fit = fit_meta_regression(
            y, v, x, ("constant", "x"), knapp_hartung=False, tolerance=METAFOR_STOPS
        )
        return asdict(fit.coefficients[TERMS[part]])
    return describe(pool(y, v, kind), part)


def pool(y: Any, v: Any, kind: str) -> Pooled:
    """Return the pooled effect that R's name asks for."""
    method, _, adjusted = kind.partition("_")
    stops = ROOT_STOPS if method == "PM" else METAFOR_STOPS
    return fit_pooled(y, v, method=METHODS[method], knapp_hartung=bool(adjusted), tolerance=stops)


def describe(fit: Pooled, part: str) -> Mapping[str, float]:
    """Return the part of a pooled effect that R's name asks for."""
    if part == "tau2":
        return {"estimate": fit.tau2}
    if part == "I2":
        return {"estimate": 100 * fit.i2}
    if part == "prediction_interval":
        low, high = fit.predicted
        return {"estimate": fit.effect.estimate, "conf_low": low, "conf_high": high}
    return asdict(fit.effect)
