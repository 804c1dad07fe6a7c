"""Convergence by hand: codes of pairs, labels of themes, silence, coders, and pooled sites."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.insight.convergence import (
    CODES,
    leave_sources_out,
    open_evidence,
    tabulate_differences,
    tabulate_labels,
    tabulate_pairs,
    tabulate_silence,
)
from evalkit.insight.site_effects import WITH, estimate_sites, pool_sites
from evalkit.measures.coder_agreement import tabulate_coder_agreement

SURVEY, COMMENTS, STORIES, STAFF = "survey", "comments", "stories", "staff"
REPLACES = 1e-9


def made_evidence(
    directions: dict[str, str], codes: dict[str, tuple[str, ...]] | None = None, **more: Any
) -> pd.DataFrame:
    """Make one theme: what each source says, and three coders' codes (else as they should be)."""
    codes = codes or {}
    reference = directions[SURVEY]
    rows = []
    for source, direction in directions.items():
        usual = ("agreement" if direction == reference else "dissonance",) * 3
        if "silent" in (direction, reference):
            usual = ("silence",) * 3
        elif "same" in (direction, reference) and direction != reference:
            usual = ("partial",) * 3
        for coder, code in zip("abc", codes.get(source, usual), strict=True):
            rows.append(
                {
                    "theme": "waiting",
                    "source": source,
                    "source_type": source,
                    "direction": direction,
                    "prominence": "none" if direction == "silent" else "high",
                    "example": None,
                    "coder": coder,
                    "code": code,
                    "detectable": True,
                    **more,
                }
            )
    return pd.DataFrame(rows)


def label_of(evidence: pd.DataFrame, designed: tuple[str, ...] = (SURVEY,)) -> str:
    """Return the label of the one theme."""
    opened = open_evidence(evidence, SURVEY)
    return str(tabulate_labels(opened, {"waiting": designed})["label"].iloc[0])


@pytest.mark.parametrize(
    ("directions", "designed", "label"),
    [
        ({SURVEY: "better", COMMENTS: "better", STORIES: "better"}, (SURVEY,), "strong"),
        ({SURVEY: "better", COMMENTS: "better", STORIES: "better"}, (), "moderate"),
        ({SURVEY: "better", COMMENTS: "better", STORIES: "silent"}, (SURVEY,), "moderate"),
        ({SURVEY: "better", COMMENTS: "same", STORIES: "silent"}, (SURVEY,), "moderate"),
        ({SURVEY: "better", COMMENTS: "silent", STORIES: "silent"}, (SURVEY,), "single-source"),
        ({SURVEY: "silent", COMMENTS: "silent"}, (SURVEY,), "not heard of"),
        (
            {SURVEY: "better", COMMENTS: "worse", STORIES: "better", STAFF: "better"},
            (SURVEY,),
            "contested",
        ),
        ({SURVEY: "silent", COMMENTS: "better", STORIES: "worse"}, (), "contested"),
    ],
)
def test_labels_by_the_rule(
    directions: dict[str, str], designed: tuple[str, ...], label: str
) -> None:
    """Three kinds with a designed comparison are strong; any dissonance is contested."""
    assert label_of(made_evidence(directions), designed) == label


def test_three_sources_of_one_kind_are_not_three_kinds() -> None:
    """Three surveys that agree are one kind of source: never strong."""
    directions = {SURVEY: "better", COMMENTS: "better", STORIES: "better"}
    assert label_of(made_evidence(directions, source_type="survey")) != "strong"


def test_most_coders_decide_and_the_rule_where_they_do_not() -> None:
    """Two of three say silence: silence stands. All three differ: what the sources say stands."""
    directions = {SURVEY: "better", COMMENTS: "better", STORIES: "better"}
    codes = {
        COMMENTS: ("silence", "agreement", "silence"),
        STORIES: ("silence", "agreement", "partial"),
    }
    opened = open_evidence(made_evidence(directions, codes), SURVEY)
    pairs = tabulate_pairs(opened).set_index(["first", "second"])
    assert pairs.loc[(SURVEY, COMMENTS), ["code", "told_by"]].tolist() == ["silence", "most coders"]
    assert pairs.loc[(SURVEY, STORIES), "code"] == "agreement"
    assert pairs.loc[(COMMENTS, STORIES), "told_by"] == "what the sources say"
    assert tabulate_differences(opened)["source"].tolist() == [COMMENTS, STORIES]


def test_dissonance_that_most_coders_hear_contests_a_theme() -> None:
    """Sources that point one way are contested where most coders hear the opposite."""
    directions = {SURVEY: "better", COMMENTS: "better", STORIES: "better"}
    heard = {COMMENTS: ("dissonance", "dissonance", "agreement")}
    assert label_of(made_evidence(directions, heard)) == "contested"


