"""Change in feedback: split by hand, intervals that hold, and the traps of collecting otherwise."""

import numpy as np
import pandas as pd
import pytest

from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.measures.collection_modes import mark_breaks, tabulate_modes
from evalkit.measures.feedback_change import Cells, adjust_series, fit_change, split_change
from evalkit.measures.feedback_counts import ANSWERS
from evalkit.measures.nonresponse_bounds import bound_nonresponse, find_tipping

DRAWS = 199
HELD_AT_LEAST = 0.90  # of 200 intervals at 95%: five Monte Carlo errors below would be 0.87


def make_cells(
    rng: np.random.Generator,
    *,
    mix: tuple[list[float], list[float]] = ([0.6, 0.4], [0.6, 0.4]),
    share: tuple[list[float], list[float]] = ([0.7, 0.9], [0.7, 0.9]),
    rate: tuple[float, float] = (0.3, 0.3),
    slope: float = 0.0,
    wobble: float = 0.0,
) -> Cells:
    """Return 12 months before and after in one group and two modes, with 1,000 people asked."""
    after = np.arange(24) >= 12
    asked = np.zeros((24, 1, 2))
    answers, events = asked.copy(), asked.copy()
    for month, late in enumerate(after):
        asked[month, 0] = rng.multinomial(1000, mix[int(late)])
        respond = rate[int(late)] + 0.05 * rng.uniform(-1, 1)
        answers[month, 0] = rng.binomial(asked[month, 0].astype(int), respond)
        moved = slope * (respond - rate[0]) + wobble * rng.standard_normal()
        chance = np.clip(np.array(share[int(late)]) + moved, 0, 1)
        events[month, 0] = rng.binomial(answers[month, 0].astype(int), chance)
    return Cells(answers, events, asked, after)


def make_trusts(rng: np.random.Generator) -> tuple[Cells, float]:
    """Return six trusts that move from text messages to paper, and what that adds in these six.

    Each trust has a level of its own, about a common one by 0.4 logits; ways of asking wobble by
    month, as does feedback.
    """
    after = np.arange(24) >= 12
    own = 1.3 + 0.4 * rng.standard_normal(6)
    level = own + 0.1 * rng.standard_normal((24, 6))
    of_mode = np.array([-0.5, 0.5])
    mixes = np.where(after[:, None], [0.2, 0.8], [0.8, 0.2])
    share = np.stack([rng.dirichlet(100 * mix, size=6) for mix in mixes])
    answers = rng.poisson(200 * share).astype(float)
    events = rng.binomial(answers.astype(int), _positive(level[..., None] + of_mode))
    cells = Cells(answers, events.astype(float), np.full(answers.shape, np.nan), after)
    return cells, _added_by_paper(own)


def _added_by_paper(level: Floats) -> float:
    """Percentage points from three answers in five moving from text messages to paper."""
    return 60 * float(np.mean(_positive(level + 0.5) - _positive(level - 0.5)))


def _positive(logit: Floats) -> Floats:
    return np.asarray(1 / (1 + np.exp(-logit)))


def sums(before: list[list[float]], after: list[list[float]]) -> Floats:
    """Return counts of one draw, (2, 1, groups, modes)."""
    return np.array([[before], [after]])


def test_change_of_modes_alone_is_all_mode_mix() -> None:
    """From 50:50 to 20:80 of modes at 60% and 90%: 75% to 84%, nine points of mode mix."""
    found = split_change(sums([[50, 50]], [[20, 80]]), sums([[30, 45]], [[12, 72]]))
    assert found["total"][0] == pytest.approx(9.0)
    assert found["mode_mix"][0] == pytest.approx(9.0)
    assert found["within"][0] == pytest.approx(0.0)


def test_change_of_groups_alone_is_all_case_mix() -> None:
    """Two wards at 60% and 90%, one mode each as before, from 50:50 to 20:80: nine points."""
    found = split_change(sums([[50], [50]], [[20], [80]]), sums([[30], [45]], [[12], [72]]))
    assert found["case_mix"][0] == pytest.approx(9.0)
    assert found["mode_mix"][0] == pytest.approx(0.0)


def test_parts_add_up() -> None:
    """Whatever changes, case mix, mode mix and the change within cells are the total."""
    rng = np.random.default_rng(3)
    answers = rng.integers(1, 90, (2, 5, 3, 4)).astype(float)
    found = split_change(answers, np.floor(answers * rng.uniform(size=answers.shape)))
    parts = found["case_mix"] + found["mode_mix"] + found["within"]
    assert parts.tolist() == pytest.approx(found["total"].tolist())


def test_mode_used_only_after_tells_of_no_change_within() -> None:
    """Paper at 60% gives way to text messages at 90%: all 30 points are how it was collected."""
    found = split_change(sums([[100, 0]], [[0, 100]]), sums([[60, 0]], [[0, 90]]))
    assert found["mode_mix"][0] == pytest.approx(30.0)
    assert found["within"][0] == pytest.approx(0.0)


