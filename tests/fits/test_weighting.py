"""Weights and matches: by hand, against other algebra, and known truth."""

import warnings
from collections.abc import Callable

import numpy as np
import pytest

from evalkit.fits.matching import Matches, fit_matched, match_nearest
from evalkit.fits.propensity import (
    WeightModel,
    entropy_weights,
    fit_propensity,
    propensity,
    propensity_weights,
    with_constant,
)
from evalkit.fits.weighting import (
    ContrastFit,
    doubly_robust_difference,
    effective_number,
    fit_doubly_robust,
    fit_weighted_difference,
    weighted_difference,
)

GMM = 1e-4
"""The general solver that this is held against stops about here."""

EXACT_MEANS = 1e-8
"""Balance is exact up to where Newton's steps stop."""

Sample = tuple[np.ndarray, np.ndarray, np.ndarray]


def groups(seed: int, n: int = 600, effect: float = 0.5) -> Sample:
    """Make outcome, treatment and two causes of both."""
    rng = np.random.default_rng(seed)
    causes = np.column_stack([rng.normal(size=n), rng.integers(0, 2, n)])
    treated = rng.uniform(size=n) < 1 / (1 + np.exp(0.3 - causes @ [0.7, -0.5]))
    outcome = 6 + causes @ [0.8, 0.5] + effect * treated + rng.normal(size=n)
    return outcome, treated, causes


def error(fit: ContrastFit) -> float:
    """Root of the sum of squared influences."""
    return float(np.sqrt(np.sum(fit.influence**2)))


def test_weights_by_hand() -> None:
    """In strata of 1 in 4 and 3 in 4 treated, weights are the inverse shares, the odds, or rest."""
    causes = np.repeat([0.0, 1.0], 4)[:, None]
    treated = np.array([True, False, False, False, True, True, True, False])
    design = with_constant(causes)
    found = [
        propensity_weights(design, treated, target).fitted.weights[[0, 1, 4, 7]]
        for target in ("everyone", "treated", "overlap")
    ]
    assert found[0] == pytest.approx([4, 4 / 3, 4 / 3, 4])
    assert found[1] == pytest.approx([1, 1 / 3, 1, 3])
    assert found[2] == pytest.approx([3 / 4, 1 / 4, 1 / 4, 3 / 4])


def test_difference_by_hand() -> None:
    """Means 3 and (1 x 3 + 5 x 1) / 4 = 2 differ by 1; four equal weights are worth four rows."""
    outcome, treated = np.array([3.0, 1, 5]), np.array([True, False, False])
    assert weighted_difference(outcome, treated, np.array([1.0, 3, 1])) == pytest.approx(1)
    assert effective_number(np.full(4, 0.3)) == pytest.approx(4)
    assert effective_number(np.array([3.0, 1])) == pytest.approx(16 / 10)


def test_overlap_weights_balance_exactly() -> None:
    """Weighted means of all causes agree, as a logistic fit with overlap weights must give."""
    _, treated, causes = groups(1)
    weights = propensity_weights(with_constant(causes), treated, "overlap").fitted.weights
    means = [np.average(causes[g], weights=weights[g], axis=0) for g in (treated, ~treated)]
    assert means[0] == pytest.approx(means[1], abs=EXACT_MEANS)


@pytest.mark.parametrize("target", ["treated", "everyone"])
def test_entropy_weights_reach_the_means(target: str) -> None:
    """Both groups have the means of the target."""
    _, treated, causes = groups(2)
    model = entropy_weights(with_constant(causes), treated, target)
    wanted = causes[treated].mean(axis=0) if target == "treated" else causes.mean(axis=0)
    for group in (treated, ~treated):
        found = np.average(causes[group], weights=model.fitted.weights[group], axis=0)
        assert found == pytest.approx(wanted, abs=EXACT_MEANS)


