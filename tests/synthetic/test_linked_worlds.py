"""Simple estimates recover each linked world's truth, and each trap misleads as it should."""

from functools import cache

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.linked.causes import FACETS, WORLDS
from evalkit.synthetic.linked.draws import random_for, round_at_random, spread_people
from evalkit.synthetic.linked.evidence import SOURCES, direction_of, tabulate_codes
from evalkit.synthetic.linked.label_truth import tell_labels
from evalkit.synthetic.linked.labels import CARERS
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import MONTHS, START, Places, Size, make_places
from evalkit.synthetic.linked.truth import tell_truth

ANSWERS = Size(people=24_000, trusts=24, wards=4)
MANY = Size(people=1, trusts=200, wards=6)

CLOSE = 0.2
"""Points: three standard errors of a comparison over two dozen trusts and 24,000 answers."""
EXACT = 0.03
"""Points: what 200 trusts' own ups and downs leave."""
ANSWERS_GOOD = ["very_good", "good"]
ANSWERS_ALL = [*ANSWERS_GOOD, "neither", "poor", "very_poor", "dont_know"]


@cache
def places_of(name: str, size: Size = ANSWERS) -> Places:
    """Return the places of a world."""
    return make_places(WORLDS[name], 8, size)


@cache
def table_of(name: str, table: str, size: Size = ANSWERS) -> pd.DataFrame:
    """Return a table of a world, with who has the programme and when it runs."""
    places = places_of(name, size)
    made = make_table(places, table)
    key = "ward" if "ward" in made else "trust"
    where = places.wards if key == "ward" else places.trusts
    treated = made[key].isin(where.loc[where["start"].notna(), key])
    return made.assign(treated=treated, after=made["month"] >= MONTHS[START])


def change(table: pd.DataFrame, column: str) -> float:
    """Return how much more the mean changed in treated places than in others."""
    means = table.groupby(["treated", "after"])[column].mean().to_numpy().reshape(2, 2)
    return float(means[1, 1] - means[1, 0] - means[0, 1] + means[0, 0])


def gap_change(table: pd.DataFrame, column: str) -> float:
    """Return how much more the most deprived fifth changed than the rest."""
    core20 = (table["deprivation_decile"] <= 2).fillna(value=False).astype(bool)
    return change(table[core20], column) - change(table[~core20], column)


def levels(places: Places, months: slice) -> np.ndarray:
    """Return each ward's true overall level over some months."""
    return np.asarray(places.experience[:, months].mean(axis=(0, 1)))


def test_only_the_relational_facet_moves_where_only_it_does() -> None:
    """effect_relational: the relational facet improves by 0.45, the functional by nothing."""
    patients = table_of("effect_relational", "patients")
    assert change(patients, "relational") == pytest.approx(0.45, abs=CLOSE)
    assert change(patients, "functional") == pytest.approx(0, abs=CLOSE)
    assert change(patients, "overall") == pytest.approx(0.15, abs=CLOSE)
    places = places_of("effect_relational")
    shown = (places.experience - places.without)[:, START + 1 :, places.treated]
    assert shown.mean(axis=(1, 2)) == pytest.approx([0.45, 0, 0], abs=1e-9)
    assert (shown[:, :, ~places.treated[places.treated]] == 0).all()


def test_engagement_rises_and_carries_a_part() -> None:
    """effect_relational: engagement rises by 0.15, and patients gain 0.03 of 0.15 by way of it."""
    places = places_of("effect_relational", MANY)
    staff = pd.DataFrame(places.engagement).T.assign(treated=places.treated_trusts)
    means = staff.groupby("treated").mean()
    rise = (means.loc[:, START:].mean(axis=1) - means.loc[:, : START - 1].mean(axis=1)).diff()
    assert rise.iloc[1] == pytest.approx(0.15, abs=EXACT)
    told = tell_truth("effect_relational", 8, places, labels=False)["staff"]
    assert isinstance(told, dict)
    assert told["overall_effect_through_staff"] == pytest.approx(0.03)


