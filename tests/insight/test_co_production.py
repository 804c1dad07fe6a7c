"""Co-production by hand: who decided, what was taken up, both sides apart, priorities."""

from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.equity.make_up import tabulate_make_up
from evalkit.errors import AnalysisError
from evalkit.insight.best_worst import is_balanced, tabulate_best_worst
from evalkit.insight.both_sides import tabulate_ratings
from evalkit.insight.consensus import (
    tabulate_attrition,
    tabulate_consensus,
    tabulate_stability,
)
from evalkit.insight.decisions import (
    find_earliest,
    refuse_unknown_words,
    tabulate_adoption,
    tabulate_not_taken,
    tabulate_pay,
    tabulate_stages,
    tabulate_voices,
)
from evalkit.insight.dose_of_co_production import associate_dose, tabulate_doses
from evalkit.insight.priorities import (
    STATED,
    kendall_w,
    open_ballots,
    tabulate_concordance,
    tabulate_merged,
    tabulate_places,
    tabulate_rank_agreement,
)
from evalkit.insight.reporting_of_involvement import tabulate_reporting

SEED = 7
EXACT = 1e-12


def made_log(*rows: dict[str, Any]) -> pd.DataFrame:
    """Make a log: each row as given, and otherwise a question that leaders put and adopted."""
    usual: dict[str, Any] = {
        "date": "2024-02-01",
        "stage": "question",
        "subject": "what to ask",
        "proposed_by": "clinical_leaders",
        "decided_by_lived_experience": False,
        "decided_by_staff": True,
        "decided_by_leaders": True,
        "lived_experience_position": None,
        "staff_position": "for",
        "leaders_position": "for",
        "outcome": "adopted",
        "reason": "it matters",
        "paid_hours": 0.0,
        "rate": 25.0,
    }
    table = pd.DataFrame([{"decision": f"D{n}", **usual, **row} for n, row in enumerate(rows)])
    return table.assign(date=pd.to_datetime(table["date"]))


LIVED: dict[str, Any] = {
    "decided_by_lived_experience": True,
    "lived_experience_position": "for",
    "paid_hours": 4.0,
}
LOG = (
    {},
    {},
    {**LIVED},
    {**LIVED, "stage": "design", "date": "2024-05-01"},
    {**LIVED, "stage": "design", "lived_experience_position": "against", "paid_hours": 0.0},
    {"proposed_by": "lived_experience", "lived_experience_position": "for", "outcome": "declined"},
    {"proposed_by": "lived_experience", "lived_experience_position": "for", "outcome": "adapted"},
)


def test_shares_of_decisions_by_stage() -> None:
    """Partners decide 1 of 5 on the question and 2 of 2 on the design: 3 of 7 in all."""
    stages = tabulate_stages(made_log(*LOG)).set_index("stage")
    assert stages.loc[["question", "design", "all"], "lived_experience"].tolist() == [1, 2, 3]
    assert stages.loc[["question", "design", "all"], "decisions"].tolist() == [5, 2, 7]
    assert stages["estimate"]["all"] == pytest.approx(100 * 3 / 7)
    assert np.isnan(stages["estimate"]["data"])
    earliest = find_earliest(stages.reset_index(), 50.0)
    assert (earliest.any_part, earliest.shared) == ("question", "design")


def test_adoption_counts_adapted_as_taken_up_and_lists_reasons() -> None:
    """Of two proposals one was adapted and one declined: half taken up, one reason listed."""
    log = made_log(*LOG)
    row = tabulate_adoption(log).set_index("key").loc["lived_experience"]
    assert (row["proposals"], row["adapted"], row["declined"], row["estimate"]) == (2, 1, 1, 50.0)
    assert tabulate_not_taken(log)["reason"].tolist() == ["“it matters”"]


def test_a_voice_is_met_where_the_outcome_is_what_it_asked() -> None:
    """Of five positions on record: for and adopted twice, for and adapted, the others not met."""
    voices = tabulate_voices(made_log(*LOG)).set_index("key")
    assert voices.loc["lived_experience", ["heard", "met"]].tolist() == [5, 3]
    assert voices.loc["stood_apart", ["heard", "met"]].tolist() == [1, 0]


