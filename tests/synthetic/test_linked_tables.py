"""The linked tables: columns as agreed, values on their scales, nobody who could be a person."""

import json

import pandas as pd
import pytest

from evalkit.data.identifiers import describe_nhs_numbers, find_identifier_columns
from evalkit.synthetic.linked.answers import NOTEBOOKS
from evalkit.synthetic.linked.causes import FACETS, WORLDS
from evalkit.synthetic.linked.draws import TABLES
from evalkit.synthetic.linked.fields import FIELDS
from evalkit.synthetic.linked.items import ITEMS
from evalkit.synthetic.linked.labels import AWKWARD, NAMES
from evalkit.synthetic.linked.make import LinkedWorld, make_linked_world

ITEM_NAMES = " ".join(f"i{number:02d}" for number in range(1, 17))
CARERQOL = " ".join(f"carerqol_{number}" for number in range(1, 8))
PEOPLE = "age_band sex ethnic_group deprivation_decile"
AGREED = {
    "trusts": "trust trust_name region london specialist beds start",
    "wards": "ward ward_name trust ward_type start",
    "items": "item wording facet touchpoint options always_event",
    "patients": f"ward trust month respondent overall {ITEM_NAMES} relational functional felt "
    f"{PEOPLE} imd_version carer disability clinical_area plus_group route mode invited_weight",
    "eligible": f"trust month {PEOPLE} people",
    "staff": "trust ward month occupation q2a q2b q2c q3c q3d q3f q25a q25c q25d q12a q12b q12c "
    "q12d q12e q12f q12g q26a q26b q26c q3g q3h q3i",
    "absence": "trust month days_lost days_available",
    "carers": f"dyad trust month wave hours_band {PEOPLE} status sace_occupation sace_control "
    f"sace_personal_care sace_safety sace_social sace_encouragement {CARERQOL} happiness offered "
    "identified patient_overall",
    "fft": "trust trust_name month mode very_good good neither poor very_poor dont_know eligible",
    "complaints": "trust month complaints pals activity theme",
    "comments": "comment trust month question score group deprived text sentiment",
    "codes": "comment coder label sampled",
    "stories": "story consent withdrawn teller touchpoint theme text presented_to date learning "
    "action owner due closed fed_back",
    "emotions": "participant role touchpoint emotion valence intensity consent",
    "decisions": "decision date stage subject proposed_by decided_by_lived_experience "
    "decided_by_staff decided_by_leaders lived_experience_position staff_position "
    "leaders_position outcome reason paid_hours rate unit",
    "partners": f"partner role {PEOPLE} carer disability",
    "ratings": "rater side part name rating",
    "priorities": "participant side topic round score rank",
    "evidence": "theme source source_type direction prominence example coder code detectable",
    "programmes": "programme action owner measure better target due status",
    "measures": "programme measure month value base",
    "costs": "ward trust month item payer amount price_year",
    "activity": "ward trust month discharges sickness_days",
    "best_worst": "participant side question topic picked",
}
"""The columns that studies read, in the order agreed on."""


@pytest.fixture(scope="module")
def world() -> LinkedWorld:
    """Return a small world with all its tables."""
    return make_linked_world("effect_relational", 3, people=1200, trusts=4, wards=3)


def test_tables_have_the_agreed_columns(world: LinkedWorld) -> None:
    """Each table has the columns that studies read, in order, and each column is described."""
    assert tuple(world.tables) == TABLES
    assert set(AGREED) == set(TABLES) == set(FIELDS)
    for name, table in world.tables.items():
        assert list(table) == AGREED[name].split() == list(FIELDS[name]), name
        assert len(table), name


def test_links_lead_somewhere(world: LinkedWorld) -> None:
    """Every ward, trust and comment that a table names stands in the table of those."""
    wards = world.tables["wards"].set_index("ward")["trust"]
    for name, table in world.tables.items():
        if "trust" in table:
            assert table["trust"].isin(world.tables["trusts"]["trust"]).all(), name
        if "ward" in table and name != "wards":
            assert (table["ward"].map(wards) == table["trust"]).all(), name
    assert world.tables["codes"]["comment"].isin(world.tables["comments"]["comment"]).all()
    assert not world.tables["comments"]["comment"].duplicated().any()


def test_answers_lie_on_their_scales(world: LinkedWorld) -> None:
    """Options, scores and deciles are those of the questionnaire; a facet is its items' mean."""
    patients = world.tables["patients"]
    for item in ITEMS[:-1]:
        assert patients[item.item].dropna().between(1, 3).all()
    assert patients["overall"].between(0, 10).all()
    assert (patients["i16"] == patients["overall"]).all()
    assert patients["deprivation_decile"].dropna().between(1, 10).all()
    for facet in FACETS:
        mine = [item.item for item in ITEMS if item.facet == facet]
        points = (3 - patients[mine].astype("Float64").to_numpy(float, na_value=float("nan"))) * 5
        mean = pd.DataFrame(points).mean(axis=1).round(2)
        assert (mean.isna() == patients[facet].isna()).all()
        assert ((mean - patients[facet]).abs().dropna() < 0.011).all()
    for _, answers in world.tables["staff"].filter(regex="^q").items():
        assert answers.dropna().between(1, 5).all()
    for _, answers in world.tables["carers"].filter(regex="^(sace|carerqol)_").items():
        assert answers.dropna().between(1, 3).all()


