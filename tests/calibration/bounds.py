"""What is asked of a cell: coverage, bias, and the size of reported errors."""

import pandas as pd

LOWEST, HIGHEST = 0.93, 0.97
LEAST_ERROR, MOST_ERROR, MOST_BIAS = 0.95, 1.05, 0.1


def outside(row: pd.Series) -> list[str]:
    """Name in what a row of figures lies outside what is asked; nothing where it lies inside."""
    found = []
    if not LOWEST <= float(row["coverage"]) <= HIGHEST:
        found.append("coverage")
    if not abs(float(row["bias_in_sd"])) < MOST_BIAS:
        found.append("bias")
    if pd.notna(row["error_ratio"]) and not LEAST_ERROR <= row["error_ratio"] <= MOST_ERROR:
        found.append("mean error")
    return found
