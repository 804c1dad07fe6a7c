"""Linked tables look like what was published: spreads, correlations, imbalance of labels."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest

from evalkit.synthetic.linked.causes import WORLDS
from evalkit.synthetic.linked.comments import make_comments
from evalkit.synthetic.linked.labels import NAMES
from evalkit.synthetic.linked.make import make_table
from evalkit.synthetic.linked.places import MONTHS, Places, Size, make_places

MANY = Size(people=40_000, trusts=40, wards=6)
SEEDS = range(20)
ENGAGEMENT = ["q2a", "q2b", "q2c", "q3c", "q3d", "q3f", "q25a", "q25c", "q25d"]
BURNOUT = [f"q12{letter}" for letter in "abcdefg"]

PUBLISHED = {
    "Positive experience & gratitude": 22.5,
    "Labelling not possible": 21.3,
    "Staff manner & personal attributes": 17.9,
    "Timeliness of care": 14.0,
    "Staff listening, understanding & involving patients": 6.4,
    "Contacting services": 4.1,
    "Transport to/ from services": 3.7,
    "Information directly from staff during care": 3.3,
    "Appointment arrangements": 2.9,
    "Interaction with family/ carers": 0.8,
    "Discharge": 0.4,
    "Feeling safe": 0.4,
    "Pain management": 0.2,
}
"""Comments with each label, per cent, as published."""

TRUST_SD = 0.03
"""Chance in a spread over 130 trusts, averaged over twenty seeds, and what wards add to it."""
POINTS = 0.02
"""Shares of 40,000 answers or 30,000 comments, as published to one decimal of a per cent; what
drawing labels without repeats moves the commonest by."""


def many(name: str, seed: int) -> Places:
    """Return the places of as many trusts as England has acute ones."""
    return make_places(WORLDS[name], seed, Size(people=1, trusts=130, wards=6))


@pytest.fixture(scope="module")
def drawn() -> Callable[[str], pd.DataFrame]:
    """Return tables of one null world by name, each made once."""
    places = make_places(WORLDS["null"], 11, MANY)
    made: dict[str, pd.DataFrame] = {}

    def table(name: str) -> pd.DataFrame:
        if name not in made:
            made[name] = make_table(places, name)
        return made[name]

    return table


def trust_level(places: Places, month: int) -> tuple[np.ndarray, np.ndarray]:
    """Return each trust's engagement and overall experience in a month."""
    overall = places.experience[:, month].mean(axis=0)
    return places.engagement[month], overall.reshape(places.size.trusts, -1).mean(axis=1)


def test_trusts_differ_and_correlate_as_published() -> None:
    """Engagement 6.85 +- 0.26, experience 8.1 +- 0.3, correlated within 0.25 to 0.45."""
    pairs = [trust_level(many("effect_relational", seed), 3) for seed in SEEDS]
    staff, patients = np.array([p[0] for p in pairs]), np.array([p[1] for p in pairs])
    assert staff.mean() == pytest.approx(6.85, abs=0.05)
    assert patients.mean() == pytest.approx(8.1, abs=0.05)
    assert staff.std(axis=1).mean() == pytest.approx(0.26, abs=TRUST_SD)
    assert patients.std(axis=1).mean() == pytest.approx(0.30, abs=TRUST_SD)
    correlation = np.mean([np.corrcoef(s, p)[0, 1] for s, p in pairs])
    assert 0.25 <= correlation <= 0.45
    assert correlation == pytest.approx(0.35, abs=0.05)


def test_half_of_the_correlation_is_shared_causes() -> None:
    """Without engagement acting on patients, a part of the trust-level correlation stands."""
    both, shared = (
        np.mean([np.corrcoef(*trust_level(many(name, seed), 3))[0, 1] for seed in SEEDS])
        for name in ("effect_relational", "null")
    )
    assert 0.4 < shared / both < 0.75


def test_burnt_out_wards_give_poorer_experience() -> None:
    """Ward burnout and ward experience correlate by about -0.25."""
    found = []
    for seed in SEEDS:
        places = many("null", seed)
        burnout = places.burnout[3][places.trust_of] + places.ward_burnout
        found.append(np.corrcoef(burnout, places.experience[:, 3].mean(axis=0))[0, 1])
    assert np.mean(found) == pytest.approx(-0.25, abs=0.06)


