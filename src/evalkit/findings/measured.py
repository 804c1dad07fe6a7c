"""How often a design's intervals held the truth where it is known: shipped figures, by design."""

from importlib.resources import files

import pandas as pd

COVERAGE_FILE = "measured_coverage.csv"
_COLUMNS = {
    "cell": "data",
    "simulations": "simulations",
    "coverage": "coverage",
    "coverage_error": "coverage_error",
    "rejected": "excludes_zero",
    "error_ratio": "error_share",
}


def tabulate_measured(design: str) -> pd.DataFrame:
    """Tabulate what was measured of a design: one row a kind of synthetic data; may be empty.

    Columns: `data, simulations, coverage, coverage_error, excludes_zero, error_share`, shares in
    per cent; `error_share` is the mean standard error over the estimates' real spread, missing
    where intervals come from placebos. The figures were made by `make calibrate`, and say nothing
    of a study's own data.
    """
    with files("evalkit.findings").joinpath(COVERAGE_FILE).open("r") as file:
        figures = pd.read_csv(file, keep_default_na=False, na_values=[""])
    rows = figures.loc[figures["design"] == design, list(_COLUMNS)].rename(columns=_COLUMNS)
    shares = ["coverage", "coverage_error", "excludes_zero", "error_share"]
    rows[shares] = (100 * rows[shares]).round(1)
    rows["data"] = rows["data"].str.replace("_", " ").str.capitalize()
    return rows.reset_index(drop=True)
