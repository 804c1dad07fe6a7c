"""Two-way fixed effects and its neighbours, every convention of their errors, against R."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from evalkit.fits.panel_comparisons import (
    PanelFit,
    compare_hausman,
    fit_between,
    fit_first_differences,
    fit_random_effects,
    fit_within,
)
from evalkit.fits.two_way_effects import by_event_time, expose, make_panel_moments
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import (
    clustered_covariance,
    fit_cr2,
    moment_covariance,
    two_way_covariance,
)
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.inference.least_squares import (
    fit_least_squares,
    iid_covariance,
    robust_covariance,
)

JOBS = ("panel_fe",)
NAMES = {"treated": 0, "staffing": 1}
WITH_CONSTANT = {"(Intercept)": 0, "treated": 1, "staffing": 2}
COUNTING = {"nodf": "none", "nested": "nested", "areg": "all"}
DIFFERENCES = {
    "plm_fd": (True, True),
    "fd_consecutive_no_intercept": (False, False),
    "fd_consecutive_intercept": (True, False),
    "fd_rowwise_no_intercept": (False, True),
}


def test_value(
    value: dict[str, Any],
    agree: Callable[[dict[str, Any], Mapping[str, float]], None],
    table: Callable[[str], pd.DataFrame],
) -> None:
    """Each stored value is reproduced within its tolerance."""
    agree(value, reproduce(value["name"], table("panel_fe")))


def reproduce(name: str, frame: pd.DataFrame) -> Mapping[str, float]:
    """Compute the value of that name."""
    job, _, term = name.partition(":")
    if job == "hausman_oneway":
        return hausman(frame)
    if job == "event_study_binned":
        return asdict(event_study(frame, int(term.removeprefix("e="))))
    if job in DIFFERENCES or job in ("plm_between", "plm_random"):
        return asdict(comparison(frame, job, term))
    return asdict(two_way(frame, job, NAMES[term]))


def arrays(frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return outcome, [treated, staffing], site codes and months."""
    x = frame[["treated", "staffing"]].to_numpy(float)
    return frame["score"].to_numpy(), x, frame["site"].to_numpy() - 1, frame["month"].to_numpy()


def two_way(frame: pd.DataFrame, job: str, at: int) -> Estimate:
    """Fixed effects of sites and months, with the errors that the name asks for."""
    y, x, site, month = arrays(frame)
    dummies = (month[:, None] == np.unique(month)[1:]).astype(float)
    both = np.column_stack([x, dummies])
    if job in ("estimatr_CR2", "clubSandwich_CR2"):
        cr2 = fit_cr2(y, both, site)
        return make_estimate(cr2.coef[at], cr2.std_error[at], df=cr2.df[at])
    one_way = job == "within_oneway_arellano_HC0"
    weight = frame["n_resp"].to_numpy(float) if job.startswith("wls") else None
    fit = fit_least_squares(y, x if one_way else both, unit=site, weight=weight)
    clusters = float(site.max())
    if job in ("twfe_iid", "twfe_hc1"):
        cov, df = (iid_covariance if job == "twfe_iid" else robust_covariance)(fit), fit.df
    elif job == "twfe_cl_twoway_nodf":
        cov, df = two_way_covariance(fit, site, month - month.min()), np.inf
    elif one_way:
        cov, df = clustered_covariance(fit, site, counting="none"), np.inf
    elif job == "estimatr_stata":
        cov, df = clustered_covariance(fit, site, counting="all"), clusters
    else:
        counting = COUNTING.get(job.rsplit("_", 1)[-1], "nested")
        cov, df = clustered_covariance(fit, site, counting=counting), clusters
    return make_estimate(fit.coef[at], np.sqrt(cov[at, at]), df=df)


def comparison(frame: pd.DataFrame, job: str, term: str) -> Estimate:
    """Between, random effects, or one way to take first differences."""
    y, x, site, month = arrays(frame)
    constant = True
    if job == "plm_between":
        fit: PanelFit = fit_between(y, x, site)
    elif job == "plm_random":
        fit = fit_random_effects(y, x, site).fit
    else:
        constant, over_gaps = DIFFERENCES[job]
        fit = fit_first_differences(y, x, site, month, constant=constant, over_gaps=over_gaps)
    at = (WITH_CONSTANT if constant else NAMES)[term]
    return make_estimate(fit.coef[at], np.sqrt(fit.cov[at, at]), df=fit.df)


def hausman(frame: pd.DataFrame) -> Mapping[str, float]:
    """Hausman's test of one-way effects."""
    y, x, site, _ = arrays(frame)
    found = compare_hausman(fit_within(y, x, site), fit_random_effects(y, x, site).fit)
    return {"estimate": found.statistic, "p_value": found.p_value, "df": found.df}


def event_study(frame: pd.DataFrame, event: int) -> Estimate:
    """Months since the start, binned at four before and after, the month before as reference."""
    y, x, site, month = arrays(frame)
    start = frame.groupby("site")["first_treat"].first().replace(0, np.nan).to_numpy(float)
    panel = make_panel_moments(y, x[:, 1:], site, month, start, np.arange(len(start)))
    events = np.array([-4, -3, -2, 0, 1, 2, 3, 4])
    fit = solve_moments(expose(panel, by_event_time(panel.times, panel.start, events, -1)))
    at = int(np.flatnonzero(events == event)[0])
    error = np.sqrt(moment_covariance(fit)[at, at])
    return make_estimate(fit.coef[at], error, df=fit.clusters - 1)
