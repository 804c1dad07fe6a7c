"""Cost and effect together: by hand, with known truth, and what is refused."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.cost_effectiveness import (
    fit_cost_per_gain,
    tabulate_acceptability,
    tabulate_consequences,
    tabulate_quadrants,
)
from evalkit.fits.joint_differences import JointDifferences, fit_joint_differences

THREE_ERRORS = 3.3
"""Standard errors of a share that a simulation may be off by."""
EXTRA_COST, GAIN = 120.0, 0.4


def draw_trial(
    seed: int, clusters: int = 24
) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Return cost and score of people in trusts, half with the intervention; both vary by trust."""
    rng = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(clusters), rng.integers(10, 30, clusters))
    treated = (cluster % 2 == 0).astype(float)
    shared = rng.normal(size=clusters)
    score = 7 + GAIN * treated + (0.3 * shared)[cluster] + rng.normal(0, 1.5, len(cluster))
    own = rng.normal(0, 80, clusters)
    cost = 900 + EXTRA_COST * treated - (60 * shared)[cluster] + own[cluster]
    return {"cost": cost + rng.gamma(1, 200, len(cluster)), "score": score}, treated, cluster


def made(cost: list[float], score: list[float]) -> JointDifferences:
    """Return differences with the draws given, the estimate their mean, nothing to be widened."""
    draws = np.column_stack([cost, score]).astype(float)
    still, ever = np.zeros((22, 2)), np.arange(22) < 11
    return JointDifferences(("cost", "score"), draws.mean(axis=0), draws, still, ever)


def test_differences_by_hand() -> None:
    """Six trusts of one person: means 4 and 2 differ by 2, whatever is drawn of equal trusts."""
    y = np.array([4.0, 4, 4, 2, 2, 2])
    treated = np.array([1.0, 1, 1, 0, 0, 0])
    rng = np.random.default_rng(1)
    found = fit_joint_differences({"cost": y}, treated, np.arange(6), rng, draws=99)
    assert found.estimate[0] == pytest.approx(2.0)
    assert found.draws == pytest.approx(np.full((99, 1), 2.0))
    assert found.df({"cost": 1.0}) == 4


def test_covariate_is_held_fixed() -> None:
    """The outcome before tells all of it: 3 more with the intervention at the same start."""
    before = np.array([1.0, 2, 3, 4, 5, 7])
    treated = np.array([1.0, 0, 1, 0, 1, 0])
    y = 2 * before + 3 * treated
    rng = np.random.default_rng(1)
    found = fit_joint_differences(
        {"score": y}, treated, np.arange(6), rng, draws=9, covariates=before[:, None]
    )
    assert found.estimate[0] == pytest.approx(3.0)


def test_missing_outcome_is_left_out_of_that_outcome_alone() -> None:
    """A person without a cost still counts for the score."""
    y = np.array([4.0, 4, 4, 2, 2, 2, 9])
    treated, cluster = np.array([1.0, 1, 1, 0, 0, 0, 0]), np.array([0, 1, 2, 3, 4, 5, 5])
    gap = np.where(np.arange(7) == 6, np.nan, y)
    found = fit_joint_differences(
        {"cost": gap, "score": y}, treated, cluster, np.random.default_rng(1), draws=9
    )
    assert found.estimate.tolist() == pytest.approx([2.0, 4 - 15 / 4])


def test_cost_per_gain_by_hand() -> None:
    """100 more for .5 more is 20 for each .1."""
    found = made([90, 110, 95, 105], [0.5, 0.5, 0.5, 0.5])
    per = fit_cost_per_gain(found, "cost", "score")
    assert per.estimate == pytest.approx(20.0)
    assert per.quadrant == "better and dearer"
    assert per.conf_low < 20 < per.conf_high


def test_gain_that_may_be_none_has_no_interval() -> None:
    """Where the gain may be none, any cost per gain is possible, and the interval says so."""
    per = fit_cost_per_gain(made([90, 110, 95, 105], [-1, 1.2, 0, 0.1]), "cost", "score")
    assert np.isnan([per.conf_low, per.conf_high]).all()


