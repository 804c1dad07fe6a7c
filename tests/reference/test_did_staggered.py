"""Staggered adoption: every value that R computed on the simulated panel, by evalkit's fits."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.callaway_santanna import CellRule, GroupTimeEffects, fit_group_time
from evalkit.fits.goodman_bacon import fit_two_way
from evalkit.fits.staggered_averages import AverageList, list_averages
from evalkit.inference.estimates import make_estimate
from evalkit.inference.simultaneous import influence_covariance

JOBS = ("did_staggered",)
OVERALL = {"simple": "simple", "dynamic_overall": "event", "group_overall": "group"}
KEYED = {"es": "event", "group": "group", "calendar": "calendar"}
RULES = {
    "never": CellRule(),
    "notyet": CellRule(comparison="not_yet_treated"),
    "never_cl_trust": CellRule(),
}


class Fitted:
    """The arrays of the panel, and its effects by each rule."""

    def __init__(self, frame: pd.DataFrame) -> None:
        wide = frame.pivot_table(index="unit", columns="period", values="y")
        first = frame.drop_duplicates("unit").set_index("unit").loc[wide.index]
        self.outcome, self.times = wide.to_numpy(float), wide.columns.to_numpy(float)
        self.starts = first["first_treat"].replace(0, np.nan).to_numpy(float)
        self.trust = pd.factorize(first["trust"])[0]
        self.effects: dict[str, GroupTimeEffects] = {
            name: fit_group_time(self.outcome, self.times, self.starts, rule)
            for name, rule in RULES.items()
        }
        self.averages: dict[str, AverageList] = {
            name: list_averages(effects) for name, effects in self.effects.items()
        }


@pytest.fixture(scope="module")
def fitted(table: Callable[[str], pd.DataFrame]) -> Fitted:
    """Return the fits of the simulated panel."""
    return Fitted(table("did_staggered"))


def reproduce(name: str, fitted: Fitted) -> dict[str, float]:
    """Compute one stored value by its name."""
    if name == "twfe_static_biased":
        return {"estimate": fit_two_way(fitted.outcome, fitted.times, fitted.starts).estimate}
    rule, what = name.split("/")
    cluster = fitted.trust if rule == "never_cl_trust" else None
    kind, _, key = what.partition(":")
    if kind == "gt":
        effects = fitted.effects[rule]
        cohort, time = (float(part) for part in key.split(","))
        at = int(np.flatnonzero((effects.cohort == cohort) & (effects.time == time))[0])
        return _with_error(effects.estimate[at], effects.influence[:, [at]], cluster)
    averages = fitted.averages[rule]
    number = float(key.removeprefix("e=")) if key else None
    at = averages.at((KEYED if key else OVERALL)[kind], number)
    return _with_error(averages.estimate[at], averages.influence[:, [at]], cluster)


def _with_error(estimate: float, influence: Any, cluster: Any) -> dict[str, float]:
    error = np.sqrt(influence_covariance(influence, cluster)[0, 0])
    return asdict(make_estimate(float(estimate), float(error)))


def test_value(value: dict[str, Any], agree: Callable[..., None], fitted: Fitted) -> None:
    """Each stored value is found within its tolerance."""
    agree(value, reproduce(value["name"], fitted))
