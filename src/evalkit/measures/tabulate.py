"""Tables that say what the data are: how good, who is in them, period by period, trust by trust."""

from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from evalkit.measures.reliability import split_variation
from evalkit.study.schema import FACETS, StaffWellbeing

ALL = "All trusts"
_STAFF = ("exposure", "mediator")


def measure_names(panel: pd.DataFrame, parameters: StaffWellbeing) -> dict[str, str]:
    """The series of the panel that measure something, with their names in words."""
    names = {
        "exposure": parameters.exposure_name,
        "mediator": parameters.mediator_name or "mediator",
        "outcome": parameters.outcome_name,
        **{facet: f"{facet} experience" for facet in FACETS},
    }
    return {s: n[0].upper() + n[1:] for s, n in names.items() if s in panel}


def tabulate_quality(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """One row a measure: coverage, missing values, spread and reliability."""
    cells = panel["unit"].nunique() * panel["time"].nunique()
    rows = [
        {
            "measure": name,
            "trusts": int(panel.dropna(subset=[series])["unit"].nunique()),
            "periods": int(panel.dropna(subset=[series])["time"].nunique()),
            "rows": int(panel[series].notna().sum()),
            "missing": int(cells - panel[series].notna().sum()),
            **split_variation(panel, series),
        }
        for series, name in measure_names(panel, parameters).items()
    ]
    return pd.DataFrame(rows)


def tabulate_who(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Trusts and answers by each grouping of the protocol, with a total in each grouping."""
    rows = []
    for role in parameters.subgroups or [""]:
        groups = panel[role].map({True: "Yes", False: "No"}) if role else None
        parts = [] if groups is None else list(panel.groupby(groups))
        words = role.replace("_", " ").capitalize() or "All"
        rows += [_count_people(part, words, str(name)) for name, part in parts]
        rows.append(_count_people(panel, words, ALL))
    return pd.DataFrame(rows)


def _count_people(part: pd.DataFrame, grouping: str, group: str) -> dict[str, object]:
    bases = {"staff_answers": "exposure_base", "patient_answers": "outcome_base"}
    return {
        "grouping": grouping,
        "group": group,
        "trusts": int(part["unit"].nunique()),
        **{name: _total(part, base) for name, base in bases.items()},
    }


def _total(part: pd.DataFrame, base: str) -> float:
    return float(part[base].sum()) if base in part else float("nan")


def tabulate_trend(panel: pd.DataFrame) -> pd.DataFrame:
    """Average over trusts in each period, with the people behind it."""
    grouped = panel.sort_values("time").groupby("time")
    table = pd.DataFrame(
        {
            "period": grouped["period"].first(),
            "trusts": grouped["unit"].nunique(),
            "exposure": grouped["exposure"].mean(),
            "staff_base": _sum(grouped, panel, "exposure_base"),
            "outcome": grouped["outcome"].mean(),
            "patient_base": _sum(grouped, panel, "outcome_base"),
        }
    )
    return table.reset_index(drop=True)


def _sum(grouped: Any, panel: pd.DataFrame, base: str) -> pd.Series:
    people: pd.Series = grouped[base].sum() if base in panel else grouped["time"].first() * np.nan
    return people


def tabulate_organisations(panel: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """One row a trust, period and measure: the value, its interval, and the people behind it.

    `source` and `scale` say whose rules protect the row, and as what kind of number.
    """
    z = stats.norm.ppf(0.5 + parameters.confidence_level / 2)
    scales = {"exposure": parameters.exposure_kind, "mediator": parameters.mediator_kind}
    parts = []
    for series, name in measure_names(panel, parameters).items():
        base = f"{series}_base" if series in _STAFF else "outcome_base"
        half = z * np.sqrt(panel.get(f"{series}_variance", pd.Series(np.nan, panel.index)))
        parts.append(
            pd.DataFrame(
                {
                    "unit": panel["unit"],
                    "unit_name": panel.get("unit_name", panel["unit"]),
                    "period": panel["period"],
                    "measure": name,
                    "source": "staff" if series in _STAFF else "patient",
                    "scale": scales.get(series, "score"),
                    "value": panel[series],
                    "conf_low": panel[series] - half,
                    "conf_high": panel[series] + half,
                    "base": panel.get(base, pd.Series(np.nan, panel.index)),
                }
            )
        )
    return pd.concat(parts).dropna(subset=["value"]).reset_index(drop=True)