def test_leaving_out_the_one_that_disagrees_is_seen() -> None:
    """Without the comments the theme is strong; without the survey it stays contested."""
    directions = {SURVEY: "better", COMMENTS: "worse", STORIES: "better", STAFF: "better"}
    opened = open_evidence(made_evidence(directions), SURVEY)
    left = leave_sources_out(opened, {"waiting": [SURVEY]}).set_index("left_out")
    assert left.loc[COMMENTS, ["without", "changes"]].tolist() == ["strong", "changes"]
    assert left.loc[SURVEY, "without"] == "contested"


def test_silence_says_whether_the_source_could_have_heard() -> None:
    """A silent source that could not have heard is told from one that could."""
    evidence = made_evidence({SURVEY: "better", COMMENTS: "silent", STORIES: "silent"})
    evidence["detectable"] = evidence["source"] != STORIES
    silence = tabulate_silence(open_evidence(evidence, SURVEY)).set_index("source")["meaning"]
    assert silence[COMMENTS].startswith("could have heard")
    assert silence[STORIES].startswith("could not")


def test_evidence_that_cannot_be_read_is_refused() -> None:
    """Unknown words, two statements of one source, and an unknown reference are refused."""
    evidence = made_evidence({SURVEY: "better", COMMENTS: "better"})
    with pytest.raises(AnalysisError, match="direction: 1 rows are none of"):
        open_evidence(evidence.assign(direction=["up", *evidence["direction"][1:]]), SURVEY)
    with pytest.raises(AnalysisError, match="1 times a source says two things"):
        open_evidence(evidence.assign(direction=["worse", *evidence["direction"][1:]]), SURVEY)
    with pytest.raises(AnalysisError, match="reference_source"):
        open_evidence(evidence, "minutes")


def test_coder_agreement_by_hand() -> None:
    """Two coders agree on 35 of 50 cells, 20 and 15 of each code: kappa 0.40 (golden)."""
    counts = {(0, 0): 20, (0, 1): 5, (1, 0): 10, (1, 1): 15}
    cells = np.array([pair for pair, n in counts.items() for _ in range(n)], dtype=float)
    rng = np.random.default_rng(3)
    table = tabulate_coder_agreement(cells, ("a", "b"), rng, draws=99).set_index("measure")
    assert table["estimate"]["kappa"] == pytest.approx(0.40, abs=REPLACES)
    assert table["conf_low"]["kappa"] < 0.40 < table["conf_high"]["kappa"]
    assert len(CODES) == 4


def made_sites(effect: float, seed: int = 11) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Make answers of ten sites of two units, half of which begin in the third of four months."""
    rng = np.random.default_rng(seed)
    rows = []
    for site in range(10):
        level = rng.normal(8, 0.3)
        for month in range(1, 5):
            gain = effect if site < 5 and month > 2 else 0.0
            for unit in "AB":
                for score in rng.normal(level + gain, 1.0, 30):
                    rows.append((f"S{site}{unit}", f"S{site}", f"2024-0{month}", score))
    answers = pd.DataFrame(rows, columns=["unit", "site", "period", "felt"])
    units = pd.DataFrame({"unit": answers["unit"].unique()})
    return answers, units.assign(start=["2024-03" if u < "S5" else None for u in units["unit"]])


def test_a_sites_change_is_its_mean_after_less_before() -> None:
    """Sites that began are told from those that did not, and each change is a plain difference."""
    answers, units = made_sites(0.5)
    row = estimate_sites(answers, units, "felt").set_index("site").loc["S0"]
    own = answers[answers["site"] == "S0"]
    after = own["period"] >= "2024-03"
    assert row["kind"] == WITH
    assert row["change"] == pytest.approx(
        own.loc[after, "felt"].mean() - own.loc[~after, "felt"].mean()
    )


def test_the_effect_over_sites_is_recovered() -> None:
    """A gain of half a point lies in the interval, whose ends leave zero out; no gain does not."""
    for effect in (0.5, 0.0):
        found = pool_sites(estimate_sites(*made_sites(effect), "felt"))
        assert found.effect.conf_low <= effect <= found.effect.conf_high
        assert (found.effect.conf_low > 0) == (effect > 0)
        assert len(found.without_one) == 10


def test_sites_that_cannot_be_compared_are_refused() -> None:
    """All began, units of a site at different times, and too few sites of a kind, are refused."""
    answers, units = made_sites(0.0)
    with pytest.raises(AnalysisError, match="10 of 10 began"):
        estimate_sites(answers, units.assign(start="2024-03"), "felt")
    mixed = units.assign(start=["2024-04", *units["start"][1:]])
    with pytest.raises(AnalysisError, match="in 1 sites units began at different times"):
        estimate_sites(answers, mixed, "felt")
    few = answers[answers["site"].isin(["S0", "S1", "S7", "S8", "S9"])]
    with pytest.raises(AnalysisError, match="2 with the programme and 3 without it"):
        pool_sites(estimate_sites(few, units, "felt"))
