"""Hold adjusted gains of hip replacement against the published ones.

python tests/measures/published_gains.py FOLDER, where FOLDER holds `proms/`.
"""

import argparse
from functools import cache
from pathlib import Path

import pandas as pd

from evalkit.data.nhs_proms import Outcome, read_nhs_proms, read_nhs_proms_gains
from evalkit.measures.proms import adjust_gains, fit_case_mix
from evalkit.measures.proms_published import compare_gains

RECORDS = {
    2016: "Hip Replacement Provider 1617.csv.zip",
    2017: "Hip Replacements Provider 1718.csv.zip",
    2018: "Hip Replacement Provider 1819.csv.zip",
}
GAINS = {
    2016: "Time Series Hip and Knee Replacement 1617.csv.zip",
    2017: "Time Series 1718.csv.zip",
    2018: "Time Series Hip and Knee Replacement 1819.csv.zip",
}
OUTCOMES: tuple[Outcome, ...] = ("oxford_hip_score", "eq_vas", "eq5d_index")
PROCEDURES = {"Hip Replacement Primary": False, "Hip Replacement Revision": True}
COVARIATES = (
    "Age Band",
    "Gender",
    "Pre-Op Q Assisted",
    "Pre-Op Q Symptom Period",
    "Pre-Op Q Living Arrangements",
    "Pre-Op Q Disability",
    "Heart Disease",
    "High Bp",
    "Stroke",
    "Circulation",
    "Lung Disease",
    "Diabetes",
    "Kidney Disease",
    "Nervous System",
    "Liver Disease",
    "Cancer",
    "Depression",
    "Arthritis",
)
"""What the records say of patients before the operation, for a model of our own."""


@cache
def read_records(root: Path, year: int, outcome: Outcome) -> pd.DataFrame:
    """Return the records of a year, with what is known of patients before."""
    return read_nhs_proms(root / "proms" / RECORDS[year], outcome, case_mix=COVARIATES)


def compare(root: Path, year: int, outcome: Outcome, procedure: str) -> list[dict[str, object]]:
    """Return two comparisons: with the publisher's predicted scores, and with our own model."""
    records = read_records(root, year, outcome)
    records = records[records["revision"] == PROCEDURES[procedure]]
    published = read_nhs_proms_gains(root / "proms" / GAINS[year], outcome, year, procedure)
    known = records.dropna(subset=["before", "after", "predicted"])
    own = fit_case_mix(known.drop(columns="predicted"), COVARIATES)
    key = {"year": year, "outcome": outcome, "procedure": procedure}
    return [
        {**key, "predicted_by": who, **compare_gains(adjust_gains(table), published)}
        for who, table in (("publisher", known), ("our own model", own.table))
    ]


def compare_all(root: Path) -> pd.DataFrame:
    """Return every year, outcome and procedure."""
    rows = [
        row
        for year in RECORDS
        for outcome in OUTCOMES
        for procedure in PROCEDURES
        for row in compare(root, year, outcome, procedure)
    ]
    return pd.DataFrame(rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, help="holds proms/")
    print(compare_all(parser.parse_args().folder).round(4).to_string(index=False))
