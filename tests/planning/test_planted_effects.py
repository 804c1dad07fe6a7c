"""An effect that is planted leaves outcomes within what they can be, and is as large as it says."""

import numpy as np
import pytest

from evalkit.errors import AnalysisError
from evalkit.planning.planted_effects import plant_effect

RNG = np.random.default_rng(8)
TREATED = np.repeat([0.0, 1.0], 500)
CHANCE = RNG.uniform(size=1000)
BASE = np.full(1000, np.nan)


def plant(outcome: np.ndarray, size: float, kind: str, **changes: np.ndarray) -> np.ndarray:
    """Plant an effect in the second half."""
    values = {"gain": TREATED, "base": BASE, "chance": CHANCE, **changes}
    return plant_effect(
        outcome, values["gain"], size, kind, base=values["base"], chance=values["chance"]
    )


@pytest.mark.parametrize(("kind", "top"), [("score", 10.0), ("percentage", 100.0)])
def test_scales_are_kept_and_the_average_effect_is_the_size(kind: str, top: float) -> None:
    """Near the top some are held there, others move more, and the average is as planned."""
    outcome = np.minimum(RNG.normal(0.95 * top, 0.03 * top, 1000), top)
    made = plant(outcome, 0.02 * top, kind)
    assert made.max() <= top
    assert (made[500:] == top).sum() > (outcome[500:] == top).sum()
    assert np.mean(made[500:] - outcome[500:]) == pytest.approx(0.02 * top, rel=1e-6)
    np.testing.assert_array_equal(made[:500], outcome[:500])


def test_in_the_middle_of_a_scale_all_move_alike() -> None:
    """Nobody is near an end, so each moves by the size."""
    outcome = RNG.uniform(3, 6, 1000)
    np.testing.assert_allclose(plant(outcome, 0.5, "score"), outcome + 0.5 * TREATED)


def test_answers_turn_at_random() -> None:
    """Of no answers as many become yes as the share must rise by; nobody turns to no."""
    outcome = 100.0 * (RNG.uniform(size=1000) < 0.4)
    made = plant(outcome, 20.0, "yes_no")
    assert set(made) == {0.0, 100.0}
    assert (made >= outcome).all()
    error = 100 * np.sqrt(0.6 * (1 / 3) * (2 / 3) / 500)
    assert np.mean(made[500:] - outcome[500:]) == pytest.approx(20, abs=3 * error)


def test_larger_effects_turn_the_same_answers_and_more() -> None:
    """The same random numbers serve each size, so that what is found rises with it."""
    outcome = 100.0 * (RNG.uniform(size=1000) < 0.4)
    small, large = plant(outcome, 5.0, "yes_no"), plant(outcome, 15.0, "yes_no")
    assert (large >= small).all()
    assert large.sum() > small.sum()


@pytest.mark.parametrize("side", [1.0, -1.0])
def test_counts_stay_whole_and_at_least_none(side: float) -> None:
    """Events among 50 rise or fall by 40 in 1,000, which is two of each count of five."""
    outcome, base = RNG.poisson(5.0, 1000).astype(float), np.full(1000, 50.0)
    made = plant(outcome, 40.0, "count", gain=side * TREATED, base=base)
    assert (made % 1 == 0).all()
    assert made.min() >= 0
    error = 3 * np.sqrt(2 / 500)
    expected = side * np.minimum(outcome[500:], 2.0).mean() if side < 0 else 2.0
    assert np.mean(made[500:] - outcome[500:]) == pytest.approx(expected, abs=error)


def test_a_dose_moves_its_slope() -> None:
    """Where the gain is a dose of either sign, the slope on it rises by the size."""
    dose = RNG.normal(size=1000)
    outcome = np.clip(RNG.normal(9, 0.8, 1000), 0, 10)
    made = plant(outcome, 0.2, "score", gain=dose)
    assert made.max() <= 10
    assert dose @ (made - outcome) / (dose @ dose) == pytest.approx(0.2, rel=1e-6)


@pytest.mark.parametrize(
    ("kind", "outcome", "size"),
    [("score", np.full(1000, 9.5), 2.0), ("yes_no", np.full(1000, 100.0), 5.0)],
)
def test_an_effect_without_room_is_refused(kind: str, outcome: np.ndarray, size: float) -> None:
    """The message names the size and no outcome."""
    with pytest.raises(AnalysisError, match=rf"a difference of {size:g} cannot be added"):
        plant(outcome, size, kind)
