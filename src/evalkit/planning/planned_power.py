"""How often a planned study would find an effect: its own design, tried on made-up tables.

Tables are made as assumed, or from past data (`planned_tables`), with no effect in them, and the
design's `estimate` is asked. Most designs' intervals move by exactly the effect that is added to
the outcomes; this is seen on the first tables, and where it holds one estimate serves every size.
Otherwise each size is estimated by itself, on the same tables. A table that the design refuses
counts as nothing found.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Literal

import numpy as np

from evalkit.checks.judging import Estimate
from evalkit.designs.headline_only import headline_of
from evalkit.errors import AnalysisError
from evalkit.inference.arrays import Floats
from evalkit.planning.past import Past
from evalkit.planning.planned_tables import Layout, lay_out, make_up
from evalkit.study.schemas.plan_a_study import PlanAStudy

MOVED = 3
"""Tables on which it is seen whether intervals move with the effect."""

EXACT = 1e-6
"""Largest distance, as a share of the effect, at which an interval still moved with it."""

SQUARE_ROOT, SLOWEST = 0.5, 0.25
"""Powers of the number of units by which what is found falls by chance, and must fall at least."""

SPARE = 1.1
"""How many times more units are tried than are foretold, so that the answer lies between."""

SLACK = 1e-9
REFINED = 3
"""Halvings between two sizes where each size is estimated by itself."""

MOST_UNITS = 2000
ROUNDS = 2
"""Further numbers of units that are tried, at most, in search of the one that is needed."""


@dataclass(frozen=True, slots=True)
class Intervals:
    """Ends of the intervals of made-up studies, (studies,), NaN where the design refused."""

    low: Floats
    high: Floats

    def moved(self, size: float) -> "Intervals":
        """Return the intervals with an effect of this size added."""
        return Intervals(self.low + size, self.high + size)


@dataclass(frozen=True, slots=True)
class Share:
    """A share of made-up studies and its Monte Carlo standard error."""

    value: float
    error: float


@dataclass(frozen=True, slots=True)
class Tried:
    """A layout that was tried: intervals by true size; of none alone where they move with it."""

    layout: Layout
    sizes: Mapping[float, Intervals]
    moves: bool

    @property
    def units(self) -> int:
        """Units of the layout."""
        return self.layout.units

    @property
    def refused(self) -> float:
        """Share of made-up studies that the design refused."""
        return float(np.mean(np.isnan(self.sizes[0.0].low)))

    def at(self, size: float) -> Intervals:
        """Return the intervals where the effect truly is of this size."""
        return self.sizes[0.0].moved(size) if self.moves else self.sizes[size]

    def power(self, size: float) -> Share:
        """Return how often the interval leaves out zero, on the side of the effect."""
        return _share(self.at(size).low > 0)

    def false_alarms(self) -> Share:
        """Return how often the interval leaves out zero where there is no effect."""
        none = self.sizes[0.0]
        known = ~np.isnan(none.low)
        return _share(((none.low > 0) | (none.high < 0))[known])

    def coverage(self, size: float) -> Share:
        """Return how often the interval holds the true size, of studies not refused."""
        held = self.at(size)
        return _share(((held.low <= size) & (size <= held.high))[~np.isnan(held.low)])

    def width(self) -> float:
        """Return how wide the middle one of the intervals is."""
        none = self.sizes[0.0]
        return float(np.nanmedian(none.high - none.low))

    def detectable(self) -> Share:
        """Return the effect that is found as often as wanted, NaN where none tried is."""
        wanted = self.layout.plan.power_wanted
        if self.moves:
            needed = np.sort(np.where(np.isnan(self.sizes[0.0].low), np.inf, -self.sizes[0.0].low))
            margin = float(np.sqrt(wanted * (1 - wanted) / len(needed)))
            least, size, most = (_at_rank(needed, wanted + m) for m in (-margin, 0.0, margin))
            known = np.isfinite(size)
            error = (most - least) / 2 if known and np.isfinite(most) else float("nan")
            return Share(max(size, 0.0) if known else float("nan"), error)
        return _cross(sorted(self.sizes), [self.power(s) for s in sorted(self.sizes)], wanted)


@dataclass(frozen=True, slots=True)
class Trials:
    """All numbers of units that were tried, fewest first; `main` is the plan's own."""

    plan: PlanAStudy
    tried: tuple[Tried, ...]
    past: Past | None = None

    @property
    def main(self) -> Tried:
        """The plan's own number of units."""
        return next(one for one in self.tried if one.units == self.plan.units)

    @property
    def listed(self) -> tuple[Tried, ...]:
        """The plan's own number and those that it asks for, without those tried in a search."""
        asked = {self.plan.units, *self.plan.numbers_of_units}
        return tuple(one for one in self.tried if one.units in asked)


