"""Control charts: limits and rules by hand, what they are called, and what is refused."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.measures.process_control import (
    Conventions,
    apply_rules,
    judge_target,
    name_points,
    summarise_chart,
)
from evalkit.measures.process_limits import Rebase, chart_percentages, chart_rates, chart_xmr

STEADY = np.array([10.0, 12, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12, 10, 12])
"""Fourteen points with mean 11, every range 2: limits 11 -+ 5.32, near 11 -+ 3.5467."""


def after_steady(*points: float) -> pd.DataFrame:
    """Chart the steady series and what follows it, with limits from the steady part."""
    return chart_xmr(np.append(STEADY, points), fix_after=len(STEADY))


def found_by(chart: pd.DataFrame, rule: str, conventions: Conventions | None = None) -> list[int]:
    """Positions, from 0, of the points after the steady part that a rule flags."""
    flags = apply_rules(chart, conventions)[rule].to_numpy()
    return [int(at) - len(STEADY) for at in np.flatnonzero(flags)]


def test_limits_by_hand() -> None:
    """Mean 11, average range 2: limits 11 - 5.32 and 11 + 5.32, near them at two thirds."""
    row = chart_xmr(STEADY).iloc[0]
    assert row["mean"] == 11
    assert row[["lower", "upper"]].tolist() == pytest.approx([5.68, 16.32])
    assert row[["near_lower", "near_upper"]].tolist() == pytest.approx([7.4533333, 14.5466667])
    assert row["upper_range"] == pytest.approx(6.534)


def test_large_ranges_are_screened_once() -> None:
    """Ranges 1 (ten times), 12 and 4: the mean 26/12 drops 12; a second pass, which would drop 4,
    is not made, so the average is 14/11."""
    steps = np.array([1, -1, 1, -1, 1, -1, 1, -1, 1, -1, 12, 4.0])
    values = np.cumsum(np.append(0, steps))
    assert chart_xmr(values)["average_range"].iloc[0] == pytest.approx(14 / 11)
    assert chart_xmr(values, screen=False)["average_range"].iloc[0] == pytest.approx(26 / 12)


@pytest.mark.parametrize(("times", "dropped"), [(1.0001, True), (0.9999, False)])
def test_screening_is_at_3267_averages(times: float, dropped: bool) -> None:
    """Nine ranges of 1 and one of b: b is 3.267 averages where b = 29.403 / 6.733."""
    large = times * 3.267 * 9 / (10 - 3.267)
    values = np.cumsum(np.append(0, [*np.resize([1.0, -1.0], 9), large]))
    average = chart_xmr(values)["average_range"].iloc[0]
    assert average == pytest.approx(1.0 if dropped else (9 + large) / 10)


def test_constant_series_has_no_limits_to_cross() -> None:
    """A series that never moves has limits at its mean and no special cause."""
    chart = name_points(chart_xmr(np.full(14, 3.0)))
    assert set(chart["kind"]) == {"common_cause"}


def test_outside_is_strict() -> None:
    """A point on the limit is inside."""
    limit = float(chart_xmr(STEADY)["upper"].iloc[0])
    assert found_by(after_steady(limit), "outside") == []
    assert found_by(after_steady(limit + 0.001), "outside") == [0]


def test_trend_needs_six_differences() -> None:
    """Seven rising points are a trend and all seven are flagged; six are not; a tie ends it."""
    seven = after_steady(*np.arange(8.5, 12, 0.5))
    assert found_by(seven, "trend") == list(range(7))
    six = after_steady(*np.arange(8.5, 11.5, 0.5), 11.0, 10)
    assert found_by(six, "trend") == []
    tied = after_steady(8.5, 9, 9.5, 9.5, 10, 10.5, 11, 10)
    assert found_by(tied, "trend") == []
    assert found_by(six, "trend", Conventions(trend_points=6)) == list(range(6))


def test_two_of_three_near_a_limit() -> None:
    """Two of three beyond two thirds, all on one side: the two near ones are flagged."""
    assert found_by(after_steady(15, 12, 15), "two_of_three") == [0, 2]


def test_two_of_three_needs_one_side() -> None:
    """With the third across the mean it does not count, unless the convention lets it."""
    chart = after_steady(15, 10, 15)
    assert found_by(chart, "two_of_three") == []
    assert found_by(chart, "two_of_three", Conventions(same_side=False)) == [0, 2]


def test_two_of_three_leaves_points_outside_out() -> None:
    """A point outside the limits is not near one, unless the convention says so."""
    chart = after_steady(17, 15, 12)
    assert found_by(chart, "two_of_three") == []
    assert found_by(chart, "two_of_three", Conventions(near_outside=True)) == [0, 1]


def test_shift_ends_at_the_mean() -> None:
    """Seven on one side are a shift, all flagged; one on the mean breaks it."""
    high = [11.4, 11.3, 11.5, 11.2, 11.4, 11.3, 11.6]
    assert found_by(after_steady(10.0, *high), "shift") == list(range(1, 8))
    broken = [*high[:5], 11.0, *high[5:]]
    assert found_by(after_steady(10.0, *broken), "shift") == []


def test_first_rule_that_applies_names_the_point() -> None:
    """A rising run to one side that ends outside: trend, and its last point outside."""
    chart = name_points(after_steady(11.2, 12, 13, 14, 15, 16, 17))
    assert chart["rule"].tolist()[-7:] == ["trend"] * 6 + ["outside"]


def test_rules_do_not_cross_a_rebase() -> None:
    """Four points above one mean and three above the next are no shift."""
    values = np.array([1, 0, 1, 0, 0, 1, 1, 1, 1, 11, 11, 11, 10, 9, 10, 9.0])
    rebased = chart_xmr(values, rebases=[Rebase(9, "new wards opened")])
    assert not apply_rules(rebased)["shift"].any()
    assert rebased["moving_range"].isna().sum() == 2
    assert rebased["mean"].nunique() == 2


@pytest.mark.parametrize(
    ("better", "high", "low"),
    [
        ("higher", "special_cause_improvement", "special_cause_concern"),
        ("lower", "special_cause_concern", "special_cause_improvement"),
        ("neither", "special_cause_neutral_high", "special_cause_neutral_low"),
    ],
)
def test_direction_names_special_causes(better: str, high: str, low: str) -> None:
    """High and low points are better, worse or neither as the measure has it."""
    for point, kind in ((20.0, high), (2.0, low)):
        assert name_points(after_steady(point), better)["kind"].iloc[-1] == kind


@pytest.mark.parametrize(
    ("target", "better", "expected"),
    [
        (17.0, "higher", "consistent_fail"),
        (17.0, "lower", "consistent_pass"),
        (5.0, "higher", "consistent_pass"),
        (5.0, "lower", "consistent_fail"),
        (12.0, "higher", "inconsistent"),
        (12.0, "neither", None),
        (None, "higher", None),
    ],
)
def test_assurance(target: float | None, better: str, expected: str | None) -> None:
    """A target beyond the limits is met or missed by the process itself; inside, by chance."""
    assert judge_target(chart_xmr(STEADY), target, better) == expected


def test_icons_speak_of_the_latest_point() -> None:
    """An early special cause is history: variation is that of the last point."""
    points = name_points(after_steady(30, 10, 12))
    assert points["kind"].iloc[-3] == "special_cause_improvement"
    said = summarise_chart(points, target=10)
    assert said.variation == "common_cause"
    assert said.words == (
        "Common cause variation: no sign of change. "
        "Will sometimes meet the target and sometimes miss it, by chance."
    )


def test_short_charts_say_so() -> None:
    """Twelve points give a warning with their number; thirteen do not; fixing limits can."""
    for points, warned in ((12, True), (13, False)):
        said = summarise_chart(name_points(chart_xmr(STEADY[:points])))
        assert bool(said.remarks) is warned
    fixed = summarise_chart(name_points(chart_xmr(STEADY, fix_after=6)), fix_after=6)
    assert fixed.remarks == (
        "The limits rest on fewer than 13 points (the fewest: 6), so they are uncertain.",
    )


def test_percentages_by_hand() -> None:
    """50 of 100 and 60 of 100: centre 55%, error sqrt(55 * 45 / 100), limits three of them."""
    chart = chart_percentages(np.array([50.0, 60]), np.array([100.0, 100]), laney=False)
    half = 3 * np.sqrt(55 * 45 / 100)
    assert chart["mean"].tolist() == [55, 55]
    assert chart["upper"].tolist() == pytest.approx([55 + half] * 2)
    assert chart["lower"].tolist() == pytest.approx([55 - half] * 2)


def test_laney_by_hand() -> None:
    """The same two points are 10 / 4.9749 errors apart; over 1.128 that is the factor."""
    chart = chart_percentages(np.array([50.0, 60]), np.array([100.0, 100]))
    error = np.sqrt(55 * 45 / 100)
    assert chart["upper"].iloc[0] == pytest.approx(55 + 3 * error * (10 / error) / 1.128)


def test_rates_by_hand() -> None:
    """4 of 1,000 and 6 of 1,000: centre 5 per 1,000, error sqrt(5), the lower limit is nothing."""
    chart = chart_rates(np.array([4.0, 6]), np.array([1000.0, 1000]), laney=False)
    assert chart["mean"].iloc[0] == pytest.approx(5)
    assert chart["upper"].iloc[0] == pytest.approx(5 + 3 * np.sqrt(5))
    assert chart["lower"].iloc[0] == 0


def test_limits_narrow_with_the_base() -> None:
    """Four times the people, half the distance to the limits."""
    base = np.array([100.0, 400, 100, 400])
    chart = chart_percentages(base * [0.5, 0.52, 0.48, 0.5], base)
    distance = (chart["upper"] - chart["mean"]).to_numpy()
    assert distance[0] == pytest.approx(2 * distance[1])


def test_laney_allows_for_what_chance_does_not_explain() -> None:
    """With 50,000 people a month and a spread of two points, p alarms and p' does not."""
    rng = np.random.default_rng(2)
    base = np.full(24, 50_000.0)
    events = np.round(base * (0.9 + 0.02 * rng.normal(size=24)))
    plain = name_points(chart_percentages(events, base, laney=False))
    prime = name_points(chart_percentages(events, base))
    assert (plain["rule"] == "outside").sum() >= 12
    assert (prime["rule"] == "outside").sum() == 0


