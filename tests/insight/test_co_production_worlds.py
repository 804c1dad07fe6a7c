"""Linked worlds of known truth: who decided, and how both sides rate it, are told as made."""

from pathlib import Path

import pandas as pd
import pytest

from evalkit.checks.co_production import check_co_production
from evalkit.equity.make_up import make_up_of
from evalkit.findings.co_production import conclude_co_production, list_not_in_log
from evalkit.insight.co_production import CoProduced, study_co_production
from evalkit.results import Check, Finding, pick_row
from evalkit.study import load_parameters
from evalkit.study.schemas.co_production import CoProduction
from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.co_production import TOPICS, WORTH
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import Size, make_places

FILE = Path(__file__).resolve().parents[2] / "parameters" / "co_production.yml"
TABLES = {
    "decisions": "decisions",
    "partners": "partners",
    "served": "eligible",
    "ratings": "ratings",
    "priorities": "priorities",
    "best_worst": "best_worst",
}
YES_NO = ("decided_by_lived_experience", "decided_by_staff", "decided_by_leaders")
PEOPLE = 300
SEEDS = (5, 6, 7)


def make_tables(seed: int, parameters: CoProduction) -> dict[str, pd.DataFrame]:
    """Make each source with its roles as columns, as the notebook reads them."""
    places = make_places(WORLDS["effect_relational"], seed, Size(PEOPLE))
    tables = {}
    for source, name in TABLES.items():
        columns = parameters.model_dump()[f"{source}_columns"]
        made = make_table(places, name)
        tables[source] = pd.DataFrame({role: made[column] for role, column in columns.items()})
    log = tables["decisions"]
    tables["decisions"] = log.assign(
        **{name: log[name] == "yes" for name in YES_NO}, date=pd.to_datetime(log["date"])
    )
    return tables


def answer(
    tables: dict[str, pd.DataFrame], **changes: object
) -> tuple[Finding, CoProduced, dict[str, Check]]:
    """Answer the question as the notebook does, by the embedded study's parameters."""
    loaded = load_parameters(FILE)
    assert isinstance(loaded, CoProduction)
    parameters = loaded.model_copy(update={"draws": 99, **changes})
    found = study_co_production(tables, parameters)
    make_up = make_up_of(tables, parameters.confidence_level)
    checks = check_co_production(tables, found, make_up, parameters)
    finding = conclude_co_production(found, make_up, checks, parameters)
    assert list_not_in_log(found, make_up)
    return finding, found, {check.name: check for check in checks}


@pytest.fixture(scope="module")
def worlds() -> list[dict[str, pd.DataFrame]]:
    """Return the tables of a few worlds made alike, each from a seed of its own."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, CoProduction)
    return [make_tables(seed, parameters) for seed in SEEDS]


def test_the_gap_between_the_sides_is_recovered(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """Professionals rate a point higher: the interval holds it, and the claim says who is lower."""
    for tables in worlds:
        finding, found, _ = answer(tables)
        row = pick_row(found.ratings, part="all", name="all")
        assert row["gap_low"] <= -1.0 <= row["gap_high"]
        assert finding.claim.endswith("rated lower by lived experience")


def test_who_is_heard_late_is_said(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """Where partners are taken out of the first decisions, the claim and the answer say late."""
    log = worlds[0]["decisions"]
    first = log["stage"] == "question"
    late = log.assign(
        decided_by_lived_experience=log["decided_by_lived_experience"] & ~first,
        decided_by_leaders=log["decided_by_leaders"] | first,
    )
    finding, _, _ = answer(worlds[0] | {"decisions": late})
    assert finding.claim.startswith("joined late")
    assert "on the question, the first stage, in 0 of" in finding.answer


def test_deciders_from_the_start_are_said(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """Where partners are among the deciders throughout, and rate it alike, nothing is late."""
    log = worlds[0]["decisions"].assign(decided_by_lived_experience=True)
    alike = worlds[0]["ratings"].assign(rating=3.0)
    finding, _, _ = answer(worlds[0] | {"decisions": log, "ratings": alike})
    assert finding.claim == "shared from the start"


def test_no_part_and_too_few_are_not_called_shared(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """A log without partners, and one of four decisions, give no claim of sharing."""
    log = worlds[0]["decisions"]
    nobody = log.assign(decided_by_lived_experience=False)
    assert answer(worlds[0] | {"decisions": nobody})[0].claim == "no part in decisions"
    assert answer(worlds[0] | {"decisions": log.head(4)})[0].claim == "too few decisions"


def test_both_lists_stand_and_neither_is_lost(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """Each side's first by its own worth is found; no list is merged unless a weight is set."""
    _, found, _ = answer(worlds[0], weight_lived_experience=None)
    assert found.priorities.merged.empty
    tops = found.priorities.places.query("place <= 3").groupby("side")["topic"].agg(set)
    assert "carers told of discharge" in tops["lived_experience"]
    assert "shorter waits" in tops["professional"]
    assert len(found.priorities.agreement) == 1


