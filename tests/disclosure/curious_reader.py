"""A curious reader: works out hidden counts from what was published, by trying whole numbers.

Shares no code with the protection. It reads tables as they stand, and knows the rules: from
which number counts are shown, whether zeros are, and to what they are rounded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

FAR = 600  # no group has more people
HIDDEN = "[c]"
NODES = 3000

Name = tuple[str, tuple[tuple[str, str], ...]]  # column, and the words of a group


@dataclass(frozen=True)
class Rules:
    """What the publisher says of its counts."""

    limit: int
    zero_shown: bool
    rounding: int
    from_rounded: bool


@dataclass(frozen=True)
class Published:
    """A table as it stands: the words of each row, its cells, and the word for a total."""

    labels: tuple[str, ...]
    counts: tuple[str, ...]
    rows: tuple[dict[str, object], ...]
    share: tuple[str, str, str] | None = None  # column, part, whole
    total: str = "all"


@dataclass
class Puzzle:
    """Unknown counts with their possible numbers, and which must add up."""

    low: dict[Name, int] = field(default_factory=dict)
    high: dict[Name, int] = field(default_factory=dict)
    allowed: dict[Name, frozenset[int]] = field(default_factory=dict)
    sums: list[tuple[Name, tuple[Name, ...]]] = field(default_factory=list)
    hidden: set[Name] = field(default_factory=set)
    shown: dict[Name, int] = field(default_factory=dict)
    found: dict[Name, set[int]] = field(default_factory=dict)


def read(tables: list[Published], rules: Rules) -> Puzzle:
    """Return the puzzle that published tables pose; the same group is the same unknown."""
    puzzle = Puzzle()
    for table in tables:
        pairs = any(len(_levels(table, label)) == 2 for label in table.labels)
        for row in table.rows:
            for column in table.counts:
                _read_count(puzzle, _name(table, column, row), row[column], rules, pairs=pairs)
    for table in tables:
        puzzle.sums += _sums(table)
        for row in table.rows if table.share else ():
            _read_share(puzzle, table, row, rules)
    return puzzle


def possible(puzzle: Puzzle, name: Name, low: int, high: int) -> bool | None:
    """Say whether some number from `low` to `high` fits all that is known; None if too hard."""
    if any(low <= number <= high for number in puzzle.found.get(name, ())):
        return True
    lows, highs = dict(puzzle.low), dict(puzzle.high)
    lows[name], highs[name] = max(lows[name], low), min(highs[name], high)
    return _search(puzzle, lows, highs, [NODES])


def linked(puzzle: Puzzle, name: Name) -> set[Name]:
    """Return the hidden counts that are tied to one by sums of which more than it is open."""
    found, waiting = {name}, [name]
    while waiting:
        cell = waiting.pop()
        for total, parts in puzzle.sums:
            cells = (total, *parts)
            if cell in cells:
                new = {c for c in cells if puzzle.low[c] != puzzle.high[c]} - found
                found |= new
                waiting += new
    return found & puzzle.hidden


def least_total(puzzle: Puzzle, name: Name) -> int:
    """Return the least that a count can be as the total of its parts."""
    sums = [sum(puzzle.low[p] for p in parts) for total, parts in puzzle.sums if total == name]
    return max(sums, default=0)


def roundings(shown: int, rules: Rules) -> range:
    """Return the counts that are shown as this number."""
    if shown == 0:
        return range(1)
    base = rules.rounding
    fits = [
        n
        for n in range(max(shown - base, rules.limit), shown + base + 1)
        if (2 * n + base) // (2 * base) * base == shown
    ]
    return range(fits[0], fits[-1] + 1)


def _read_count(puzzle: Puzzle, name: Name, cell: object, rules: Rules, *, pairs: bool) -> None:
    if cell == HIDDEN:
        puzzle.hidden.add(name)
        low, high = (1 if rules.zero_shown and not pairs else 0), FAR
    else:
        puzzle.shown[name] = int(cell)  # type: ignore[call-overload]
        fits = roundings(int(cell), rules)  # type: ignore[call-overload]
        low, high = fits[0], fits[-1]
    puzzle.low[name] = max(low, puzzle.low.get(name, 0))
    puzzle.high[name] = min(high, puzzle.high.get(name, FAR))


def _read_share(puzzle: Puzzle, table: Published, row: dict[str, object], rules: Rules) -> None:
    assert table.share is not None
    column, part, whole = table.share
    base = row[whole]
    if row[column] in (HIDDEN, None) or base == HIDDEN:
        return
    shown, people = float(row[column]), int(base)  # type: ignore[arg-type,call-overload]
    step = rules.rounding if rules.from_rounded else 1
    fits = frozenset(
        n
        for n in range(people + step)
        if people and abs(100 * ((2 * n + step) // (2 * step) * step) / people - shown) <= 0.0500001
    )
    name = _name(table, part, row)
    puzzle.allowed[name] = puzzle.allowed.get(name, fits) & fits


def _name(table: Published, column: str, row: dict[str, object]) -> Name:
    words = ((label, str(row[label])) for label in table.labels)
    return column, tuple(sorted(w for w in words if w[1] != table.total))


def _levels(table: Published, label: str) -> set[str]:
    return {str(row[label]) for row in table.rows} - {table.total}


def _sums(table: Published) -> Iterator[tuple[Name, tuple[Name, ...]]]:
    for label in table.labels:
        for row in table.rows:
            if row[label] != table.total:
                continue
            parts = [{**row, label: level} for level in sorted(_levels(table, label))]
            for column in table.counts:
                names = tuple(_name(table, column, part) for part in parts)
                yield _name(table, column, row), names


def _narrow(puzzle: Puzzle, low: dict[Name, int], high: dict[Name, int]) -> bool:
    """Draw the bounds together until nothing changes; say whether anything is left."""
    changed = True
    while changed:
        changed = False
        for name, fits in puzzle.allowed.items():
            some = [n for n in fits if low[name] <= n <= high[name]]
            if not some:
                return False
            changed |= _set(low, high, name, min(some), max(some))
        for total, parts in puzzle.sums:
            least, most = sum(low[p] for p in parts), sum(high[p] for p in parts)
            changed |= _set(low, high, total, least, most)
            for p in parts:
                least, most = sum(low[q] for q in parts), sum(high[q] for q in parts)
                at_least = low[total] - (most - high[p])
                changed |= _set(low, high, p, at_least, high[total] - (least - low[p]))
        if any(low[n] > high[n] for n in low):
            return False
    return True


def _set(low: dict[Name, int], high: dict[Name, int], name: Name, least: int, most: int) -> bool:
    changed = least > low[name] or most < high[name]
    low[name], high[name] = max(low[name], least), min(high[name], most)
    return changed and low[name] <= high[name]


def _search(
    puzzle: Puzzle, low: dict[Name, int], high: dict[Name, int], nodes: list[int]
) -> bool | None:
    nodes[0] -= 1
    if nodes[0] < 0:
        return None
    if not _narrow(puzzle, low, high):
        return False
    open_ones = [n for n in low if low[n] < high[n]]
    if not open_ones:
        for name, number in low.items():
            puzzle.found.setdefault(name, set()).add(number)
        return True
    name = min(open_ones, key=lambda n: (high[n] - low[n], n))
    middle = (low[name] + high[name]) // 2
    answers = []
    for least, most in ((low[name], middle), (middle + 1, high[name])):
        answer = _search(puzzle, {**low, name: least}, {**high, name: most}, nodes)
        if answer:
            return True
        answers.append(answer)
    return None if None in answers else False