def test_steady_processes_raise_few_alarms() -> None:
    """Of normal points without change fewer than 2% are outside the limits of 24 points."""
    rng = np.random.default_rng(4)
    charts = [chart_xmr(rng.normal(size=24)) for _ in range(200)]
    share = np.mean([apply_rules(chart)["outside"].mean() for chart in charts])
    assert share < 0.02


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: chart_xmr(np.array([1.0, np.nan, 2.0])), "3 points, 1 of them missing"),
        (lambda: chart_xmr(np.array([1.0])), "1 points, 0 of them missing"),
        (lambda: chart_xmr(STEADY, fix_after=1), r"fix_after \(1\)"),
        (lambda: chart_xmr(STEADY, rebases=[Rebase(7, " ")]), "1 without a reason"),
        (lambda: chart_xmr(STEADY, rebases=[Rebase(13, "x")]), "two points or more in every part"),
        (
            lambda: chart_xmr(STEADY, rebases=[Rebase(9, "x"), Rebase(4, "y")]),
            "positions must rise",
        ),
        (lambda: chart_rates(np.ones(3), np.array([1.0, 0, 2])), "base: 1 of 3 points have none"),
        (lambda: chart_rates(-np.ones(3), np.ones(3)), "events: some are negative"),
        (lambda: chart_percentages(np.full(3, 2.0), np.ones(3)), "more than their base"),
        (lambda: chart_rates(np.zeros(3), np.ones(3)), "events: none, or all"),
        (lambda: summarise_chart(chart_xmr(STEADY)), "Name them with name_points first"),
    ],
)
def test_refusals(make: object, message: str) -> None:
    """What cannot be charted is refused with counts and with what to do."""
    with pytest.raises(AnalysisError, match=message):
        make()
