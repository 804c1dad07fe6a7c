"""Unit and period effects from cross-products: equal to least squares on the rows."""

import numpy as np
import pytest

from evalkit.fits.two_way_effects import (
    after_start,
    by_event_time,
    expose,
    make_panel_moments,
)
from evalkit.inference.arrays import Floats, Ints
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import clustered_covariance, moment_covariance
from evalkit.inference.least_squares import fit_least_squares

SAME = 1e-9
"""Two exact ways to one number differ by rounding alone."""


class Rows:
    """Rows in no order, unequal in number, of wards in trusts that start at three times."""

    def __init__(self, seed: int) -> None:
        rng = np.random.default_rng(seed)
        self.unit: Ints = np.concatenate([np.arange(12), rng.integers(0, 12, 300)])
        self.time: Ints = 2010 + rng.choice([0, 1, 2, 4, 5], len(self.unit))
        self.start: Floats = np.array([2012, 2014, np.nan])[np.arange(12) % 3]
        self.cluster: Ints = np.arange(12) // 3
        self.cause: Floats = rng.normal(size=(len(self.unit), 2)) + self.unit[:, None]
        self.outcome: Floats = rng.normal(size=len(self.unit)) + 0.1 * self.time
        self.weight: Floats = rng.uniform(0.5, 2, len(self.unit))

    def regressors(self, exposures: Floats) -> Floats:
        """Exposures, period dummies and causes, row by row."""
        dummies = self.time[:, None] == np.unique(self.time)[1:]
        return np.column_stack([exposures, dummies, self.cause]).astype(float)


@pytest.mark.parametrize("weighted", [False, True])
def test_equals_the_rows(weighted: bool) -> None:
    """Coefficients and clustered errors are those of the rows, weighted or not."""
    rows = Rows(1)
    weight = rows.weight if weighted else None
    panel = make_panel_moments(
        rows.outcome, rows.cause, rows.unit, rows.time, rows.start, rows.cluster, weight=weight
    )
    found = solve_moments(expose(panel, after_start(panel.times, panel.start)))
    treated = rows.time >= rows.start[rows.unit]
    plain = fit_least_squares(rows.outcome, rows.regressors(treated), unit=rows.unit, weight=weight)
    assert found.coef == pytest.approx(plain.coef, rel=SAME)
    by_row = clustered_covariance(plain, rows.cluster[rows.unit])
    assert moment_covariance(found)[0, 0] == pytest.approx(by_row[0, 0], rel=SAME)


def test_event_time_by_hand() -> None:
    """A unit that starts in 2012 is, from 2010 on, at -2, -1, 0, 1; -1 is the reference."""
    found = by_event_time(
        np.arange(2010, 2014), np.array([2012.0, np.nan]), np.array([-2, 0, 1]), -1
    )
    assert found[0].tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert not found[1].any()


def test_ends_are_binned() -> None:
    """Periods beyond the last event count as it; the reference may be the first."""
    found = by_event_time(np.arange(2010, 2015), np.array([2012.0]), np.array([0, 1]), -1)
    assert found[0].tolist() == [[0, 0], [0, 0], [1, 0], [0, 1], [0, 1]]


def test_events_equal_the_rows() -> None:
    """An event study over three starts equals least squares on dummies of event time."""
    rows = Rows(2)
    panel = make_panel_moments(
        rows.outcome, rows.cause, rows.unit, rows.time, rows.start, rows.cluster
    )
    events = np.array([-2, 0, 1])
    found = solve_moments(expose(panel, by_event_time(panel.times, panel.start, events, -1)))
    since = np.clip(rows.time - rows.start[rows.unit], -2, 1)
    plain = fit_least_squares(
        rows.outcome, rows.regressors(since[:, None] == events), unit=rows.unit
    )
    assert found.coef == pytest.approx(plain.coef, rel=SAME)


def test_far_from_nought_loses_nothing() -> None:
    """An outcome around a million has the coefficients of the same outcome around nought."""
    rows = Rows(3)
    fits = [
        solve_moments(
            expose(panel, after_start(panel.times, panel.start)),
        ).coef[0]
        for panel in (
            make_panel_moments(
                rows.outcome + shift, rows.cause, rows.unit, rows.time, rows.start, rows.cluster
            )
            for shift in (0.0, 1e6)
        )
    ]
    assert fits[0] == pytest.approx(fits[1], rel=1e-7)
