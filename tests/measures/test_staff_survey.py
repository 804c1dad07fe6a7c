"""Staff Survey, pulse and sickness absence: by hand, against published figures, refusals."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.data.nhs_staff_survey_workbook import (
    read_nhs_staff_survey_scores,
    read_nhs_staff_survey_shares,
)
from evalkit.errors import AnalysisError
from evalkit.measures.national_quarterly_pulse import score_pulse, tabulate_pulse
from evalkit.measures.sickness_absence import tabulate_sickness_absence
from evalkit.measures.staff_survey import (
    MissingRule,
    score_staff_survey,
    tabulate_staff_scores,
)
from evalkit.measures.staff_survey_elements import ELEMENTS, SUB_SCORES, items_of
from evalkit.measures.staff_survey_items import (
    POINTS,
    questions_of,
    read_staff_items,
    score_option_shares,
    score_staff_items,
)
from evalkit.measures.staff_survey_published import compare_staff_scores, rebuild_staff_scores

ENGAGED = {
    "q2a": 4,
    "q2b": 4,
    "q2c": 3,
    "q3c": 4,
    "q3d": 3,
    "q3f": 3,
    "q25a": 4,
    "q25c": 3,
    "q25d": 4,
}
FROM_SHARES = 0.06
"""Means of items' means are not means of people's means: who left out what differs a little."""
ROUNDED = 0.005 + 1e-9
"""Published rates have two decimals."""


def test_engagement_golden() -> None:
    """(4,4,3), (4,3,3), (4,3,4): 6.667, 5.833 and 6.667, together 6.389."""
    found = score_staff_survey(pd.DataFrame([ENGAGED]), ("engagement",), year=2024).iloc[0]
    parts = found[["motivation", "involvement", "advocacy"]].tolist()
    assert parts == pytest.approx([20 / 3, 17.5 / 3, 20 / 3])
    assert found["engagement"] == pytest.approx(6.389, abs=5e-4)


def test_year_moves_the_questions() -> None:
    """The same answers under the question numbers of 2021 give the same engagement."""
    moved = {name.replace("q25", "q21"): code for name, code in ENGAGED.items()}
    found = score_staff_survey(pd.DataFrame([moved]), ("engagement",), year=2021)
    assert found["engagement"].iloc[0] == pytest.approx(6.389, abs=5e-4)
    with pytest.raises(AnalysisError, match="3 of 9 columns are not there"):
        score_staff_survey(pd.DataFrame([ENGAGED]), ("engagement",), year=2021)


def test_burnout_is_reversed() -> None:
    """Always exhausted is 0 and never 10: higher is better, as for every other score."""
    worst_and_best = pd.DataFrame({f"q12{c}": [5, 1] for c in "abcdefg"})
    found = score_staff_survey(worst_and_best, ("burnout",), year=2024)
    assert found["burnout"].tolist() == [0.0, 10.0]


def test_missing_rule_is_a_parameter() -> None:
    """One of three items is too little by default, and enough where the rule says so."""
    sparse = pd.DataFrame([{**ENGAGED, "q2b": np.nan, "q2c": np.nan}])
    default = score_staff_survey(sparse, ("engagement",), year=2024).iloc[0]
    assert default[["motivation", "engagement"]].isna().all()
    two_of_three = MissingRule(least_sub_scores=0.6)
    lenient = score_staff_survey(sparse, ("engagement",), year=2024, rule=two_of_three).iloc[0]
    assert lenient["engagement"] == pytest.approx((17.5 / 3 + 20 / 3) / 2)
    one_item = MissingRule(least_items=0.3)
    assert score_staff_survey(sparse, ("engagement",), year=2024, rule=one_item).notna().all().all()


def test_no_appraisal_scores_zero() -> None:
    """Who had no appraisal scores 0 on it; who had one scores 10, 5 and 0 for its options."""
    answers = pd.DataFrame(
        {"q23a": [2, 1], "q23b": [np.nan, 1], "q23c": [np.nan, 2], "q23d": [np.nan, 3]}
    )
    found = score_staff_survey(answers, ("appraisals",), year=2024)
    assert found["appraisals"].tolist() == [0.0, 5.0]


def test_options_that_judge_nothing_are_missing() -> None:
    """'Not applicable' is no answer, and 'don't know' about fair careers is half way."""
    scores = score_staff_items(pd.DataFrame({"q6a": [6, 5], "q15": [3, 2]}), year=2024)
    assert scores["role_makes_difference"].isna().tolist() == [True, False]
    assert scores["fair_careers"].tolist() == [5.0, 0.0]


def test_crosswalk_is_whole() -> None:
    """Every item of a score has a scoring and one question in each year; 2024 alone was read."""
    items = read_staff_items()
    needed = {item for parts in SUB_SCORES.values() for item in parts} | {"appraisal_held"}
    assert set(items["item"]) == needed
    assert set(items["scoring"]) <= set(POINTS)
    assert not items.duplicated(["item", "year"]).any()
    assert not items.duplicated(["question", "year"]).any()
    assert set(items.loc[items["source"] == "published", "year"]) == {2024}
    assert all(part in SUB_SCORES for parts in ELEMENTS.values() for part in parts)


def test_table_by_hand_and_few_people() -> None:
    """Scores 4, 6, 8: mean 6, error 2 / sqrt(3); fewer people than asked for are not shown."""
    people = pd.DataFrame({"trust": ["A"] * 3 + ["B"], "engagement": [4.0, 6, 8, 5]})
    table = tabulate_staff_scores(people, ["engagement"], by=["trust"], fewest=3)
    assert table.loc[0, ["mean", "std_error"]].tolist() == pytest.approx([6, 2 / np.sqrt(3)])
    assert table["n"].tolist() == [3, 1]
    assert table.loc[1, ["mean", "conf_low", "conf_high"]].isna().all()


