"""Unpaid carers' quality of life: SACE (0-12), and CarerQol and ASCOT with supplied tariffs.

SACE (Survey of Adult Carers in England; carer-reported quality of life): six domains, the first
option (no unmet need) 2, the middle one 1, the last 0; the sum, for those who answered all six
only. The maximum is 12. CarerQol and ASCOT-Carer weigh domains by tariffs whose owners license
them, so the tariff is the user's, dated and named. They measure different things: do not average
them. None was clearly responsive over twelve months, so plan for many carers or another outcome.
"""

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.data.valuation_tables import ValuationTable
from evalkit.errors import AnalysisError
from evalkit.measures.item_means import need_columns, need_options
from evalkit.measures.placement import Measure

SACE_DOMAINS = (
    "sace_occupation",
    "sace_control",
    "sace_personal_care",
    "sace_safety",
    "sace_social",
    "sace_encouragement",
)
CARERQOL_DOMAINS = tuple(f"carerqol_{number}" for number in range(1, 8))
"""Fulfilment, support (good to have a lot of), then relational, mental, social and daily,
financial and physical problems (bad to have a lot of)."""

CARERQOL_MEANING = (
    "fulfilment",
    "support",
    "relational problems",
    "mental health problems",
    "problems with daily activities",
    "financial problems",
    "physical problems",
)
ASCOT_DOMAINS = (
    "occupation",
    "control",
    "personal_care",
    "safety",
    "social",
    "encouragement",
    "space_and_time",
)
Instrument = Literal["CarerQol-7D", "ASCOT-Carer"]
_DOMAINS: dict[Instrument, tuple[str, ...]] = {
    "CarerQol-7D": CARERQOL_DOMAINS,
    "ASCOT-Carer": ASCOT_DOMAINS,
}
_LEVELS: dict[Instrument, int] = {"CarerQol-7D": 3, "ASCOT-Carer": 4}


def score_sace(answers: pd.DataFrame, domains: Sequence[str] = SACE_DOMAINS) -> pd.Series:
    """Sum of six domains, 0-12, higher better; missing unless all six are answered.

    Columns hold the option chosen, 1 (no unmet need) to 3. Raises AnalysisError for another
    number of domains, or answers that are no option.
    """
    if len(domains) != 6:
        raise AnalysisError(
            f"SACE: {len(domains)} domains are named, and it has six. Name them in their order."
        )
    need_columns(answers, domains, "SACE")
    codes = answers[list(domains)]
    need_options(codes, (1, 2, 3), "SACE")
    return (3 - codes).sum(axis=1, min_count=6).astype(float).rename("sace")


def score_with_tariff(
    answers: pd.DataFrame, tariff: ValuationTable | None, instrument: Instrument
) -> pd.Series:
    """Sum of the tariff's values of the levels chosen; missing unless every domain is answered.

    `tariff.rows` has `item` (the instrument's domains, and perhaps "constant", level 0), `level`
    (as answered, 1 first) and `value`. CarerQol comes out on 0-100 and ASCOT on the scale of its
    tariff. Raises AnalysisError without a tariff, with another's, or with one that is not whole.
    """
    if tariff is None:
        raise AnalysisError(
            f"{instrument}: no tariff is named. Give one with its country, version and date "
            "(read_valuation_table), or report each domain's answers."
        )
    values = _check_tariff(tariff, instrument)
    domains = list(_DOMAINS[instrument])
    need_columns(answers, domains, instrument)
    codes = answers[domains]
    need_options(codes, range(1, _LEVELS[instrument] + 1), instrument)
    worth = pd.DataFrame({d: codes[d].map(values[d]).astype(float) for d in domains})
    constant = values.get("constant", {}).get(0, 0.0)
    return (worth.sum(axis=1, min_count=len(domains)) + constant).rename(instrument)


def _check_tariff(tariff: ValuationTable, instrument: Instrument) -> dict[str, dict[int, float]]:
    if tariff.instrument != instrument:
        raise AnalysisError(
            f"{instrument}: the tariff is for {tariff.instrument}. Give one for {instrument}."
        )
    need_columns(tariff.rows, ["item", "level", "value"], f"{instrument} tariff")
    values: dict[str, dict[int, float]] = {}
    for item, level, value in zip(
        tariff.rows["item"], tariff.rows["level"].astype(int), tariff.rows["value"], strict=True
    ):
        values.setdefault(str(item), {})[int(level)] = float(value)
    levels = set(range(1, _LEVELS[instrument] + 1))
    lacking = [d for d in _DOMAINS[instrument] if set(values.get(d, {})) != levels]
    unknown = set(values) - set(_DOMAINS[instrument]) - {"constant"}
    rows = sum(map(len, values.values()))
    if (
        lacking
        or unknown
        or rows != len(tariff.rows)
        or not np.isfinite(tariff.rows["value"]).all()
    ):
        raise AnalysisError(
            f"{instrument} tariff: {len(lacking)} domains lack levels, {len(unknown)} are unknown, "
            f"{len(tariff.rows) - rows} rows stand twice. Give every domain and level once."
        )
    return values


SACE = Measure(
    "sace",
    "Carer-reported quality of life (SACE)",
    "carers",
    ("felt",),
    ("T11",),
    "score, 0-12",
    "higher",
    "six domains, options 2/1/0, summed, all six answered",
    "published",
)
CARERQOL = Measure(
    "carerqol",
    "CarerQol-7D: care-related quality of life",
    "carers",
    ("felt",),
    ("T11",),
    "score, 0-100",
    "higher",
    "sum of a supplied tariff's values over seven domains of three levels",
    "published",
    "tariff values and licence; no tariff is shipped",
)
ASCOT = Measure(
    "ascot_carer",
    "ASCOT-Carer: social-care-related quality of life",
    "carers",
    ("felt",),
    ("T11",),
    "score, on the tariff's scale",
    "higher",
    "sum of a supplied tariff's values over seven domains of four levels",
    "recalled",
    "domains and scoring against the licensed manual; no tariff is shipped",
)
