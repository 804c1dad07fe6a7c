"""A unit among others: funnel with shared spread, how reliable its score is, and its shrunk score.

Funnel: Spiegelhalter 2005 (Statistics in Medicine 24:1185-1202), with spread beyond sampling from
winsorised z-scores (`fits.expected_range`); shares by arcsine of the root (Spiegelhalter 2012).
Reliability of a unit's score is its signal over signal and noise, tau2 / (tau2 + s2); shrinkage
is towards the pooled mean by that share (`fits.site_shrinkage`). None is a league table, and none
is for the Friends and Family Test, which is refused.
"""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.expected_range import fit_expected_range, transform_shares
from evalkit.fits.pooling import fit_pooled
from evalkit.fits.site_shrinkage import shrink_sites
from evalkit.inference.arrays import Floats
from evalkit.measures.feedback_counts import refuse_friends_and_family

LIMITS = {"95": 1.959964, "998": 3.090232}
"""Funnel limits, in standard errors."""
ENOUGH = 0.7
"""Reliability from which a unit's score is commonly taken to tell it from others."""


@dataclass(frozen=True, slots=True)
class Reliability:
    """Spread of true scores (`tau2`), and how much of each unit's difference is real (k,).

    `needed` is the number of answers at which a typical unit's score reaches `ENOUGH`.
    """

    tau2: float
    reliability: Floats
    needed: float


def fit_funnel(values: Floats, std_errors: Floats, *, source: str) -> pd.DataFrame:
    """Return one row a unit: value, target, limits at 95% and 99.8%, z, and where it lies.

    Columns `value, std_error, target, low_95, high_95, low_998, high_998, z, place`.
    """
    refuse_friends_and_family(source, "a funnel plot")
    found = fit_expected_range(values, std_errors)
    frame = pd.DataFrame({"value": values, "std_error": std_errors, "target": found.centre})
    for name, half in LIMITS.items():
        frame[f"low_{name}"], frame[f"high_{name}"] = found.limits(half)
    return frame.assign(z=found.z, place=_place(found.z))


def fit_funnel_of_shares(events: Floats, people: Floats, *, source: str) -> pd.DataFrame:
    """Funnel of percentages, made on the arcsine scale and returned in per cent."""
    refuse_friends_and_family(source, "a funnel plot")
    funnel = fit_funnel(*transform_shares(events, people), source=source)
    limits = [f"{end}_{name}" for end in ("low", "high") for name in LIMITS]
    for name in ("value", "target", *limits):
        funnel[name] = 100 * np.sin(np.clip(funnel[name], 0, np.pi / 2)) ** 2
    return funnel.assign(people=people)


def fit_reliability(values: Floats, std_errors: Floats, people: Floats) -> Reliability:
    """Estimate how much of units' differences is more than sampling, by REML.

    `values` (k,) with `std_errors` (k,) from `people` (k,) each. `needed` is infinite where no
    difference beyond sampling is found.
    """
    variances = _variances(std_errors)
    tau2 = fit_pooled(values, variances).tau2
    of_person = float(np.median(variances * people))
    needed = ENOUGH / (1 - ENOUGH) * of_person / tau2 if tau2 > 0 else np.inf
    return Reliability(tau2, tau2 / (tau2 + variances), needed)


def shrink_scores(values: Floats, std_errors: Floats, *, level: float = 0.95) -> pd.DataFrame:
    """Draw each unit's score towards the mean: `value, shrunk, conf_low, conf_high, kept`."""
    variances = _variances(std_errors)
    pooled = fit_pooled(values, variances, level=level)
    found = shrink_sites(values, variances, pooled)
    return pd.DataFrame(
        {
            "value": values,
            "shrunk": found.estimate,
            "std_error": found.std_error,
            "conf_low": found.conf_low,
            "conf_high": found.conf_high,
            "kept": found.kept,
        }
    )


def _variances(std_errors: Floats) -> Floats:
    wrong = int(np.sum(~(np.asarray(std_errors) > 0)))
    if wrong:
        raise AnalysisError(
            f"units' scores: {wrong} of {len(std_errors)} have no error above zero. Leave out "
            "units with one answer, or whose answers are all the same."
        )
    return np.asarray(std_errors, dtype=float) ** 2


def _place(z: Floats) -> np.ndarray:
    alert, alarm = LIMITS["95"], LIMITS["998"]
    conditions = [z >= alarm, z >= alert, z <= -alarm, z <= -alert]
    words = ["far above", "above", "far below", "below"]
    return np.select(conditions, words, default="within")
