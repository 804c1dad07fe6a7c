"""Read NHS Digital's PROMs files: patients' records, and providers' published adjusted gains."""

import zipfile
from pathlib import Path
from typing import Literal

import pandas as pd

from evalkit.data.problems import raise_data_error

Outcome = Literal["oxford_hip_score", "eq_vas", "eq5d_index"]

COLUMNS: dict[Outcome, tuple[str, str, str]] = {
    "oxford_hip_score": (
        "Hip Replacement Pre-Op Q Score",
        "Hip Replacement Post-Op Q Score",
        "Hip Replacement OHS Post-Op Q Predicted",
    ),
    "eq_vas": ("Pre-Op Q EQ VAS", "Post-Op Q EQ VAS", "Hip Replacement EQ VAS Post-Op Q Predicted"),
    "eq5d_index": (
        "Pre-Op Q EQ5D Index",
        "Post-Op Q EQ5D Index",
        "Hip Replacement EQ5D Index Post-Op Q Predicted",
    ),
}
"""Columns of the score before, after, and as the publisher predicted it, by outcome."""

_MEASURES: dict[Outcome, str] = {
    "oxford_hip_score": "Oxford Hip Score",
    "eq_vas": "EQ VAS",
    "eq5d_index": "EQ-5D Index",
}
_NO_ANSWER = 999.0
"""How the thermometer scale (0-100) writes that nothing was answered."""

_LARGEST_UNPACKED = 512 * 1024**2


def read_nhs_proms(path: Path, outcome: Outcome, *, case_mix: tuple[str, ...] = ()) -> pd.DataFrame:
    """Read hip replacement records: one row a patient, `unit, revision, before, after, predicted`.

    `predicted` is the publisher's own predicted score after the operation; `case_mix` adds columns
    by their published names, as text. 999 on the thermometer scale and withheld values are missing.
    """
    table = _read_zipped(path)
    before, after, predicted = COLUMNS[outcome]
    _need(table, ["Provider Code", "Revision Flag", before, after, predicted, *case_mix], path)
    names = {"before": before, "after": after, "predicted": predicted}
    numbers = {name: pd.to_numeric(table[c], errors="coerce") for name, c in names.items()}
    records = pd.DataFrame(numbers)
    if outcome == "eq_vas":
        records = records.mask(records == _NO_ANSWER)
    records.insert(0, "unit", table["Provider Code"])
    records.insert(1, "revision", table["Revision Flag"] == "1")
    return records.assign(**{name: table[name] for name in case_mix})


def read_nhs_proms_gains(path: Path, outcome: Outcome, year: int, procedure: str) -> pd.DataFrame:
    """Read providers' published gains of the financial year that starts in `year`.

    `procedure` is the publisher's ("Hip Replacement Primary"). One row a provider: `unit, n, gain,
    flag` (its words on outliers); England as a whole is unit "England".
    """
    table = _read_zipped(path)
    columns = [f"{name}_{year}" for name in ("Modelled_Records", "Adjusted_Health_Gain", "Outlier")]
    _need(table, ["OrgCode", "Procedure", "Measure", *columns], path)
    rows = table[(table["Procedure"] == procedure) & (table["Measure"] == _MEASURES[outcome])]
    return pd.DataFrame(
        {
            "unit": rows["OrgCode"],
            "n": pd.to_numeric(rows[columns[0]], errors="coerce"),
            "gain": pd.to_numeric(rows[columns[1]], errors="coerce"),
            "flag": rows[columns[2]],
        }
    ).reset_index(drop=True)


def _read_zipped(path: Path) -> pd.DataFrame:
    """Read the one CSV file in a zip as text."""
    with zipfile.ZipFile(path) as archive:
        inside = [
            entry
            for entry in archive.infolist()
            if entry.filename.endswith(".csv") and not entry.filename.startswith("__")
        ]
        if len(inside) != 1 or inside[0].file_size > _LARGEST_UNPACKED:
            raise_data_error(
                path.name,
                f"holds {len(inside)} CSV files, and one of at most 512 MB is read. "
                "Give the archive as published.",
            )
        with archive.open(inside[0]) as stream:
            return pd.read_csv(stream, dtype=str, keep_default_na=False)


def _need(table: pd.DataFrame, wanted: list[str], path: Path) -> None:
    lacking = [name for name in wanted if name not in table]
    if lacking:
        raise_data_error(
            path.name,
            f"{len(lacking)} columns are not there ({', '.join(lacking[:4])}). "
            "Give the file of this outcome and year as published.",
        )
