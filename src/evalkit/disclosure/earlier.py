"""What earlier releases of a study told, and how it bears on the release of today."""

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.disclosure.parts import Part
from evalkit.disclosure.proof import truth_fits
from evalkit.disclosure.reader import Knowledge, know


@dataclass(frozen=True, slots=True)
class Earlier:
    """The parts of earlier releases, and the versions made from the data of today."""

    parts: tuple[Part, ...] = ()
    same_data: frozenset[int] = frozenset()


NOTHING_EARLIER = Earlier()


def know_with(parts: Sequence[Part], earlier: Earlier) -> Knowledge:
    """Return what a reader knows of today's parts and the earlier ones.

    A release of other data may show counts that no longer hold. If what it tells cannot be
    true of today's counts, no count of it is taken for today's.
    """
    taken: list[Part] = []
    for version in sorted({part.version or 0 for part in earlier.parts}, reverse=True):
        found = [part for part in earlier.parts if part.version == version]
        if truth_fits(know([*parts, *taken, *found], earlier.same_data)):
            taken += found
    return know([*parts, *taken], earlier.same_data)