def test_unpaid_decisions_are_counted() -> None:
    """Three decisions with partners, one of them without an hour paid: 8 hours at 25 pounds."""
    assert tabulate_pay(made_log(*LOG))["value"].tolist() == [3.0, 1.0, 8.0, 25.0]


def test_words_that_are_not_known_are_refused_together() -> None:
    """Unknown stages and outcomes are counted, and not repeated."""
    with pytest.raises(AnalysisError, match=r"stage: 1 rows .*outcome: 1 rows") as refusal:
        refuse_unknown_words(made_log({"stage": "launch"}, {"outcome": "lost"}))
    assert "launch" not in str(refusal.value)


def made_ratings(lived: list[float], other: list[float]) -> pd.DataFrame:
    """Make ratings of one value by raters of both sides."""
    sides = ["lived_experience"] * len(lived) + ["professional"] * len(other)
    return pd.DataFrame(
        {
            "rater": [f"R{n}" for n in range(len(sides))],
            "side": sides,
            "part": "value",
            "name": "respect",
            "rating": [*lived, *other],
        }
    )


def test_the_gap_is_welchs_and_sides_stay_apart() -> None:
    """Means 2 and 4, gap -2, with the interval and p that scipy gives for unequal variances."""
    lived, other = [1.0, 2.0, 3.0], [3.0, 4.0, 5.0, 4.0]
    row = tabulate_ratings(made_ratings(lived, other)).iloc[0]
    oracle = stats.ttest_ind(lived, other, equal_var=False)
    ends = oracle.confidence_interval(0.95)
    assert (row["lived_experience"], row["professional"], row["gap"]) == (2.0, 4.0, -2.0)
    assert row["p_value"] == pytest.approx(oracle.pvalue)
    assert (row["gap_low"], row["gap_high"]) == pytest.approx((ends.low, ends.high))


def test_one_side_alone_is_refused() -> None:
    """Ratings by professionals are not shown without those of people with lived experience."""
    with pytest.raises(AnalysisError, match="nobody of side lived_experience rated"):
        tabulate_ratings(made_ratings([], [3.0, 4.0]))


def made_scores(scores: dict[str, list[list[float]]], topic: str = "quiet") -> pd.DataFrame:
    """Make scores of one topic: for each side a list a round."""
    rows = [
        (f"{side}{person}", side, topic, turn, score, 1.0)
        for side, rounds in scores.items()
        for turn, round_ in enumerate(rounds, start=1)
        for person, score in enumerate(round_)
    ]
    columns = ["participant", "side", "topic", "round", "score", "rank"]
    return pd.DataFrame(rows, columns=columns)


@pytest.mark.parametrize(
    ("first", "second", "verdict"),
    [
        ([8.0] * 7 + [5.0] * 3, [9.0] * 10, "in"),
        ([8.0] * 6 + [5.0] * 4, [9.0] * 10, "groups differ"),
        ([8.0] * 8 + [1.0] * 2, [9.0] * 10, "groups differ"),
        ([2.0] * 8 + [5.0] * 2, [1.0] * 10, "out"),
        ([5.0] * 10, [5.0] * 10, "no consensus"),
    ],
)
def test_consensus_is_asked_of_every_group(
    first: list[float], second: list[float], verdict: str
) -> None:
    """70% high is in and 60% is not; a fifth against bars it; a group cannot outvote another."""
    table = tabulate_consensus(made_scores({"lived_experience": [first], "staff": [second]}))
    assert table["verdict"].unique().tolist() == [verdict]


def test_stability_and_attrition_count_those_who_answered_both() -> None:
    """Of four who answered both rounds one moved: 25%; one of five dropped out: 80% stayed."""
    scores = made_scores({"staff": [[7, 7, 8, 8, 9], [7, 7, 8, 9]]})
    row = tabulate_stability(scores).iloc[0]
    assert (row["people"], row["change"], row["stable"]) == (4, 25.0, False)
    assert tabulate_attrition(scores)["kept"].tolist() == [100.0, 80.0]


def made_ranks(ranks: dict[str, list[list[float]]]) -> pd.DataFrame:
    """Make ranks of topics a, b, c and so on: for each side a list a participant."""
    rows = [
        (f"{side}{person}", side, chr(97 + at), 1.0, 5.0, rank)
        for side, people in ranks.items()
        for person, own in enumerate(people)
        for at, rank in enumerate(own)
    ]
    columns = ["participant", "side", "topic", "round", "score", "rank"]
    return pd.DataFrame(rows, columns=columns)


