"""Synthetic control and its difference-in-differences: by hand, placebos, and known truth."""

import numpy as np
import pytest
from scipy.optimize import minimize

from evalkit.fits.simplex_weights import fit_frank_wolfe_weights, fit_simplex_weights
from evalkit.fits.synthetic_control import (
    fit_earlier_starts,
    fit_placebos,
    fit_synthetic_control,
    fit_without_each_donor,
)
from evalkit.fits.synthetic_difference_in_differences import (
    fit_synthetic_difference,
    jackknife_error,
    placebo_effects,
)

OPTIMUM = 1e-6
"""A general solver stops about here from the minimum of a sum of squares near one."""
RIDGE = 1e-6
"""The ridge that makes weights unique moves them by less than this here."""

TREATED = np.array([True, False, False, False])
HALVES = np.array(
    [[1.0, 2, 3, 9], [0.0, 2, 2, 4], [2.0, 2, 4, 6], [9.0, 9, 0, 0]],
)
"""Before the last period the first row is half the second and half the third."""


def test_mixture_by_hand() -> None:
    """Half of each of two units makes the treated: weights 1/2, and an effect of 9 - 5 = 4."""
    fit = fit_synthetic_control(HALVES, TREATED, 3)
    assert fit.weights == pytest.approx([0, 0.5, 0.5, 0], abs=RIDGE)
    assert fit.effect == pytest.approx(4, abs=RIDGE)
    assert fit.pre_rmspe == pytest.approx(0, abs=RIDGE)


def test_two_treated_are_averaged() -> None:
    """With two treated units their mean is matched, and the effect is that of the mean."""
    apart = np.array([HALVES[0] + 1, HALVES[0] - 1, *HALVES[1:]])
    fit = fit_synthetic_control(apart, np.array([True, True, False, False, False]), 3)
    assert fit.weights[:2].tolist() == [0, 0]
    assert fit.effect == pytest.approx(4, abs=RIDGE)


@pytest.mark.parametrize("shape", [(12, 6), (8, 30)])
def test_weights_are_the_minimum(shape: tuple[int, int]) -> None:
    """No general solver finds better weights, with more periods than donors or fewer."""
    rng = np.random.default_rng(3)
    for _ in range(5):
        donors, target = rng.normal(size=shape), rng.normal(size=shape[0])
        weights = fit_simplex_weights(donors, target, 0.1)
        assert weights.sum() == pytest.approx(1)
        assert weights.min() >= 0

        def loss(w: np.ndarray, donors: np.ndarray = donors, target: np.ndarray = target) -> float:
            return float(np.sum((target - donors @ w) ** 2) + 0.1 * w @ w)

        found = minimize(
            loss,
            np.full(shape[1], 1 / shape[1]),
            bounds=[(0, 1)] * shape[1],
            constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
            options={"ftol": 1e-12, "maxiter": 500},
        )
        assert loss(weights) <= found.fun + OPTIMUM


def test_one_donor_has_all_the_weight() -> None:
    """With one donor there is nothing to choose."""
    assert fit_simplex_weights(np.ones((3, 1)), np.zeros(3)).tolist() == [1.0]


def test_frank_wolfe_comes_close() -> None:
    """The published walk ends near the minimum, never better than it."""
    rng = np.random.default_rng(4)
    donors, target = rng.normal(size=(15, 8)), rng.normal(size=15)

    def loss(w: np.ndarray) -> float:
        return float(np.sum((target - donors @ w) ** 2) + w @ w)

    exact = loss(fit_simplex_weights(donors, target, 1.0))
    walked = loss(fit_frank_wolfe_weights(donors, target, 1.0, 1e-5))
    assert exact <= walked + OPTIMUM
    assert walked < 1.01 * exact


def test_placebos_leave_the_treated_out() -> None:
    """Each untreated unit takes the part once, and no weight falls on the treated."""
    rng = np.random.default_rng(5)
    outcomes = rng.normal(size=(6, 8))
    treated = np.arange(6) == 2
    placebos = fit_placebos(outcomes, treated, 5, 99, rng)
    assert placebos.groups.ravel().tolist() == [0, 1, 3, 4, 5]
    rest = np.delete(outcomes, 2, axis=0)
    first = fit_synthetic_control(rest, np.arange(5) == 0, 5)
    assert placebos.effects[0] == pytest.approx(first.effect)
    changed = outcomes.copy()
    changed[2] = 100
    again = fit_placebos(changed, treated, 5, 99, rng)
    assert again.effects.tolist() == placebos.effects.tolist()


