"""Whether six questions on quality of life measure one thing, and the same in both kinds of unit.

A mean is compared between units only if the questions are understood alike in both: equal loadings
and intercepts of one factor (`measurement_invariance`, with its sources and marks). Asked of first
answers, before any programme. The fit supposes normal errors, which options of three do not have:
it is a sign, and no proof.
"""

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.measures.carers import SACE_DOMAINS
from evalkit.measures.carers_waves import BEFORE
from evalkit.measures.item_means import tabulate_answer_quality
from evalkit.measures.measurement_invariance import tabulate_invariance

WORST = 3.0
"""The option of much unmet need; a domain's points are what an option lies below it."""
_STEPS = {
    "configural": "The questions measure one thing in both",
    "metric": "Each question goes with it equally",
    "scalar": "Each question is answered at the same level for it",
}


def tabulate_sace_answers(rows: pd.DataFrame) -> pd.DataFrame:
    """Tabulate of each domain, at the first wave, the shares at both ends and those unanswered.

    `rows` has a row a carer and wave, options 1 to 3. Columns: `domain, floor` (most unmet need),
    `ceiling` (none), `item_non_response` in per cent, of `answered` and `asked`.
    """
    first = rows.loc[rows["wave"] == BEFORE, list(SACE_DOMAINS)].astype(float)
    table = tabulate_answer_quality(WORST - first, 0.0, WORST - 1)
    names = table["item"].str.removeprefix("sace_").str.replace("_", " ").str.capitalize()
    return table.assign(domain=names)


def tabulate_same_measure(rows: pd.DataFrame) -> pd.DataFrame:
    """Tabulate, step by step, whether the score measures the same with the programme and without.

    One row a step: `label, cfi, rmsea, cfi_change, rmsea_change, p_value, n, holds`. Empty where
    units are of one kind, and where the questions do not measure one thing well enough to be asked.
    """
    columns = ["label", "cfi", "rmsea", "cfi_change", "rmsea_change", "p_value", "n", "holds"]
    nothing = pd.DataFrame(columns=columns)
    if "offered" not in rows:
        return nothing
    whole = rows[list(SACE_DOMAINS)].notna().all(axis=1) & (rows["wave"] == BEFORE)
    first = rows.loc[whole, [*SACE_DOMAINS, "offered"]]
    first = first.assign(**{name: WORST - first[name].astype(float) for name in SACE_DOMAINS})
    try:
        found = tabulate_invariance(first, dict.fromkeys(SACE_DOMAINS, "sace"), group="offered")
    except AnalysisError:
        return nothing
    return found.assign(label=found["step"].map(_STEPS))[columns]
