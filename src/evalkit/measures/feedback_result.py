"""What a study of the Friends and Family Test estimates: a change, its parts, and its bounds."""

import numpy as np
import pandas as pd

from evalkit.inference.estimates import Estimate
from evalkit.measures.feedback_change import FeedbackChange, fit_change
from evalkit.measures.feedback_series import Feedback
from evalkit.measures.nonresponse_bounds import bound_nonresponse, find_tipping
from evalkit.results import Result
from evalkit.study.schemas.friends_and_family import FriendsAndFamily

LABELS = {
    "remaining": "Change that remains",
    "total": "Change as collected",
    "mode_mix": "of it: how answers were collected",
    "case_mix": "of it: from whom they came",
    "response": "of it: how many answered",
}
_REMARK = (
    "Intervals come from redrawing runs of three periods, so that periods alike are kept together; "
    "they do not allow for a change that would have come anyway"
)
_NO_RESPONSE = (
    "How many were asked is not known well enough to tell what goes with the response rate; it is "
    "in what remains"
)


def estimate_feedback(feedback: Feedback, parameters: FriendsAndFamily) -> Result:
    """Estimate the change and its parts in percentage points; what remains is the headline."""
    rng = np.random.default_rng(parameters.seed)
    level = parameters.confidence_level
    change = fit_change(feedback.cells, rng, draws=parameters.draws, level=level)
    found: dict[str, Estimate | None] = {
        "remaining": change.remaining,
        "total": change.total,
        "mode_mix": change.mode_mix,
        "case_mix": change.case_mix,
        "response": change.response,
    }
    rows = [_row(term, one, feedback) for term, one in found.items() if one is not None]
    tables = {
        "levels": _tabulate_levels(change),
        "nonresponse": tabulate_bounds(change, parameters),
    }
    remarks = (_REMARK,) if change.response is not None else (_REMARK, _NO_RESPONSE)
    return Result(
        "friends_and_family",
        pd.DataFrame(rows),
        {"term": "remaining"},
        permits_cause=False,
        tables=tables,
        remarks=remarks,
    )


def tabulate_bounds(change: FeedbackChange, parameters: FriendsAndFamily) -> pd.DataFrame:
    """Bounds of the change among all who were asked, by how far those not answering may differ.

    Of the change within cells. Columns `points, steady_low, steady_high, free_low, free_high,
    tipping`; empty where response rates are not known.
    """
    if not np.isfinite(change.rates).all():
        return pd.DataFrame()
    size = change.within.estimate
    rows = []
    for points in parameters.nonresponse_points:
        bounds = bound_nonresponse(size, change.rates, points)
        row = {"points": points}
        for name, (low, high) in bounds.items():
            row |= {f"{name}_low": low, f"{name}_high": high}
        rows.append(row)
    return pd.DataFrame(rows).assign(tipping=find_tipping(size, change.rates))


def _tabulate_levels(change: FeedbackChange) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "when": ["before", "after"],
            "percentage": change.percentages,
            "response_rate": change.rates,
            "comparable": 100 * change.comparable,
        }
    )


def _row(term: str, found: Estimate, feedback: Feedback) -> dict[str, object]:
    return {
        "term": term,
        "estimate": found.estimate,
        "std_error": found.std_error,
        "conf_low": found.conf_low,
        "conf_high": found.conf_high,
        "level": found.level,
        "n": float(feedback.cells.answers.sum()),
        "clusters": len(feedback.periods),
        "outcome": "outcome",
        "facet": "overall",
        "group": "all",
        "method": "slope_before" if term == "response" else "averaged_orders",
        "df": found.df,
        "label": LABELS[term],
    }
