"""The checks of the staff wellbeing study, in the order in which a referee would ask."""

import pandas as pd

from evalkit.checks.order import check_order, order_unknown
from evalkit.checks.robustness import (
    check_between,
    check_clusters,
    check_influence,
    check_mediation,
)
from evalkit.checks.variation import check_composition, check_noise, check_variation
from evalkit.designs import distributed_lags, lagged_panel, within_mediation
from evalkit.results import Check, Result, pick_row
from evalkit.study.schema import StaffWellbeing


def check_all(
    panel: pd.DataFrame, result: Result, parameters: StaffWellbeing
) -> tuple[list[Check], pd.DataFrame]:
    """Run every check; also hand back lags and leads by `period`, empty where too few periods."""
    primary = result.headline
    timing, order = _order(panel, primary, parameters)
    checks = [
        check_variation(panel, parameters),
        order,
        check_influence(primary, lagged_panel.leave_one_out(panel, parameters)),
        check_noise(panel, parameters),
        check_between(result),
        check_clusters(primary),
        check_composition(panel),
    ]
    if "mediator" in panel:
        mediated = within_mediation.estimate(panel, parameters).estimates
        correlation = within_mediation.vanishing_correlation(panel, parameters)
        checks.append(check_mediation(correlation, pick_row(mediated, path="share")))
    return checks, timing


def _order(
    panel: pd.DataFrame, primary: pd.Series, parameters: StaffWellbeing
) -> tuple[pd.DataFrame, Check]:
    periods, needed = distributed_lags.longest_series(panel), distributed_lags.needed(parameters)
    if periods < needed:
        return pd.DataFrame(), order_unknown(periods, needed)
    lags = distributed_lags.estimate(panel, parameters)
    terms = lags.estimates[lags.estimates["term"] == "exposure"]
    timing = terms.drop(columns="p_value").rename(columns={"shift": "period"})
    return timing, check_order(lags, primary)
