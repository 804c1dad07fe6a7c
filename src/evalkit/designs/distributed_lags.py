"""Distributed lags and leads: which moves first, staff wellbeing or patient experience?

Compares: within trusts, patients' experience with the staff measure some periods before, in
the same period, and one period after, all held fixed together.
Estimates: the part of the association that belongs to each lag or lead.
Must hold: as for the lagged panel. If staff come first, the weight lies on the lags; weight on
the same period or on a lead means that experience moves first, or that a third thing moves both.
Uncertainty: clustered by trust, t(trusts - 1); sampling noise removed; joint Wald F test of the
terms that should be zero. Sources: Sims 1972; Granger 1969; Angrist and Pischke 2009, 5.2.1.
"""

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.designs.lagged_panel import as_table, corrects_noise
from evalkit.designs.terms import Term, make_sample
from evalkit.designs.within_fit import WithinFit, fit_within
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.schema import StaffWellbeing

FEWEST_PERIODS = 5
"""Lags, leads and a change in each need at least this many periods in a trust."""


def estimate(panel: pd.DataFrame, parameters: StaffWellbeing) -> Result:
    """Estimate all lags and leads together, with the joint test of those that should be zero.

    Rows have `shift`: positive where staff come before patients. The row with term `too_soon`
    is the sum over shifts earlier than the study's lag; its column `p_value` is the joint test.
    """
    shifts = lag_window(parameters)
    if longest_series(panel) < needed(parameters):
        raise AnalysisError(
            f"periods: the longest series has {longest_series(panel)}; telling lags from leads "
            f"needs at least {needed(parameters)}. Give more periods."
        )
    terms = [Term("exposure", shift) for shift in shifts]
    moving = [Term(role, shift) for role in parameters.adjust_for for shift in shifts]
    noise = corrects_noise(panel, parameters)
    sample = make_sample(panel, [*terms, *moving], Term("outcome"), noise=noise)
    fit = fit_within(sample.columns, sample.period, sample.unit)
    rows = [_row(fit, i, shift) for i, shift in enumerate(shifts)]
    rows.append(_too_soon(fit, [i for i, s in enumerate(shifts) if s < parameters.exposure_lag]))
    rows = [row | {"method": "within_corrected" if noise else "within"} for row in rows]
    table = as_table(rows, parameters, outcome="outcome", facet=parameters.outcome_facet)
    return Result("distributed_lags", table, {"term": "too_soon"})


def longest_series(panel: pd.DataFrame) -> int:
    """The number of periods of the trust that has most."""
    return int(panel.groupby("unit")["time"].nunique().max())


def needed(parameters: StaffWellbeing) -> int:
    """The fewest periods in which the study's lags and leads can be told apart."""
    return max(FEWEST_PERIODS, len(lag_window(parameters)) + 1)


def lag_window(parameters: StaffWellbeing) -> list[int]:
    """The shifts looked at together: from one lead to one lag beyond the study's own."""
    return list(range(parameters.exposure_lag + 1, -2, -1))


def detectable(result: Result) -> float:
    """Smallest sum of too-soon associations, per step, that the data find four times in five."""
    row = result.headline
    reach = stats.t.ppf(0.5 + row["level"] / 2, row["df"]) + stats.t.ppf(0.8, row["df"])
    return float(reach * row["std_error"])


def _row(fit: WithinFit, at: int, shift: int) -> dict[str, object]:
    return {
        "term": "exposure",
        "coef": float(fit.coef[at]),
        "se": float(np.sqrt(fit.cov[at, at])),
        "n": fit.n,
        "clusters": fit.clusters,
        "df": float(fit.df),
        "shift": shift,
        "p_value": float("nan"),
        "label": _label(shift),
    }


def _label(shift: int) -> str:
    if shift == 0:
        return "Same period"
    ahead = "Staff" if shift > 0 else "Patients"
    return f"{ahead} {abs(shift)} {'period' if abs(shift) == 1 else 'periods'} first"


def _too_soon(fit: WithinFit, places: list[int]) -> dict[str, object]:
    """Sum of the terms at `places`, and the joint Wald test that all of them are zero."""
    coef, cov = fit.coef[places], fit.cov[np.ix_(places, places)]
    wald = float(coef @ np.linalg.solve(cov, coef)) / len(places)
    row = _row(fit, places[0], 0)
    return row | {
        "term": "too_soon",
        "coef": float(coef.sum()),
        "se": float(np.sqrt(cov.sum())),
        "p_value": float(stats.f.sf(wald, len(places), fit.df)),
        "label": "Too soon: same period and after, added up",
    }