RANKS = {
    "lived_experience": [[1.0, 2.0, 3.0], [1.0, 2.0, 3.0], [2.0, 1.0, 3.0]],
    "professional": [[3.0, 1.0, 2.0], [3.0, 2.0, 1.0], [3.0, 1.0, 2.0]],
}


def test_concordance_by_hand_and_with_ties() -> None:
    """Two alike and one reversed: W = 12 x 2 / (9 x 24); with ties, Friedman's over n(k - 1)."""
    assert kendall_w(np.array([[1.0, 2, 3], [1, 2, 3], [3, 2, 1]])) == pytest.approx(24 / 216)
    tied = np.array([[1.0, 2.5, 2.5, 4], [1, 2, 3, 4], [2, 1, 3.5, 3.5], [1, 3, 2, 4]])
    chi = stats.friedmanchisquare(*tied.T).statistic
    assert kendall_w(tied) == pytest.approx(chi / (4 * 3), abs=EXACT)


def test_lists_stand_beside_each_other_with_their_correlation() -> None:
    """Points 5/3, 4/3, 0 and 0, 5/3, 4/3: correlations as scipy gives them for those points."""
    ballots = open_ballots(made_ranks(RANKS))
    rng = np.random.default_rng(SEED)
    places = tabulate_places(ballots, rng, draws=99).pivot_table(
        index="topic", columns="side", values="points"
    )
    assert places["lived_experience"].tolist() == pytest.approx([5 / 3, 4 / 3, 0])
    assert places["professional"].tolist() == pytest.approx([0, 5 / 3, 4 / 3])
    row = tabulate_rank_agreement(ballots, rng, draws=99).iloc[0]
    sides = places["lived_experience"], places["professional"]
    assert row["spearman"] == pytest.approx(stats.spearmanr(*sides).statistic)
    assert row["kendall"] == pytest.approx(stats.kendalltau(*sides).statistic)


def test_a_merged_list_shows_what_its_weights_do() -> None:
    """With all the weight on one side the list is that side's; equal weights put b first."""
    merged = tabulate_merged(
        open_ballots(made_ranks(RANKS)), {"lived_experience": 1.0, "professional": 0.0}
    ).set_index("topic")
    assert merged[STATED].tolist() == [1.0, 2.0, 3.0]
    assert merged["equal weights"]["b"] == 1.0
    assert merged["moves"]["a"] == 1.0


def test_weights_that_are_of_no_group_are_refused() -> None:
    """No list is merged by weights that leave a group out."""
    with pytest.raises(AnalysisError, match="1 are given for 2 groups"):
        tabulate_merged(open_ballots(made_ranks(RANKS)), {"professional": 1.0})


def test_participants_without_a_whole_list_are_left_out_and_counted() -> None:
    """Who ranked two of three topics is left out; the others are kept."""
    ranks = made_ranks(RANKS).iloc[1:]
    ballots = open_ballots(ranks)
    assert (ballots.left_out, len(ballots.ranks["lived_experience"])) == (1, 2)


def test_concordance_of_random_ranks_is_not_shown_by_chance() -> None:
    """Ranks drawn at random get a large p, a shared order the least one."""
    rng = np.random.default_rng(SEED)
    noise = [list(rng.permutation(5) + 1.0) for _ in range(8)]
    ballots = open_ballots(made_ranks({"noise": noise, "order": [[1, 2, 3, 4, 5]] * 8}))
    p_values = tabulate_concordance(ballots, rng, 199).set_index("side")["p_value"]
    assert p_values["noise"] > 0.05
    assert p_values["order"] == pytest.approx(1 / 200)


