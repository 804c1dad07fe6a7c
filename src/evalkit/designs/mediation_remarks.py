"""What a reader of a mediation study must know of these data, in plain words."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from evalkit.designs.mediation_comparisons import Comparison
from evalkit.designs.mediation_rows import Series
from evalkit.designs.mediation_tables import Row
from evalkit.designs.missing_remarks import say_left_out
from evalkit.results.words import counted, decimals_for, interval, number
from evalkit.study.schemas.mediation import Mediation

FEW_DF = 10.0
"""Below so many degrees of freedom an error is on average a few per cent too small."""

VERY_FEW = 8
"""Below this many clusters even careful intervals are rough."""


def make_remarks(
    headline: Comparison,
    rows: list[Row],
    tables: Mapping[str, pd.DataFrame],
    rates: Sequence[str],
    parameters: Mediation,
) -> tuple[str, ...]:
    """Write the remarks; the headline's come first among `rows`, `rates` say what counts are."""
    found = pd.DataFrame(rows)
    indirect = _first(found, "indirect")
    clear = bool(indirect["conf_low"] > 0 or indirect["conf_high"] < 0)
    return (
        *_share(found, parameters),
        *(_vanishing(tables["vanishing"], parameters) if clear else []),
        *_levels(headline, parameters),
        *_order(parameters),
        *_reverse(found, parameters),
        *_error(parameters),
        _interval(headline, indirect),
        *rates,
    )


def say_rows(series: Series, parameters: Mediation) -> tuple[str, ...]:
    """Say what rows count for, how many lack a value, and when the answer holds for them too."""
    causes = [name.replace("_", " ") for name in parameters.adjust_for]
    given = ["the unit", "the period", parameters.exposure_name, *causes]
    lost = say_left_out(series.lacking, len(series.outcome), given)
    weighted = (
        "Answers count by their weights, in averages of units and periods and in every regression, "
        "so the answer is about those whom they stand for."
    )
    return (*([weighted] if series.weight is not None else []), *([lost] if lost else []))


def _first(found: pd.DataFrame, term: str) -> pd.Series:
    return found[found["term"] == term].iloc[0]


def _share(found: pd.DataFrame, parameters: Mediation) -> Iterator[str]:
    """How large the whole is and what share is carried, where a share has a meaning."""
    total, shares = _first(found, "total"), found[found["term"] == "share"]
    step = f"{parameters.exposure_step:g} {parameters.exposure_unit}"
    ends = (float(total["conf_low"]), float(total["conf_high"]))
    decimals = decimals_for(float(total["estimate"]), *ends)
    side = "higher" if total["estimate"] >= 0 else "lower"
    size = number(abs(float(total["estimate"])), decimals)
    yield (
        f"All in all, {parameters.outcome_name} was {size} {parameters.outcome_unit} {side} for "
        f"each {step} more of {parameters.exposure_name} "
        f"({interval(*ends, float(total['level']), decimals)})."
    )
    if shares.empty:
        yield (
            f"No share that goes by way of {parameters.mediator_name} is given: the whole may be "
            "zero, or its parts point in opposite directions, and then a share has no meaning."
        )
        return
    share, low, high = (
        number(100 * float(shares[name].iloc[0]), 0)
        for name in ("estimate", "conf_low", "conf_high")
    )
    level = f"{100 * float(total['level']):g}%"
    yield (
        f"Of that, {share}% goes by way of {parameters.mediator_name} "
        f"({level} interval {low}% to {high}%)."
    )


def _vanishing(vanishing: pd.DataFrame, parameters: Mediation) -> Iterator[str]:
    zero, unsure = (abs(float(rho)) for rho in vanishing["rho"])
    sure = f"; from {number(unsure)} on, nothing could be said" if np.isfinite(unsure) else ""
    yield (
        f"Something unmeasured that moves both {parameters.mediator_name} and "
        f"{parameters.outcome_name} would explain all of what goes that way if it made what is "
        f"left of the two correlate by {number(zero)}{sure}."
    )


def _levels(headline: Comparison, parameters: Mediation) -> Iterator[str]:
    if parameters.data_rows != "people":
        return
    yield (
        f"People's {parameters.mediator_name} and {parameters.outcome_name} are answers of one "
        "person at one time, so a mood can move both. They are compared with people of the same "
        "unit and period."
    )
    yield (
        f"By way of {parameters.mediator_name} counts people's own. What their unit's average adds "
        "beyond it stands apart, as it may carry other differences between units and periods."
    )
    if headline.name == "between_clusters":
        yield (
            f"{_capital(parameters.exposure_name)} never changes within a unit, so units are "
            "compared with each other: whatever else differs between them is in it."
        )


def _order(parameters: Mediation) -> Iterator[str]:
    panel = parameters.data_rows == "panel"
    pairs = [
        (parameters.mediator_lag, parameters.exposure_name, parameters.mediator_name),
        (parameters.outcome_lag if panel else 1, parameters.mediator_name, parameters.outcome_name),
    ]
    for lag, first, second in pairs:
        if lag == 0:
            yield (
                f"{_capital(first)} and {second} are of the same period, so which comes first is "
                "not seen."
            )


def _reverse(found: pd.DataFrame, parameters: Mediation) -> Iterator[str]:
    lead = found[found["term"] == "lead"]
    first, last = parameters.exposure_name, parameters.outcome_name
    if lead.empty:
        yield f"Whether {last} comes before {first} cannot be seen in so few periods or units."
    elif float(lead["conf_low"].iloc[0]) > 0 or float(lead["conf_high"].iloc[0]) < 0:
        yield (
            f"{_capital(last)} goes with {first} of the period after it, so part of what is found "
            "may run backwards."
        )
    if (found["method"] == "between_units").any():
        yield (
            "Units compared with each other stand apart and are no effect: units differ in much "
            f"besides {first}."
        )


def _error(parameters: Mediation) -> Iterator[str]:
    if parameters.data_rows == "panel":
        yield (
            f"Error in measuring {parameters.mediator_name} hides part of what goes by way of it: "
            "see the table of its error."
        )


def _interval(headline: Comparison, row: pd.Series) -> str:
    clusters = counted(headline.level.clusters, "cluster")
    if headline.sure == "clustered":
        return f"The interval has errors clustered over {clusters}."
    made = (
        f"The interval has errors clustered over {clusters}, corrected for their number (CR2 "
        f"errors, {number(float(row['df']), 1)} degrees of freedom)."
    )
    if float(row["df"]) >= FEW_DF:
        return made
    if headline.level.clusters >= VERY_FEW:
        return (
            f"{made} With so few the error alone is a little too small; the interval allows for it."
        )
    return f"{made} With so few clusters it is rough."


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
