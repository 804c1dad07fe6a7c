"""Facets: the same comparison for each, and p-values that hold for all of them together."""

import numpy as np
import pandas as pd
import pytest

from evalkit.designs.by_facet import estimate_facets
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

P_VALUES = {0.0: 0.5, 1.0: 0.01, 2.0: 0.03, 3.0: 0.04}
"""The p-value of each made-up outcome, by its value."""


@pytest.fixture(scope="module")
def study() -> DifferenceInDifferences:
    """Return parameters whose outcome is overall experience."""
    return DifferenceInDifferences.model_construct(outcome_facet="overall")


def estimate(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Return the outcome itself as estimate, with its p-value; refuse what is missing."""
    value = float(table["outcome"].iloc[0])
    if value > 3:
        raise AnalysisError("outcome: too large.")
    row = {"term": "effect", "estimate": value, "p_value": P_VALUES[value]}
    return Result("made", pd.DataFrame([row]), {"term": "effect"})


def test_holm_over_the_facets_by_hand(study: DifferenceInDifferences) -> None:
    """Of 0.01, 0.03 and 0.04: 3 x 0.01, 2 x 0.03 and no less than that; the outcome has none."""
    table = pd.DataFrame({"outcome": [0.0], "relational": [1.0], "functional": [2.0], "felt": 3.0})
    found = estimate_facets(table, study, estimate).set_index("facet")
    assert found["p_holm"].drop("overall").tolist() == pytest.approx([0.03, 0.06, 0.06])
    assert np.isnan(found.loc["overall", "p_holm"])


def test_a_facet_that_cannot_be_estimated_is_left_out(study: DifferenceInDifferences) -> None:
    """The others are adjusted as the two that they are."""
    table = pd.DataFrame({"outcome": [0.0], "relational": [1.0], "functional": [9.0], "felt": 3.0})
    found = estimate_facets(table, study, estimate)
    assert found["outcome"].tolist() == ["outcome", "relational", "felt"]
    assert found["p_holm"].tolist()[1:] == pytest.approx([0.02, 0.04])


def test_no_facets_no_table(study: DifferenceInDifferences) -> None:
    """Without a mapped facet there is nothing to show."""
    assert estimate_facets(pd.DataFrame({"outcome": [0.0]}), study, estimate).empty
