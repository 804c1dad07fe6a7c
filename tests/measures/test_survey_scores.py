"""Scores from answers: by hand, sections, suppression, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.survey_scores import (
    score_items,
    score_options,
    score_sections,
    suppress_few_answers,
)


@pytest.mark.parametrize(
    ("options", "scores"),
    [
        (2, [10, 0]),
        (3, [10, 5, 0]),
        (4, [10, 20 / 3, 10 / 3, 0]),
        (5, [10, 7.5, 5, 2.5, 0]),
    ],
)
def test_options_are_equally_spaced_from_best_to_worst(options: int, scores: list[float]) -> None:
    """Two to five options score 10 to 0 in equal steps."""
    answers = np.arange(1, options + 1, dtype=float)
    assert score_options(answers, options).tolist() == pytest.approx(scores)


def test_overall_question_is_its_own_score_and_missing_stays_missing() -> None:
    """A 0 to 10 answer of 7 is 7; an answer that judges nothing is in no score."""
    found = score_options(np.array([7.0, np.nan, 0.0]), None)
    assert found[0] == 7.0 and found[2] == 0.0 and np.isnan(found[1])


def test_items_are_scored_each_by_its_own_format() -> None:
    """Option 2 is 5 of three options and 0 of two."""
    answers = pd.DataFrame({"a": [2.0, np.nan], "b": [2.0, 1.0]})
    found = score_items(answers, {"a": "definitely_to_some_extent_no", "b": "yes_no"})
    assert found["a"].iloc[0] == 5.0 and np.isnan(found["a"].iloc[1])
    assert found["b"].tolist() == [0.0, 10.0]


def test_answers_that_are_no_option_are_refused_without_being_named() -> None:
    """A 4 where there are three options is refused, by count."""
    with pytest.raises(AnalysisError, match="2 of 3 are no option") as fault:
        score_options(np.array([4.0, 1.5, 1.0]), 3)
    assert "1.5" not in str(fault.value)


def test_unknown_formats_and_lacking_columns_are_refused_together() -> None:
    """Both faults are told at once."""
    with pytest.raises(AnalysisError, match=r"1 answer formats.*2 items have no column"):
        score_items(pd.DataFrame({"a": [1.0]}), {"b": "stars", "c": "yes_no"})


def test_section_is_the_plain_mean_of_its_questions() -> None:
    """(8 + 6) / 2 = 7; a unit without one of the questions has no section score."""
    scores = pd.DataFrame({"q1": [8.0, 8.0], "q2": [6.0, np.nan]})
    found = score_sections(scores, {"s": ["q1", "q2"]})
    assert found["s"].iloc[0] == 7.0 and np.isnan(found["s"].iloc[1])


def test_fewer_than_thirty_answers_are_not_shown() -> None:
    """29 and an unknown number are hidden, 30 is shown, and no row is lost."""
    scores = pd.DataFrame({"score": [7.0, 7.0, 7.0], "n": [29.0, 30.0, np.nan]})
    found = suppress_few_answers(scores, values=["score"])
    assert found["suppressed"].tolist() == [True, False, True]
    assert found["score"].notna().tolist() == [False, True, False]
    assert scores["score"].notna().all()