def test_burnt_out_staff_are_less_engaged(drawn: Callable[[str], pd.DataFrame]) -> None:
    """Over people, burnout correlates by -0.2 to -0.35 with engagement and care they trust."""
    staff = drawn("staff")
    scores = staff[[*ENGAGEMENT, *BURNOUT]].astype("Float64").to_numpy(float, na_value=np.nan) - 1
    engagement = 2.5 * np.nanmean(scores[:, : len(ENGAGEMENT)], axis=1)
    burnout = 2.5 * np.nanmean(scores[:, len(ENGAGEMENT) :], axis=1)
    assert np.mean(engagement) == pytest.approx(6.85, abs=0.1)
    assert np.mean(burnout) == pytest.approx(5.0, abs=0.2)
    assert -0.35 < np.corrcoef(engagement, burnout)[0, 1] < -0.2


def test_answers_cluster_as_published(drawn: Callable[[str], pd.DataFrame]) -> None:
    """People differ by about 2 points; trusts make up 2-4% of that, wards within trusts 3-8%."""
    patients = drawn("patients")
    by_ward = patients.groupby("ward")["overall"]
    within = float(by_ward.var().mean())
    wards = by_ward.mean().to_frame().assign(trust=lambda t: t.index.str[:6])
    noise = within / float(by_ward.size().mean())
    in_trust = float(wards.groupby("trust")["overall"].var().mean())
    trust = float(wards.groupby("trust")["overall"].mean().var()) - in_trust / 6
    ward = in_trust - noise
    total = within + ward + trust
    assert np.sqrt(total) == pytest.approx(2.0, abs=0.15)
    assert 0.01 < trust / total < 0.04
    assert 0.03 < ward / total < 0.08


def test_scores_and_sentiment_split_as_published(drawn: Callable[[str], pd.DataFrame]) -> None:
    """Scores, sentiment and their disagreement follow 7,908 labelled comments of 2021-22."""
    comments = drawn("comments")
    scores = comments["score"].value_counts(normalize=True).sort_index().to_numpy()
    assert scores == pytest.approx([0.679, 0.173, 0.049, 0.040, 0.058], abs=POINTS)
    sentiment = comments["sentiment"].value_counts(normalize=True).sort_index().to_numpy()
    assert sentiment == pytest.approx([0.391, 0.229, 0.117, 0.221, 0.042], abs=POINTS)
    pleased = comments[comments["score"] == 1]
    assert (pleased["sentiment"] >= 4).mean() == pytest.approx(0.10, abs=POINTS)


def test_labels_are_as_unequal_as_published() -> None:
    """1.30 labels a comment, 78% one and 15% two; each label as common as it was."""
    places = make_places(WORLDS["null"], 11, MANY)
    true = np.vstack(
        [
            make_comments(places, trust, month)[1]
            for trust in range(MANY.trusts)
            for month in range(len(MONTHS))
        ]
    )
    assert true.sum(axis=1).mean() == pytest.approx(1.30, abs=0.02)
    count = np.bincount(true.sum(axis=1)) / len(true)
    assert count[[0, 1, 2]] == pytest.approx([0.0, 0.78, 0.15], abs=POINTS)
    found = dict(zip(NAMES, 100 * true.mean(axis=0), strict=True))
    assert {name: found[name] for name in PUBLISHED} == pytest.approx(PUBLISHED, abs=100 * POINTS)
    assert all(found[name] < 1.5 for name, share in PUBLISHED.items() if share < 1)


def test_friends_and_family_answers_split_as_published(
    drawn: Callable[[str], pd.DataFrame],
) -> None:
    """Where known, two thirds say very good and one in ten poor or very poor."""
    counts = drawn("fft")[["very_good", "good", "neither", "poor", "very_poor"]].sum()
    found = (counts / counts.sum()).to_numpy()
    assert found == pytest.approx([0.679, 0.173, 0.049, 0.040, 0.058], abs=POINTS)


def test_carers_quality_of_life_is_as_published(drawn: Callable[[str], pd.DataFrame]) -> None:
    """Carers' quality of life is about 7.7 of 12; men stand 0.3 above women."""
    carers = drawn("carers")
    asked = carers[carers["wave"] == "before"]
    points = 3 - asked.filter(regex="^sace_").astype("Float64")
    total = points.sum(axis=1).where(points.notna().all(axis=1)).astype(float)
    assert total.mean() == pytest.approx(7.7, abs=0.15)
    men = total[asked["sex"] == "male"].mean() - total[asked["sex"] == "female"].mean()
    assert men == pytest.approx(0.3, abs=0.4)


def test_the_programme_is_a_large_one_for_a_trust() -> None:
    """The programme lifts engagement and overall experience by 0.15; others 3 to 1 by facet."""
    causes = WORLDS["effect_relational"]
    assert causes.engagement == 0.15
    assert causes.overall == pytest.approx(0.15)
    for name in ("ceiling", "gap_wider", "carer_harm", "dissonant"):
        assert WORLDS[name].relational == pytest.approx(3 * WORLDS[name].functional)
