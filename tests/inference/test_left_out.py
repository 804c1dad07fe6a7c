"""Tests adjusted together: against exact normal integrals, and their familywise error."""

import numpy as np
import pytest
from scipy import stats

from evalkit.inference.left_out import adjust_together, correlate_left_out
from evalkit.inference.multiplicity import adjust_holm

MONTE_CARLO = 0.006
"""Three standard errors of a p-value near 0.1 over 20,000 draws."""
DRAWS = 20_000
TESTS = 3


def moving(correlation: float, groups: int = 30, tests: int = TESTS) -> np.ndarray:
    """Return estimates (groups, tests) that correlate exactly as asked over the groups."""
    rng = np.random.default_rng(5)
    white = np.linalg.qr(np.column_stack([np.ones(groups), rng.standard_normal((groups, tests))]))[
        0
    ][:, 1:]
    wanted = np.full((tests, tests), correlation) + (1 - correlation) * np.eye(tests)
    return np.asarray(white @ np.linalg.cholesky(wanted).T)


def test_the_correlation_is_that_over_the_groups() -> None:
    """As numpy's, whatever the sizes; unknown for what does not move, or could not be made."""
    left_out = moving(0.6) * np.array([1.0, 40.0, 0.1]) + np.array([3.0, -200.0, 0.0])
    found = correlate_left_out(left_out)
    assert found == pytest.approx(np.corrcoef(left_out.T))
    assert found[0, 1] == pytest.approx(0.6)
    left_out[3, 2], left_out[:, 0] = np.nan, 7.0
    assert np.isnan(correlate_left_out(left_out)[[0, 0, 1], [0, 1, 2]]).all()


def test_steps_are_the_exact_normal_probabilities() -> None:
    """Each step is the chance that the largest of those left lies as far out."""
    p_values = np.array([0.04, 0.01, 0.03])
    found = adjust_together(p_values, moving(0.7), np.random.default_rng(1), DRAWS)
    size = stats.norm.isf(p_values / 2)
    exact, reached = np.empty(TESTS), 0.0
    order = np.argsort(p_values)
    for step, at in enumerate(order):
        left = TESTS - step
        within = stats.multivariate_normal(
            np.zeros(left), np.full((left, left), 0.7) + 0.3 * np.eye(left)
        )
        edge = np.full(left, size[at])
        reached = max(reached, 1 - within.cdf(edge, lower_limit=-edge))
        exact[at] = reached
    assert found == pytest.approx(exact, abs=MONTE_CARLO)
    assert (found < adjust_holm(p_values) - MONTE_CARLO).any()


def test_one_test_keeps_its_p_value_and_repeated_ones_cost_nothing() -> None:
    """Alone, or thrice the same, there is nothing to adjust for."""
    rng = np.random.default_rng(2)
    alone = adjust_together(np.array([0.05]), moving(0.0, tests=1), rng, DRAWS)
    assert alone == pytest.approx([0.05], abs=MONTE_CARLO)
    same = np.repeat(moving(0.0, tests=1), TESTS, axis=1)
    found = adjust_together(np.full(TESTS, 0.05), same, rng, DRAWS)
    assert found == pytest.approx([0.05] * TESTS, abs=MONTE_CARLO)


@pytest.mark.parametrize("correlation", [0.0, 0.9])
def test_familywise_error_is_held_and_more_is_found(correlation: float) -> None:
    """Of 800 families of three true nulls over 25 clusters about 5% have a claim, unlike 14%."""
    rng, families, groups = np.random.default_rng(3), 800, 25
    root = np.linalg.cholesky(
        np.full((TESTS, TESTS), correlation) + (1 - correlation) * np.eye(TESTS)
    )
    raw, joint, holm = np.zeros(families), np.zeros(families), np.zeros(families)
    for at in range(families):
        seen = rng.standard_normal((groups, TESTS)) @ root.T
        p_values = stats.ttest_1samp(seen, 0.0).pvalue
        left_out = (seen.sum(axis=0) - seen) / (groups - 1)
        raw[at] = p_values.min()
        joint[at] = adjust_together(p_values, left_out, rng, 399).min()
        holm[at] = adjust_holm(p_values).min()
    error = 3 * np.sqrt(0.05 * 0.95 / families)
    assert np.mean(joint <= 0.05) == pytest.approx(0.05, abs=error)
    assert np.mean(joint <= 0.05) >= np.mean(holm <= 0.05)
    if correlation:
        assert np.mean(holm <= 0.05) < 0.035
    else:
        assert np.mean(raw <= 0.05) > 0.05 + error
