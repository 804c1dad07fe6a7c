"""The journey's grid, Always Events and emotional map: by hand, and what must not be done."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.journey_emotions import compare_roles, count_marks, draw_map, keep_agreed
from evalkit.measures.journey_grid import (
    NOT_MEASURED,
    POORER,
    find_how_often_poorest,
    fit_grid,
    tabulate_facets,
)
from evalkit.measures.journey_scores import (
    score_journey,
    tabulate_always_events,
    tabulate_respondents,
)
from evalkit.study import load_parameters
from evalkit.study.schemas.journey import Journey

ROOT = Path(__file__).resolve().parents[2]
FALSE_ALARMS = 0.10  # of 100 studies without a poor part at 95%, so many at most (three errors)
ITEMS = pd.DataFrame(
    {
        "item": ["a", "b", "c"],
        "wording": ["Did staff listen?", "Was it clean?", "Did staff explain?"],
        "facet": ["relational", "functional", "relational"],
        "touchpoint": ["T01", "T10", "T10"],
        "options": ["always_usually_never", "definitely_to_some_extent_no", "yes_no"],
        "always_event": [True, False, True],
    }
)


def parameters_with(**changes: object) -> Journey:
    """Return the embedded study's parameters with the changes."""
    loaded = load_parameters(ROOT / "parameters" / "journey.yml")
    assert isinstance(loaded, Journey)
    return loaded.model_copy(update={"fewest": 5, "respondent": None, **changes})


def make_answers(rows: int, **columns: object) -> pd.DataFrame:
    """Return answers of people in six wards: a 1, b 2, c 1 for all, unless given."""
    units = [f"w{i % 6}" for i in range(rows)]
    return pd.DataFrame({"unit": units, "a": 1.0, "b": 2.0, "c": 1.0}).assign(**columns)


def grid_of(answers: pd.DataFrame, **changes: object) -> pd.DataFrame:
    """Return the grid of made answers."""
    scores = score_journey({"items": ITEMS, "answers": answers}, parameters_with(**changes))
    return fit_grid(scores, np.random.default_rng(1))


def test_parts_by_hand() -> None:
    """Scores 10, 5 and 10: the part at 5 is 3.33 below the average of the three, 8.33."""
    found = grid_of(make_answers(60)).set_index(["touchpoint", "facet"])
    assert found.loc[("T10", "functional"), "score"] == 5.0
    assert found.loc[("T10", "functional"), "difference"] == pytest.approx(-10 / 3)
    assert found.loc[("T01", "relational"), "n"] == 60


def test_what_no_question_asks_about_is_not_measured_and_not_zero() -> None:
    """Of 36 parts three are measured; the others have no score, no number and no distance."""
    found = grid_of(make_answers(60))
    absent = found[found["place"] == NOT_MEASURED]
    assert len(found) == 36 and len(absent) == 33
    assert absent[["score", "n", "difference"]].isna().all(axis=None)


def test_question_answered_by_too_few_is_not_measured() -> None:
    """Four answers where five are needed leave the part empty."""
    few = make_answers(60, a=[1.0] * 4 + [np.nan] * 56)
    found = grid_of(few).set_index(["touchpoint", "facet"])
    assert found.loc[("T01", "relational"), "place"] == NOT_MEASURED


def test_error_is_that_of_units_drawn_as_ones() -> None:
    """Two wards' means 4 and 6 around 5, ten answers each: error 1, as if of two values."""
    rows = make_answers(60, c=np.nan)
    rows["unit"] = np.where(np.arange(60) < 30, "x", "y")
    five = pd.concat([rows.assign(unit=rows["unit"] + str(i)) for i in range(3)])
    five["b"] = np.where(five["unit"].str.startswith("x"), 1.0, 3.0)
    scores = score_journey({"items": ITEMS, "answers": five}, parameters_with())
    at = list(scores.items["item"]).index("b")
    by_hand = np.std([10.0, 10.0, 10.0, 0.0, 0.0, 0.0], ddof=1) / np.sqrt(6)
    assert np.sqrt(scores.covariance[at, at]) == pytest.approx(by_hand)


def test_units_scores_give_plain_means_over_units() -> None:
    """Scores 4, 5, 6, 7, 8 of five trusts are 6, however many answered in each."""
    rows = [
        {"unit": f"t{i}", "item": item, "score": 4.0 + i, "base": 100.0 * (i + 1)}
        for i in range(5)
        for item in "ab"
    ]
    scores = score_journey({"items": ITEMS, "scores": pd.DataFrame(rows)}, parameters_with())
    assert scores.items["score"].tolist() == [6.0, 6.0]
    assert scores.items["n"].tolist() == [1500.0, 1500.0]
    error = np.std([4, 5, 6, 7, 8], ddof=1) / np.sqrt(5)
    assert np.sqrt(scores.covariance[0, 0]) == pytest.approx(error)


def test_no_part_is_called_poor_where_all_are_alike() -> None:
    """With intervals for all parts at once few of a hundred studies call any part poorer."""
    alarms = 0
    for seed in range(100):
        rng = np.random.default_rng([7, seed])
        draws = {item: rng.integers(1, 4, 240).astype(float) for item in "abc"}
        items = ITEMS.assign(options="definitely_to_some_extent_no")
        tables = {"items": items, "answers": make_answers(240, **draws)}
        tables["answers"]["unit"] = [f"w{i % 30}" for i in range(240)]
        grid = fit_grid(score_journey(tables, parameters_with()), rng)
        alarms += bool((grid["place"] == POORER).any())
    assert alarms / 100 <= FALSE_ALARMS