@pytest.mark.parametrize("column", ["overall", *FACETS])
def test_nothing_moves_in_the_null_world(column: str) -> None:
    """null: no facet moves, nor does anything by chance alone beyond its error."""
    assert change(table_of("null", "patients"), column) == pytest.approx(0, abs=CLOSE)
    places = places_of("null")
    assert (places.experience == places.without).all()


def test_confounded_trusts_were_already_improving() -> None:
    """confounded: the comparison shows a gain that was there before the start."""
    places = places_of("confounded", MANY)
    spans = [levels(places, span) for span in (slice(0, 6), slice(6, 12), slice(12, 24))]
    early, late, after = (
        float(level[places.treated].mean() - level[~places.treated].mean()) for level in spans
    )
    assert after - (early + late) / 2 > 0.15
    assert late - early > 0.1
    assert (places.experience == places.without).all()


def test_staff_follow_patients_where_it_is_reversed() -> None:
    """reverse: last month's experience goes with engagement, last month's engagement does not."""
    places = places_of("reverse", MANY)
    overall = places.experience.mean(axis=0).reshape(len(MONTHS), MANY.trusts, -1).mean(axis=2)
    staff, patients = (x - x.mean(axis=0) for x in (places.engagement, overall))
    forward = np.corrcoef(staff[:-1].ravel(), patients[1:].ravel())[0, 1]
    back = np.corrcoef(patients[:-1].ravel(), staff[1:].ravel())[0, 1]
    assert back > forward + 0.1


def test_the_worst_wards_come_back_by_themselves() -> None:
    """worst_chosen: chosen wards gain against their worst half-year, not against the one before."""
    places = places_of("worst_chosen", MANY)
    early, worst, after = (
        levels(places, span)[places.treated].mean()
        for span in (slice(0, 6), slice(6, 12), slice(12, 24))
    )
    assert after - worst > 0.4
    assert after - early == pytest.approx(0, abs=EXACT)
    assert places.treated.mean() == pytest.approx(1 / 3, abs=0.01)
    assert levels(places, slice(6, 12))[places.treated].max() < levels(places, slice(6, 12)).mean()


def test_only_the_way_of_asking_moves() -> None:
    """mode_shift: more is positive in all, but not within any way of asking."""
    fft = table_of("mode_shift", "fft")
    counts = fft.assign(positive=fft[ANSWERS_GOOD].sum(axis=1), all=fft[ANSWERS_ALL].sum(axis=1))
    keys = ["treated", "after"]
    crude = counts.groupby(keys)[["positive", "all"]].sum()
    rise = (100 * crude["positive"] / crude["all"]).to_numpy().reshape(2, 2)
    by_mode = counts.groupby(["mode", *keys])[["positive", "all"]].sum()
    within = (100 * by_mode["positive"] / by_mode["all"]).to_numpy().reshape(-1, 2, 2)
    weight = by_mode["all"].groupby("mode").sum().to_numpy()
    kept = within[:, 1, 1] - within[:, 1, 0] - within[:, 0, 1] + within[:, 0, 0]
    crude_change = rise[1, 1] - rise[1, 0] - rise[0, 1] + rise[0, 0]
    assert crude_change > 2
    assert np.average(kept, weights=weight) == pytest.approx(0, abs=1)
    told = tell_truth("mode_shift", 8, places_of("mode_shift"), labels=False)["friends_and_family"]
    assert isinstance(told, dict)
    meant = told["percent_positive_from_mix_alone_after"] - told["percent_positive_before"]
    assert crude_change == pytest.approx(meant, abs=1.5)


def test_the_scale_hides_an_effect_at_its_end() -> None:
    """ceiling: most answers are the best one, and the scale shows a part of the effect only."""
    patients = table_of("ceiling", "patients")
    assert (patients["overall"] == 10).mean() > 0.6
    told = tell_truth("ceiling", 8, places_of("ceiling"), labels=False)["effect"]
    assert isinstance(told, dict)
    assert 0 < told["shown"]["overall"] < 0.75 * told["meant"]["overall"]
    assert change(patients, "overall") == pytest.approx(told["shown"]["overall"], abs=0.1)


