"""Whom partners resemble: their make-up beside that of the people served, group by group.

A few partners represent nobody by number: what counts is whether the groups with the poorest
experience have a seat. Shares have Wilson's interval, for what such recruiting would bring again.
"""

from collections.abc import Mapping

import pandas as pd

from evalkit.equity.groups import CORE20, DIMENSIONS, NOT_KNOWN, add_groups
from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval

_PEOPLE = "people"
_FIFTHS = (CORE20, "Second fifth", "Third fifth", "Fourth fifth", "Least deprived fifth")


def make_up_of(tables: Mapping[str, pd.DataFrame], level: float) -> pd.DataFrame:
    """Tabulate the make-up of a study's `partners` beside those `served`; empty without either."""
    if "partners" not in tables or "served" not in tables:
        return pd.DataFrame()
    return tabulate_make_up(tables["partners"], tables["served"], level)


def tabulate_make_up(
    partners: pd.DataFrame, served: pd.DataFrame, level: float = 0.95
) -> pd.DataFrame:
    """Tabulate each group's share among partners and among the served, in per cent of those known.

    `served` has a row a person, or a count of them in `people`. Columns: `dimension, group,
    partners, of, share, share_low, share_high, served, served_of, served_share, apart, seat`.
    Raises AnalysisError where the two share no characteristic.
    """
    own, others = _with_groups(partners), _with_groups(served)
    both = [name for name in DIMENSIONS if name in own and name in others]
    if not both:
        raise AnalysisError(
            "partners: no characteristic is known of partners and of the served both. "
            f"Map one of {', '.join(DIMENSIONS)} in both."
        )
    rows = []
    for name in both:
        mine, theirs = _count(own, name), _count(others, name)
        of, served_of = float(mine.sum()), float(theirs.sum())
        for group in sorted(set(mine.index) | set(theirs.index), key=_order):
            seats, people = float(mine.get(group, 0.0)), float(theirs.get(group, 0.0))
            rows.append((DIMENSIONS[name], str(group), seats, of, people, served_of))
    columns = ["dimension", "group", "partners", "of", "served", "served_of"]
    table = pd.DataFrame(rows, columns=columns)
    found = fit_wilson_interval(
        table["partners"].to_numpy(float), table["of"].to_numpy(float), level=level
    )
    served_share = 100 * table["served"] / table["served_of"].where(table["served_of"] > 0)
    return table.assign(
        share=100 * found.estimate,
        share_low=100 * found.conf_low,
        share_high=100 * found.conf_high,
        served_share=served_share,
        apart=100 * found.estimate - served_share,
        seat=["no seat" if none else "has a seat" for none in table["partners"] == 0],
    )


def _with_groups(frame: pd.DataFrame) -> pd.DataFrame:
    if "deprivation_decile" in frame:
        return add_groups(frame)
    blank = frame.assign(deprivation_decile=float("nan"))
    return add_groups(blank).drop(columns=["deprivation", "core20"])


def _count(frame: pd.DataFrame, name: str) -> "pd.Series[float]":
    """People by group, those whose group is not known left out."""
    weight = frame[_PEOPLE] if _PEOPLE in frame else pd.Series(1.0, frame.index)
    counts = weight.groupby(frame[name]).sum()
    kept: pd.Series[float] = counts[counts.index != NOT_KNOWN].astype(float)
    return kept


def _order(group: object) -> tuple[int, str]:
    """Fifths from the most deprived, all else by name."""
    return (_FIFTHS.index(str(group)) if group in _FIFTHS else 0, str(group))