def test_quadrants_and_curve_by_hand() -> None:
    """Of four draws, two better and dearer, one better and cheaper, one worse and dearer."""
    found = made([100, 200, -50, 100], [0.2, 0.1, 0.2, -0.1])
    shares = tabulate_quadrants(found, "cost", "score").set_index("quadrant")["probability"]
    assert shares.to_dict() == {
        "better and cheaper": 0.25,
        "better and dearer": 0.5,
        "worse and cheaper": 0.0,
        "worse and dearer": 0.25,
    }
    curve = tabulate_acceptability(found, "cost", "score", [0, 75, 300])
    # at 75 for each .1: gains worth 150, 75, 150, -75 against costs of 100, 200, -50, 100
    assert curve["probability"].tolist() == [0.25, 0.5, 0.75]
    assert curve["net_benefit"].tolist() == pytest.approx([-87.5, -12.5, 212.5])


def test_lower_may_be_better() -> None:
    """A fall in complaints is a gain where lower is better."""
    found = made([100, 100], [-0.5, -0.5])
    per = fit_cost_per_gain(found, "cost", "score", higher_is_better=False)
    assert (per.estimate, per.quadrant) == (pytest.approx(20.0), "better and dearer")
    worth = tabulate_acceptability(found, "cost", "score", [30], higher_is_better=False)
    assert worth["net_benefit"].tolist() == pytest.approx([50.0])


def test_consequences_are_shown_outcome_by_outcome() -> None:
    """Each outcome has its means, its difference and its interval."""
    means = {"cost": (1000.0, 900.0), "score": (7.5, 7.0)}
    table = tabulate_consequences(made([90, 110], [0.4, 0.6]), means)
    assert table["difference"].tolist() == pytest.approx([100.0, 0.5])
    assert table["with"].tolist() == [1000.0, 7.5]


@pytest.mark.parametrize("clusters", [12, 30])
def test_net_benefit_interval_covers(clusters: int) -> None:
    """With people alike within trusts, the interval of net benefit holds the truth."""
    runs, held, price = 300, 0, 40.0
    truth = price / 0.1 * GAIN - EXTRA_COST
    for seed in range(runs):
        outcomes, treated, cluster = draw_trial(seed, clusters)
        rng = np.random.default_rng(seed)
        found = fit_joint_differences(outcomes, treated, cluster, rng, draws=399)
        row = tabulate_acceptability(found, "cost", "score", [price]).iloc[0]
        held += row["conf_low"] <= truth <= row["conf_high"]
    # trusts of unequal size cost the few-trust interval a point or two
    least = 0.95 - THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs) - (0.01 if clusters < 20 else 0)
    assert least <= held / runs <= 0.99


def test_cost_per_gain_is_recovered_with_many_trusts() -> None:
    """With 400 trusts the cost of .1 is 30, and its interval holds it."""
    outcomes, treated, cluster = draw_trial(1, 400)
    found = fit_joint_differences(outcomes, treated, cluster, np.random.default_rng(1), draws=499)
    per = fit_cost_per_gain(found, "cost", "score")
    assert per.conf_low < EXTRA_COST / GAIN * 0.1 < per.conf_high
    assert per.conf_high - per.conf_low < 30


@pytest.mark.parametrize(
    ("treated", "message"),
    [
        ([1, 1, 0, 0, 0, 0], "2 clusters with the intervention and 4 without"),
        ([1, 1, 1, 1, 1, 1], "6 clusters with the intervention and 0 without"),
        ([0, 0, 0, 0, 0, 0], "0 clusters with the intervention and 6 without"),
    ],
)
def test_too_few_clusters_are_refused(treated: list[int], message: str) -> None:
    """Too few on either side is counted."""
    rng = np.random.default_rng(1)
    with pytest.raises(AnalysisError, match=message):
        fit_joint_differences({"cost": np.ones(6)}, np.array(treated, float), np.arange(6), rng)


def test_collinear_covariate_is_refused() -> None:
    """A covariate that is treatment again is refused."""
    treated = np.array([1.0, 1, 1, 0, 0, 0])
    rng = np.random.default_rng(1)
    with pytest.raises(AnalysisError, match="carry the information of 1"):
        fit_joint_differences(
            {"cost": np.ones(6)}, treated, np.arange(6), rng, covariates=treated[:, None]
        )


def test_no_gain_has_no_cost_per_gain() -> None:
    """A gain of exactly zero cannot be divided by."""
    with pytest.raises(AnalysisError, match="there is no gain"):
        fit_cost_per_gain(made([1, 2], [0, 0]), "cost", "score")