def made_picks() -> pd.DataFrame:
    """Make two participants' picks among a, b, c in pairs of a balanced design."""
    rows = [
        ("P1", "q1", "a", "best"),
        ("P1", "q1", "b", "worst"),
        ("P1", "q2", "a", "best"),
        ("P1", "q2", "c", "worst"),
        ("P1", "q3", "b", "best"),
        ("P1", "q3", "c", "worst"),
        ("P2", "q1", "a", "best"),
        ("P2", "q1", "b", "worst"),
        ("P2", "q2", "a", "worst"),
        ("P2", "q2", "c", "best"),
        ("P2", "q3", "b", "worst"),
        ("P2", "q3", "c", "best"),
    ]
    table = pd.DataFrame(rows, columns=["participant", "question", "topic", "picked"])
    return table.assign(side="lived_experience")


def test_best_worst_scores_by_hand() -> None:
    """Shown 4 times each: a best 3 worst 1, b best 1 worst 3, c even; shares by odds 3, 1/3, 1."""
    picks = made_picks()
    found = tabulate_best_worst(picks, np.random.default_rng(SEED), draws=99).set_index("topic")
    assert found["score"].tolist() == [0.5, -0.5, 0.0]
    odds = np.array([3, 1 / 3, 1])
    assert found["share"].tolist() == pytest.approx(list(100 * odds / odds.sum()))
    assert is_balanced(picks) and not is_balanced(picks.iloc[:-2])


def test_a_question_without_one_best_and_one_worst_is_refused() -> None:
    """Two bests in one question, and an unknown word, are refused with counts."""
    picks = made_picks()
    with pytest.raises(AnalysisError, match="1 questions have not one best"):
        tabulate_best_worst(
            picks.assign(picked=["best", *["best"] * 1, *picks["picked"][2:]]),
            np.random.default_rng(SEED),
            draws=99,
        )
    with pytest.raises(AnalysisError, match="1 rows are none of best"):
        tabulate_best_worst(
            picks.assign(picked=["top", *picks["picked"][1:]]),
            np.random.default_rng(SEED),
            draws=99,
        )


def test_a_missing_item_is_called_missing() -> None:
    """Four items are said and one is not: it stands as missing, never left out."""
    table = tabulate_reporting({"aim": "x", "methods": "x", "results": "x", "discussion": "x"})
    assert table["state"].tolist() == ["reported"] * 4 + ["missing"]
    assert "nobody has written" in table["said"].iloc[-1]


def test_groups_without_a_seat_are_named() -> None:
    """Of the served a fifth is Black and no partner is: no seat, 20 percentage points apart."""
    partners = pd.DataFrame({"ethnic_group": ["White", "White", "not stated"]})
    served = pd.DataFrame({"ethnic_group": ["White", "Black"], "people": [80.0, 20.0]})
    row = tabulate_make_up(partners, served).set_index("group").loc["Black"]
    assert (row["of"], row["served_share"], row["apart"], row["seat"]) == (
        2,
        20.0,
        -20.0,
        "no seat",
    )


def test_make_up_without_a_shared_characteristic_is_refused() -> None:
    """Partners by sex cannot be set beside people by age."""
    with pytest.raises(AnalysisError, match="no characteristic is known of partners"):
        tabulate_make_up(pd.DataFrame({"sex": ["x"]}), pd.DataFrame({"age_band": ["y"]}))


def test_the_dose_is_the_share_by_quarter() -> None:
    """In the first quarter 2 of 6 decisions are shared, in the second 1 of 1: 3 of 7 so far."""
    doses = tabulate_doses(made_log(*LOG))
    assert doses["period"].tolist() == ["2024Q1", "2024Q2"]
    assert doses["dose"].tolist() == pytest.approx([100 * 2 / 6, 100.0])
    assert doses["so_far"].iloc[-1] == pytest.approx(100 * 3 / 7)


def test_an_association_needs_units_that_differ() -> None:
    """A log of all units together has one dose; nine units in step are correlated wholly."""
    outcomes = pd.DataFrame({"unit": [f"U{n}" for n in range(9)], "outcome": np.arange(9.0)})
    rng = np.random.default_rng(SEED)
    with pytest.raises(AnalysisError, match="the log names no units"):
        associate_dose(made_log(*LOG), outcomes, rng)
    rows = [{"unit": f"U{n}", **(LIVED if k < n else {})} for n in range(9) for k in range(8)]
    row = associate_dose(made_log(*rows), outcomes, rng, draws=199).iloc[0]
    assert row["correlation"] == pytest.approx(1.0)
    assert row["p_value"] <= 2 / 200
