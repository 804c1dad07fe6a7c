"""Scorers of what patients say: by hand, golden, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.always_events import score_always, tabulate_always
from evalkit.measures.care_measure import CARE_ITEMS, score_care
from evalkit.measures.emotional_map import map_discordance, map_emotions, refuse_emotion_test
from evalkit.measures.gp_patient_survey import refuse_broken_trend, tabulate_gpps
from evalkit.measures.i_statements import THEMES, tabulate_i_statements, tabulate_themes
from evalkit.measures.item_means import tabulate_answer_quality
from evalkit.measures.picker_questionnaire import (
    ITEMS,
    score_ppe,
    score_ppe_items,
    tabulate_ppe_items,
)
from evalkit.measures.relational_aspects import score_rac_q

GOLDEN = 5e-5
"""Stored with five decimals."""


def people(answers: list[float], **columns: object) -> pd.DataFrame:
    """Return one row an answer."""
    return pd.DataFrame({"always": answers, **columns})


def test_usually_is_a_failure() -> None:
    """Of always, usually, never and nothing, one of three is always."""
    found = score_always(pd.Series([1, 2, 3, np.nan]), 3)
    assert found[:3].tolist() == [1, 0, 0]
    assert np.isnan(found[3])
    assert score_always(pd.Series([1, 5]), 5, top=5).tolist() == [0, 1]


def test_always_golden() -> None:
    """85 of 100 have the interval 76.716 to 90.694, and none of 12 goes up to 24.249."""
    table = tabulate_always(
        people([1] * 85 + [0] * 15 + [0] * 12, ward=["A"] * 100 + ["B"] * 12), by=["ward"]
    )
    assert table["always"].tolist() == [85, 0]
    assert table["conf_low"].tolist() == pytest.approx([76.716, 0], abs=100 * GOLDEN)
    assert table["conf_high"].tolist() == pytest.approx([90.694, 24.249], abs=100 * GOLDEN)


def test_target_is_reached_by_the_interval() -> None:
    """A target of 70 is reached, of 95 is not, and of 85 cannot be told."""
    rows = people([1] * 85 + [0] * 15, ward="A")
    words = [
        tabulate_always(rows, by=["ward"], target=t)["reached"].tolist()[0] for t in (70, 95, 85)
    ]
    assert words == ["yes", "no", "cannot tell"]


def test_always_is_refused() -> None:
    """Answers that are no option, a middle top, and scores that are not 0 or 1 are refused."""
    with pytest.raises(AnalysisError, match="1 of 1 answers are no option from 1 to 3"):
        score_always(pd.Series([4]), 3)
    with pytest.raises(AnalysisError, match="the top option is neither end"):
        score_always(pd.Series([1]), 3, top=2)
    with pytest.raises(AnalysisError, match="more than 0 and 1"):
        tabulate_always(people([2], ward="A"), by=["ward"])


def test_i_statements_by_hand() -> None:
    """Two of four and one of four agree: 50 and 25, their theme 37.5; other themes unmeasured."""
    answers = pd.DataFrame({"a": [5, 4, 3, 1], "b": [4, 1, 2, 3]})
    table = tabulate_i_statements(answers, {"a": THEMES[0], "b": THEMES[0]})
    assert table["agree"].tolist() == [50, 25]
    themes = tabulate_themes(table).set_index("theme")
    assert themes.loc[THEMES[0]].tolist() == [37.5, 2]
    assert themes["agree"].isna().sum() == 5
    with pytest.raises(AnalysisError, match="1 themes are not known"):
        tabulate_i_statements(answers, {"a": "something else"})


def make_marks() -> pd.DataFrame:
    """Return a map on which patients and staff part over discharge."""
    rows = [
        ("p1", "patient", "T10", -2),
        ("p1", "patient", "T10", -1),
        ("p2", "patient", "T10", -1),
        ("s1", "staff", "T10", 1),
        ("s2", "staff", "T10", 2),
        ("p1", "patient", "T04", 1),
        ("s1", "staff", "T04", 1),
        ("c1", "carer", "T04", 0),
    ]
    return pd.DataFrame(rows, columns=["participant", "role", "touchpoint", "valence"])


def test_map_by_hand() -> None:
    """A person counts once a cell: medians -1.5 and -1 of two patients make -1.25."""
    table = map_emotions(make_marks()).set_index(["touchpoint", "role"])
    assert table.loc[("T10", "patient"), ["median", "n"]].tolist() == [-1.25, 2]
    assert table.loc[("T10", "staff"), "median"] == 1.5
    apart = map_discordance(make_marks())
    assert apart["touchpoint"].tolist() == ["T10", "T04"]
    assert apart["discordance"].tolist() == [2.75, 0.0]


def test_map_is_never_tested_on_few() -> None:
    """Five participants are too few for any test, and what cannot stand in a map is counted."""
    marks = make_marks()
    with pytest.raises(AnalysisError, match="5 participants, and no test"):
        refuse_emotion_test(marks)
    wrong = marks.assign(valence=[3] + [0] * 7, role=["visitor"] + ["staff"] * 7)
    with pytest.raises(AnalysisError, match="1 rows have an unknown role, 0 an unknown touchpoint"):
        map_emotions(wrong)
    many = pd.DataFrame({"participant": range(20)})
    refuse_emotion_test(many)


def test_gpps_by_hand() -> None:
    """6 of 10 weighted 1 and the rest 2: 6 / 14 good; equal weights give 60 and 10 answers."""
    answers = pd.DataFrame({"practice": "A", "overall": [1, 2] * 3 + [3, 4, 5, 3, np.nan]})
    plain = tabulate_gpps(answers, by=["practice"]).iloc[0]
    assert plain[["good", "n", "effective_n"]].tolist() == [60, 10, 10]
    weighted = tabulate_gpps(
        answers.assign(w=[1.0] * 6 + [2.0] * 5), by=["practice"], weight="w"
    ).iloc[0]
    assert weighted["good"] == pytest.approx(100 * 6 / 14)
    assert weighted["effective_n"] == pytest.approx(14**2 / 22)


def test_gpps_hides_few_and_stops_at_the_break() -> None:
    """Nine answers are not shown, and no trend crosses the new questionnaire."""
    answers = pd.DataFrame({"practice": "A", "overall": [1] * 9})
    found = tabulate_gpps(answers, by=["practice"]).iloc[0]
    assert found["suppressed"]
    assert np.isnan(found["good"])
    with pytest.raises(AnalysisError, match="the years cross 2024"):
        refuse_broken_trend([2022, 2023, 2024])
    refuse_broken_trend([2024, 2025])
    with pytest.raises(AnalysisError, match="1 weights are missing"):
        tabulate_gpps(answers.assign(w=[0.0] + [1.0] * 8), by=["practice"], weight="w")


def best() -> dict[str, int]:
    """Return the best answer to every item of the PPE-15."""
    return {item.key: item.best for item in ITEMS}


def test_ppe_by_hand() -> None:
    """Best throughout is 0; two worse answers are 2 problems, 13.3 of 100."""
    answers = pd.DataFrame([best(), {**best(), "ppe03": 1, "ppe07": 2}])
    found = score_ppe(answers)
    assert found["problems"].tolist() == [0, 2]
    assert found["index"].tolist() == pytest.approx([0, 200 / 15])


def test_ppe_filters_and_no_need() -> None:
    """Not needed and filtered past are no problem; an empty item of everybody's gives no index."""
    passed = {**best(), "ppe10": np.nan, "ppe11": 4}
    answers = pd.DataFrame([passed, {**best(), "ppe01": np.nan}])
    assert score_ppe(answers)["problems"].fillna(-1).tolist() == [0, -1]
    asked = pd.DataFrame({"ppe10": [True, False]})
    items = score_ppe_items(answers, asked=asked)
    assert items["ppe10"].isna().tolist() == [True, False]
    table = tabulate_ppe_items(items).set_index("item")
    assert table.loc["ppe10", "n"] == 1
    assert set(table["facet"]) == {"relational", "functional", "felt"}