def test_the_most_deprived_stop_answering() -> None:
    """nonresponse_by_deprivation: the mean rises because they are lost; among the rest nothing."""
    patients = table_of("nonresponse_by_deprivation", "patients")
    core20 = (patients["deprivation_decile"] <= 2).fillna(value=False).astype(bool)
    assert change(patients, "overall") > 0.25
    assert change(patients[~core20], "overall") == pytest.approx(0, abs=CLOSE)
    share = core20.groupby([patients["treated"], patients["after"]]).mean().to_numpy()
    assert share[3] < 0.1 < share[2]
    eligible = table_of("nonresponse_by_deprivation", "eligible")
    deprived = eligible[(eligible["deprivation_decile"] <= 2).fillna(value=False).astype(bool)]
    keys = ["treated", "after"]
    could = deprived.groupby(keys)["people"].sum() / eligible.groupby(keys)["people"].sum()
    assert np.ptp(could.to_numpy()) < 0.06


def test_the_mean_improves_and_the_gap_widens() -> None:
    """gap_wider: the mean rises by 0.45, and the most deprived fifth falls 1.4 further behind."""
    patients = table_of("gap_wider", "patients")
    told = tell_truth("gap_wider", 8, places_of("gap_wider"), labels=False)["gap"]
    assert isinstance(told, dict)
    assert change(patients, "overall") == pytest.approx(told["effect_on_average"], abs=CLOSE)
    assert gap_change(patients, "overall") == pytest.approx(told["change_of_gap"], abs=2 * CLOSE)
    assert gap_change(table_of("null", "patients"), "overall") == pytest.approx(0, abs=2 * CLOSE)


@pytest.mark.parametrize("name", ["carer_harm", "effect_relational", "null"])
def test_carers_gain_or_lose_as_told(name: str) -> None:
    """Carers' quality of life changes by the stated effect; more are identified where so told."""
    places = places_of(name, Size(people=1, trusts=100, wards=4))
    carers = make_table(places, "carers")
    points = 3 - carers.filter(regex="^sace_").astype("Float64")
    carers["sace"] = points.sum(axis=1).where(points.notna().all(axis=1)).astype(float)
    offered = carers.groupby("dyad")["offered"].first() == "yes"
    wave = {name: rows.set_index("dyad")["sace"] for name, rows in carers.groupby("wave")}
    gain = (wave["after"] - wave["before"]).groupby(offered).mean()
    assert gain[True] - gain[False] == pytest.approx(WORLDS[name].carer, abs=CLOSE)
    known = (carers["identified"] == "yes").where(carers["identified"].notna()).astype(float)
    shares = known.groupby([carers["offered"], carers["wave"]]).mean()
    identified = shares["yes", "after"] - shares["yes", "before"]
    assert identified == pytest.approx(WORLDS[name].identified, abs=0.05)


def test_those_whose_carers_are_harmed_are_better_off() -> None:
    """carer_harm: the people cared for gain while carers lose."""
    carers = make_table(places_of("carer_harm", Size(1, 100, 4)), "carers")
    means = carers.groupby(["offered", "wave"])["patient_overall"].mean().astype(float)
    before, after = means["yes", "before"], means["yes", "after"]
    gain = after - before - means["no", "after"] + means["no", "before"]
    assert gain == pytest.approx(0.6, abs=CLOSE)


def test_sources_disagree_where_they_should() -> None:
    """dissonant: the survey is better while complaints rise; without it, no source disagrees."""
    complaints = table_of("dissonant", "complaints")
    counts = complaints.groupby(["treated", "after"])["complaints"].sum().to_numpy(float)
    assert counts[3] / counts[2] / (counts[1] / counts[0]) == pytest.approx(1.6, abs=0.2)
    comments = table_of("dissonant", "comments")
    assert change(comments.assign(bad=comments["sentiment"] >= 4), "bad") > 0.08
    codes = tabulate_codes(places_of("dissonant"))
    assert "dissonance" in codes["being listened to"].values()
    agreed = tabulate_codes(places_of("effect_relational"))
    assert "dissonance" not in {code for theme in agreed.values() for code in theme.values()}