def test_facets_are_never_put_into_one_number() -> None:
    """Each facet has its own mean, one without a question has none, and there is no total."""
    scores = score_journey({"items": ITEMS, "answers": make_answers(60)}, parameters_with())
    found = tabulate_facets(scores).set_index("facet")["score"]
    assert list(found.index) == ["relational", "functional", "felt", "overall"]
    assert found["relational"] == 10.0 and found["functional"] == 5.0
    assert np.isnan(found["felt"])


def test_part_poorest_by_far_is_the_poorest_again() -> None:
    """A part three points below the others is so in every draw."""
    rng = np.random.default_rng(2)
    answers = make_answers(600, b=rng.integers(2, 4, 600).astype(float))
    scores = score_journey({"items": ITEMS, "answers": answers}, parameters_with())
    grid = fit_grid(scores, rng)
    assert find_how_often_poorest(grid, scores, rng) == 1.0


def test_usually_is_no_always() -> None:
    """Of 100 people 80 always and 20 usually: 80%, with Wilson's interval, and no more."""
    answers = make_answers(100, a=[1.0] * 80 + [2.0] * 20, c=np.nan)
    found = tabulate_always_events({"items": ITEMS, "answers": answers}, parameters_with())
    row = found[found["item"] == "a"].iloc[0]
    assert row["always"] == 80.0 and row["n"] == 100
    assert row["conf_low"] == pytest.approx(71.1, abs=0.05)
    assert row["reached"] == "cannot tell"


def test_answers_for_others_are_never_put_together_with_patients() -> None:
    """Without a name the two are refused; with one the others are counted apart alone."""
    who = ["patient"] * 60 + ["proxy"] * 40
    answers = make_answers(100, respondent=who, b=[1.0] * 60 + [3.0] * 40)
    with pytest.raises(AnalysisError, match="2 kinds of people answered"):
        grid_of(answers)
    mine = grid_of(answers, respondent="patient").set_index(["touchpoint", "facet"])
    assert mine.loc[("T10", "functional"), "score"] == 10.0
    apart = tabulate_respondents({"items": ITEMS, "answers": answers})
    assert apart["n"].tolist() == [60, 40]
    with pytest.raises(AnalysisError, match="nobody so named"):
        grid_of(answers, respondent="nurse")


def make_marks() -> pd.DataFrame:
    """Return marks at one moment: patients -2, -1, 0, staff 1, 1, with their consents."""
    return pd.DataFrame(
        {
            "participant": ["p1", "p2", "p3", "s1", "s2"],
            "role": ["patient"] * 3 + ["staff"] * 2,
            "touchpoint": "T10",
            "valence": [-2.0, -1.0, 0.0, 1.0, 1.0],
            "consent": ["internal", "public", "public", "board", None],
        }
    )


def test_marks_of_those_who_did_not_agree_are_in_no_table() -> None:
    """For the public p2 and p3 are left, for the board also s1; no consent is none given."""
    assert list(keep_agreed(make_marks(), "public")["participant"]) == ["p2", "p3"]
    assert list(keep_agreed(make_marks(), "board")["participant"]) == ["p2", "p3", "s1"]
    public = draw_map({"emotions": make_marks()}, parameters_with(audience="public"))
    assert public.table["median"].tolist() == [-0.5] and public.apart.empty
    counts = count_marks(make_marks(), keep_agreed(make_marks(), "public"))
    assert counts["agreed"].tolist() == [2.0, 0.0]


def test_distance_rests_on_the_fewer_of_the_two() -> None:
    """Three patients (median -1) and two staff (1): two apart, resting on two people."""
    found = compare_roles(make_marks()).iloc[0]
    assert found["discordance"] == 2.0 and found["n"] == 2


def test_strange_consents_and_places_are_refused_by_count() -> None:
    """A consent, facet or touchpoint that is not known is refused; its value is not said."""
    with pytest.raises(AnalysisError, match="5 of 5 consents") as fault:
        keep_agreed(make_marks().assign(consent="whoever"), "public")
    assert "whoever" not in str(fault.value)
    strange = ITEMS.assign(facet=["relational", "cosy", "felt"], touchpoint=["T01", "T02", "T99"])
    with pytest.raises(AnalysisError, match="1 have an unknown facet and 1 an unknown touchpoint"):
        score_journey({"items": strange, "answers": make_answers(60)}, parameters_with())


def test_answers_or_scores_are_needed_and_not_both() -> None:
    """Neither and both are refused."""
    with pytest.raises(AnalysisError, match="0 of answers and scores"):
        score_journey({"items": ITEMS}, parameters_with())


def test_scores_of_two_periods_are_refused() -> None:
    """A unit and question twice cannot be one score."""
    row = {"unit": "t", "item": "a", "score": 5.0, "base": 100.0}
    with pytest.raises(AnalysisError, match="1 rows repeat a unit and question"):
        score_journey({"items": ITEMS, "scores": pd.DataFrame([row, row])}, parameters_with())
