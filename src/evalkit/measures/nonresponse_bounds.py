"""How far people who did not answer could move a change in feedback.

Bounds of what is not observed by how far it may differ (Manski 1990, American Economic Review
80:319-323, where it may be anything); here up to a stated number of percentage points. The
difference at which a change could be none is its tipping point.
"""


def bound_nonresponse(
    change: float, rates: tuple[float, float], difference: float
) -> dict[str, tuple[float, float]]:
    """Bound the change among all who were asked, if others differ by up to `difference` points.

    `steady`: those who did not answer differ from those who did by as much before as after;
    `free`: by up to as much, each time anew. `rates` in per cent, before and after.
    """
    silent = [1 - rate / 100 for rate in rates]
    steady, free = abs(silent[1] - silent[0]) * difference, sum(silent) * difference
    return {
        name: (max(change - reach, -100.0), min(change + reach, 100.0))
        for name, reach in (("steady", steady), ("free", free))
    }


def find_tipping(change: float, rates: tuple[float, float]) -> float:
    """Points by which people who did not answer must differ, otherwise each time, for no change."""
    return abs(change) / sum(1 - rate / 100 for rate in rates)
