"""What a threshold's study says in words: where the answer holds, and what could be doubted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.designs.compared_outcome import outside_range
from evalkit.designs.discontinuity_tables import MANY_VALUES
from evalkit.designs.missing_remarks import say_left_out
from evalkit.designs.threshold_sample import ThresholdSample
from evalkit.fits.local_linear import FEW_CLUSTERS, DiscontinuityFit
from evalkit.inference.arrays import Floats
from evalkit.results.words import counted, number
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity


def make_remarks(
    sample: ThresholdSample,
    fit: DiscontinuityFit,
    ends: Floats,
    tables: Mapping[str, pd.DataFrame],
    parameters: RegressionDiscontinuity,
) -> tuple[str, ...]:
    """Say where the answer holds, how the interval was made, and what could be doubted.

    `ends` (2,) are the outcomes at which the two lines meet the threshold.
    """
    rows = "person" if parameters.data_rows == "people" else "row"
    below, above = (_counted(n, rows) for n in (fit.rows_below, fit.rows_above))
    side = "at or above it" if sample.sign > 0 else "at or below it"
    remarks = [
        f"The answer is about those near the threshold, where {parameters.running_name} is "
        f"{number(parameters.threshold, 1)}: {below} just not offered it and {above} just offered "
        f"it, {side}, within {number(fit.bandwidth, 1)} of it. It says nothing of people further "
        "away.",
        "Two straight lines meet the threshold, one from each side; the estimate takes out what "
        "the curves' bends add to their gap, and the interval counts the error of that.",
        _error_in_words(sample, fit),
    ]
    if sample.takeup is not None:
        remarks.append(
            "Not all took up what they were offered: the effect is on those who took it up because "
            f"they reached the threshold, {number(100 * fit.first_stage, 0)}% of those there."
        )
    first = tables["density"].iloc[0]
    if first["p_value"] < 1 - parameters.confidence_level:
        remarks.append(
            "More lie on one side just at the threshold than on the other: people may have been "
            "placed there."
        )
    if len(np.unique(sample.distance)) < MANY_VALUES:
        remarks.append(
            f"{_capital(parameters.running_name)} has few distinct values, so the lines to the "
            "threshold lean on their form, and the interval may be too narrow."
        )
    if sample.weight is not None:
        remarks.append(
            "Near the threshold each row counts by its weight and by how near it is, so the answer "
            "is about those whom the rows stand for. Crowding is judged by rows, each counted once."
        )
    remarks += _outside(ends, parameters.outcome_kind)
    causes = [name.replace("_", " ") for name in parameters.adjust_for]
    given = [parameters.running_name, *causes]
    said = say_left_out(sample.left_out, sample.rows, given, what=rows)
    return (*remarks, said.replace("persons", "people")) if said else tuple(remarks)


def _outside(ends: Floats, kind: str) -> list[str]:
    """Say where a line meets the threshold at what the outcome cannot be."""
    if kind == "number" or not outside_range(ends, kind):
        return []
    return [
        "A straight line meets the threshold outside what the outcome can be: levels are too near "
        "its end for straight lines. Plan a smaller bandwidth, within which they bend less."
    ]


def _counted(count: int, word: str) -> str:
    return counted(count, word).replace("persons", "people")


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def _error_in_words(sample: ThresholdSample, fit: DiscontinuityFit) -> str:
    if sample.cluster is None:
        alone = " All are from one unit, and say nothing of others." if sample.units < 2 else ""
        return f"The interval takes each row by itself, compared with its neighbours.{alone}"
    how = "leaves out each in turn" if fit.clusters < FEW_CLUSTERS else "sums over each"
    return (
        "The interval allows for people of one cluster being alike: of "
        f"{counted(fit.clusters, 'cluster')} near the threshold, it {how}."
    )