def test_weights_count() -> None:
    """With weights 3 and 1 the mean of 4 and 8 is 5."""
    people = pd.DataFrame({"trust": "A", "burnout": [4.0, 8.0], "w": [3.0, 1.0]})
    table = tabulate_staff_scores(people, ["burnout"], by=["trust"], weight="w", fewest=1)
    assert table["mean"].tolist() == [5.0]


def test_shares_of_options_by_hand() -> None:
    """Half 'agree' (7.5) and half 'not applicable' give 7.5: the rest is over those who judge."""
    shares = pd.DataFrame({"unit": "A", "question": "q6a", "option": [4, 6], "share": [50.0, 50.0]})
    assert score_option_shares(shares, year=2024).loc["A"].tolist() == [7.5]


@pytest.mark.parametrize(
    ("answers", "year", "message"),
    [
        ({"q2a": [7]}, 2024, "1 answers in q2a are no option. Options are 1 to 5"),
        ({"other": [1]}, 2024, "no column is an item"),
        ({"q2a": [1]}, 2012, "the crosswalk has no year 2012"),
    ],
)
def test_items_are_refused(answers: dict[str, list[int]], year: int, message: str) -> None:
    """Answers that are no option, columns that are no item, and years not known are said."""
    with pytest.raises(AnalysisError, match=message):
        score_staff_items(pd.DataFrame(answers), year=year)


def test_unknown_score_is_refused() -> None:
    """A score that does not exist is answered with those that do."""
    with pytest.raises(AnalysisError, match="there is no score happiness"):
        items_of("happiness")


def test_pulse_is_the_nine_items() -> None:
    """The pulse scores engagement alone, and refuses the third quarter, which is the survey's."""
    scores = score_pulse(pd.DataFrame([ENGAGED] * 2), year=2024)
    assert scores["engagement"].tolist() == pytest.approx([6.389] * 2, abs=5e-4)
    people = scores.assign(trust="A", quarter=["2024Q1", "2024Q2"])
    table = tabulate_pulse(people, by=["trust"], fewest=1)
    assert sorted(set(table["quarter"])) == ["2024Q1", "2024Q2"]
    with pytest.raises(AnalysisError, match="1 of 2 rows have no quarter of it"):
        tabulate_pulse(people.assign(quarter=["2024Q1", "2024Q3"]), by=["trust"])


def test_sickness_by_hand() -> None:
    """5 of 100 and 1 of 300 days: 6 of 400, 1.5%, and not the mean of 5% and 0.33%."""
    days = pd.DataFrame({"trust": "A", "days_lost": [5.0, 1], "days_available": [100.0, 300]})
    assert tabulate_sickness_absence(days, by=["trust"])["rate"].tolist() == [1.5]


def test_sickness_is_refused() -> None:
    """More days lost than available cannot be."""
    days = pd.DataFrame({"trust": "A", "days_lost": [5.0, 9], "days_available": [100.0, 3]})
    with pytest.raises(AnalysisError, match="1 of 2 rows have missing or negative days"):
        tabulate_sickness_absence(days, by=["trust"])


def test_published_scores_of_2024(data_root: Path) -> None:
    """Items, directions and points rebuild 23 published scores of 263 organisations."""
    book = data_root / "staff_survey/NSS24_organisational_results.xlsx"
    rebuilt = rebuild_staff_scores(read_nhs_staff_survey_shares(book), year=2024)
    table = compare_staff_scores(rebuilt, read_nhs_staff_survey_scores(book))
    assert table["units"].tolist() == [263] * 23
    assert table["largest_difference"].max() < FROM_SHARES
    assert table["correlation"].min() > 0.9995


def test_published_sickness_rates(data_root: Path) -> None:
    """Each published monthly rate of an organisation is days lost over days available."""
    files = sorted((data_root / "sickness_absence").glob("*.csv"))
    months = pd.concat([pd.read_csv(file) for file in files])
    found = tabulate_sickness_absence(
        months, by=["DATE", "ORG_CODE"], lost="FTE_DAYS_LOST", available="FTE_DAYS_AVAILABLE"
    )
    both = found.merge(months, on=["DATE", "ORG_CODE"])
    apart = (both["rate"] - both["SICKNESS_ABSENCE_RATE_PERCENT"]).abs()
    assert len(both) == len(months) == 3394
    assert apart.max() <= ROUNDED


def test_published_pulse_is_the_mean_of_three(data_root: Path) -> None:
    """Engagement published in the pulse is the plain mean of its three sub-scores."""
    named = ["Engagement Score", "Advocacy", "Involvement", "Motivation"]
    table = pd.read_csv(data_root / "pulse_survey/pulse_ts_data.csv")[named]
    scores = table.apply(pd.to_numeric, errors="coerce").dropna()
    assert len(scores) == 564
    np.testing.assert_allclose(scores.iloc[:, 1:].mean(axis=1), scores.iloc[:, 0], rtol=1e-12)


def test_questions_of_a_year() -> None:
    """Thinking about leaving was question 22 in 2021, 24 in 2022 and 26 from 2023 on."""
    found = [questions_of(year).loc["leave_soon", "question"] for year in (2021, 2022, 2023, 2024)]
    assert found == ["q22c", "q24c", "q26c", "q26c"]