@dataclass(frozen=True, slots=True)
class Needed:
    """Units needed to find what matters as often as wanted; `error` is the Monte Carlo one.

    `known`: between numbers `tried`; `at_most` the fewest tried; `foretold` beyond all that may be
    tried; or `none` is enough.
    """

    units: int | None
    error: float
    known: Literal["tried", "at_most", "foretold", "none"]


def try_numbers(plan: PlanAStudy, past: Past | None = None) -> Trials:
    """Try the plan with its own number of units and with each other that it names.

    Units are drawn from `past`, where there is one. Raises AnalysisError where the design refuses
    every table of the plan's own number.
    """
    estimate = find_estimate(plan)
    own = try_layout(lay_out(plan, past=past), estimate)
    others = [number for number in plan.numbers_of_units if number != plan.units]
    tried = [own, *(try_layout(lay_out(plan, number, past), estimate) for number in others)]
    if own.refused == 1:
        raise AnalysisError(
            f"plan: {plan.design} refuses each of {plan.simulations} made-up studies. "
            f"{_first_refusal(own.layout, estimate)}"
        )
    return Trials(plan, tuple(sorted(tried, key=lambda one: one.units)), past)


def find_needed(trials: Trials) -> tuple[Needed, Trials]:
    """Find how many units are needed, and return all numbers that were tried on the way.

    The smallest effect that is found falls as a power of the number of units, which the numbers
    tried tell. Where none of them is enough, the number that this law foretells is tried, and
    once more from there; beyond `MOST_UNITS` it is only foretold.
    """
    found = trials
    for _ in range(ROUNDS):
        number = _foretell(found)
        if number is None or number > MOST_UNITS:
            break
        layout = lay_out(trials.plan, number, trials.past)
        more = try_layout(layout, find_estimate(trials.plan))
        found = Trials(trials.plan, (*found.tried, more), trials.past)
    return _find_needed(found), found


def try_layout(layout: Layout, estimate: Estimate) -> Tried:
    """Try a design on the plan's number of made-up studies of one layout."""
    none = _estimate_all(layout, estimate, 0.0)
    important = layout.plan.minimum_important_difference
    if _moves(layout, estimate, none, important):
        return Tried(layout, {0.0: none}, True)
    sizes = {s: _estimate_all(layout, estimate, s) for s in {important, *layout.plan.effects}}
    return _refine(Tried(layout, {0.0: none} | sizes, False), estimate)


def _refine(tried: Tried, estimate: Estimate) -> Tried:
    """Halve, a few times, the distance between the sizes around the one that is found."""
    for _ in range(REFINED):
        found, sizes = tried.detectable().value, sorted(tried.sizes)
        if not np.isfinite(found):
            break
        at = int(np.searchsorted(sizes, found))
        middle = (sizes[max(at - 1, 0)] + sizes[at]) / 2
        more = {middle: _estimate_all(tried.layout, estimate, middle)}
        tried = Tried(tried.layout, {**tried.sizes, **more}, False)
    return tried


def find_estimate(plan: PlanAStudy) -> Estimate:
    """Return the `estimate` of the plan's design."""
    found: Estimate = import_module(f"evalkit.designs.{plan.design}").estimate
    return found


def _estimate_all(
    layout: Layout, estimate: Estimate, size: float, most: int | None = None
) -> Intervals:
    seeds = np.random.default_rng(layout.plan.seed).spawn(most or layout.plan.simulations)
    alone = headline_of(estimate)
    ends = [_try(layout, alone, size, rng) for rng in seeds]
    return Intervals(*np.array(ends, dtype=float).T)


