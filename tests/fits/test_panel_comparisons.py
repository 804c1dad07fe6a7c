"""Between, random effects, first differences and Hausman: by hand, and against linearmodels.

Values of R's plm stand in tests/reference/test_panel_fe.py.
"""

import numpy as np
import pandas as pd
import pytest

from evalkit.fits.panel_comparisons import (
    PanelFit,
    compare_hausman,
    fit_between,
    fit_first_differences,
    fit_random_effects,
    fit_within,
)

SAME = 1e-8


def balanced(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Outcome, two regressors, unit codes and times: 30 units, 6 periods, all there."""
    rng = np.random.default_rng(seed)
    unit, time = np.repeat(np.arange(30), 6), np.tile(np.arange(6), 30)
    x = rng.normal(size=(180, 2)) + rng.normal(size=30)[unit][:, None]
    return x @ [0.5, -0.3] + rng.normal(size=30)[unit] + rng.normal(size=180), x, unit, time


def test_between_by_hand() -> None:
    """Unit means (1, 2), (2, 3), (3, 7) have slope 2.5 and constant -1."""
    x = np.array([[0.0], [2], [1], [3], [3], [3]])
    y = np.array([1.0, 3, 2, 4, 6, 8])
    found = fit_between(y, x, np.array([0, 0, 1, 1, 2, 2]))
    assert found.coef.tolist() == pytest.approx([-1, 2.5])
    assert found.df == 1


def test_first_differences_by_hand() -> None:
    """Changes of 2 for 1 and 6 for 3; across the gap 10 for 1, taken only if asked for."""
    y, x = np.array([0.0, 2, 12, 18]), np.array([[0.0], [1], [2], [5]])
    unit, time = np.zeros(4, dtype=int), np.array([0, 1, 3, 4])
    near = fit_first_differences(y, x, unit, time, constant=False, over_gaps=False)
    assert near.coef[0] == pytest.approx((2 * 1 + 6 * 3) / (1 + 9))
    far = fit_first_differences(y, x, unit, time, constant=False, over_gaps=True)
    assert far.coef[0] == pytest.approx((2 * 1 + 10 * 1 + 6 * 3) / (1 + 1 + 9))


def test_agrees_with_linearmodels_on_a_balanced_panel() -> None:
    """Where every unit has every period all programs agree: random, between and within."""
    from linearmodels.panel import BetweenOLS, PanelOLS, RandomEffects

    y, x, unit, time = balanced(1)
    index = pd.MultiIndex.from_arrays([unit, time])
    frame = pd.DataFrame(x, index, ["a", "b"])
    outcome = pd.Series(y, index, name="y")
    constant = frame.assign(const=1.0)[["const", "a", "b"]]
    for ours, theirs in (
        (fit_random_effects(y, x, unit).fit, RandomEffects(outcome, constant).fit()),
        (fit_between(y, x, unit), BetweenOLS(outcome, constant).fit()),
        (fit_within(y, x, unit), PanelOLS(outcome, frame, entity_effects=True).fit()),
    ):
        assert ours.coef == pytest.approx(theirs.params.to_numpy(), rel=SAME)
        assert np.sqrt(np.diag(ours.cov)) == pytest.approx(theirs.std_errors.to_numpy(), rel=SAME)


def test_no_unit_effects_is_pooled() -> None:
    """Where units do not differ, the variance between them is nought and nothing is taken out."""
    rng = np.random.default_rng(2)
    unit = np.repeat(np.arange(20), 4)
    within = rng.normal(size=(20, 4))
    y = (within - within.mean(axis=1, keepdims=True)).ravel()
    x = rng.normal(size=(80, 1))
    found = fit_random_effects(y, x, unit)
    assert found.between_variance == 0
    pooled = np.linalg.lstsq(np.column_stack([np.ones(80), x]), y, rcond=None)[0]
    assert found.fit.coef == pytest.approx(pooled, rel=SAME)


def test_hausman_by_hand() -> None:
    """A slope 2 apart with variances 3 and 2: 2 squared over 1; df 1."""
    within = PanelFit(np.array([3.0]), np.array([[3.0]]), 10.0)
    random = PanelFit(np.array([9.0, 1.0]), np.diag([1.0, 2.0]), np.inf)
    found = compare_hausman(within, random)
    assert (found.statistic, found.df, found.definite) == (pytest.approx(4), 1, True)
    assert found.p_value == pytest.approx(0.0455, abs=1e-4)
    turned = compare_hausman(PanelFit(within.coef, np.array([[1.0]]), 10.0), random)
    assert not turned.definite
