"""Indices of inequality: by hand, with known truth, and what is refused."""

import numpy as np
import pytest

from evalkit.equity.concentration_index import fit_concentration_index
from evalkit.equity.inequality_indices import (
    fit_relative_index,
    fit_slope_index,
    fit_slope_index_of_groups,
)
from evalkit.equity.places import fit_gap, place_people
from evalkit.errors import AnalysisError

FIFTHS = np.repeat([1, 2, 3, 4, 5], 2)
ON_A_LINE = np.array([7.0, 7, 7.2, 7.2, 7.4, 7.4, 7.6, 7.6, 7.8, 7.8])
"""Fifths stand at .1, .3, .5, .7, .9, so the line runs from 6.9 at 0 to 7.9 at 1."""
EVEN = np.ones(10)
DECILES = np.array([75.9, 78.3, 83.8, 83.6, 80.5, 81.1, 81.7, 84.2, 80.6, 86.3])
PEOPLE = np.array([7291.0, 7997, 6105, 7666, 5790, 6934, 5918, 5974, 7147, 7534])
"""The first area of the published example of slope indices (R's PHEindicatormethods)."""
PRINTED = 5e-4
THREE_ERRORS = 3.3
"""Standard errors of a share that a simulation may be off by."""


def test_places_by_hand() -> None:
    """Three quarters and one quarter of the people stand at .375 and .875."""
    places = place_people(np.array([1, 1, 2]), np.array([1.0, 2, 1]))
    assert places.tolist() == pytest.approx([0.375, 0.375, 0.875])


def test_slope_and_ratio_by_hand() -> None:
    """The line from 6.9 to 7.9: slope 1, ratio 7.9 / 6.9, and 1 / 7.4 of the mean."""
    assert fit_slope_index(ON_A_LINE, FIFTHS, EVEN).estimate == pytest.approx(1.0)
    assert fit_relative_index(ON_A_LINE, FIFTHS, EVEN).estimate == pytest.approx(7.9 / 6.9)
    ratio = fit_relative_index(ON_A_LINE, FIFTHS, EVEN, form="mean_ratio")
    assert ratio.estimate == pytest.approx(1 / 7.4)


def test_slope_of_groups_by_hand() -> None:
    """Means of groups on the line give its slope; errors of .1 give .1 / sqrt(.4)."""
    means, people = ON_A_LINE[::2], np.full(5, 100.0)
    found = fit_slope_index_of_groups(means, people, np.full(5, 0.1))
    assert found.estimate == pytest.approx(1.0)
    assert found.std_error == pytest.approx(0.1 / np.sqrt(0.4))


def test_published_example_of_deciles() -> None:
    """Life expectancies of ten deciles: slope 7.000, ratio 1.0897, concentration 0.01416."""
    order = np.arange(1, 11)
    groups = fit_slope_index_of_groups(DECILES, PEOPLE).estimate
    people = fit_slope_index(DECILES, order, PEOPLE).estimate
    assert [groups, people] == pytest.approx([7.000, 7.000], abs=PRINTED)
    ratio = fit_relative_index(DECILES, order, PEOPLE).estimate
    assert ratio == pytest.approx(1.0897, abs=PRINTED / 10)
    concentration = fit_concentration_index(DECILES, order, PEOPLE).estimate
    assert concentration == pytest.approx(0.01416, abs=PRINTED / 100)


def test_concentration_by_hand() -> None:
    """Two halves at .25 and .75 with 6 and 8: 2 x .25 / 7; of 0 to 10, Erreygers 4 x .7 of it."""
    values, halves, even = np.array([6.0, 8]), np.array([1, 2]), np.ones(2)
    values, halves, even = np.tile(values, 3), np.tile(halves, 3), np.tile(even, 3)
    plain = fit_concentration_index(values, halves, even).estimate
    assert plain == pytest.approx(2 * 0.25 / 7)
    bounded = fit_concentration_index(values, halves, even, form="erreygers", bounds=(0, 10))
    assert bounded.estimate == pytest.approx(4 * 0.7 * plain)


