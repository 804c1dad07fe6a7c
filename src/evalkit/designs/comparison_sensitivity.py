"""How strong a cause that nobody measured must be to make a weighted comparison's difference.

In the outcome's own units: a cause commoner by d among those with the intervention, measured causes
held fixed, that moves the outcome by g whoever has the intervention, makes a difference of d times
g. On the scale of risk ratios: the E-value. As a yardstick: what the difference would be had one of
the measured causes not been measured.
Sources: VanderWeele and Arah 2011, Epidemiology 22:42-52 (the product); VanderWeele and Ding 2017,
Annals of Internal Medicine 167:268-274 (E-values; differences as risk ratios by Chinn 2000).
"""

from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd

from evalkit.designs.comparison_sample import ComparisonSample
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Flags, Floats
from evalkit.sensitivity.e_value import PER_STANDARD_DEVIATION, e_value

COMMONER_BY = (10.0, 20.0, 30.0, 50.0)
"""By how many percentage points more of those with the intervention have the hidden cause."""


def tabulate_hidden_cause(estimate: float, conf_low: float, conf_high: float) -> pd.DataFrame:
    """List `commoner_by, effect_that_leaves_unsure, effect_that_leaves_nothing`.

    Effects are sizes in the outcome's units; none is needed where the interval holds zero.
    """
    nearest = min(abs(conf_low), abs(conf_high)) if conf_low * conf_high > 0 else 0.0
    shares = np.array(COMMONER_BY) / 100
    return pd.DataFrame(
        {
            "commoner_by": COMMONER_BY,
            "effect_that_leaves_unsure": nearest / shares,
            "effect_that_leaves_nothing": abs(estimate) / shares,
        }
    )


def tabulate_e_value(
    estimate: float, conf_low: float, conf_high: float, spread: float
) -> pd.DataFrame:
    """List `of, risk_ratio, strength` of the estimate, and of its interval's nearer end.

    `spread` is the standard deviation of the outcome within groups.
    """
    ratio, low, high = np.exp(
        PER_STANDARD_DEVIATION / spread * np.array([estimate, conf_low, conf_high])
    )
    found = e_value(float(ratio), float(low), float(high))
    nearer = 1.0 if low <= 1 <= high else float(low if ratio > 1 else high)
    return pd.DataFrame(
        {
            "of": ["estimate", "interval"],
            "risk_ratio": [float(ratio), nearer],
            "strength": [found.point, found.limit],
        }
    )


def tabulate_without_each(
    sample: ComparisonSample,
    roles: Sequence[str],
    estimate: float,
    again: Callable[[ComparisonSample], float],
) -> pd.DataFrame:
    """List `left_out, estimate, change, n` with one of the measured causes `roles` left out.

    The cause that counts most comes first; empty where one alone was measured.
    """
    columns = ["left_out", "estimate", "change", "n"]
    if len(roles) < 2:
        return pd.DataFrame(columns=columns)
    rows = [
        (role.replace("_", " "), found, found - estimate, len(sample.outcome))
        for role in roles
        if (found := _try(again, sample.without_cause(role))) is not None
    ]
    frame = pd.DataFrame(rows, columns=columns)
    return frame.sort_values("change", key=np.abs, ascending=False, ignore_index=True)


def spread_within(outcome: Floats, treated: Flags) -> float:
    """Pooled standard deviation of the outcome within the two groups."""
    away = np.where(treated, outcome - outcome[treated].mean(), outcome - outcome[~treated].mean())
    return float(np.sqrt(away @ away / (len(away) - 2)))


def _try(again: Callable[[ComparisonSample], float], sample: ComparisonSample) -> float | None:
    try:
        return again(sample)
    except AnalysisError:
        return None
