"""EQ-5D: what five answers are worth on a scale where 1 is full health and 0 as bad as dead.

A state is five digits (mobility, self-care, usual activities, pain, anxiety), 1 no problem to 3 or
5. Its value comes from a dated value set of a country, which the user supplies under the licence
of its owner: none is shipped, and there is no index without one. Value sets are not to be mixed
within a study. The thermometer (EQ VAS, 0-100) and the share with problems need none.
"""

import itertools

import numpy as np
import pandas as pd

from evalkit.data.valuation_tables import ValuationTable
from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import Measure

DIMENSIONS = ("mobility", "self_care", "usual_activities", "pain", "anxiety")
LEVELS = {"EQ-5D-3L": 3, "EQ-5D-5L": 5}


def join_states(answers: pd.DataFrame, levels: int) -> pd.Series:
    """State of each row, as "11231", from columns `DIMENSIONS`; missing where one is missing."""
    need_columns(answers, DIMENSIONS, "EQ-5D")
    codes = answers[list(DIMENSIONS)]
    need_options(codes, range(1, levels + 1), "EQ-5D")
    digits = codes.astype("Int64").astype("string")
    joined = digits[DIMENSIONS[0]]
    for dimension in DIMENSIONS[1:]:
        joined = joined + digits[dimension]
    return joined.rename("state")


def score_eq5d(states: pd.Series, value_set: ValuationTable | None) -> pd.Series:
    """Index of each state; missing where the state is incomplete (a digit 9, or missing).

    `value_set.rows` has `state` and `value` for all 243 (3L) or 3,125 (5L) states. Raises
    AnalysisError without a value set, with one that is not whole, or for texts that are no state.
    """
    if value_set is None:
        raise AnalysisError(
            "EQ-5D index: no value set is named. Give one with its country, version and date "
            "(read_valuation_table), or report the thermometer and the shares with problems."
        )
    values = _check_value_set(value_set)
    texts = states.astype("string")
    levels = LEVELS[value_set.instrument]
    complete = texts.str.fullmatch(f"[1-{levels}]{{5}}").fillna(False).astype(bool)
    incomplete = texts.isna() | texts.str.fullmatch(f"[1-{levels}9]{{5}}").fillna(False)
    wrong = ~(complete | incomplete.astype(bool))
    if wrong.any():
        raise AnalysisError(
            f"EQ-5D index: {int(wrong.sum())} of {len(texts)} states are none of "
            f"{value_set.instrument}. Give five digits from 1 to {levels}, 9 for no answer."
        )
    return texts.where(complete).map(values).astype(float).rename("index")


def tabulate_problems(answers: pd.DataFrame, levels: int) -> pd.DataFrame:
    """One row a dimension: share (per cent) with any problem and with the worst, and answers."""
    need_columns(answers, DIMENSIONS, "EQ-5D")
    codes = answers[list(DIMENSIONS)]
    need_options(codes, range(1, levels + 1), "EQ-5D")
    n = codes.notna().sum().to_numpy(float)
    base = np.where(n > 0, n, np.nan)
    return pd.DataFrame(
        {
            "dimension": DIMENSIONS,
            "any_problem": 100 * (codes > 1).sum().to_numpy(float) / base,
            "worst_problem": 100 * (codes == levels).sum().to_numpy(float) / base,
            "n": n.astype(int),
        }
    )


def _check_value_set(value_set: ValuationTable) -> dict[str, float]:
    if value_set.instrument not in LEVELS:
        raise AnalysisError(
            f"EQ-5D index: the value set is for {value_set.instrument}. "
            f"Give one for {' or '.join(LEVELS)}."
        )
    need_columns(value_set.rows, ["state", "value"], "EQ-5D value set")
    digits = "12345"[: LEVELS[value_set.instrument]]
    wanted = {"".join(state) for state in itertools.product(digits, repeat=5)}
    values = dict(zip(value_set.rows["state"].astype(str), value_set.rows["value"], strict=True))
    lacking, extra = len(wanted - set(values)), len(set(values) - wanted)
    repeated = len(value_set.rows) - len(values)
    top = max(values.values(), default=np.nan)
    if lacking or extra or repeated or values.get("11111") != top or top > 1:
        raise AnalysisError(
            f"EQ-5D value set: {lacking} states are missing, {extra} are unknown, {repeated} stand "
            "twice, or full health has not the highest value of at most 1. Give every state once."
        )
    return values


EQ5D = Measure(
    "eq5d",
    "EQ-5D: health-related quality of life",
    "patients",
    ("overall",),
    ("T07", "T11"),
    "index (1 full health, 0 as bad as dead)",
    "higher",
    "value of the five-digit state in a dated value set that the user supplies",
    "published",
    "which value set NICE asks for at a given date; no value set is shipped",
)