def test_ppe_is_refused() -> None:
    """An answer that its item does not have is counted."""
    with pytest.raises(AnalysisError, match="1 answers in ppe07 are no option of it"):
        score_ppe(pd.DataFrame([{**best(), "ppe07": 4}]))


def test_rac_q_both_policies() -> None:
    """Six best, six not applicable: 10 either way; six worst differ, 0 against 5."""
    items = [f"r{i}" for i in range(12)]
    answers = pd.DataFrame([[1] * 6 + [9] * 6, [3] * 6 + [9] * 6], columns=items)
    given = {"items": items, "options": 3, "not_applicable": 9}
    assert score_rac_q(answers, **given).tolist() == [10, 0]
    assert score_rac_q(answers, **given, na_policy="no_problem").tolist() == [10, 5]


def test_rac_q_forms_and_refusals() -> None:
    """The 14 take not applicable as no problem by themselves; 13 items are no form."""
    items = [f"r{i}" for i in range(14)]
    answers = pd.DataFrame([[3] * 7 + [9] * 7], columns=items)
    found = score_rac_q(answers, items, options=3, not_applicable=9)
    assert found.tolist() == [5]
    with pytest.raises(AnalysisError, match="13 items are named"):
        score_rac_q(answers, items[:13], options=3)
    with pytest.raises(AnalysisError, match="7 answers are no option from 1 to 3"):
        score_rac_q(answers, items, options=3)


def test_care_by_hand() -> None:
    """Ten fours are 40; two missing are made up by the rest; three are too many."""
    rows = [[4] * 10, [4] * 8 + [np.nan] * 2, [4] * 7 + [np.nan] * 3]
    found = score_care(pd.DataFrame(rows, columns=list(CARE_ITEMS)))
    assert found[:2].tolist() == [40, 40]
    assert np.isnan(found[2])
    with pytest.raises(AnalysisError, match="10 answers are no option"):
        score_care(pd.DataFrame([[6] * 10], columns=list(CARE_ITEMS)))


def test_answer_quality_by_hand() -> None:
    """Of 0, 10, 10 and nothing: floor a third, ceiling two thirds, a quarter not answered."""
    answers = pd.DataFrame({"a": [0, 10, 10, np.nan], "b": [5.0, 5, np.nan, np.nan]})
    applicable = pd.DataFrame({"a": True, "b": [True, True, True, False]}, index=answers.index)
    table = tabulate_answer_quality(answers, 0, 10, applicable=applicable).set_index("item")
    assert table.loc["a", ["floor", "ceiling", "item_non_response"]].tolist() == pytest.approx(
        [100 / 3, 200 / 3, 25]
    )
    assert table.loc["b", ["floor", "item_non_response", "asked"]].tolist() == pytest.approx(
        [0, 100 / 3, 3]
    )
    with pytest.raises(AnalysisError, match="3 lie outside 1 to 9"):
        tabulate_answer_quality(answers, 1, 9)
