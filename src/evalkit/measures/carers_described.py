"""How carers fare, by who they are and how much they care, and whether they are known.

Quality of life (SACE, 0 to 12) of each group beside all other carers, as they were first asked:
before a programme, and before anybody was lost. Errors are clustered by unit, t(units - 1).
The CarerQol is shown by its domains where no tariff is given.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.fits.weighted_regression import fit_weighted
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.measures.carer_groups import HOURS_BANDS, tabulate_identification
from evalkit.measures.carers import CARERQOL_DOMAINS, CARERQOL_MEANING, SACE_DOMAINS
from evalkit.measures.carers_lost import ARMS
from evalkit.measures.carers_waves import (
    AFTER,
    BEFORE,
    FIFTHS,
    GROUPS,
    NOT_KNOWN,
    code_units,
    has_domains,
)

WAVES = {BEFORE: "First wave", AFTER: "Second wave"}
ALL_CARERS = "All carers"
_GOOD_TO_HAVE = 2
"""The first two domains of the CarerQol are good to have a lot of."""
_ORDER = [*HOURS_BANDS, *FIFTHS]


def tabulate_carers(rows: pd.DataFrame, level: float, fewest: int) -> pd.DataFrame:
    """Describe every group of carers as first asked: one row a group, with intervals.

    Columns: `dimension, group, carers, mean, mean_low, mean_high` and `difference,
    difference_low, difference_high` from all other carers whose group is known. A group of fewer
    than `fewest` is counted and not estimated.
    """
    used = rows[(rows["wave"] == BEFORE) & rows["sace"].notna()]
    made = [_describe(used, np.ones(len(used), dtype=bool), None, level, ALL_CARERS, "All", 1)]
    for dimension in [name for name in GROUPS if name in used]:
        known = (used[dimension] != NOT_KNOWN).to_numpy()
        for group in _groups(used[dimension]):
            inside = (used[dimension] == group).to_numpy()
            made.append(_describe(used, inside, known, level, GROUPS[dimension], group, fewest))
    ends = [f"{name}{end}" for name in ("mean", "difference") for end in ("", "_low", "_high")]
    return pd.DataFrame(made).reindex(columns=["dimension", "group", "carers", *ends])


def _groups(values: "pd.Series[str]") -> list[str]:
    """Bands and fifths in their order, other groups by name, those not known last."""
    found = {str(value) for value in values}
    place = {name: at for at, name in enumerate(_ORDER)}
    return sorted(found, key=lambda name: (name == NOT_KNOWN, place.get(name, 0), name))


def _describe(
    used: pd.DataFrame,
    inside: Flags,
    known: Flags | None,
    level: float,
    dimension: str,
    group: str,
    fewest: int,
) -> dict[str, object]:
    row: dict[str, object] = {"dimension": dimension, "group": group, "carers": float(inside.sum())}
    values, units = used["sace"].to_numpy(float), used["unit"]
    if inside.sum() < fewest or units[inside].nunique() < 2:
        return row
    ones = np.ones((int(inside.sum()), 1))
    row |= _ends("mean", _fit(values[inside], ones, units[inside], level))
    if known is None:
        return row
    compared = known | inside
    if (compared & ~inside).sum() < fewest:
        return row
    x = np.column_stack([np.ones(len(used)), inside])[compared]
    return row | _ends("difference", _fit(values[compared], x, units[compared], level))


def _fit(values: Floats, x: Floats, units: "pd.Series[str]", level: float) -> Estimate:
    """Estimate the last coefficient, clustered by unit."""
    fit = fit_weighted(values, x, np.ones(len(values)), cluster=code_units(units))
    last = np.eye(x.shape[1])[-1]
    return make_estimate(float(fit.coef[-1]), fit.error_of(last), df=fit.df, level=level)


def _ends(name: str, found: Estimate) -> dict[str, float]:
    return {
        name: found.estimate,
        f"{name}_low": found.conf_low,
        f"{name}_high": found.conf_high,
    }


def tabulate_domains(rows: pd.DataFrame) -> pd.DataFrame:
    """Share of carers at the best, middle and worst answer of each domain, as first asked.

    Columns: `instrument, domain, carers, best, middle, worst`. "Best" is no unmet need in SACE;
    in the CarerQol a lot of fulfilment or support, and no problem of the other kinds.
    """
    first = rows[rows["wave"] == BEFORE]
    made = [
        _shares(first, "SACE", name.removeprefix("sace_").replace("_", " "), name, best=1)
        for name in SACE_DOMAINS
    ]
    if has_domains(rows):
        for at, (name, meaning) in enumerate(zip(CARERQOL_DOMAINS, CARERQOL_MEANING, strict=True)):
            best = 3 if at < _GOOD_TO_HAVE else 1
            made.append(_shares(first, "CarerQol", meaning, name, best))
    return pd.DataFrame(made)


def _shares(
    first: pd.DataFrame, instrument: str, domain: str, name: str, best: int
) -> dict[str, object]:
    answers = first[name].dropna().to_numpy(float)
    parts = {"best": best, "middle": 2, "worst": 4 - best}
    row: dict[str, object] = {
        "instrument": instrument,
        "domain": domain.capitalize(),
        "carers": float(len(answers)),
    }
    return row | {
        part: 100 * float((answers == option).mean()) if len(answers) else np.nan
        for part, option in parts.items()
    }


def tabulate_identified(rows: pd.DataFrame, level: float) -> pd.DataFrame:
    """Share of the carers asked who are identified: `arm, wave, carers, share, low, high`.

    Empty where `identified` is not mapped. The interval is clustered by unit.
    """
    if "identified" not in rows:
        return pd.DataFrame()
    known = rows[rows["identified"].notna()]
    arms = {"All": np.ones(len(known), dtype=bool)}
    if "offered" in known:
        arms = {arm: known["offered"].to_numpy(bool) == offered for offered, arm in ARMS.items()}
    made = []
    for arm, inside in arms.items():
        for wave, label in WAVES.items():
            some = known[inside & (known["wave"] == wave).to_numpy()]
            if some["unit"].nunique() < 2:
                continue
            values = some["identified"].to_numpy(float)
            found = _fit(values, np.ones((len(some), 1)), some["unit"], level)
            made.append(
                {
                    "arm": arm,
                    "wave": label,
                    "carers": float(len(some)),
                    "share": found.estimate,
                    "share_low": max(0.0, found.conf_low),
                    "share_high": min(100.0, found.conf_high),
                }
            )
    return pd.DataFrame(made)


def tabulate_expected(tables: Mapping[str, pd.DataFrame], level: float) -> pd.DataFrame:
    """Carers recorded per 100 expected of a census share, by group; empty without a population."""
    if "population" not in tables:
        return pd.DataFrame()
    people = tables["population"]
    recorded = people[["group", "recorded"]].rename(columns={"recorded": "carers"})
    return tabulate_identification(recorded, people, by=["group"], level=level)
