"""The checks of the staff wellbeing study, in the order in which a referee would ask."""

import pandas as pd

from evalkit.checks.order import check_order, order_not_seen, order_unknown
from evalkit.checks.robustness import (
    check_between,
    check_clusters,
    check_influence,
    check_mediation,
    mediation_unknown,
)
from evalkit.checks.variation import check_composition, check_matching, check_noise, check_variation
from evalkit.designs import distributed_lags, lagged_panel, within_mediation
from evalkit.results import Check, Result, pick_row
from evalkit.study.schema import StaffWellbeing


def check_all(
    panel: pd.DataFrame, coverage: pd.DataFrame, result: Result, parameters: StaffWellbeing
) -> tuple[list[Check], pd.DataFrame]:
    """Run every check; also hand back lags and leads by `period`, empty where too few periods.

    `coverage` counts the trusts in both sources, as `panel_coverage` does.
    """
    primary = result.headline
    timing, order = _order(panel, primary, parameters)
    checks = [
        check_variation(panel, parameters),
        order,
        check_influence(primary, _left_out(panel, result, parameters)),
        check_noise(panel, parameters),
        check_between(result),
        check_clusters(primary),
        check_matching(coverage),
        check_composition(panel),
    ]
    return [*checks, *_mediation(panel, parameters)], timing


def _left_out(panel: pd.DataFrame, result: Result, parameters: StaffWellbeing) -> pd.DataFrame:
    return lagged_panel.leave_one_out(panel, parameters, result.primary["method"])


def _order(
    panel: pd.DataFrame, primary: pd.Series, parameters: StaffWellbeing
) -> tuple[pd.DataFrame, Check]:
    periods, needed = distributed_lags.longest_series(panel), distributed_lags.needed(parameters)
    lags = distributed_lags.estimate(panel, parameters) if periods >= needed else None
    if not parameters.exposure_lag:
        check = order_not_seen(lags)
    elif lags is None:
        check = order_unknown(periods, needed)
    else:
        check = check_order(lags, primary)
    return pd.DataFrame() if lags is None else _lags_and_leads(lags), check


def _lags_and_leads(lags: Result) -> pd.DataFrame:
    terms = lags.estimates[lags.estimates["term"] == "exposure"]
    return terms.drop(columns="p_value").rename(columns={"shift": "period"})


def _mediation(panel: pd.DataFrame, parameters: StaffWellbeing) -> list[Check]:
    if "mediator" not in panel:
        return []
    if not within_mediation.can_estimate(panel, parameters):
        return [mediation_unknown()]
    mediated = within_mediation.estimate(panel, parameters).estimates
    correlation = within_mediation.vanishing_correlation(panel, parameters)
    return [check_mediation(correlation, pick_row(mediated, path="share"))]
