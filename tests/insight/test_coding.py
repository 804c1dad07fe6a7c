"""Codes become arrays as people and machine gave them; what does not fit is refused in counts."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.insight.coding import make_coding, merge_labels, people_ratings
from evalkit.insight.quotes import tabulate_feelings, tabulate_quotes
from evalkit.insight.theme_tables import estimate_themes, tabulate_agreement
from evalkit.insight.themes import CARERS_LABEL, carry_labels

WAIT, PARK = "Timeliness of care", "Parking"
COMMENTS = pd.DataFrame({"comment": ["c1", "c2", "c3"], "group": ["carer", "patient", None]})
CODES = pd.DataFrame(
    [
        ("c1", "a", WAIT),
        ("c1", "b", WAIT),
        ("c1", "b", PARK),
        ("c2", "a", "Not assigned"),
        ("c1", "m", PARK),
        ("c2", "m", WAIT),
        ("c3", "m", CARERS_LABEL),
    ],
    columns=["comment", "coder", "label"],
)
CODERS = {"human_coders": ["a", "b"], "machine_coder": "m"}


def test_each_coder_is_marked_where_they_coded() -> None:
    """By hand: both gave c1 waiting, one of them parking; one person coded c2, and nobody c3."""
    coding = make_coding(COMMENTS, CODES, **CODERS)
    wait, park = coding.labels.index(WAIT), coding.labels.index(PARK)
    assert coding.human[:, wait].tolist()[:2] == [1.0, 0.0] and np.isnan(coding.human[2, wait])
    assert coding.human[0, park] == 0.5
    assert coding.machine[:, wait].tolist() == [0.0, 1.0, 0.0]
    assert coding.coded.tolist() == [True, True, False]
    assert people_ratings(coding).shape == (2, 2, 32)


def test_without_a_machine_what_people_coded_is_kept() -> None:
    """Two of three comments were coded by people, and their share is people's own."""
    coding = make_coding(COMMENTS, CODES, human_coders=["a", "b"], machine_coder=None)
    assert len(coding.comments) == 2 and not coding.by_machine
    found = estimate_themes(coding, np.random.default_rng(1), fewest=1)
    assert found.cells["all", "whole"].shares.estimate[coding.labels.index(WAIT)] == 0.5


def test_wider_themes_are_had_by_comments_with_any_of_their_labels() -> None:
    """Waiting or parking: c1 has it for both people, c2 for the machine alone."""
    merged = merge_labels(make_coding(COMMENTS, CODES, **CODERS), {"access": [WAIT, PARK]})
    assert merged.human[:2, 0].tolist() == [1.0, 0.0]
    assert merged.machine[:, 0].tolist() == [1.0, 1.0, 0.0]


def test_older_labels_are_carried_over_and_what_is_left_over_is_not_assigned() -> None:
    """Staff numbers are staffing levels; records have no label; an unknown name is refused."""
    older = pd.DataFrame({"label": ["Number & deployment of staff", "Patient records"]})
    carried = carry_labels(older)["label"].tolist()
    assert carried == ["Staffing levels & responsiveness", "Not assigned"]
    with pytest.raises(AnalysisError, match="1 rows have a label that is none of the older"):
        carry_labels(pd.DataFrame({"label": ["Patient records", "secret words"]}))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"label": "Waiting for aardvark"}, "1 rows have a label that is none of the framework"),
        ({"comment": "aardvark"}, "1 of 7 rows are of comments that are not"),
        ({"coder": "aardvark"}, "1 of 3 coders coded no comment"),
    ],
)
def test_codes_that_do_not_fit_are_refused(change: dict[str, str], message: str) -> None:
    """Each refusal counts, says what to do, and repeats no value of the data."""
    wrong = CODES.copy()
    wrong.loc[3, list(change)] = list(change.values())
    coders = {**CODERS, "human_coders": ["a", "c"]} if "coder" in change else CODERS
    with pytest.raises(AnalysisError, match=message) as refusal:
        make_coding(COMMENTS, wrong, **coders)
    assert "aardvark" not in str(refusal.value)


def test_a_span_without_comments_is_refused() -> None:
    """Where all comments are later, nothing can have changed."""
    coding = make_coding(COMMENTS, CODES, **CODERS)
    with pytest.raises(AnalysisError, match="no comment is before the start"):
        estimate_themes(coding, np.random.default_rng(1), after=np.ones(3, dtype=bool))


def test_agreement_of_one_coder_is_not_known() -> None:
    """With one person there is nobody to agree with: NaN for each label, and none coded twice."""
    coding = make_coding(COMMENTS, CODES, human_coders=["a"], machine_coder="m")
    table = tabulate_agreement(coding, np.random.default_rng(1))
    assert table["alpha"].isna().all() and not table["coded"].any()


def test_only_who_agreed_and_was_read_by_a_person_is_quoted() -> None:
    """Of two comments about waiting, the one without consent is not quoted; nor without roles."""
    coding = make_coding(COMMENTS, CODES, **CODERS)
    assert tabulate_quotes(coding, WAIT).empty
    agreed = coding.comments.assign(
        text=["=Waited", "Waited too", "-"], quote_consent=True, quote_checked=[True, True, False]
    )
    table = tabulate_quotes(
        type(coding)(agreed, coding.labels, coding.people, coding.machine, coding.human), WAIT
    )
    assert table["words"].tolist() == ["“=Waited”"]


def test_feelings_are_told_as_a_distribution() -> None:
    """Two of three comments feel very positive, one negative: 66.7% and 33.3%, and no average."""
    coding = make_coding(COMMENTS.assign(sentiment=[1.0, 1.0, 4.0]), CODES, **CODERS)
    table = tabulate_feelings(coding, None).set_index("feeling")
    assert table["estimate"].round(1).to_dict()["very positive"] == 66.7
    assert table["with_it"].tolist() == [2, 0, 0, 1, 0]
