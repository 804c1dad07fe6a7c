"""Carers' answers as they are compared: scores by carer and wave, and the two waves side by side.

A carer is asked before and after. `status` says what had become of caring by the second wave:
caring, ended, bereaved, or not_answered. Whose answers stand for the programme's effect is a
choice that the study states (an estimand): those who still care, or all who were asked at first.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.data.valuation_tables import ValuationTable, describe_valuation
from evalkit.errors import AnalysisError
from evalkit.measures.carer_groups import HOURS_BANDS, band_hours
from evalkit.measures.carers import CARERQOL_DOMAINS, score_sace, score_with_tariff
from evalkit.study.schemas.unpaid_carers import UnpaidCarers

BEFORE, AFTER = "before", "after"
STATUSES = {
    "caring": "Still caring, and answered",
    "ended": "Caring has ended",
    "bereaved": "Bereaved",
    "not_answered": "Did not answer",
}
NOT_KNOWN = "Not known"
SCORES = ("sace", "carerqol", "happiness", "identified", "patient_overall")
GROUPS = {
    "hours_band": "Hours of caring a week",
    "age_band": "Age",
    "sex": "Sex",
    "ethnic_group": "Ethnic group",
    "deprivation": "Deprivation",
}
FIFTHS = (
    "Most deprived fifth",
    "Second fifth",
    "Third fifth",
    "Fourth fifth",
    "Least deprived fifth",
)
_UNKNOWN = frozenset({"not stated", "not known", "unknown", "prefer not to say"})
_LONG = ("35-49", "50+")
_OLDEST = "66+"


@dataclass(frozen=True, slots=True)
class Carers:
    """Answers by carer and wave, and `pairs`: one row a carer who was asked at the first wave.

    `pairs` has each score as `<score>_before` and `<score>_after`, `status` at the second wave,
    and the moderators as yes or no. `compared` says whether there are two waves, in units that
    offer the programme and units that do not.
    """

    rows: pd.DataFrame
    pairs: pd.DataFrame
    compared: bool


def read_carers(tables: Mapping[str, pd.DataFrame], parameters: UnpaidCarers) -> Carers:
    """Score the answers and put the waves side by side.

    Raises AnalysisError for waves, statuses or tenths that are none, a carer in two units, or a
    tariff that is not whole.
    """
    rows = _score(tables["carers"], _tariff(tables.get("tariff"), parameters))
    _refuse_wrong(rows)
    _refuse_unclear_carers(rows)
    pairs = _pair(rows)
    compared = "offered" in rows and bool((rows["wave"] == AFTER).any())
    return Carers(rows, pairs, compared)


def _score(answers: pd.DataFrame, tariff: ValuationTable | None) -> pd.DataFrame:
    rows = answers.assign(sace=score_sace(answers), wave=answers.get("wave", BEFORE))
    if tariff is not None:
        rows["carerqol"] = score_with_tariff(answers, tariff, "CarerQol-7D")
    if "identified" in rows:
        known = rows["identified"].astype(object).map({"yes": 100.0, "no": 0.0})
        rows["identified"] = known.astype(float)
    if "hours" in rows:
        rows["hours_band"] = band_hours(rows["hours"]).astype(object)
    for name in [n for n in GROUPS if n in rows]:
        values = rows[name].astype(object)
        unknown = values.isna() | values.astype(str).str.casefold().isin(_UNKNOWN)
        rows[name] = values.mask(unknown, NOT_KNOWN).astype(str)
    if "deprivation_decile" in rows:
        rows["deprivation"] = _fifths(rows["deprivation_decile"])
    if "status" not in rows:
        rows["status"] = np.where(rows["sace"].isna(), "not_answered", "caring")
    return rows


def _tariff(values: pd.DataFrame | None, parameters: UnpaidCarers) -> ValuationTable | None:
    if values is None:
        return None
    described: dict[str, object] = {**parameters.tariff_described, "instrument": "CarerQol-7D"}
    return describe_valuation(values, described)


def _fifths(decile: "pd.Series[float]") -> "pd.Series[str]":
    known = decile.notna()
    wrong = int((~decile[known].isin(range(1, 11))).sum())
    if wrong:
        raise AnalysisError(
            f"deprivation_decile: {wrong} rows are no whole number from 1 to 10. Give national "
            "tenths, 1 the most deprived, empty where not known."
        )
    fifth = pd.Series(NOT_KNOWN, decile.index, dtype=object)
    at = ((decile[known] - 1) // 2).astype(int)
    fifth[known] = np.array(FIFTHS, dtype=object)[at]
    return fifth


def _refuse_wrong(rows: pd.DataFrame) -> None:
    wave = int((~rows["wave"].isin([BEFORE, AFTER])).sum())
    if wave:
        raise AnalysisError(
            f"wave: {wave} rows are neither before nor after. Give one wave of each, so named."
        )
    status = int((~rows["status"].isin(list(STATUSES))).sum())
    if status:
        raise AnalysisError(
            f"status: {status} rows are none of {', '.join(STATUSES)}. Say of each carer and wave "
            "which holds."
        )
    if "hours_band" in rows:
        band = int((~rows["hours_band"].isin([*HOURS_BANDS, NOT_KNOWN])).sum())
        if band:
            raise AnalysisError(
                f"hours_band: {band} rows are none of {', '.join(HOURS_BANDS)}. Map hours a week "
                "as `hours`, which are then put into bands."
            )


def _refuse_unclear_carers(rows: pd.DataFrame) -> None:
    """Refuse carers who stand twice in a wave, or in two units."""
    again = int(rows.duplicated(["dyad", "wave"]).sum())
    if again:
        raise AnalysisError(
            f"dyad: {again} rows repeat a carer and wave. Give one row each, and map `wave` where "
            "carers were asked twice."
        )
    told = ["dyad", "unit", *(["offered"] if "offered" in rows else [])]
    places = rows[told].drop_duplicates()
    moved = int(places.loc[places["dyad"].duplicated(), "dyad"].drop_duplicates().size)
    if moved:
        raise AnalysisError(
            f"dyad: {moved} carers are in two units, or in one that offers the programme in one "
            "wave alone. `offered` says whether a unit has the programme at all; give each carer "
            "the unit of the first wave."
        )


def _pair(rows: pd.DataFrame) -> pd.DataFrame:
    scores = [name for name in SCORES if name in rows]
    first = rows[rows["wave"] == BEFORE].set_index("dyad")
    second = rows[rows["wave"] == AFTER].set_index("dyad")
    kept = [n for n in ("unit", "offered", *GROUPS) if n in rows]
    pairs = first[kept].copy()
    for name in scores:
        pairs[f"{name}_before"] = first[name]
        pairs[f"{name}_after"] = second[name].reindex(first.index)
    pairs["status"] = second["status"].reindex(first.index).fillna("not_answered")
    absent = pd.Series(NOT_KNOWN, pairs.index)
    pairs["long_hours"] = pairs.get("hours_band", absent).isin(_LONG)
    pairs["most_deprived"] = pairs.get("deprivation", absent) == FIFTHS[0]
    pairs["older"] = pairs.get("age_band", absent) == _OLDEST
    return pairs.reset_index()


def code_units(values: "pd.Series[str]") -> np.ndarray:
    """Number the units of a column."""
    return np.asarray(pd.factorize(values)[0], dtype=np.int64)


def has_domains(rows: pd.DataFrame) -> bool:
    """Say whether the seven domains of the CarerQol are there."""
    return set(CARERQOL_DOMAINS) <= set(rows)
