"""Prove that nothing published gives a hidden or a rounded count away, with whole numbers.

A reader is taken to know all tables of a release and of the earlier ones, how counts are
rounded, and the rules by which they are hidden. For a hidden count every unsafe number must
remain possible and, where a count that is safe in itself is hidden beside it, one safe
number too: all carry the same mark. For a rounded count every number of which the shown one
is the rounding must remain possible. Source: Fischetti and Salazar (2000), Journal of the
American Statistical Association 95, 916-928 (the attacker's feasible set).
"""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import csr_array

from evalkit.disclosure.attack import known_bounds
from evalkit.disclosure.profiles import Profile
from evalkit.disclosure.reader import Fact, Knowledge, Place

_SECONDS = 120.0
_NO_END = 1e9


@dataclass(frozen=True, slots=True)
class Demand:
    """What must remain possible for the count in one place: these numbers, and one not below."""

    place: Place
    numbers: tuple[int, ...]
    not_below: int | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A count of which a reader could rule out what must remain possible."""

    demand: Demand
    facts: tuple[Fact, ...]
    out_of_time: bool = False


def prove(knowledge: Knowledge, seconds: float = _SECONDS) -> list[Failure]:
    """Return the first count of each system that does not pass.

    Systems share no count that is open. What cannot be decided in `seconds` does not pass.
    """
    end = time.monotonic() + seconds
    failures: list[Failure] = []
    systems = _systems(knowledge)
    tied = {at for facts in systems for fact in facts for at in fact.weights}
    alone = [at for at in range(len(knowledge.low)) if at not in tied]
    for demand in _demands(knowledge, [], alone):
        at = knowledge.unknown[demand.place]
        low, high = knowledge.low[at], knowledge.high[at]
        if not all(low <= number <= high for number in demand.numbers):
            failures.append(Failure(demand, ()))
    for facts in systems:
        unknowns = sorted({at for fact in facts for at in fact.weights})
        demands = list(_demands(knowledge, facts, unknowns))
        failure = _prove_system(knowledge, facts, demands, end) if demands else None
        failures += [failure] if failure else []
    return failures


def truth_fits(knowledge: Knowledge) -> bool:
    """Say whether the counts as they are agree with everything a reader takes for known."""
    for facts in _systems(knowledge):
        solver = _Solver(knowledge, facts)
        fixed = {at: v for at in solver.unknowns if not np.isnan(v := knowledge.true[at])}
        if not solver.find({at: (value, value) for at, value in fixed.items()}):
            return False
    return True


class _Solver:
    """The facts of one system as an integer programme, with every solution that was found."""

    def __init__(self, knowledge: Knowledge, facts: Sequence[Fact]) -> None:
        self.unknowns = sorted({at for fact in facts for at in fact.weights})
        self.column = {at: column for column, at in enumerate(self.unknowns)}
        self.low = np.asarray([knowledge.low[at] for at in self.unknowns])
        self.high = np.asarray([knowledge.high[at] for at in self.unknowns])
        cells = [(r, self.column[a], w) for r, f in enumerate(facts) for a, w in f.weights.items()]
        rows, columns, weights = zip(*cells, strict=True)
        matrix = csr_array((weights, (rows, columns)), shape=(len(facts), len(self.unknowns)))
        self.constraint = LinearConstraint(
            matrix, [fact.low for fact in facts], [fact.high for fact in facts]
        )
        self.found: dict[int, set[int]] = {at: set() for at in self.unknowns}

    def find(self, fixed: dict[int, tuple[float, float]], seconds: float = _SECONDS) -> bool | None:
        """Look for a solution with these bounds; None where there was no time to know."""
        low, high = self.low.copy(), self.high.copy()
        for at, (least, most) in fixed.items():
            column = self.column[at]
            low[column], high[column] = max(low[column], least), min(high[column], most)
        if (low > high).any():
            return False
        answer = milp(
            np.zeros_like(low),
            constraints=self.constraint,
            bounds=Bounds(low, high),
            integrality=np.ones_like(low),
            options={"time_limit": max(seconds, 0.01)},
        )
        if answer.x is None:
            return None if answer.status == 1 else False
        for at, value in zip(self.unknowns, np.round(answer.x), strict=True):
            self.found[at].add(int(value))
        return True


def _prove_system(
    knowledge: Knowledge, facts: list[Fact], demands: list[Demand], end: float
) -> Failure | None:
    solver = _Solver(knowledge, facts)
    for demand in demands:
        at = knowledge.unknown[demand.place]
        wanted = [(float(number), float(number)) for number in demand.numbers]
        if demand.not_below is not None:
            wanted.append((float(demand.not_below), _NO_END))
        for least, most in wanted:
            if any(least <= value <= most for value in solver.found[at]):
                continue
            possible = solver.find({at: (least, most)}, end - time.monotonic())
            if not possible:
                near = tuple(fact for fact in facts if at in fact.weights)
                return Failure(demand, near + tuple(facts), possible is None)
    return None


def _systems(knowledge: Knowledge) -> list[list[Fact]]:
    """Split the facts into systems that share no unknown whose number is not known anyway."""
    group: dict[int, int] = {}

    def top(at: int) -> int:
        while group.setdefault(at, at) != at:
            group[at] = group[group[at]]
            at = group[at]
        return at

    for fact in knowledge.facts:
        open_ones = [at for at in fact.weights if knowledge.low[at] != knowledge.high[at]]
        for at in open_ones[1:]:
            group[top(at)] = top(open_ones[0])
    systems: dict[int, list[Fact]] = {}
    for fact in knowledge.facts:
        open_ones = [at for at in fact.weights if knowledge.low[at] != knowledge.high[at]]
        if open_ones:
            systems.setdefault(top(open_ones[0]), []).append(fact)
    return list(systems.values())


def _demands(
    knowledge: Knowledge, facts: Sequence[Fact], unknowns: Sequence[int]
) -> Iterator[Demand]:
    """Yield what must remain possible for each hidden or rounded count among these unknowns."""
    places = [place for at in unknowns for place in knowledge.places[at]]
    hidden = {p for p in places if knowledge.grids[p[0]].hidden[p[1]][p[2]]}
    second = bool(facts) and bool(hidden - knowledge.unsafe)
    for place in places:
        rules, true = _rules(knowledge, place), knowledge.true[knowledge.unknown[place]]
        if not rules.secondary or rules.smallest_count == 0:
            continue
        if place in knowledge.unsafe:
            numbers = range(_least_possible(knowledge, facts, place), rules.smallest_count)
            yield Demand(place, tuple(numbers), rules.smallest_count if second else None)
        elif place not in hidden and rules.rounding_base > 1 and true > 0:
            shown = known_bounds(knowledge.grids[place[0]], knowledge.seen[place[0]], place[1:])
            yield Demand(place, tuple(range(int(shown[0]), int(shown[1]) + 1)))


def _rules(knowledge: Knowledge, place: Place) -> Profile:
    return knowledge.grids[place[0]].rules[place[1]]


def _least_possible(knowledge: Knowledge, facts: Sequence[Fact], place: Place) -> int:
    """Return the least unsafe number; a total has at least what its parts must have."""
    at = knowledge.unknown[place]
    least = 0 if not _rules(knowledge, place).zero_shown else 1
    for fact in facts:
        if fact.total is not None and knowledge.unknown[fact.total] == at:
            parts = [a for a in fact.weights if a != at]
            least = max(least, int(sum(knowledge.low[a] * fact.weights[a] for a in parts)))
    return least
