"""Standardised scores: the golden weights, by hand, and what they mend."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.standardised_scores import score_standardised, standardising_weights


def make_people(counts: dict[tuple[str, str], int]) -> pd.DataFrame:
    """Return people by trust and age band, scored 5 if young and 9 if old."""
    rows = [(t, a, 5.0 if a == "young" else 9.0) for (t, a), n in counts.items() for _ in range(n)]
    return pd.DataFrame(rows, columns=["trust", "age", "score"])


def test_golden_weights_with_a_cap_of_five() -> None:
    """National shares (.12, .15, .25, .48) over (.02, .18, .30, .50): 6 is cut to 5."""
    ages = ["a", "b", "c", "d"]
    trust = np.repeat(ages, [2, 18, 30, 50])
    rest = np.repeat(ages, [118, 132, 220, 430])
    people = pd.DataFrame({"age": [*trust, *rest], "trust": ["x"] * 100 + ["y"] * 900})
    weights = standardising_weights(people, unit="trust", cells=["age"])
    mine = weights[people["trust"] == "x"].groupby(people["age"]).first()
    assert mine.tolist() == pytest.approx([5.0, 0.15 / 0.18, 0.25 / 0.30, 0.48 / 0.50])


def test_mix_of_people_no_longer_matters() -> None:
    """Trusts alike but for their mix get one score: half young (5), half old (9) is 7."""
    people = make_people(
        {("x", "young"): 30, ("x", "old"): 10, ("y", "young"): 10, ("y", "old"): 30}
    )
    found = score_standardised(people, "score", unit="trust", cells=["age"])
    assert found["score"].tolist() == pytest.approx([7.0, 7.0])
    assert found["unweighted"].tolist() == pytest.approx([6.0, 8.0])


def test_error_by_hand() -> None:
    """Scores 6 and 8 with weight 1: sqrt(2 x 2) / 2 = 1, and sqrt(2) / 2 without n / (n - 1)."""
    people = pd.DataFrame({"trust": ["x", "x"], "age": ["a", "a"], "score": [6.0, 8.0]})
    for small_sample, error in ((True, 1.0), (False, np.sqrt(0.5))):
        found = score_standardised(
            people, "score", unit="trust", cells=["age"], small_sample=small_sample
        )
        assert found["std_error"].iloc[0] == pytest.approx(error)


def test_unknown_cell_counts_once() -> None:
    """A person of unknown age has weight 1 and is in no share."""
    people = make_people({("x", "young"): 3, ("x", "old"): 1, ("y", "old"): 4})
    people.loc[len(people)] = ["x", None, 9.0]
    weights = standardising_weights(people, unit="trust", cells=["age"])
    assert weights.iloc[-1] == 1.0
    assert weights.iloc[0] == pytest.approx((3 / 8) / (3 / 4))


def test_trust_with_one_route_is_weighted_on_the_rest() -> None:
    """Where all came as emergencies, route is left out and age alone weighs."""
    people = pd.DataFrame(
        {
            "trust": ["x"] * 4 + ["y"] * 4,
            "age": ["young", "old", "old", "old", "young", "young", "young", "old"],
            "route": ["emergency"] * 4 + ["emergency", "elective"] * 2,
        }
    )
    weights = standardising_weights(people, unit="trust", cells=["age", "route"])
    assert weights.iloc[0] == pytest.approx(0.5 / 0.25)
    assert weights.iloc[1] == pytest.approx(0.5 / 0.75)


def test_coverage_is_the_share_of_the_nation_seen() -> None:
    """A trust without old patients covers the young share alone."""
    people = make_people({("x", "young"): 5, ("y", "young"): 5, ("y", "old"): 10})
    found = score_standardised(people, "score", unit="trust", cells=["age"])
    assert found["covered"].tolist() == pytest.approx([0.5, 1.0])


def test_no_rows_are_refused() -> None:
    """An empty table is said to be empty."""
    with pytest.raises(AnalysisError, match="no rows"):
        standardising_weights(pd.DataFrame({"t": [], "a": []}), unit="t", cells=["a"])