def test_intervals_of_what_remains_hold_none() -> None:
    """With months that wobble and a change of modes, at least nine in ten hold the truth."""
    held, alone = [], []
    for seed in range(200):
        rng = np.random.default_rng([11, seed])
        cells = make_cells(rng, mix=([0.7, 0.3], [0.3, 0.7]), wobble=0.02)
        found = fit_change(cells, rng, draws=DRAWS)
        held.append(found.remaining.conf_low <= 0 <= found.remaining.conf_high)
        alone.append(found.total.conf_low <= 0 <= found.total.conf_high)
    assert np.mean(held) >= HELD_AT_LEAST
    assert np.mean(alone) < 0.05


def test_intervals_of_the_way_of_asking_speak_of_the_trusts_looked_at() -> None:
    """They hold what asking otherwise does in these trusts, and less often in an average one."""
    held, average = [], []
    for seed in range(200):
        rng = np.random.default_rng([13, seed])
        cells, truth = make_trusts(rng)
        found = fit_change(cells, rng, draws=DRAWS).mode_mix
        held.append(found.conf_low <= truth <= found.conf_high)
        average.append(found.conf_low <= _added_by_paper(np.array([1.3])) <= found.conf_high)
    assert np.mean(held) >= HELD_AT_LEAST
    assert np.mean(average) < np.mean(held) - 0.05


def test_real_change_is_found_beneath_a_change_of_modes() -> None:
    """Five points within each mode are recovered while modes move the total."""
    rng = np.random.default_rng(8)
    share = ([0.7, 0.85], [0.75, 0.90])
    found = fit_change(make_cells(rng, mix=([0.7, 0.3], [0.3, 0.7]), share=share), rng, draws=DRAWS)
    assert found.within.conf_low < 5 < found.within.conf_high
    assert found.remaining.conf_low > 0


def test_what_goes_with_the_response_rate_is_set_apart() -> None:
    """If feedback moved with response before, ten points more response are no improvement."""
    rng = np.random.default_rng(4)
    found = fit_change(make_cells(rng, rate=(0.3, 0.4), slope=0.8), rng, draws=DRAWS)
    assert found.response is not None
    assert found.within.estimate > 5
    assert found.response.conf_low < 8 < found.response.conf_high
    assert found.remaining.conf_low < 0 < found.remaining.conf_high
    assert found.rates == pytest.approx((30, 40), abs=2)


def test_without_numbers_asked_the_response_part_is_not_told() -> None:
    """Then the change within cells is what remains, and response rates are unknown."""
    rng = np.random.default_rng(4)
    cells = make_cells(rng)._replace(asked=np.full((24, 1, 2), np.nan))
    found = fit_change(cells, rng, draws=DRAWS)
    assert found.response is None and found.remaining == found.within
    assert np.isnan(found.rates).all()


def test_comparable_share_says_how_much_was_collected_alike() -> None:
    """A third mode that takes half of the answers afterwards leaves three quarters comparable."""
    answers = np.zeros((12, 1, 2))
    answers[:, 0, 0] = 100
    answers[6:, 0, 1] = 100
    cells = Cells(answers, 0.5 * answers, np.full(answers.shape, np.nan), np.arange(12) >= 6)
    assert fit_change(cells, np.random.default_rng(1), draws=DRAWS).comparable == 0.75


def test_series_collected_as_before_does_not_move_with_modes() -> None:
    """Where modes alone change, the adjusted series is flat and the plain one is not."""
    answers = np.array([[[50.0, 50.0]], [[20.0, 80.0]]])
    cells = Cells(answers, answers * np.array([0.6, 0.9]), answers, np.array([False, True]))
    assert adjust_series(cells).tolist() == pytest.approx([75.0, 75.0])


def test_bounds_by_hand() -> None:
    """A gain of 4 at response rates of 20% and 30%, others differing by up to 10 points."""
    found = bound_nonresponse(4.0, (20.0, 30.0), 10.0)
    assert found["steady"] == pytest.approx((3.0, 5.0))
    assert found["free"] == pytest.approx((-11.0, 19.0))
    assert find_tipping(4.0, (20.0, 30.0)) == pytest.approx(4 / 1.5)


def test_breaks_are_marked_past_ten_points() -> None:
    """A move of 10 points is none, of 11 is one, and it says which modes moved."""
    shares = {"2024-01": (50, 50), "2024-02": (60, 40), "2024-03": (49, 51)}
    rows = [
        {"period": period, "mode": mode, "very_good": n} | dict.fromkeys(ANSWERS[1:], 0)
        for period, pair in shares.items()
        for mode, n in zip(("paper", "SMS"), pair, strict=True)
    ]
    found = mark_breaks(tabulate_modes(pd.DataFrame(rows)))
    assert found["broken"].tolist() == [False, False, True]
    assert found["moved"].iloc[2] == "SMS up 11 and paper down 11"


def test_too_few_periods_are_refused() -> None:
    """Five periods after the start are too few."""
    cells = make_cells(np.random.default_rng(1))
    short = Cells(*(part[:17] for part in cells))
    with pytest.raises(AnalysisError, match="12 periods before the start and 5 from it on"):
        fit_change(short, np.random.default_rng(1), draws=DRAWS)
