"""The same figures from pingouin: an independent second opinion, and correlations for people.

The only module that imports pingouin, which is GPL-3: see docs/decisions.
"""

import warnings

import numpy as np
import pandas as pd

from evalkit.designs import within_mediation
from evalkit.designs.lagged_panel import better_step, primary_terms
from evalkit.designs.terms import Term, make_sample
from evalkit.designs.within_fit import demean_by, period_dummies
from evalkit.study.schema import StaffWellbeing


def correlate_between(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Correlate trusts' average staff measure and outcome: one row, `r, conf_low, conf_high, n`.

    It describes trusts, not people, and is never an effect.
    """
    import pingouin

    means = panel.groupby("unit")[["exposure", "outcome"]].mean()
    found = pingouin.corr(means["exposure"], means["outcome"]).iloc[0]
    low, high = _fisher_interval(float(found["r"]), len(means), parameters.confidence_level)
    return pd.DataFrame(
        [{"r": float(found["r"]), "conf_low": low, "conf_high": high, "n": len(means)}]
    )


def tabulate_mediation(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Put pingouin's estimates beside our own; an empty table where there is nothing to say."""
    if not within_mediation.can_estimate(panel, parameters):
        return pd.DataFrame()
    ours = within_mediation.estimate(panel, parameters).estimates
    theirs = mediate_within(panel, parameters).set_index("path")["estimate"]
    return ours.assign(without_correction=ours["path"].map(theirs))


def _fisher_interval(r: float, n: int, level: float) -> tuple[float, float]:
    """Unrounded interval of a correlation (pingouin rounds its own to two decimals)."""
    from scipy import stats

    half = stats.norm.ppf(0.5 + level / 2) / np.sqrt(max(n - 3, 1))
    centre = np.arctanh(np.clip(r, -0.999999, 0.999999))
    return float(np.tanh(centre - half)), float(np.tanh(centre + half))


def mediate_within(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Estimate the paths per step with pingouin, noise left in: `path, estimate`.

    Its bootstrap resamples rows, not trusts, so only its point estimates are used.
    """
    import pingouin

    lag = parameters.exposure_lag
    terms = [*primary_terms(parameters), Term("mediator", lag)]
    sample = make_sample(panel, terms, Term("outcome"), noise=False)
    values = np.column_stack([*(c.values for c in sample.columns), period_dummies(sample.period)])
    frame = pd.DataFrame(demean_by(values, sample.unit)).add_prefix("v")
    m, y = len(terms) - 1, len(terms)
    covariates = [c for i, c in enumerate(frame.columns) if i not in (0, m, y)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = pingouin.mediation_analysis(
            frame, x="v0", m=f"v{m}", y=f"v{y}", covar=covariates, n_boot=2, seed=parameters.seed
        )
    coef = found.set_index("path")["coef"]
    return pd.DataFrame(
        {
            "path": ["indirect", "direct", "total"],
            "estimate": [
                float(coef[p]) * better_step(parameters) for p in ("Indirect", "Direct", "Total")
            ],
        }
    )
