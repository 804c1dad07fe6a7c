"""Group-time effects and their averages: by hand, and against another program."""

import time
import warnings

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.callaway_santanna import CellRule, average_effects, fit_group_time
from evalkit.fits.staggered_averages import list_averages
from evalkit.inference.simultaneous import influence_covariance, sup_t

SAME = 1e-9
"""Two programs that add up the same numbers in another order."""
SHARE_OF_OTHER, OVERHEAD = 1.2, 0.05
"""Our time may be this many times the other program's, plus seconds of our own."""


def make_panel(
    seed: int, units: int = 60, periods: int = 8, missing: float = 0.0
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, times and starts of units in three cohorts and some that never change."""
    rng = np.random.default_rng(seed)
    starts = rng.choice([3.0, 4.0, 6.0, np.nan], units)
    times = np.arange(1.0, periods + 1)
    since = np.maximum(times - starts[:, None] + 1, 0)
    level = rng.normal(size=(units, 1))
    outcome = level + 0.3 * times + np.nan_to_num(since) * 0.4 + rng.normal(size=(units, periods))
    outcome[rng.random(outcome.shape) < missing] = np.nan
    return outcome, times, starts


def as_frame(outcome: np.ndarray, times: np.ndarray, starts: np.ndarray) -> pd.DataFrame:
    """Lay a panel out as the other program wants it."""
    units, periods = outcome.shape
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(units), periods),
            "time": np.tile(times.astype(int), units),
            "start": np.repeat(np.nan_to_num(starts).astype(int), periods),
            "outcome": outcome.ravel(),
        }
    )
    return frame.dropna()


def test_one_cell_by_hand() -> None:
    """Changed units gain 3 and 1, others 0 and 2: the effect is 2 - 1, its error one."""
    outcome = np.array([[1.0, 1, 4], [3, 3, 4], [0, 1, 1], [2, 1, 3]])
    starts = np.array([2.0, 2, np.nan, np.nan])
    effects = fit_group_time(outcome, np.arange(3.0), starts)
    last = effects.time == 2
    assert effects.estimate[last] == pytest.approx([1.0])
    assert effects.influence[:, last].ravel() == pytest.approx([0.5, -0.5, 0.5, -0.5])
    assert (effects.treated[last], effects.compared[last]) == (2, 2)


def test_averages_by_hand() -> None:
    """Two cohorts, effects 1 and 3 in the first, 2 in the second, of twice as many units."""
    times, starts = np.arange(3.0), np.array([1.0, 2, 2, np.nan])
    outcome = np.array([[0.0, 1, 3], [0, 0, 2], [0, 0, 2], [0, 0, 0]])
    effects = fit_group_time(outcome, times, starts)
    overall = {by: average_effects(effects, by).overall for by in ("simple", "group", "event")}
    assert overall["simple"] == pytest.approx((1 + 3 + 2 * 2) / 4)
    assert overall["group"] == pytest.approx((2 + 2 * 2) / 3)
    event = average_effects(effects, "event")
    assert event.estimate[event.key >= 0] == pytest.approx([(1 + 2 * 2) / 3, 3])
    assert overall["event"] == pytest.approx((5 / 3 + 3) / 2)
    assert average_effects(effects, "calendar").estimate == pytest.approx([1, (3 + 2 * 2) / 3])


def test_units_that_changed_already_are_never_compared_with() -> None:
    """What happens to an early cohort after its change leaves the effect of a late one alone."""
    outcome, times, starts = make_panel(1)
    rule = CellRule(comparison="not_yet_treated")
    before = fit_group_time(outcome, times, starts, rule)
    moved = outcome + 50.0 * ((starts == 3)[:, None] & (times >= 3))
    after = fit_group_time(moved, times, starts, rule)
    late = before.cohort > 3
    assert after.estimate[late] == pytest.approx(before.estimate[late])


@pytest.mark.parametrize("missing", [0.0, 0.15])
@pytest.mark.parametrize("anticipation", [0, 1])
@pytest.mark.parametrize("base", ["varying", "universal"])
@pytest.mark.parametrize("comparison", ["never_treated", "not_yet_treated"])
def test_agrees_with_diff_diff(
    comparison: str, base: str, anticipation: int, missing: float
) -> None:
    """Every effect, and every error, equals diff-diff's, gaps in the data included."""
    import diff_diff

    arrays = make_panel(2, missing=missing)
    rule = CellRule(comparison, base, anticipation)  # type: ignore[arg-type]
    effects = fit_group_time(*arrays, rule)
    other = diff_diff.CallawaySantAnna(
        control_group=comparison, base_period=base, anticipation=anticipation
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of gaps, and of an argument
        theirs = other.fit(
            as_frame(*arrays), outcome="outcome", unit="unit", time="time", first_treat="start"
        ).group_time_effects
    errors = np.sqrt((effects.influence**2).sum(axis=0))
    for cohort, when, estimate, error in zip(
        effects.cohort, effects.time, effects.estimate, errors, strict=True
    ):
        cell = theirs[(int(cohort), int(when))]
        assert estimate == pytest.approx(cell["effect"], rel=SAME, abs=SAME)
        assert error == pytest.approx(cell["se"], rel=SAME)


def test_adjustment_agrees_with_diff_diff() -> None:
    """With a covariate the effects and errors are those of its outcome regression."""
    import diff_diff

    outcome, times, starts = make_panel(3)
    rng = np.random.default_rng(4)
    age = rng.normal(size=len(starts))
    outcome = outcome + 0.2 * age[:, None] * times
    covariates = np.broadcast_to(age[:, None, None], (*outcome.shape, 1))
    effects = fit_group_time(outcome, times, starts, covariates=covariates)
    frame = as_frame(outcome, times, starts).assign(age=np.repeat(age, len(times)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = diff_diff.CallawaySantAnna(estimation_method="reg").fit(
            frame,
            outcome="outcome",
            unit="unit",
            time="time",
            first_treat="start",
            covariates=["age"],
        )
    errors = np.sqrt((effects.influence**2).sum(axis=0))
    for at, (cohort, when) in enumerate(zip(effects.cohort, effects.time, strict=True)):
        cell = found.group_time_effects[(int(cohort), int(when))]
        assert effects.estimate[at] == pytest.approx(cell["effect"], rel=SAME)
        assert errors[at] == pytest.approx(cell["se"], rel=SAME)


def test_shares_taken_as_given_leave_the_spread_between_cohorts_out() -> None:
    """The error of these cohorts' average is smaller where effects differ between cohorts."""
    outcome, times, starts = make_panel(5)
    outcome = outcome + 5.0 * ((starts == 3)[:, None] & (times >= 3))
    effects = fit_group_time(outcome, times, starts)
    drawn, given = (list_averages(effects, fixed_shares=fixed) for fixed in (False, True))
    at = drawn.at("group")
    assert given.estimate == pytest.approx(drawn.estimate)
    assert np.sum(given.influence[:, at] ** 2) < np.sum(drawn.influence[:, at] ** 2)


def test_no_clean_comparison_is_refused() -> None:
    """Where all units change at once, no cell can be compared."""
    outcome, times, starts = make_panel(6)
    with pytest.raises(AnalysisError, match="units to compare it with"):
        fit_group_time(outcome, times, np.full(len(starts), 4.0))


def test_no_slower_than_diff_diff() -> None:
    """2,000 units over 40 periods, bands from 999 draws: within 1.2 times diff-diff, and 50 ms."""
    import diff_diff

    rng = np.random.default_rng(7)
    starts = rng.choice([3.0, 11.0, 20.0, 29.0, 38.0, np.nan], 2000)
    times = np.arange(1.0, 41)
    outcome = rng.normal(size=(2000, 40)) + (times >= starts[:, None])
    frame = as_frame(outcome, times, starts)

    def ours() -> None:
        averages = list_averages(fit_group_time(outcome, times, starts))
        at = averages.positions("event")
        covariance = influence_covariance(averages.influence[:, at])
        sup_t(averages.estimate[at], covariance, np.random.default_rng(1), draws=999)

    def theirs() -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            diff_diff.CallawaySantAnna(n_bootstrap=999, seed=1).fit(
                frame,
                outcome="outcome",
                unit="unit",
                time="time",
                first_treat="start",
                aggregate="event_study",
            )

    def seconds(call: object) -> float:
        begun = time.process_time()
        call()  # type: ignore[operator]
        return time.process_time() - begun

    theirs()
    mine, other = (min(seconds(call) for _ in range(3)) for call in (ours, theirs))
    assert mine <= SHARE_OF_OTHER * other + OVERHEAD
