"""Always Events: the share of people to whom it always happened, the top answer and no other.

"Usually" is a failure. The share stands with Wilson's interval, and with the target that was set
for it. People who were not asked, or to whom it did not apply, are no denominator.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure


def score_always(answers: pd.Series, options: int, *, top: int = 1) -> pd.Series:
    """1 where the top option was chosen, 0 for any other, missing where none was.

    `options` is how many there are, `top` the best one's number: 1, or `options` where the scale
    runs the other way.
    """
    codes = answers.to_numpy(dtype=float, na_value=np.nan)
    known = ~np.isnan(codes)
    wrong = known & ~np.isin(codes, np.arange(1, options + 1))
    if wrong.any() or top not in (1, options):
        raise AnalysisError(
            f"Always Event: {int(wrong.sum())} of {int(known.sum())} answers are no option from 1 "
            f"to {options}, or the top option is neither end. Leave other answers empty."
        )
    return pd.Series(np.where(known, codes == top, np.nan), answers.index, name="always")


def tabulate_always(
    people: pd.DataFrame,
    *,
    by: Sequence[str],
    always: str = "always",
    target: float | None = None,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a group: `events, n, always` (per cent), `conf_low, conf_high`, and `target`.

    With a `target` (per cent), `reached` is "yes" where the whole interval is at or above it, "no"
    where it is below, and else "cannot tell".
    """
    need_columns(people, [*by, always], "Always Event")
    known = people.dropna(subset=[always])
    if not known[always].isin([0, 1]).all():
        raise AnalysisError(
            "Always Event: its column holds more than 0 and 1. Score the answers with score_always."
        )
    counted = known.groupby(list(by), sort=True)[always].agg(events="sum", n="size").reset_index()
    found = fit_wilson_interval(
        counted["events"].to_numpy(float), counted["n"].to_numpy(float), level=level
    )
    table = counted.assign(
        always=100 * found.estimate, conf_low=100 * found.conf_low, conf_high=100 * found.conf_high
    )
    if target is None:
        return table
    low, high = table["conf_low"] >= target, table["conf_high"] < target
    words = np.select([low, high], ["yes", "no"], default="cannot tell")
    return table.assign(target=float(target), reached=words)


ALWAYS_EVENTS = Measure(
    "always_events",
    "Always Events",
    "patients",
    ("relational", "functional", "felt"),
    ANYWHERE,
    "per cent",
    "higher",
    "share with the top answer, Wilson's interval; facet and touchpoint are those of the event",
    "published",
)