@pytest.mark.parametrize("form", ["erreygers", "wagstaff"])
def test_bounded_forms_do_not_mind_which_end_is_counted(form: str) -> None:
    """Counting the good or the bad answers changes the sign alone; the plain form more."""
    rng = np.random.default_rng(1)
    group = rng.integers(1, 6, 300)
    good = (rng.random(300) < 0.5 + 0.08 * group).astype(float)
    weight = rng.uniform(0.5, 2, 300)
    one = fit_concentration_index(good, group, weight, form=form)
    other = fit_concentration_index(1 - good, group, weight, form=form)
    assert one.estimate == pytest.approx(-other.estimate)
    assert one.std_error == pytest.approx(other.std_error)


def test_gap_by_hand() -> None:
    """Means 5 and 8 with weights: 3, whatever the others' order."""
    values, here = np.array([4.0, 6, 8, 9, np.nan]), np.array([False, False, True, True, True])
    gap = fit_gap(values, here, np.array([1.0, 1, 1, 0, 1]))
    assert gap.estimate == pytest.approx(3.0)


def test_intervals_cover() -> None:
    """Line, logit and log forms hold the true slope or ratio 95% of the time."""
    rng, runs, held = np.random.default_rng(2), 400, np.zeros(3)
    group = np.repeat(np.arange(1, 11), 60)
    share = 0.5 + 0.2 * (place_people(group, np.ones(600)) - 0.5)
    for _ in range(runs):
        y, w = (rng.random(600) < share).astype(float), rng.uniform(0.5, 1.5, 600)
        found = [
            (fit_slope_index(y, group, w), 0.2),
            (fit_slope_index(y, group, w, form="logistic"), 0.2),
            (fit_relative_index(y, group, w), 0.6 / 0.4),
        ]
        held += [e.conf_low <= truth <= e.conf_high for e, truth in found]
    assert np.all(np.abs(held / runs - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs))


def test_clustered_interval_covers_where_the_plain_one_does_not() -> None:
    """With each trust's people in few groups, only errors clustered by trust cover."""
    rng, runs, held = np.random.default_rng(3), 300, np.zeros(2)
    trust = np.repeat(np.arange(40), 30)
    for _ in range(runs):
        group = np.clip(rng.integers(1, 6, 40)[trust] + rng.integers(-1, 2, 1200), 1, 5)
        y = 7 + rng.normal(0, 0.5, 40)[trust] + rng.normal(0, 1, 1200)
        for at, cluster in enumerate((None, trust)):
            found = fit_slope_index(y, group, np.ones(1200), cluster=cluster)
            held[at] += found.conf_low <= 0 <= found.conf_high
    plain, clustered = held / runs
    assert plain < 0.7
    assert abs(clustered - 0.95) < THREE_ERRORS * np.sqrt(0.95 * 0.05 / runs)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: place_people(np.ones(3, dtype=int), np.ones(3)), "everybody is in one group"),
        (lambda: fit_relative_index(-ON_A_LINE, FIFTHS, EVEN), "not above zero"),
        (lambda: fit_relative_index(-ON_A_LINE, FIFTHS, EVEN, form="mean_ratio"), "not above zero"),
        (lambda: fit_slope_index_of_groups(np.ones(2), np.ones(2)), "2 groups"),
        (lambda: fit_gap(EVEN, np.ones(10, dtype=bool), EVEN), "10 values in the group and 0"),
        (lambda: fit_slope_index(EVEN, FIFTHS, EVEN, cluster=FIFTHS * 0), "1 cluster"),
        (
            lambda: fit_concentration_index(ON_A_LINE, FIFTHS, EVEN, form="wagstaff"),
            "not between the bounds",
        ),
    ],
)
def test_what_has_no_index_is_refused(call, message: str) -> None:
    """What cannot be measured is said, without a value of the data."""
    with pytest.raises(AnalysisError, match=message):
        call()