def _try(
    layout: Layout, estimate: Estimate, size: float, rng: np.random.Generator
) -> tuple[float, float]:
    table = make_up(layout, rng).with_effect(size)
    try:
        row = estimate(table, layout.parameters).headline
    except AnalysisError:
        return float("nan"), float("nan")
    return float(row["conf_low"]), float(row["conf_high"])


def _moves(layout: Layout, estimate: Estimate, none: Intervals, size: float) -> bool:
    some = _estimate_all(layout, estimate, size, MOVED)
    apart = [
        np.abs(now[:MOVED] - size - before[:MOVED])
        for now, before in ((some.low, none.low), (some.high, none.high))
    ]
    return bool(np.nanmax([0.0, *np.concatenate(apart)]) <= EXACT * size)


def _first_refusal(layout: Layout, estimate: Estimate) -> str:
    rng = np.random.default_rng(layout.plan.seed).spawn(1)[0]
    try:
        estimate(make_up(layout, rng).with_effect(0.0), layout.parameters)
    except AnalysisError as refusal:
        return f"It says of the first: {refusal}"
    return "Plan more units or periods, or another design."


def _share(flags: Iterable[bool]) -> Share:
    held = np.asarray(flags, dtype=float)
    if not held.size:
        return Share(float("nan"), float("nan"))
    value = float(held.mean())
    return Share(value, float(np.sqrt(value * (1 - value) / held.size)))


def _at_rank(ordered: Floats, share: float) -> float:
    """Return the smallest value that is at least as large as this share of them."""
    place = int(np.ceil(round(min(share, 1.0) * len(ordered), 9))) - 1
    return float(ordered[max(place, 0)])


def _cross(sizes: list[float], powers: list[Share], wanted: float) -> Share:
    """Where power crosses what is wanted, along straight lines between the sizes tried."""
    for at in range(1, len(sizes)):
        rise = powers[at].value - powers[at - 1].value
        if powers[at].value >= wanted > powers[at - 1].value:
            slope = rise / (sizes[at] - sizes[at - 1])
            size = sizes[at - 1] + (wanted - powers[at - 1].value) / slope
            return Share(size, powers[at].error / slope)
    return Share(float("nan"), float("nan"))


def _foretell(trials: Trials) -> int | None:
    """Return the number that would be enough where none tried is; None where one is, or none is.

    With one number tried alone, by the square root; never faster.
    """
    wanted, known = trials.plan.minimum_important_difference, _known(trials)
    if not known or min(size for _, size in known) <= wanted:
        return None
    (first, widest), (last, size) = known[0], known[-1]
    power = np.log(widest / size) / np.log(last / first) if last > first else SQUARE_ROOT
    power = min(power, SQUARE_ROOT)
    if power < SLOWEST:
        return None
    return int(np.ceil(SPARE * last * (size / wanted) ** (1 / power)))


def _find_needed(trials: Trials) -> Needed:
    """Interpolate, on logarithmic scales, between the numbers on both sides of what is needed."""
    wanted, known = trials.plan.minimum_important_difference, _known(trials)
    enough = [(units, size) for units, size in known if size <= wanted]
    if not enough:
        foretold = _foretell(trials)
        beyond = foretold is not None and foretold > MOST_UNITS
        return Needed(foretold if beyond else None, float("nan"), "foretold" if beyond else "none")
    units, size = enough[0]
    error = _error_of(trials, units)
    short = [pair for pair in known if pair[0] < units]
    if not short:
        return Needed(units, error, "at_most")
    fewer, larger = short[-1]
    share = np.log(larger / wanted) / np.log(larger / size) if larger > size else 1.0
    number = fewer * (units / fewer) ** share
    return Needed(int(np.ceil(number - SLACK)), error, "tried")


def _known(trials: Trials) -> list[tuple[int, float]]:
    """Numbers of units with the smallest effect that each finds, fewest units first."""
    found = [(one.units, one.detectable().value) for one in trials.tried]
    return [(units, size) for units, size in found if np.isfinite(size) and size > 0]


def _error_of(trials: Trials, units: int) -> float:
    """Error of a number of units: twice that of the effect found, in shares of each."""
    found = next(one for one in trials.tried if one.units == units).detectable()
    return 2 * units * found.error / found.value