def test_a_log_alone_says_what_is_not_known(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """With decisions alone the study answers, and checks of all else cannot tell."""
    finding, _, checks = answer({"decisions": worlds[0]["decisions"]}, gripp2_aim=None)
    assert finding.claim in ("joined late", "shared from the start")
    unknown = {name for name, check in checks.items() if check.verdict == "cannot tell"}
    assert {"seats", "both_rated", "settled"} <= unknown
    assert "aim" in checks["reporting"].finding


def test_an_item_that_nobody_wrote_is_a_concern(worlds: list[dict[str, pd.DataFrame]]) -> None:
    """The reflections are missing in the embedded study, and the check names them."""
    _, found, checks = answer(worlds[0])
    assert found.reporting["state"].tolist().count("missing") == 1
    assert checks["reporting"].verdict == "concern"
    assert "reflection" in checks["reporting"].finding


def test_what_each_side_picks_is_what_is_of_most_worth_to_it() -> None:
    """Best-worst scores put topics in the order of their worth to a side, in balanced questions."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, CoProduction)
    finding, found, checks = answer(make_tables(5, parameters))
    assert checks["balance"].verdict == "passes"
    for side, worth in WORTH.items():
        picks = found.priorities.best_worst
        own = picks[picks["side"] == side].set_index("topic")["score"]
        assert own.corr(pd.Series(worth, TOPICS), method="spearman") > 0.9
    assert "pick carers told of discharge most and parking least" in " ".join(finding.meaning)


def test_whether_a_voice_counted_for_more_is_told_by_intervals() -> None:
    """Voices that get what they ask about as often are not told apart; one that never does is."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, CoProduction)
    tables = make_tables(5, parameters)
    log = tables["decisions"].assign(
        lived_experience_position="for", staff_position="for", outcome="adopted"
    )
    for leaders, alike in (("for", True), ("against", False)):
        finding, _, _ = answer(tables | {"decisions": log.assign(leaders_position=leaders)})
        said = next(text for text in finding.meaning if text.startswith("Decisions that came out"))
        assert ("no voice is shown to count for more" in said) == alike


def test_a_first_place_that_others_may_share_is_not_said_alone() -> None:
    """Where another topic's interval of places reaches the first, the sentence says so."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, CoProduction)
    finding, found, _ = answer(make_tables(5, parameters))
    places = found.priorities.places
    said = next(text for text in finding.meaning if " first" in text and "rank" in text)
    shared = 0
    for _, own in places.groupby("side"):
        first = own["place"].min()
        shared += bool((own.loc[own["place"] > first, "place_low"] <= first).any())
    assert 0 < shared < places["side"].nunique()
    assert said.count("others may be as high") == shared


def test_sharing_decisions_is_not_said_to_make_care_better() -> None:
    """What trusts share goes with their patients' experience by chance alone, and no effect."""
    parameters = load_parameters(FILE)
    assert isinstance(parameters, CoProduction)
    tables = make_tables(6, parameters)
    patients = make_table(make_places(WORLDS["effect_relational"], 6, Size(PEOPLE)), "patients")
    outcomes = patients[["trust", "overall"]].set_axis(["unit", "outcome"], axis="columns")
    finding, found, _ = answer(tables | {"outcomes": outcomes})
    row = found.decided.association.iloc[0]
    assert row["units"] == tables["decisions"]["unit"].nunique()
    assert row["p_value"] > 0.05
    assert "not told apart from none" in " ".join(finding.meaning)
