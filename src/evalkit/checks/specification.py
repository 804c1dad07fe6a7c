"""Would the answer be another with or without adjustment, or over another stretch of time?

Estimates from overlapping data move together, so how far two would be apart by chance is found by
leaving out groups of clusters in turn and estimating both again (delete-a-group jackknife; Kott
2001, Journal of Official Statistics 17, 521-526).
"""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.checks.arms import has_comparison, has_start
from evalkit.checks.asked import DESCRIPTION, Asked, answer, cannot_tell
from evalkit.checks.judging import Estimate, judge, standard_error, worst
from evalkit.checks.re_estimate import QUICK_DRAWS, compare_by, estimate_again
from evalkit.results import Check, Result
from evalkit.results.words import decimals_for, number

SPECIFICATION = Asked(
    "specification",
    "The answer does not hang on one choice of adjustment or of time",
    "Do other ways to adjust, or shorter stretches of time, give another estimate?",
    "If it fails, the choice made the answer; all choices should be shown beside it",
)

MOST_GROUPS = 10
"""Groups of clusters left out in turn, at most."""

FEWEST_GROUPS = 5
"""With fewer clusters, in all or on one side, chance is bounded by the errors of both estimates."""


@dataclass(frozen=True, slots=True)
class Other:
    """Another specification: its words, the last row's time, the first one's, and changes."""

    words: str
    changes: dict[str, Any] = field(default_factory=dict)
    earliest: float = -np.inf
    latest: float = np.inf
    without_first: bool = False

    def rows(self, table: pd.DataFrame) -> pd.DataFrame:
        """Return the rows that it uses."""
        kept = table["time"].between(self.earliest, self.latest)
        if self.without_first:
            kept &= table["time"] != table["first_treated"].fillna(_only_start(table))
        return table[kept]


def check_specification(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Compare the answer with each other specification, to the least difference that matters."""
    others = tabulate_others(table, result, parameters, estimate)
    if others.empty:
        return cannot_tell(SPECIFICATION, "There is no other way to adjust or to choose the time")
    matters = float(parameters.minimum_important_difference)
    shift = others["shift"]
    tail = (1 - parameters.confidence_level) / 2 / len(others)
    half = stats.t.isf(tail, others["df"]) * others["shift_error"]
    verdicts = [
        judge(low, high, np.inf, matters, matters)
        for low, high in zip(shift - half, shift + half, strict=True)
    ]
    largest, verdict = others.iloc[int(shift.abs().argmax())], worst(verdicts)
    differ = verdicts.count("concern")
    said = {
        "passes": "None is another answer",
        "concern": f"Further away than chance explains: {differ}",
        "cannot tell": "With so few data, chance alone may move them by what matters",
    }[verdict]
    size = float(largest["shift"])
    decimals = decimals_for(size, matters)
    return answer(
        SPECIFICATION,
        verdict,
        f"{_furthest(len(others))} ({largest['specification']}) differs by "
        f"{number(size, decimals)}; {number(matters, decimals)} would matter. {said}",
        DESCRIPTION,
        {"others": len(others), "largest_shift": size, "differ": differ, "matters": matters},
        dict.fromkeys(("largest_shift", "matters"), decimals),
    )


def _furthest(others: int) -> str:
    if others == 1:
        return "The one other way to do it"
    return f"Of {others} other ways to do it, the furthest away"


def tabulate_others(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> pd.DataFrame:
    """Estimate by each other specification: `specification, estimate, shift, shift_error, df`.

    `shift` is from the headline, or from that of complete rows where the study fills in, and then
    so are all others. Specifications that cannot be estimated are left out.
    """
    parameters, row = compare_by(table, result.headline, parameters, estimate)
    without = _estimates_without_groups(table, Other("as it is"), parameters, estimate)
    found = []
    for other in list_others(table, parameters):
        again = estimate_again(other.rows(table), parameters, estimate, **other.changes)
        if again is None:
            continue
        less = _estimates_without_groups(table, other, parameters, estimate)
        away = less - without
        bound = np.hypot(standard_error(row), standard_error(again.headline))
        error, df = _jackknife_error(away[np.isfinite(away)], float(bound))
        size = float(again.headline["estimate"])
        found.append((other.words, size, size - float(row["estimate"]), error, df))
    columns = ["specification", "estimate", "shift", "shift_error", "df"]
    return pd.DataFrame(found, columns=columns)


def list_others(table: pd.DataFrame, parameters: Any) -> list[Other]:
    """List the other specifications that a table allows: adjustments, and stretches of time."""
    adjusted, found = list(parameters.adjust_for), []
    if adjusted:
        found.append(Other("nothing held fixed", {"adjust_for": []}))
    if len(adjusted) > 1:
        for role in adjusted:
            rest = [name for name in adjusted if name != role]
            found.append(Other(f"without {role.replace('_', ' ')}", {"adjust_for": rest}))
    if not has_start(table):
        return found
    early = (table["time"].min() + table["first_treated"].min()) / 2
    late = (table["time"].max() + table["first_treated"].max()) / 2
    stretches = [
        Other("only the later half of the time before", earliest=early),
        Other("only the earlier half of the time after", latest=late),
        Other("without each unit's first period with it", without_first=True),
    ]
    return found + [one for one in stretches if len(one.rows(table)) < len(table)]


def _only_start(table: pd.DataFrame) -> float:
    """The start of all that start; missing where there are several."""
    starts = table["first_treated"].dropna().unique()
    return float(starts[0]) if len(starts) == 1 else np.nan


def _estimates_without_groups(
    table: pd.DataFrame, other: Other, parameters: Any, estimate: Estimate
) -> np.ndarray:
    """Estimates with each group of clusters left out, missing where none can be made."""
    codes, names = pd.factorize(table["cluster"])
    groups = min(len(names), MOST_GROUPS)
    if min(groups, _smaller_side(table)) < FEWEST_GROUPS:
        return np.empty(0)
    part = np.random.default_rng(parameters.seed).permutation(len(names))[codes] % groups
    found = [
        estimate_again(
            other.rows(table[part != group]),
            parameters,
            estimate,
            **({"draws": QUICK_DRAWS} | other.changes),
        )
        for group in range(groups)
    ]
    return np.array([np.nan if one is None else one.headline["estimate"] for one in found])


def _smaller_side(table: pd.DataFrame) -> float:
    """Clusters of the smaller of two sides, those with the intervention and those never with it.

    A side that is left out whole leaves no estimate, so that those which remain are too alike.
    """
    if not has_comparison(table):
        return np.inf
    ever = table["first_treated"].notna()
    return float(min(table.loc[rows, "cluster"].nunique() for rows in (ever, ~ever)))


def _jackknife_error(away: np.ndarray, bound: float) -> tuple[float, float]:
    """Error and degrees of freedom of a difference, from it with each group left out."""
    groups = len(away)
    if groups < FEWEST_GROUPS:
        return bound, np.inf
    spread = (groups - 1) / groups * np.sum((away - away.mean()) ** 2)
    return float(np.sqrt(spread)), float(groups - 1)
