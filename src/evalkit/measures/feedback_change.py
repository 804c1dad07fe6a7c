"""A change in feedback split into how it was collected, from whom, who answered, and the rest.

The percentage of a period is the sum over groups of people and modes of collection of
(share of the group) x (share of the mode within it) x (percentage in that cell). The change
between two periods is split among the three by averaging over the orders in which they may
change (Das Gupta 1993, Standardization and Decomposition of Rates; the Shapley value), so
that the parts add up exactly. A cell seen in one period only tells nothing of a change
within it: it is given the same percentage in both, and the share of answers in cells seen
in both is returned. What stays within cells is then split again: the part that goes with the
response rate, by how the percentage moved with it within cells before, and what remains.
Errors: circular blocks of three periods are drawn anew in each of the two times (Politis and
Romano 1992), with a t quantile for the number of blocks. Must hold: within a cell, people
are of one kind in both times; what goes with the response rate does so as before.
"""

from dataclasses import dataclass
from itertools import permutations
from typing import NamedTuple

import numpy as np

from evalkit.errors import AnalysisError
from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import Estimate, make_estimate

BLOCK = 3
FEWEST_PERIODS = 6
"""Periods needed before, and after."""
PARTS = ("case_mix", "mode_mix", "within")


class Cells(NamedTuple):
    """Answers, events (positive ones) and people asked, each (periods, groups, modes).

    `asked` is NaN where it is not known; `after` (periods,) marks the later time.
    """

    answers: Floats
    events: Floats
    asked: Floats
    after: Flags


@dataclass(frozen=True, slots=True)
class FeedbackChange:
    """The change in percentage points and its parts, each an `Estimate`.

    `total` = `case_mix` + `mode_mix` + `within`; `within` = `response` + `remaining`. `response`
    is None where it cannot be told, and `remaining` is then `within`. `comparable` is the share
    of answers in cells seen in both times; `rates` the response rates in per cent (NaN unknown).
    """

    total: Estimate
    case_mix: Estimate
    mode_mix: Estimate
    within: Estimate
    response: Estimate | None
    remaining: Estimate
    comparable: float
    percentages: tuple[float, float]
    rates: tuple[float, float]


def split_change(answers: Floats, events: Floats) -> dict[str, Floats]:
    """Split the change between two times: `answers, events` (2, ..., groups, modes).

    Leading dimensions after the first are kept (draws). Returns `total` and `PARTS`, in
    percentage points.
    """
    factors = _factors(answers, events)
    parts = {name: np.zeros(answers.shape[1:-2]) for name in PARTS}
    orders = list(permutations(range(len(PARTS))))
    for order in orders:
        at = [0, 0, 0]
        value = _percentage(factors, at)
        for which in order:
            at[which] = 1
            then = _percentage(factors, at)
            parts[PARTS[which]] = parts[PARTS[which]] + (then - value) / len(orders)
            value = then
    return parts | {"total": _percentage(factors, [1, 1, 1]) - _percentage(factors, [0, 0, 0])}


def fit_change(
    cells: Cells, rng: np.random.Generator, *, draws: int = 999, level: float = 0.95
) -> FeedbackChange:
    """Estimate the change and its parts, with errors by drawing blocks of periods.

    Raises AnalysisError for fewer than six periods on either side, or no answers.
    """
    _refuse_short(cells)
    found = split_change(*_sums(cells, np.ones((1, len(cells.after)))))
    drawn = split_change(*_sums(cells, _draw_weights(cells.after, rng, draws)))
    df = _blocks(cells.after)
    made = {
        name: make_estimate(
            float(value[0]), float(np.nanstd(drawn[name], ddof=1)), df=df, level=level
        )
        for name, value in found.items()
    }
    response = _response_part(cells, level)
    within = made["within"]
    remaining = within if response is None else _less(within, response)
    return FeedbackChange(
        made["total"],
        made["case_mix"],
        made["mode_mix"],
        within,
        response,
        remaining,
        _comparable(cells),
        _percentages(cells),
        _rates(cells),
    )


def adjust_series(cells: Cells) -> Floats:
    """Percentage of each period (periods,) had its answers come as those of the time before.

    Direct standardisation over the cells with answers in that period and before.
    """
    before = cells.answers[~cells.after].sum(axis=0)
    here = (cells.answers > 0) & (before > 0)
    weight = np.where(here, before, 0.0)
    share = cells.events / np.where(cells.answers > 0, cells.answers, 1.0)
    total = weight.sum(axis=(1, 2))
    summed = (weight * share).sum(axis=(1, 2))
    return np.asarray(
        100 * np.divide(summed, total, out=np.full(len(total), np.nan), where=total > 0)
    )


def _factors(answers: Floats, events: Floats) -> tuple[Floats, Floats, Floats]:
    """Shares of groups, of modes within them and percentages within cells, both times."""
    of_group = answers.sum(axis=-1)
    groups = of_group / of_group.sum(axis=-1, keepdims=True)
    modes = _divide(answers, of_group[..., None])
    inside = 100 * _divide(events, answers)
    return groups, _filled(modes), _filled(inside)


def _percentage(factors: tuple[Floats, Floats, Floats], at: list[int]) -> Floats:
    groups, modes, inside = (factor[time] for factor, time in zip(factors, at, strict=True))
    return np.asarray((groups[..., None] * modes * inside).sum(axis=(-2, -1)))


def _filled(factor: Floats) -> Floats:
    """Give what is unknown in one time the value of the other; 0 where neither is known."""
    other = factor[::-1]
    return np.nan_to_num(np.where(np.isnan(factor), other, factor))


