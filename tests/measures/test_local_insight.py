"""Complaints, online feedback and meetings: by hand, and what is refused."""

import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.complaints import (
    add_up_themes,
    rank_complaints,
    tabulate_complaint_themes,
    tabulate_complaints,
)
from evalkit.measures.listening_events import (
    list_not_reached,
    tabulate_reach,
    tabulate_what_was_said,
)
from evalkit.measures.online_feedback import (
    rank_online_feedback,
    tabulate_answers_to_posts,
    tabulate_ratings,
)


def make_counts() -> pd.DataFrame:
    """Return two months of one trust, two themes each."""
    return pd.DataFrame(
        {
            "trust": "A",
            "month": ["2024-01", "2024-01", "2024-02", "2024-02"],
            "theme": ["staff", "waiting", "staff", "waiting"],
            "complaints": [6, 4, 8, 2],
            "pals": [1, 1, 1, 1],
            "activity": [1000, 1000, 3000, 3000],
        }
    )


def test_rate_by_hand() -> None:
    """20 complaints on 4,000: 5 per 1,000, and activity counts once however many themes."""
    months = add_up_themes(make_counts(), keys=["trust", "month"])
    assert months["complaints"].tolist() == [10, 10]
    found = tabulate_complaints(months, by=["trust"]).iloc[0]
    assert found[["events", "activity", "rate"]].tolist() == [20, 4000, 5]
    # Byar for 20: 20 (1 - 1/180 - 1.96 / (3 sqrt(20)))^3 = 12.21, and 30.89 above
    assert found["conf_low"] == pytest.approx(12.21 / 4, abs=0.01)
    assert found["conf_high"] == pytest.approx(30.89 / 4, abs=0.01)


def test_themes_by_hand() -> None:
    """Staff 14 of 20 is 70%, in the order of names."""
    table = tabulate_complaint_themes(make_counts())
    assert table["theme"].tolist() == ["staff", "waiting"]
    assert table["share"].tolist() == [70, 30]
    months = tabulate_complaint_themes(make_counts(), by=["month"])
    assert months["n"].tolist() == [10, 10, 10, 10]


def test_complaints_are_refused() -> None:
    """Ranking, missing counts, and activity that differs by theme are refused."""
    with pytest.raises(AnalysisError, match="not ranked by complaints"):
        rank_complaints(make_counts())
    with pytest.raises(AnalysisError, match="missing in 1 of 1 rows"):
        tabulate_complaints(
            pd.DataFrame({"trust": ["A"], "complaints": [None], "activity": [1.0]}), by=["trust"]
        )
    uneven = make_counts().assign(activity=[1000, 900, 3000, 3000])
    with pytest.raises(AnalysisError, match="differs between themes in 1 of 2 groups"):
        add_up_themes(uneven, keys=["trust", "month"])


def test_ratings_stand_one_by_one() -> None:
    """Two fives and a one: 67%, 33%, and nought for what nobody gave; no average."""
    posts = pd.DataFrame({"trust": "A", "rating": [5, 5, 1, None]})
    table = tabulate_ratings(posts, by=["trust"])
    assert table["posts"].tolist() == [1, 0, 0, 0, 2]
    assert table["share"].tolist() == pytest.approx([100 / 3, 0, 0, 0, 200 / 3])
    assert tabulate_ratings(posts)["n"].tolist() == [3] * 5
    with pytest.raises(AnalysisError, match="1 answers are no option"):
        tabulate_ratings(posts.assign(rating=[6, 1, 1, 1]))


def test_answers_to_posts() -> None:
    """Half were answered, one in four led to a change; unknown counts as not."""
    posts = pd.DataFrame(
        {
            "trust": "A",
            "answered": [True, True, False, None],
            "changed": [True, False, False, False],
        }
    )
    found = tabulate_answers_to_posts(posts, by=["trust"], changed="changed").iloc[0]
    assert found[["posts", "answered", "answered_share", "changed_share"]].tolist() == [
        4,
        2,
        50,
        25,
    ]
    with pytest.raises(AnalysisError, match="not ranked by it"):
        rank_online_feedback(posts)


def test_reach_by_hand() -> None:
    """Three quarters of the people, one in ten of those who came; and some nobody asked."""
    population = pd.DataFrame({"group": ["most", "some", "few"], "people": [75, 20, 5]})
    events = pd.DataFrame(
        {
            "event": ["one", "two", "two", "two"],
            "group": ["most", "some", "few", "visitors"],
            "invited": [10, 10, 5, 1],
            "came": [1, 8, 0, 1],
        }
    )
    table = tabulate_reach(events, population).set_index("group")
    assert table.loc["most", ["came_share", "population_share"]].tolist() == [10, 75]
    assert table["reach"].to_dict() == {
        "few": "not reached",
        "most": "fewer than their share",
        "some": "reached",
        "visitors": "not known",
    }
    assert list_not_reached(table.reset_index()) == ["few"]
    with pytest.raises(AnalysisError, match="1 rows have missing or negative"):
        tabulate_reach(events.assign(came=[-1, 8, 0, 1]), population)


def test_said_by_events_and_not_by_times() -> None:
    """A point made ten times in one room counts as one event of two."""
    points = pd.DataFrame(
        {
            "event": ["one"] * 10 + ["two", "two"],
            "theme": ["parking"] * 10 + ["waiting", "parking"],
            "group": ["carers"] * 10 + ["patients", None],
        }
    )
    table = tabulate_what_was_said(points).set_index("theme")
    assert table.loc["parking", ["events", "events_held", "groups"]].tolist() == [2, 2, "carers"]
    assert table.loc["waiting", "events"] == 1
