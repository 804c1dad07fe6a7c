"""GP Patient Survey: the weighted share who call their practice good, of those who judged it.

"Very good" and "fairly good" over all answers that judge. Weights undo unequal chances of being
asked and of answering; the interval is Wilson's on Kish's effective number of answers. Results of
fewer than ten answers are not shown (as on the publisher's results page). The rule for "good" is
recalled, not verified against the official technical document. The questionnaire of 2024 was new:
no trend crosses it.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_wilson_interval
from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import Measure

FEWEST_ANSWERS = 10
GOOD = (1, 2)
NEW_QUESTIONNAIRE = 2024
"""The year whose questionnaire breaks the series."""


def tabulate_gpps(
    answers: pd.DataFrame,
    *,
    by: Sequence[str],
    overall: str = "overall",
    weight: str | None = None,
    level: float = 0.95,
    fewest: int = FEWEST_ANSWERS,
) -> pd.DataFrame:
    """One row a group: `good` (per cent) with interval, `n` answers, `effective_n`, `suppressed`.

    `overall` holds 1 (very good) to 5 (very poor), missing where nothing was judged. Numbers of
    groups with fewer than `fewest` answers are missing, and `suppressed` says so.
    """
    need_columns(answers, [*by, overall, *([weight] if weight else [])], "GP Patient Survey")
    need_options(answers[[overall]], range(1, 6), "GP Patient Survey")
    known = answers.dropna(subset=[overall])
    weights = known[weight].to_numpy(float) if weight else np.ones(len(known))
    if not (weights > 0).all():
        raise AnalysisError(
            f"GP Patient Survey: {int((~(weights > 0)).sum())} weights are missing or not above "
            "zero. Give every answer its weight."
        )
    good = known[overall].isin(GOOD).to_numpy(float)
    parts = known[list(by)].assign(w=weights, w2=weights**2, good=weights * good, n=1)
    sums = parts.groupby(list(by), sort=True)[["w", "w2", "good", "n"]].sum()
    share = (sums["good"] / sums["w"]).clip(0, 1).to_numpy(float)
    effective = (sums["w"] ** 2 / sums["w2"]).to_numpy(float)
    found = fit_wilson_interval(share * effective, effective, level=level)
    table = pd.DataFrame(
        {
            "good": 100 * share,
            "conf_low": 100 * found.conf_low,
            "conf_high": 100 * found.conf_high,
            "effective_n": effective,
            "n": sums["n"],
        },
        index=sums.index,
    )
    few = table["n"] < fewest
    numbers = ["good", "conf_low", "conf_high", "effective_n"]
    table[numbers] = table[numbers].mask(few)
    return table.assign(suppressed=few).reset_index()


def refuse_broken_trend(years: Sequence[int]) -> None:
    """Raise AnalysisError where `years` lie on both sides of the new questionnaire of 2024."""
    if min(years) < NEW_QUESTIONNAIRE <= max(years):
        raise AnalysisError(
            f"GP Patient Survey: the years cross {NEW_QUESTIONNAIRE}, when the questionnaire was "
            "new. Use years on one side of it."
        )


GPPS = Measure(
    "gp_patient_survey",
    "GP Patient Survey: overall experience good",
    "patients",
    ("overall",),
    ("T01", "T02", "T05", "T11"),
    "per cent",
    "higher",
    "very or fairly good over valid answers, weighted; fewer than ten answers not shown",
    "recalled",
    "definition of valid answers; how the publisher makes its intervals",
)
