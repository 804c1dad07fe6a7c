"""What a reader of a mediation study must know of these data, in plain words."""

from collections.abc import Iterator, Mapping

import pandas as pd

from evalkit.designs.mediation_comparisons import Comparison
from evalkit.designs.outcome_rates import COUNTS_REMARK
from evalkit.results import pick_row
from evalkit.results.words import counted, number
from evalkit.study.schemas.mediation import Mediation

VERY_FEW = 8
"""Below this many clusters even careful intervals are rough."""


def make_remarks(
    headline: Comparison,
    estimates: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    parameters: Mediation,
) -> tuple[str, ...]:
    """Write the remarks, the interval's first."""
    return (
        _interval(headline, pick_row(estimates, term="indirect")),
        *_levels(headline, parameters),
        *_order(parameters),
        _vanishing(tables["vanishing"]),
        *_share(estimates, headline),
        *_reverse(estimates),
        *([COUNTS_REMARK] if parameters.outcome_kind == "count" else []),
    )


def _interval(headline: Comparison, row: pd.Series) -> str:
    clusters = counted(headline.level.clusters, "cluster")
    if headline.sure == "clustered":
        return f"The interval has errors clustered over {clusters}."
    made = (
        f"The interval has errors clustered over {clusters}, corrected for their number (CR2 "
        f"errors, {number(float(row['df']), 1)} degrees of freedom)."
    )
    if headline.level.clusters >= VERY_FEW:
        return made
    return f"{made} With so few clusters it is rough."


def _levels(headline: Comparison, parameters: Mediation) -> Iterator[str]:
    if parameters.data_rows != "people":
        return
    yield (
        "Mediator and outcome are answers of one person at one time, so a person's mood can move "
        "both. Path b compares people of the same unit and period."
    )
    if headline.name == "between_clusters":
        yield (
            "The exposure never changes within a unit, so path a compares units with each other: "
            "whatever else differs between them is in it."
        )


def _order(parameters: Mediation) -> Iterator[str]:
    panel = parameters.data_rows == "panel"
    if parameters.mediator_lag == 0:
        yield "Exposure and mediator are of the same period, so which comes first is not seen."
    if panel and parameters.outcome_lag == 0:
        yield "Mediator and outcome are of the same period, so which comes first is not seen."


def _vanishing(vanishing: pd.DataFrame) -> str:
    rho = float(vanishing["rho"].iloc[0])
    return (
        "An unmeasured cause of both mediator and outcome would leave nothing of the indirect part "
        f"if it made what is left of them correlate by {number(rho)}."
    )


def _share(estimates: pd.DataFrame, headline: Comparison) -> Iterator[str]:
    if not (estimates["term"] == "share").any():
        yield (
            "No share is given: the total may be zero, or the parts point in opposite directions, "
            "and then a share has no meaning."
        )
    if headline.level.split:
        yield (
            "By way of the mediator counts people's own mediator. What their unit's average adds "
            "beyond it stands apart, as it may carry other differences between units and periods."
        )


def _reverse(estimates: pd.DataFrame) -> Iterator[str]:
    lead = estimates[estimates["term"] == "lead"]
    if lead.empty:
        yield (
            "Whether the outcome comes before the exposure cannot be seen in so few periods or "
            "units."
        )
    elif float(lead["conf_low"].iloc[0]) > 0 or float(lead["conf_high"].iloc[0]) < 0:
        yield (
            "The outcome goes with the exposure of the period after it, so part of what is found "
            "may run backwards."
        )
    if (estimates["method"] == "between_units").any():
        yield (
            "Units compared with each other stand apart and are no effect: units differ in much "
            "besides the exposure."
        )