def _divide(above: Floats, below: Floats) -> Floats:
    wide = np.broadcast_to(below, above.shape)
    filled = np.full(above.shape, np.nan)
    np.divide(above, wide, out=filled, where=wide > 0)
    return filled


def _sums(cells: Cells, weights: Floats) -> tuple[Floats, Floats]:
    """Weighted sums of answers and events before and after: (2, draws, groups, modes)."""
    times = (~cells.after, cells.after)
    answers, events = (
        np.stack([np.tensordot(weights[:, t], counts[t], axes=1) for t in times])
        for counts in (cells.answers, cells.events)
    )
    return answers, events


def _draw_weights(after: Flags, rng: np.random.Generator, draws: int) -> Floats:
    """How often each period is drawn (draws, periods), as circular blocks within each time."""
    weights = np.zeros((draws, len(after)))
    for time in (~after, after):
        places = np.flatnonzero(time)
        blocks = -(-len(places) // BLOCK)
        starts = rng.integers(len(places), size=(draws, blocks, 1))
        drawn = ((starts + np.arange(BLOCK)) % len(places)).reshape(draws, -1)[:, : len(places)]
        np.add.at(weights, (np.arange(draws)[:, None], places[drawn]), 1.0)
    return weights


def _blocks(after: Flags) -> float:
    blocks = [int(time.sum()) // BLOCK for time in (~after, after)]
    return float(max(sum(blocks) - 2, 1))


def _response_part(cells: Cells, level: float) -> Estimate | None:
    """Part that goes with the response rate, as it did before; None where that is not known."""
    asked, answers = cells.asked, cells.answers
    known = (asked > 0) & (answers > 0) & (answers <= asked)
    if known.mean() < (answers > 0).mean() / 2:
        return None
    rate = 100 * np.divide(answers, asked, out=np.full(answers.shape, np.nan), where=known)
    share = 100 * np.divide(cells.events, answers, out=np.full(answers.shape, np.nan), where=known)
    before = known & ~cells.after[:, None, None]
    weight = np.where(before, answers, 0.0)
    x, y = _centred(rate, weight), _centred(share, weight)
    period = np.broadcast_to(np.arange(len(answers))[:, None, None], answers.shape)
    if not float((weight * np.nan_to_num(x) ** 2).sum()) > 0:
        return None
    fit = fit_weighted(
        np.nan_to_num(y[before]),
        np.nan_to_num(x[before])[:, None],
        weight[before],
        cluster=period[before],
    )
    moved = _rate_change(cells, rate)
    if np.isnan(moved):
        return None
    error = abs(moved) * float(np.sqrt(fit.cov[0, 0]))
    return make_estimate(float(fit.coef[0]) * moved, max(error, 1e-12), df=fit.df, level=level)


def _centred(values: Floats, weight: Floats) -> Floats:
    """Take each cell's weighted mean over periods out."""
    total = weight.sum(axis=0)
    summed = (weight * np.nan_to_num(values)).sum(axis=0)
    return np.asarray(values - np.divide(summed, total, out=np.zeros_like(total), where=total > 0))


def _rate_change(cells: Cells, rate: Floats) -> float:
    """Change in the response rate within cells, in points; NaN where none is known in both."""
    known = ~np.isnan(rate)
    means = []
    for time in (~cells.after, cells.after):
        answers = np.where(known, cells.answers, 0.0)[time].sum(axis=0)
        asked = np.where(known, cells.asked, 0.0)[time].sum(axis=0)
        means.append(100 * _divide(answers, asked))
    weight = np.where(np.isnan(means[0]) | np.isnan(means[1]), 0.0, cells.answers.sum(axis=0))
    if not weight.sum() > 0:
        return float("nan")
    return float(np.sum(weight * np.nan_to_num(means[1] - means[0])) / weight.sum())


def _less(within: Estimate, response: Estimate) -> Estimate:
    error = float(np.hypot(within.std_error, response.std_error))
    df = min(within.df, response.df)
    return make_estimate(within.estimate - response.estimate, error, df=df, level=within.level)


def _comparable(cells: Cells) -> float:
    before, after = (cells.answers[time].sum(axis=0) for time in (~cells.after, cells.after))
    both = (before > 0) & (after > 0)
    return float((before[both].sum() / before.sum() + after[both].sum() / after.sum()) / 2)


def _percentages(cells: Cells) -> tuple[float, float]:
    first, then = (
        100 * float(cells.events[time].sum() / cells.answers[time].sum())
        for time in (~cells.after, cells.after)
    )
    return first, then


def _rates(cells: Cells) -> tuple[float, float]:
    """Answers over people asked before and after, in per cent; NaN where it is not all known."""
    found = []
    for time in (~cells.after, cells.after):
        answers, asked = cells.answers[time], cells.asked[time]
        lost = bool(np.isnan(asked[answers > 0]).any())
        total = float(np.nansum(asked))
        found.append(float("nan") if lost or not total > 0 else 100 * float(answers.sum()) / total)
    return found[0], found[1]


def _refuse_short(cells: Cells) -> None:
    before, after = int((~cells.after).sum()), int(cells.after.sum())
    if min(before, after) < FEWEST_PERIODS:
        raise AnalysisError(
            f"feedback: {before} periods before the start and {after} from it on. Give "
            f"{FEWEST_PERIODS} or more of each, or chart the series alone."
        )
    silent = int((cells.answers.sum(axis=(1, 2)) <= 0).sum())
    if silent:
        raise AnalysisError(
            f"feedback: {silent} of {len(cells.after)} periods have no answers. Leave them out, or "
            "use longer periods."
        )