@pytest.mark.parametrize(("target", "group"), [("everyone", "all"), ("treated", 1)])
def test_errors_agree_with_statsmodels(target: str, group: str | int) -> None:
    """Inverse probability weighting and its error, all steps stacked, equal statsmodels' GMM."""
    import statsmodels.api as sm
    from statsmodels.treatment.treatment_effects import TreatmentEffect

    outcome, treated, causes = groups(3)
    design = sm.add_constant(causes)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # statsmodels warns of its own optimiser
        chosen = sm.Logit(treated.astype(int), design).fit(disp=0)
        effects = TreatmentEffect(
            sm.OLS(outcome, design), treated.astype(int), results_select=chosen
        )
        other = effects.ipw(effect_group=group, disp=0)
        expected = float(np.sqrt(other.results_gmm.cov_params()[0, 0]))
    model = propensity_weights(with_constant(causes), treated, target)
    fit = fit_weighted_difference(outcome, treated, model)
    assert fit.estimate == pytest.approx(float(other.effect[0]), rel=GMM)
    assert error(fit) == pytest.approx(expected, rel=GMM)


@pytest.mark.parametrize("make", [propensity_weights, entropy_weights])
@pytest.mark.parametrize("target", ["treated", "everyone"])
def test_influence_is_what_leaving_a_row_out_does(
    make: Callable[..., WeightModel], target: str
) -> None:
    """The influence of a row is, but for its square, the change when it is left out."""
    outcome, treated, causes = groups(4)
    design, one = with_constant(causes), np.ones(600)
    whole = fit_doubly_robust(outcome, treated, design, make(design, treated, target), one)
    for row in (0, 7):
        kept = np.arange(600) != row
        model = make(design[kept], treated[kept], target)
        rest = doubly_robust_difference(
            outcome[kept], treated[kept], design[kept], model.fitted, one[kept]
        )
        assert whole.estimate - rest == pytest.approx(whole.influence[row], rel=0.1)


def test_doubly_robust_survives_a_wrong_half() -> None:
    """With regressions or weights that know no cause, the corrected difference is still right."""
    found = []
    for seed in range(80):
        outcome, treated, causes = groups(seed)
        design, blind, one = with_constant(causes), np.ones((600, 1)), np.ones(600)
        right = propensity_weights(design, treated, "everyone")
        wrong = propensity_weights(blind, treated, "everyone")
        found.append(
            [
                doubly_robust_difference(outcome, treated, blind, right.fitted, one),
                doubly_robust_difference(outcome, treated, design, wrong.fitted, one),
                doubly_robust_difference(outcome, treated, blind, wrong.fitted, one),
            ]
        )
    bias = np.mean(found, axis=0) - 0.5
    limit = 3.3 * np.std(found, axis=0, ddof=1) / np.sqrt(80)
    assert np.all(np.abs(bias[:2]) < limit[:2])
    assert bias[2] > limit[2]


def test_doubly_robust_for_the_treated_by_hand() -> None:
    """For the treated it is their mean less what the corrected line of the others expects."""
    outcome, treated, causes = groups(9)
    design, one = with_constant(np.column_stack([causes, causes[:, 0] ** 2])), np.ones(600)
    fitted = propensity_weights(with_constant(causes), treated, "treated").fitted
    line = np.linalg.lstsq(design[~treated], outcome[~treated], rcond=None)[0]
    rest = np.average((outcome - design @ line)[~treated], weights=fitted.weights[~treated])
    by_hand = outcome[treated].mean() - (design @ line)[treated].mean() - rest
    found = doubly_robust_difference(outcome, treated, design, fitted, one)
    assert found == pytest.approx(by_hand)


def test_weights_of_rows_count_as_copies() -> None:
    """A row of weight two is two rows."""
    outcome, treated, causes = groups(5, 200)
    prior = np.where(np.arange(200) < 50, 2.0, 1.0)
    twice = np.repeat(np.arange(200), prior.astype(int))
    design = with_constant(causes)
    for make in (propensity_weights, entropy_weights):
        once = make(design, treated, "treated", prior)
        copied = make(design[twice], treated[twice], "treated")
        first = doubly_robust_difference(outcome, treated, design, once.fitted, prior)
        second = doubly_robust_difference(
            outcome[twice], treated[twice], design[twice], copied.fitted, np.ones(len(twice))
        )
        assert first == pytest.approx(second)


def test_groups_that_can_be_told_apart_have_no_fit() -> None:
    """Where a cause decides treatment neither weights nor balance can be had."""
    _, treated, _ = groups(6)
    design = with_constant((treated * 2.0 + np.linspace(0, 0.5, 600))[:, None])
    with pytest.raises(np.linalg.LinAlgError, match="told apart"):
        fit_propensity(design, treated)
    with pytest.raises(np.linalg.LinAlgError):
        entropy_weights(design, treated, "treated")


