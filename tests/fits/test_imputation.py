"""Imputed effects: by hand, against another program, and against a regression."""

import warnings

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.fits.imputation import (
    average_imputed,
    fit_imputation,
    weigh_event,
    weigh_overall,
)

ITERATED = 1e-8
"""The other program fits by iteration, to about this."""
TRIALS = 300
FEWEST = 0.925
"""Two and a half errors below 95% in that many trials; the error is conservative."""


def make_panel(
    seed: int, missing: float = 0.0, units: int = 45
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Outcomes, times and starts; effects grow with time, and differ by cohort."""
    rng = np.random.default_rng(seed)
    starts, times = rng.choice([3.0, 5.0, 6.0, np.nan], units), np.arange(1.0, 9)
    since = np.nan_to_num(np.maximum(times - starts[:, None] + 1, 0.0))
    outcome = rng.normal(size=(units, 1)) + 0.2 * times + 0.5 * since
    outcome = outcome + rng.normal(size=outcome.shape)
    outcome[rng.random(outcome.shape) < missing] = np.nan
    return outcome, times, starts


def test_effects_by_hand() -> None:
    """Without noise the unit keeps its level and the common rise: the rest is the effect."""
    outcome = np.array([[5.0, 6, 9, 12], [1, 2, 3, 4], [0, 1, 2, 3]])
    effects = fit_imputation(outcome, np.arange(4.0), np.array([2.0, np.nan, np.nan]))
    assert effects.effect[0, 2:] == pytest.approx([2.0, 4.0])
    average = average_imputed(effects, weigh_overall(effects))
    assert average.estimate == pytest.approx(3.0)
    assert average.influence == pytest.approx(np.zeros(3), abs=1e-12)


@pytest.mark.parametrize("missing", [0.0, 0.15])
def test_agrees_with_diff_diff(missing: float) -> None:
    """The overall effect, those by period since the change, and errors equal diff-diff's."""
    import diff_diff

    outcome, times, starts = make_panel(1, missing)
    frame = pd.DataFrame(
        {
            "unit": np.repeat(np.arange(len(starts)), len(times)),
            "time": np.tile(times.astype(int), len(starts)),
            "start": np.repeat(np.nan_to_num(starts).astype(int), len(times)),
            "outcome": outcome.ravel(),
        }
    ).dropna()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of an argument
        theirs = diff_diff.ImputationDiD().fit(
            frame,
            outcome="outcome",
            unit="unit",
            time="time",
            first_treat="start",
            aggregate="event_study",
        )
    effects = fit_imputation(outcome, times, starts)
    overall = average_imputed(effects, weigh_overall(effects, by_unit=False))
    assert overall.estimate == pytest.approx(theirs.overall_att, rel=ITERATED)
    error = np.sqrt(np.sum(overall.influence**2))
    assert error == pytest.approx(theirs.overall_se, rel=ITERATED)
    for event in (0, 2, 4):
        found = average_imputed(effects, weigh_event(effects, event))
        other = theirs.event_study_effects[event]
        assert found.estimate == pytest.approx(other["effect"], rel=ITERATED)
        assert np.sqrt(np.sum(found.influence**2)) == pytest.approx(other["se"], rel=ITERATED)


def test_coarser_groups_are_more_conservative() -> None:
    """The wider the groups within which effects may differ only by noise, the larger the error."""
    effects = fit_imputation(*make_panel(2))
    weights = weigh_overall(effects)
    errors = [
        np.sum(average_imputed(effects, weights, alike=alike).influence ** 2)
        for alike in ("cohort_period", "event", "all")
    ]
    assert errors == sorted(errors)


def test_every_changed_unit_counts_once() -> None:
    """The overall weights of a unit add up to the same, however long it has been changed."""
    effects = fit_imputation(*make_panel(3))
    weights = weigh_overall(effects).sum(axis=1)
    changed = ~np.isnan(effects.first_treated)
    assert weights[changed] == pytest.approx(np.full(changed.sum(), 1 / changed.sum()))
    assert np.all(weights[~changed] == 0)


def test_anticipated_periods_are_not_fitted_to() -> None:
    """What happens just before the change does not move the effects when it is anticipated."""
    outcome, times, starts = make_panel(4)
    before = fit_imputation(outcome, times, starts, anticipation=1)
    moved = outcome + 9.0 * (times == starts[:, None] - 1)
    after = fit_imputation(moved, times, starts, anticipation=1)
    assert after.effect[after.known] == pytest.approx(before.effect[before.known])


def test_intervals_cover() -> None:
    """Effects that differ by unit: the interval holds the mean as often as stated, or more."""
    inside = 0
    for seed in range(TRIALS):
        outcome, times, starts = make_panel(1000 + seed)
        effects = fit_imputation(outcome, times, starts)
        weights = weigh_overall(effects, by_unit=False)
        since = np.nan_to_num(np.maximum(times - starts[:, None] + 1, 0.0))
        found = average_imputed(effects, weights)
        error = np.sqrt(np.sum(found.influence**2))
        inside += abs(found.estimate - np.sum(weights * 0.5 * since)) <= 2.01 * error
    assert inside / TRIALS >= FEWEST


def test_nobody_seen_before_is_refused() -> None:
    """Units seen only after their change have no level of their own."""
    outcome, times, starts = make_panel(5)
    outcome[times < starts[:, None]] = np.nan
    with pytest.raises(AnalysisError, match="no unit is seen both before and after"):
        fit_imputation(outcome, times, starts)


def test_unconnected_parts_are_refused() -> None:
    """Two sets of units seen in different years cannot share period effects."""
    outcome, starts = np.ones((6, 6)), np.array([3.0, np.nan, np.nan, np.nan, np.nan, np.nan])
    outcome[:3, 3:], outcome[3:, :3] = np.nan, np.nan
    outcome[0, 3] = 1.0
    with pytest.raises(AnalysisError, match="parts that no unit connects"):
        fit_imputation(outcome, np.arange(6.0), starts)
