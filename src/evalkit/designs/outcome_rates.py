"""Counts of events as rates: one rule and one sentence for every design.

Where `outcome_base` says out of how many (people, contacts, bed days), events are compared as so
many per `rate_per` of it, so that large and small units, and units that grow, are alike. Rows of
which it is not known are then left out. Where no row has it, events are compared as they are, and
the design says so.
"""

import numpy as np
import pandas as pd

from evalkit.inference.arrays import Floats
from evalkit.results.words import counted
from evalkit.study.schemas.design_study import DesignStudy


def rate_of(table: pd.DataFrame, parameters: DesignStudy) -> Floats:
    """Outcome (n,), counts as rates per `rate_per` of their base; missing where it is unknown."""
    outcome, base = (table[name].to_numpy(dtype=float) for name in ("outcome", "outcome_base"))
    return as_rates(outcome, base, parameters.outcome_kind, parameters.rate_per)


def with_rates(table: pd.DataFrame, parameters: DesignStudy) -> pd.DataFrame:
    """Return the table with counts as rates, once; other tables as they are."""
    if parameters.outcome_kind != "count":
        return table
    return table.assign(outcome=rate_of(table, parameters))


def as_rates(outcome: Floats, base: Floats, kind: str, rate_per: float) -> Floats:
    """Outcome (any shape), counts as rates where any base is known; see `rate_of`."""
    known = _is_known(base)
    if kind != "count" or not known.any():
        return outcome
    empty = np.full(outcome.shape, np.nan)
    return np.asarray(np.divide(outcome, base, out=empty, where=known) * rate_per)


def say_rates(table: pd.DataFrame, parameters: DesignStudy) -> tuple[str, ...]:
    """Say what counts are compared as, and how many rows are lost for it; nothing of others."""
    if parameters.outcome_kind != "count":
        return ()
    known = _is_known(table["outcome_base"].to_numpy(dtype=float))
    lost = int((table["outcome"].notna().to_numpy() & ~known).sum()) if known.any() else 0
    people = bool(table.duplicated(["unit", "time"]).any())
    said = say_compared(parameters.rate_per, known=bool(known.any()), people=people)
    return (said, *([f"{counted(lost, 'row')} left out: outcome_base is missing."] if lost else []))


def say_compared(rate_per: float, *, known: bool, people: bool = False) -> str:
    """Say what counts are compared as: a rate, or as they are where nothing says out of what."""
    if known:
        return f"Events are compared as a rate per {rate_per:,g} of outcome_base."
    each = "person" if people else "unit and period"
    return (
        f"Events are compared as they are, per {each}: no outcome_base says out of how many, so "
        "that a difference may be one of size alone."
    )


def _is_known(base: Floats) -> np.ndarray:
    return np.asarray(np.isfinite(base) & (base > 0))
