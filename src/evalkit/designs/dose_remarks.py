"""What a reader of a dose-response study must know of these data, in plain words."""

from collections.abc import Iterator, Mapping

import pandas as pd

from evalkit.designs.answer_remarks import say_averaged
from evalkit.designs.compared_outcome import say_outside_range
from evalkit.designs.outcome_rates import say_rates
from evalkit.inference.arrays import Floats
from evalkit.inference.few_clusters import SMALLEST_DF
from evalkit.results import pick_row
from evalkit.results.words import counted, number
from evalkit.study.schemas.dose_response import DoseResponse

FEW_DF = 10.0
"""Below so many degrees of freedom an error is on average a few per cent too small."""

LITTLE = 0.1
"""Share of the dose's variation within units below which they hardly tell anything."""


def make_remarks(
    table: pd.DataFrame,
    estimates: pd.DataFrame,
    tables: Mapping[str, pd.DataFrame],
    line: Floats,
    parameters: DoseResponse,
) -> tuple[str, ...]:
    """Write the remarks, the interval's after those of what was seen; `line` as `straight_line`."""
    return (
        *_variation(tables["dose_variation"]),
        *_bands(tables["dose_bands"], tables["dose_steps"]),
        *_bend(tables["bend_tests"], parameters),
        *_lead(estimates),
        *_unmeasured(estimates.iloc[0], tables["unmeasured"], parameters),
        *_between(estimates),
        f"Error in recording {parameters.dose_name} pulls the difference towards zero, the more so "
        "within units: see the table of its error.",
        _interval(estimates),
        *say_averaged(table),
        *say_rates(table, parameters),
        *_outside(line, parameters),
    )


def _outside(line: Floats, parameters: DoseResponse) -> list[str]:
    return say_outside_range(
        line,
        parameters.outcome_kind,
        "at some of the doses that were seen",
        "a straight line cannot bend before the end of the scale",
        what="What the straight line expects",
    )


def _interval(estimates: pd.DataFrame) -> str:
    row = estimates.iloc[0]
    clusters = counted(int(row["clusters"]), "cluster")
    if row["method"] == "clustered":
        return f"The interval has errors clustered over {clusters}."
    made = (
        f"The interval has errors clustered over {clusters}, corrected for their number (CR2 "
        f"errors, {number(float(row['df']), 1)} degrees of freedom)."
    )
    if float(row["df"]) >= FEW_DF:
        return made
    if float(row["df"]) >= SMALLEST_DF:
        return (
            f"{made} With so few the error alone is a little too small; the interval allows for it."
        )
    return f"{made} A few clusters carry nearly all of it, so it errs on the wide side."


def _variation(variation: pd.DataFrame) -> Iterator[str]:
    value = dict(zip(variation["measure"], variation["value"], strict=True))
    moving, units = int(value["units whose dose changes"]), int(value["units"])
    if moving < units:
        yield (
            f"The dose changes in {moving} of {counted(units, 'unit')}; the others tell of periods "
            "only."
        )
    left = value["share left within units, periods and adjusters"]
    if left < LITTLE:
        yield (
            f"Only {number(100 * left, 1)}% of the dose's variation is left within units and "
            "periods, so a small error in the dose changes much."
        )


def _bands(bands: pd.DataFrame, steps: pd.DataFrame) -> Iterator[str]:
    apart = int(bands["mean_outcome"].isna().sum())
    if apart:
        yield (
            f"{counted(apart, 'band')} of dose cannot be compared with the others: units of fewer "
            "than two clusters were in both."
        )
    against = int((steps["direction"] == "against").sum())
    if against:
        yield (
            f"{against} of {counted(len(steps), 'step')} between bands clearly goes against the "
            "slope, so one straight line does not tell it all."
        )


def _bend(tests: pd.DataFrame, parameters: DoseResponse) -> Iterator[str]:
    if tests.empty:
        yield "Whether the line bends cannot be told: the dose takes too few values within units."
    elif (tests["p_value"] < 1 - parameters.confidence_level).any():
        yield "The line bends: the difference that a step makes depends on the dose before it."


def _lead(estimates: pd.DataFrame) -> Iterator[str]:
    if not (estimates["term"] == "lead").any():
        yield "Whether the outcome comes before the dose cannot be seen in so few periods."
        return
    row = pick_row(estimates, term="lead")
    if row["conf_low"] > 0 or row["conf_high"] < 0:
        yield (
            "The outcome goes with the dose of the period after it, so the dose may answer to the "
            "outcome."
        )


def _between(estimates: pd.DataFrame) -> Iterator[str]:
    if (estimates["term"] == "between").any():
        yield (
            "Units compared with each other stand apart and are no effect: units with more differ "
            "in much else."
        )


def _unmeasured(
    row: pd.Series, unmeasured: pd.DataFrame, parameters: DoseResponse
) -> Iterator[str]:
    """How strong an unmeasured cause must be, where there is something to explain away."""
    if unmeasured.empty or row["conf_low"] <= 0 <= row["conf_high"]:
        return
    share = number(100 * float(unmeasured["share_of_dose"].iloc[0]), 0)
    yield (
        f"Something unmeasured would explain all of it if it explained {share}% of what is left of "
        f"{parameters.dose_name} and as much of what is left of {parameters.outcome_name}."
    )
