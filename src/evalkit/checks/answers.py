"""Do as many people answer as before, and are they asked in the same way?"""

from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.asked import DESCRIPTION, Asked, Seen, answer, answer_by, cannot_tell, seen_in
from evalkit.checks.judging import Estimate
from evalkit.checks.re_estimate import effect_on
from evalkit.results import Check, Result

KNOWN = 0.8
"""Share of values behind which the number of answers must be known."""

ANSWERS_LIMIT = 20.0
"""A change in the number of answers, in per cent, from which who answers may have changed."""

MODE_LIMIT = 5.0
"""A change in the share of a mode, in percentage points, that may move the outcome."""

ANSWERS = Asked(
    "answers",
    "As many people answer as before",
    "Did the number of answers change with the start?",
    "If it fails, those who answer may be others than before",
)
MODE = Asked(
    "mode",
    "People are asked in the same way throughout",
    "Did the share of answers by the other way of asking change with the start?",
    "If it fails, the difference may come from how people were asked",
)


def check_answers(
    table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate
) -> Check:
    """Estimate what the intervention did to the number of answers behind each value."""
    panel = _count_answers(table, parameters)
    if panel is None:
        return cannot_tell(
            ANSWERS,
            "The number of answers behind the values is not known; the evaluator may map it as "
            "outcome_base",
        )
    logs = np.log(panel["outcome_base"])
    if float(np.ptp(logs)) == 0:
        return answer(ANSWERS, "passes", "Every value has as many answers", DESCRIPTION, {})
    row = effect_on(logs, panel, parameters.model_copy(update={"data_rows": "panel"}), estimate)
    if row is None:
        return cannot_tell(ANSWERS, "The change in the number of answers could not be estimated")
    return answer_by(
        ANSWERS,
        _in_percent(seen_in(row)),
        ANSWERS_LIMIT,
        "Change in the number of answers, beyond that without the intervention",
        unit="per cent",
        measure="is taken to matter",
        decimals=1,
    )


def check_mode(table: pd.DataFrame, result: Result, parameters: Any, estimate: Estimate) -> Check:
    """Estimate what the intervention did to the role `mode_share`, a share (0-1) or percentage."""
    if "mode_share" not in table:
        return cannot_tell(
            MODE, "How people were asked is not in the data; the evaluator may map it as mode_share"
        )
    share = table["mode_share"].astype(float)
    percent = share * (100.0 if share.max() <= 1 else 1.0)
    if float(np.ptp(percent.dropna())) == 0:
        return answer(MODE, "passes", "The share is the same throughout", DESCRIPTION, {})
    row = effect_on(percent, table, parameters, estimate)
    if row is None:
        return cannot_tell(MODE, "The change in how people were asked could not be estimated")
    return answer_by(
        MODE,
        seen_in(row),
        MODE_LIMIT,
        "Change in the share of one way of asking, beyond that without the intervention",
        unit="percentage points",
        measure="are taken to matter",
        decimals=1,
    )


def _count_answers(table: pd.DataFrame, parameters: Any) -> pd.DataFrame | None:
    """One row a unit and period with the number of answers; None where it is not known."""
    if parameters.table_rows == "people":
        answered = table.dropna(subset=["outcome"])
        counts = answered.groupby(["unit", "time"]).size().rename("outcome_base")
        first = table.drop(columns="outcome_base").drop_duplicates(["unit", "time"])
        return first.merge(counts.astype(float), on=["unit", "time"], how="inner")
    known = table["outcome_base"] > 0
    return table[known] if known.mean() > KNOWN else None


def _in_percent(seen: Seen) -> Seen:
    """Turn a change in logarithms into one in per cent."""
    names = ("estimate", "low", "high", "reach")
    return replace(seen, **{name: 100 * float(np.expm1(getattr(seen, name))) for name in names})