def test_propensity_agrees_with_statsmodels() -> None:
    """Newton's fit is the maximum that statsmodels finds."""
    import statsmodels.api as sm

    _, treated, causes = groups(7)
    design = with_constant(causes)
    expected = sm.Logit(treated.astype(int), design).fit(disp=0, tol=1e-12)
    coef = fit_propensity(design, treated)
    assert coef == pytest.approx(expected.params, rel=1e-6)
    assert propensity(design, coef).mean() == pytest.approx(treated.mean())


def test_matches_by_hand() -> None:
    """Treated at 1 and 5 take the untreated at 1.2 and 4; cells and calipers keep them apart."""
    score = np.array([1.0, 5.0, 0.5, 1.2, 4.0])
    treated = np.array([True, True, False, False, False])
    assert match_nearest(score, treated).untreated.tolist() == [3, 4]
    assert match_nearest(score, treated, caliper=0.5).treated.tolist() == [0]
    cells = np.array([0, 1, 0, 1, 1])
    assert match_nearest(score, treated, cells=cells).untreated.tolist() == [2, 4]
    alone = match_nearest(score, treated, cells=np.array([0, 1, 0, 0, 0]))
    assert alone.treated.tolist() == [0]


def test_matched_difference_by_hand() -> None:
    """One untreated serves both treated: gaps 3 and 5, mean 4; its spread counts 2 x 1 times."""
    score = np.array([1.0, 1.1, 1.05, 9.0])
    treated = np.array([True, True, False, False])
    outcome = np.array([5.0, 7.0, 2.0, 6.0])
    matches = match_nearest(score, treated)
    fit = fit_matched(outcome, matches, score, treated, np.ones((4, 1)))
    assert matches.used.tolist() == [1, 1, 2, 0]
    assert fit.estimate == pytest.approx(4)
    assert fit.std_error == pytest.approx(np.sqrt(1 + 1 + 2 * (2 - 6) ** 2 / 2) / 2)


def test_correction_removes_what_matches_leave() -> None:
    """With coarse matches on a cause that moves the outcome, regression takes the rest out."""
    rng = np.random.default_rng(8)
    cause = np.concatenate([rng.uniform(1, 2, 100), rng.uniform(0, 1.5, 100)])
    treated = np.arange(200) < 100
    outcome = 4 * cause + 0.5 * treated
    matches = match_nearest(cause, treated)
    design = with_constant(cause[:, None])
    plain = fit_matched(outcome, matches, cause, treated, design)
    corrected = fit_matched(outcome, matches, cause, treated, design, corrected=True)
    assert plain.estimate > 0.7
    assert corrected.estimate == pytest.approx(0.5)


def test_untreated_rows_with_one_score_serve_in_turn() -> None:
    """By hand: three treated at 1, untreated at 1, 1 and 5: those at 1 serve twice and once."""
    treated = np.array([True, True, True, False, False, False])
    score = np.array([1.0, 1.0, 1.0, 1.0, 1.0 + 1e-13, 5.0])
    matches = match_nearest(score, treated)
    assert matches.untreated.tolist() == [3, 4, 3]
    assert matches.used.tolist() == [1, 1, 1, 2, 1, 0]


def test_influence_by_cluster_foretells_a_cluster_by_the_others() -> None:
    """By hand: untreated means of two clusters are 1 and 3, so each lies 2 from the other's."""
    treated = np.array([True, True, False, False, False, False])
    outcome = np.array([5.0, 5.0, 1.0, 1.0, 3.0, 3.0])
    score = np.array([1.0, 2.0, 1.0, 2.0, 1.0, 2.0])
    cluster = np.array([0, 1, 0, 0, 1, 1])
    matches = Matches(np.array([0, 1]), np.array([2, 5]), np.array([1.0, 1, 1, 0, 0, 1]))
    fit = fit_matched(outcome, matches, score, treated, np.ones((6, 1)), cluster=cluster)
    assert fit.influence[[2, 5]] == pytest.approx([1.0, -1.0])
    assert fit.estimate == pytest.approx(3.0)