def test_placebo_groups_are_as_large_as_the_treated() -> None:
    """Two treated have placebo pairs: all of them where few, drawn where many, none where alone."""
    rng = np.random.default_rng(6)
    outcomes = rng.normal(size=(30, 8))
    two = np.arange(30) < 2
    assert fit_placebos(outcomes[:8], two[:8], 5, 99, rng).groups.shape == (15, 2)
    assert fit_placebos(outcomes, two, 5, 99, rng).groups.shape == (99, 2)
    assert fit_placebos(outcomes[:4], two[:4], 5, 99, rng).groups.shape == (0, 2)


def test_earlier_starts_use_nothing_after_the_true_one() -> None:
    """A pretended start sees only periods before the true start."""
    rng = np.random.default_rng(7)
    outcomes = rng.normal(size=(5, 9))
    fits = fit_earlier_starts(outcomes, np.arange(5) == 0, 6)
    assert [fit.start for fit in fits] == [3, 4, 5]
    assert all(len(fit.gap) == 6 for fit in fits)


def test_leaving_a_donor_out_is_refitting() -> None:
    """Without a donor, the effect is that of data that never held it."""
    fits = fit_without_each_donor(HALVES, TREATED, 3, np.array([0, 0.5, 0.5, 0]))
    assert sorted(fits) == [1, 2]
    rest = fit_synthetic_control(HALVES[[0, 2, 3]], TREATED[[0, 2, 3]], 3)
    assert fits[1].effect == rest.effect


def test_even_weights_are_difference_in_differences() -> None:
    """By hand: treated 5 to 9, untreated 2 to 3, so 4 - 1 = 3."""
    outcomes = np.array([[5.0, 5, 9], [1.0, 3, 2], [2.0, 2, 4]])
    fit = fit_synthetic_difference(outcomes, np.array([True, False, False]), 2, weighting="even")
    assert fit.effect == pytest.approx(3)


def test_a_constant_distance_costs_nothing() -> None:
    """Moving the treated by a constant moves neither the effect nor the weights."""
    rng = np.random.default_rng(8)
    outcomes = rng.normal(size=(10, 12))
    treated = np.arange(10) == 0
    moved = outcomes + 5.0 * treated[:, None]
    first, second = (fit_synthetic_difference(y, treated, 8) for y in (outcomes, moved))
    assert second.effect == pytest.approx(first.effect)
    assert second.unit_weights == pytest.approx(first.unit_weights)
    assert second.gap[:8] @ second.period_weights == pytest.approx(0, abs=1e-9)


def test_jackknife_by_hand() -> None:
    """Even weights and one period each side: the jackknife of a difference of two means."""
    change = np.array([3.0, 5, 1, 0, 2])
    outcomes = np.column_stack([np.zeros(5), change])
    treated = np.array([True, True, False, False, False])
    fit = fit_synthetic_difference(outcomes, treated, 1, weighting="even")
    left = np.array([5 - 1, 3 - 1, 4 - 1, 4 - 1.5, 4 - 0.5])
    by_hand = np.sqrt(4 / 5 * np.sum((left - left.mean()) ** 2))
    assert jackknife_error(outcomes, treated, fit) == pytest.approx(by_hand)
    assert np.isnan(jackknife_error(outcomes, np.arange(5) == 0, fit))


def test_recovers_a_known_effect() -> None:
    """With common factors that both follow, both estimators are on the truth over seeds."""
    found = []
    for seed in range(60):
        rng = np.random.default_rng(seed)
        factors, loadings = rng.normal(size=(2, 20)).cumsum(axis=1), rng.dirichlet([1, 1], size=25)
        outcomes = loadings @ factors + 0.2 * rng.normal(size=(25, 20))
        treated = np.arange(25) == 0
        outcomes[treated, 14:] += 1.0
        control = fit_synthetic_control(outcomes, treated, 14).effect
        found.append([control, fit_synthetic_difference(outcomes, treated, 14).effect])
    error = np.std(found, axis=0, ddof=1) / np.sqrt(len(found))
    assert np.all(np.abs(np.mean(found, axis=0) - 1.0) < 3.3 * error)


def test_placebo_effects_take_each_donor_once() -> None:
    """One treated: as many placebos as donors. Several: as many as drawn."""
    rng = np.random.default_rng(9)
    outcomes = rng.normal(size=(8, 9))
    assert len(placebo_effects(outcomes, np.arange(8) == 0, 6, 99, rng)) == 7
    assert len(placebo_effects(outcomes, np.arange(8) < 2, 6, 99, rng)) == 99
