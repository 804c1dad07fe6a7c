"""Friends and Family Test: the golden percentages, adding before dividing, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.feedback_counts import ANSWERS, compare_units, rank_units, score_feedback

GIVEN = 5e-4  # the golden percentages are given to three decimals


def make_counts(*rows: tuple[float, ...], **columns: object) -> pd.DataFrame:
    """Return counts of the six answers, one row a month."""
    frame = pd.DataFrame(list(rows), columns=list(ANSWERS))
    return frame.assign(month=[f"2024-0{i + 1}" for i in range(len(rows))], **columns)


def test_golden_percentages_count_dont_know_in_the_total() -> None:
    """10, 5, 2, 1, 0, 1: 15 of 19 positive, 1 of 19 negative, 1 of 19 don't know."""
    found = score_feedback(make_counts((10, 5, 2, 1, 0, 1)), by=["month"]).iloc[0]
    assert found["positive"] == pytest.approx(78.947, abs=GIVEN)
    assert found["negative"] == pytest.approx(5.263, abs=GIVEN)
    assert found["dont_know"] == pytest.approx(5.263, abs=GIVEN)
    assert found["answers"] == 19


def test_golden_wilson_interval() -> None:
    """85 of 100 positive: 76.716 to 90.694 per cent."""
    found = score_feedback(make_counts((80, 5, 15, 0, 0, 0)), by=["month"]).iloc[0]
    assert found["positive_low"] == pytest.approx(76.716, abs=GIVEN)
    assert found["positive_high"] == pytest.approx(90.694, abs=GIVEN)


def test_percentages_are_worked_out_from_added_counts() -> None:
    """9 of 10 and 10 of 90 are 19 of 100, not the average of 90% and 11%."""
    counts = make_counts((9, 0, 1, 0, 0, 0), (10, 0, 80, 0, 0, 0), unit="a")
    assert score_feedback(counts, by=["unit"])["positive"].iloc[0] == pytest.approx(19.0)


def test_no_answers_no_percentage() -> None:
    """A month without answers has no percentage, and none of its interval."""
    found = score_feedback(make_counts((0, 0, 0, 0, 0, 0)), by=["month"]).iloc[0]
    assert np.isnan(found["positive"]) and np.isnan(found["positive_low"])


def test_response_rate_where_all_counts_of_the_eligible_are_known() -> None:
    """19 of 190 is 10%; with one unknown count among those added, the rate is unknown."""
    one = make_counts((10, 5, 2, 1, 0, 1), eligible=190.0, unit="a")
    assert score_feedback(one, by=["unit"])["response_rate"].iloc[0] == pytest.approx(10.0)
    two = make_counts((9, 1, 0, 0, 0, 0), (9, 1, 0, 0, 0, 0), eligible=[50.0, np.nan], unit="a")
    assert score_feedback(two, by=["unit"])["response_rate"].isna().all()


def test_ranking_and_comparing_are_refused() -> None:
    """The message says what to do in its place; other sources may be ranked."""
    scores = pd.DataFrame({"unit": ["a", "b"], "positive": [90.0, 80.0]})
    with pytest.raises(AnalysisError, match="ranks: not for the Friends and Family Test"):
        rank_units(scores, value="positive", source="fft")
    with pytest.raises(AnalysisError, match="Follow one organisation over time"):
        compare_units(scores, value="positive", unit="unit", source="friends_and_family")
    assert rank_units(scores, value="positive", source="survey")["rank"].tolist() == [1.0, 2.0]


def test_counts_that_cannot_be_are_refused() -> None:
    """A lacking column and a negative count each have their message."""
    counts = make_counts((1, 1, 1, 1, 1, -1))
    with pytest.raises(AnalysisError, match="1 of 1 rows"):
        score_feedback(counts, by=["month"])
    with pytest.raises(AnalysisError, match=r"1 of 6 are lacking \(dont_know\)"):
        score_feedback(counts.drop(columns="dont_know"), by=["month"])