def test_only_carers_who_still_care_answer_after(world: LinkedWorld) -> None:
    """Where caring ended or nobody answered, the second wave is empty; the row stays."""
    carers = world.tables["carers"]
    lost = carers["status"] != "caring"
    assert lost.any()
    assert (carers.loc[lost, "wave"] == "after").all()
    assert carers.loc[lost, ["happiness", "identified", "patient_overall"]].isna().all(axis=None)
    assert (carers.groupby("dyad").size() == 2).all()


def test_labels_are_the_thirty_two(world: LinkedWorld) -> None:
    """A coder gives each comment it codes one or more of the 32 labels; the machine codes all."""
    codes = world.tables["codes"]
    assert len(NAMES) == 32
    assert set(codes["label"]) <= set(NAMES)
    machine = codes[codes["coder"] == "machine"]
    assert set(machine["comment"]) == set(world.tables["comments"]["comment"])
    people = codes[codes["coder"] != "machine"]
    assert (people["sampled"] == "yes").all()
    coded = people.groupby("coder")["comment"].agg(set)
    assert coded["human_a"] == coded["human_b"] > coded["lived_experience"]
    assert not codes.duplicated(["comment", "coder", "label"]).any()


def test_nobody_can_be_a_person(world: LinkedWorld) -> None:
    """No column names an identifier, no text looks like an NHS number, names say Synthetic."""
    for name, table in world.tables.items():
        texts = table.astype("str")
        assert find_identifier_columns(table.columns.tolist()) == [], name
        assert describe_nhs_numbers(texts) == [], name
    assert world.tables["trusts"]["trust_name"].str.startswith("Synthetic").all()
    assert world.tables["wards"]["ward_name"].str.startswith("Synthetic").all()


def test_texts_that_are_hard_to_show_are_there_and_flagged(world: LinkedWorld) -> None:
    """Markup, formulae, names, numbers and right-to-left letters stand in rows that truth names."""
    comments = world.tables["comments"].set_index("comment")["text"]
    labels = world.truth["labels"]
    assert isinstance(labels, dict)
    assert set(comments[labels["awkward"]]) == set(comments[comments.isin(AWKWARD)])
    stories = world.tables["stories"].set_index("story")["text"]
    told = world.truth["stories"]
    assert isinstance(told, dict)
    hard = stories[told["awkward"]]
    assert all(any(text.startswith(each) for each in AWKWARD) for text in hard)
    joined = " ".join(AWKWARD)
    assert all(sign in joined for sign in ("<script>", "=cmd", "Nurse", "9 out of 10", "\u0634"))


def test_withdrawn_stories_are_there_to_be_left_out(world: LinkedWorld) -> None:
    """Some stories are withdrawn, and the words of each story stand in no other."""
    stories = world.tables["stories"]
    withdrawn = stories.loc[stories["withdrawn"] == "yes", "story"].tolist()
    told = world.truth["stories"]
    assert isinstance(told, dict)
    assert withdrawn == told["withdrawn"]
    assert stories["text"].is_unique
    assert set(stories["consent"]) == {"internal", "board", "public"}


@pytest.mark.parametrize("name", WORLDS)
def test_truth_answers_each_notebook(name: str) -> None:
    """Each world says what may be concluded in each notebook, and its truth can be stored."""
    world = make_linked_world(name, 1, people=200, trusts=2, wards=2)
    answers = world.truth["right_answer"]
    assert isinstance(answers, dict)
    assert tuple(answers) == NOTEBOOKS
    assert all(answers.values())
    assert world.truth["synthetic"] is True
    json.dumps(world.truth, allow_nan=False)


def test_worlds_share_what_causes_do_not_touch() -> None:
    """Two worlds of one seed differ only by their causes: who could have answered is the same."""
    null = make_linked_world("null", 5, people=300, trusts=2, wards=2).tables
    moved = make_linked_world("mode_shift", 5, people=300, trusts=2, wards=2).tables
    differ = [name for name in TABLES if not null[name].equals(moved[name])]
    assert differ == ["fft"]


def test_another_seed_is_another_world() -> None:
    """The seed decides: the same one gives the same tables, another one others."""
    first, again, other = (
        make_linked_world("null", seed, people=200, trusts=2, wards=2).tables for seed in (1, 1, 2)
    )
    assert all(first[name].equals(again[name]) for name in TABLES)
    assert not first["patients"].equals(other["patients"])
