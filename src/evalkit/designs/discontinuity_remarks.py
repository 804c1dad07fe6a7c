"""What a threshold's study says in words: where the answer holds, and what could be doubted."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.designs.discontinuity_tables import MANY_VALUES
from evalkit.designs.threshold_sample import ThresholdSample
from evalkit.fits.local_linear import FEW_CLUSTERS, DiscontinuityFit
from evalkit.results.words import counted, number
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity


def make_remarks(
    sample: ThresholdSample,
    fit: DiscontinuityFit,
    tables: Mapping[str, pd.DataFrame],
    parameters: RegressionDiscontinuity,
) -> tuple[str, ...]:
    """Say where the answer holds, how the interval was made, and what could be doubted."""
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
    if sample.left_out:
        remarks.append(f"{_counted(sample.left_out, rows)} with a missing value left out.")
    return tuple(remarks)


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