def test_a_source_that_cannot_see_is_silent() -> None:
    """What a source could not detect it says nothing of, in every world."""
    for name in WORLDS:
        evidence = make_table(places_of(name, Size(1, 4, 2)), "evidence")
        blind = evidence[evidence["detectable"] == "no"]
        assert (blind["direction"] == "silent").all()
        assert blind["example"].isna().all()
        assert set(evidence["source"]) == set(SOURCES)
    assert direction_of(places_of("null"), "staff wellbeing", "patient survey") == "silent"


def test_the_machine_misses_carers() -> None:
    """classifier_misses_carers: carers write of it often, and the machine finds one in seven."""
    size = Size(people=6000, trusts=8, wards=4)
    told = tell_labels(places_of("classifier_misses_carers", size))
    prevalence, found = told["prevalence"], told["machine_sensitivity"]
    assert isinstance(prevalence, dict)
    assert isinstance(found, dict)
    assert prevalence["writer: carer"][CARERS] > 0.12
    assert found["writer: carer"][CARERS] == pytest.approx(0.15, abs=0.06)
    rise = prevalence["time: after, treated"][CARERS] / prevalence["time: after, others"][CARERS]
    assert 1.2 < rise < 3.2


def test_a_sample_coded_by_people_corrects_the_machine() -> None:
    """The machine's share of carers' label is half the truth or less; the sample says so."""
    size = Size(people=6000, trusts=8, wards=4)
    codes = table_of_codes(size)
    told = tell_labels(places_of("classifier_misses_carers", size))["prevalence"]
    assert isinstance(told, dict)
    marked = codes[codes["label"] == CARERS].groupby("coder")["comment"].agg(set)
    comments = set(codes.loc[codes["coder"] == "machine", "comment"])
    sample = set(codes.loc[codes["coder"] == "human_a", "comment"])
    naive = len(marked["machine"]) / len(comments)
    finds = len(marked["machine"] & marked["human_a"]) / len(marked["human_a"])
    false = len((marked["machine"] & sample) - marked["human_a"]) / len(sample - marked["human_a"])
    corrected = (naive - false) / (finds - false)
    assert naive < 0.5 * told["all"][CARERS]
    assert corrected == pytest.approx(told["all"][CARERS], rel=0.4)


def table_of_codes(size: Size) -> pd.DataFrame:
    """Return the codes of the world whose machine misses carers."""
    return make_table(places_of("classifier_misses_carers", size), "codes")


def test_what_works_costs_what_it_should() -> None:
    """Only wards with the programme pay for it, from its start, about as much as told."""
    places = places_of("effect_relational")
    costs = make_table(places, "costs")
    assert set(costs["ward"]) == set(places.wards.loc[places.treated, "ward"])
    assert costs["month"].min() == MONTHS[START]
    told = tell_truth("effect_relational", 8, places, labels=False)["value"]
    assert isinstance(told, dict)
    paid = costs[costs["payer"] == "nhs"].groupby(["ward", "month"])["amount"].sum().mean()
    assert paid == pytest.approx(told["per_ward_and_month_by_payer"]["nhs"], rel=0.02)
    assert told["nhs_cost_per_patient_and_tenth_of_a_point"] == pytest.approx(
        2800 / 110 / 1.5, 1e-3
    )


@pytest.mark.parametrize("mean", [0.9, 5.0, 8.1, 9.65])
def test_draws_keep_the_mean(mean: float) -> None:
    """On a scale with ends, people's scores and their rounding keep the mean that was put in."""
    rng = random_for(1, "patients", 0, 0)
    people = spread_people(np.full(200_000, mean), rng.normal(size=200_000))
    assert people.min() >= 0
    assert people.max() <= 10
    assert people.mean() == pytest.approx(mean, abs=0.02)
    assert round_at_random(rng, people).mean() == pytest.approx(mean, abs=0.02)
    assert people.var() == pytest.approx(0.24 * mean * (10 - mean), rel=0.02)
