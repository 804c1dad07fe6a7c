"""Join staff and patient results into the panel: one row a trust and period."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.data.periods import calendar_index, period_kinds
from evalkit.data.problems import join_problems
from evalkit.data.roles import columns_of
from evalkit.data.sources import Source
from evalkit.errors import DataError
from evalkit.study.schema import FACETS, StaffWellbeing

ADDED_ANSWERS = 2
_WHERE = "staff and patient results"
_KEY = ["unit", "time"]


def make_panel(tables: Mapping[str, Source], parameters: StaffWellbeing) -> pd.DataFrame:
    """Join staff and patients on unit and period, with the sampling variance of each value.

    One row a trust and period that both sources have, sorted by unit and time; columns
    as `docs/architecture.md` lists them. The sources are left as they are.
    """
    _check_periods(tables, parameters)
    staff, patient = (_keyed(tables[name], parameters) for name in ("staff", "patient"))
    joined = staff.merge(patient, on=_KEY, how="inner", suffixes=("", "_patient"))
    if joined["unit"].nunique() < 2:
        raise DataError(_explain_no_overlap(staff, patient, joined))
    panel = _with_variances(_with_names(joined), parameters)
    _check_variation(panel)
    return panel[_columns(panel, parameters)].sort_values(_KEY, ignore_index=True)


def panel_coverage(tables: Mapping[str, Source], parameters: StaffWellbeing) -> pd.DataFrame:
    """Count units and rows (unit and period) in staff results only, patients' only, and both.

    Columns: `counted` (units, rows), `found_in` (staff only, patients only, both), `count`.
    """
    _check_periods(tables, parameters)
    staff, patient = (_keyed(tables[name], parameters)[_KEY] for name in ("staff", "patient"))
    rows = []
    for counted, key in (("units", ["unit"]), ("rows", _KEY)):
        both = (
            staff[key]
            .drop_duplicates()
            .merge(patient[key].drop_duplicates(), how="outer", on=key, indicator="found_in")
        )
        counts = both["found_in"].value_counts()
        rows += [
            {"counted": counted, "found_in": label, "count": int(counts[side])}
            for side, label in (
                ("left_only", "staff only"),
                ("right_only", "patients only"),
                ("both", "both"),
            )
        ]
    return pd.DataFrame(rows)


def sampling_variance(
    values: pd.Series, base: pd.Series, kind: str, person_sd: float | None
) -> pd.Series:
    """Return the sampling variance of each value; missing where base or spread is unknown.

    Score: person_sd^2 / base. Percentage p: p (100 - p) / base, which would be 0 at 0 and
    100; there two answers of each kind are added (Agresti and Coull 1998, The American
    Statistician 52, 119-126), on whose share and base the same formula is used.
    """
    if kind == "score":
        spread = np.nan if person_sd is None else person_sd
        return (spread**2 / base).where(values.notna())
    extreme = (values <= 0) | (values >= 100)
    enlarged = base + 2 * ADDED_ANSWERS
    shrunk = (values * base + 100 * ADDED_ANSWERS) / enlarged
    plain = values * (100 - values) / base
    return plain.mask(extreme, shrunk * (100 - shrunk) / enlarged)


def _check_periods(tables: Mapping[str, Source], parameters: StaffWellbeing) -> None:
    """Refuse periods of the study that a source does not have, of both sources at once."""
    faults = []
    for name in ("staff", "patient"):
        held = tables[name].frame[columns_of(parameters, name)["period"]]
        absent = sorted(set(parameters.periods or ()) - set(held))
        if absent:
            faults.append(
                f"{len(absent)} are not in the {name} results ({', '.join(absent)}). "
                "Take them out, or give data for them."
            )
    if faults:
        raise DataError(join_problems("periods", faults))


def _keyed(source: Source, parameters: StaffWellbeing) -> pd.DataFrame:
    """Return a source's columns by role with the calendar index, in the study's periods."""
    columns = columns_of(parameters, source.name)
    frame = pd.DataFrame({role: source.frame[column] for role, column in columns.items()})
    if parameters.periods is not None:
        frame = frame[frame["period"].isin(parameters.periods)]
    return frame.assign(time=calendar_index(frame["period"]))


def _explain_no_overlap(staff: pd.DataFrame, patient: pd.DataFrame, joined: pd.DataFrame) -> str:
    kinds = [period_kinds(frame["period"]).iloc[0] for frame in (staff, patient)]
    if kinds[0] != kinds[1]:
        return (
            f"{_WHERE}: staff periods are {kinds[0]}s and patient periods {kinds[1]}s. "
            "Give both by the same kind of period."
        )
    counts = [frame["unit"].nunique() for frame in (staff, patient)]
    return (
        f"{_WHERE}: of {counts[0]} units with staff results and {counts[1]} with patient results, "
        f"{joined['unit'].nunique()} are in both for the same period; two are needed. Check that "
        "both use the same codes and periods."
    )


def _with_names(joined: pd.DataFrame) -> pd.DataFrame:
    """Fill `unit_name` from staff, then patients, then the code itself."""
    names = pd.Series(np.nan, index=joined.index, dtype="str")
    for column in ("unit_name", "unit_name_patient", "unit"):
        if column in joined:
            names = names.fillna(joined[column])
    return joined.assign(unit_name=names)


def _with_variances(joined: pd.DataFrame, parameters: StaffWellbeing) -> pd.DataFrame:
    """Add `<value>_base` where it is unmapped, and `<value>_variance`, for each value mapped."""
    panel = joined.copy()
    spreads = {"exposure": (parameters.exposure_kind, parameters.exposure_person_sd)}
    spreads["mediator"] = (parameters.mediator_kind, parameters.mediator_person_sd)
    for role in ("outcome", *FACETS):
        spreads[role] = ("score", parameters.outcome_person_sd)
    for role, (kind, person_sd) in spreads.items():
        if role not in panel:
            continue
        if f"{role}_base" not in panel:
            shared = "outcome_base" if role in FACETS else ""
            panel[f"{role}_base"] = panel[shared] if shared else np.nan
        panel[f"{role}_variance"] = sampling_variance(
            panel[role], panel[f"{role}_base"], kind, person_sd
        )
    for role in parameters.subgroups:
        panel[role] = panel[role].astype(bool)
    return panel


def _check_variation(panel: pd.DataFrame) -> None:
    """Refuse a panel in which what is compared does not vary, or is nowhere known in both."""
    known = panel.dropna(subset=["exposure", "outcome"])
    faults = [
        f"{role} is constant: nothing to compare"
        for role in ("exposure", "outcome")
        if len(set(known[role])) == 1
    ]
    if known.empty:
        faults = ["no unit and period has both an exposure and an outcome"]
    if faults:
        raise DataError(f"{_WHERE}: {'; '.join(faults)}. Map other columns, or use more periods.")


def _columns(panel: pd.DataFrame, parameters: StaffWellbeing) -> list[str]:
    values = [role for role in ("exposure", "mediator", "outcome", *FACETS) if role in panel]
    measured = [f"{role}{part}" for role in values for part in ("", "_base", "_variance")]
    named = [*parameters.adjust_for, *parameters.subgroups]
    return ["unit", "unit_name", "period", "time", *measured, *dict.fromkeys(named)]
