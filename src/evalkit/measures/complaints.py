"""Complaints and PALS contacts: how many for the care given, and what about; never ranked.

Rates per activity with Byar's interval (exact below ten events). Many complaints may mean poor
care, or a place where people are heard: how easily one can complain differs, so that organisations
are not ranked or banded by them (`rank_complaints` refuses). Themes are shares of what was
complained about, not of what people met.
"""

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.proportions import fit_rate_interval, fit_wilson_interval
from evalkit.measures.item_means import need_columns
from evalkit.measures.placement import ANYWHERE, Measure


def tabulate_complaints(
    counts: pd.DataFrame,
    *,
    by: Sequence[str],
    events: str = "complaints",
    activity: str = "activity",
    per: float = 1000.0,
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a group: `events, activity`, `rate` per `per` activity, `conf_low, conf_high`.

    `events` may be "complaints" or "pals". Rates are of added counts. A row is one group's count
    with the activity behind it: add up themes first (`add_up_themes`). Raises AnalysisError where
    counts are missing or negative, or a group has no activity.
    """
    need_columns(counts, [*by, events, activity], "complaints")
    named = counts.rename(columns={events: "events", activity: "activity"})
    if named[["events", "activity"]].isna().to_numpy().any():
        raise AnalysisError(
            "complaints: counts or activity are missing in "
            f"{int(named[['events', 'activity']].isna().any(axis=1).sum())} of {len(named)} rows. "
            "Leave those rows out, or give nought where there was none."
        )
    summed = named.groupby(list(by), sort=True)[["events", "activity"]].sum()
    found = fit_rate_interval(
        summed["events"].to_numpy(float), summed["activity"].to_numpy(float), per=per, level=level
    )
    return summed.assign(
        rate=found.estimate, conf_low=found.conf_low, conf_high=found.conf_high
    ).reset_index()


def add_up_themes(
    counts: pd.DataFrame,
    *,
    keys: Sequence[str],
    events: Sequence[str] = ("complaints", "pals"),
    activity: str = "activity",
) -> pd.DataFrame:
    """One row for each of `keys` (organisation, month): events added over themes, activity once.

    Raises AnalysisError where a key's themes stand with different activity.
    """
    need_columns(counts, [*keys, *events, activity], "complaints")
    groups = counts.groupby(list(keys), sort=True)
    spread = groups[activity].agg(["min", "max"])
    differ = int((spread["min"] != spread["max"]).sum())
    if differ:
        raise AnalysisError(
            f"complaints: activity differs between themes in {differ} of {len(spread)} groups. "
            "Give the activity of the whole organisation and month in each row."
        )
    return groups[list(events)].sum().assign(**{activity: spread["max"]}).reset_index()


def tabulate_complaint_themes(
    counts: pd.DataFrame,
    *,
    theme: str = "theme",
    events: str = "complaints",
    by: Sequence[str] = (),
    level: float = 0.95,
) -> pd.DataFrame:
    """One row a theme (within `by`): `events`, all `n`, `share` (per cent) with Wilson's interval.

    Rows stand in the order of the themes' names, not of their number.
    """
    need_columns(counts, [*by, theme, events], "complaints")
    named = counts.rename(columns={events: "events", theme: "theme"})
    summed = named.groupby([*by, "theme"], sort=True)["events"].sum().reset_index()
    if by:
        n = summed.groupby(list(by))["events"].transform("sum").to_numpy(float)
    else:
        n = np.full(len(summed), float(summed["events"].sum()))
    found = fit_wilson_interval(summed["events"].to_numpy(float), n, level=level)
    return summed.assign(
        n=n.astype(int),
        share=100 * found.estimate,
        conf_low=100 * found.conf_low,
        conf_high=100 * found.conf_high,
    )


def rank_complaints(*_: object, **__: object) -> NoReturn:
    """Refuse to rank, band or compare organisations by their complaints."""
    raise AnalysisError(
        "complaints: organisations are not ranked by complaints or PALS contacts, as how easily "
        "people can complain differs. Follow one organisation over time, and read what is said."
    )


COMPLAINTS = Measure(
    "complaints",
    "Complaints and PALS contacts",
    "patients",
    ("overall",),
    ANYWHERE,
    "per 1,000 of activity",
    "neither",
    "events / activity of added counts, Byar's interval; themes as shares; never ranked",
    "own",
)
