"""Measure how often intervals for an interrupted series hold the truth, and write it down.

`python tests/calibration/interrupted_series.py` draws series with errors that carry over, with no
change in level or slope, and counts how often each method's 95% interval holds zero. It writes
interrupted_series.csv beside itself (some minutes). A share of 0.95 of 1,000 series has a standard
error of 0.007.
"""

import argparse
import csv
from collections.abc import Callable
from pathlib import Path

import numpy as np

from evalkit.fits.segmented_regression import Method, Segments, fit_segmented
from evalkit.inference.linear_fits import describe_contrasts

SERIES = 1000
SIDES = (4, 5, 6, 8, 12, 24, 48)
METHODS: tuple[Method, ...] = (
    "reml_averaged",
    "reml",
    "prais_winsten",
    "newey_west",
    "least_squares",
)
FIELDS = ("side", "errors", "term", "method", "series", "coverage", "mean_length", "spread")


def draw_autoregressive(rho: float) -> Callable[[np.random.Generator, int], np.ndarray]:
    """Errors of variance one, of which `rho` carries over."""

    def draw(rng: np.random.Generator, n: int) -> np.ndarray:
        new = rng.normal(size=n) * np.sqrt(1 - rho**2)
        errors = np.empty(n)
        errors[0] = rng.normal()
        for i in range(1, n):
            errors[i] = rho * errors[i - 1] + new[i]
        return errors

    return draw


def draw_with_noise(rng: np.random.Generator, n: int) -> np.ndarray:
    """Half the variance carries over by 0.8, half is new in every period, as in surveys."""
    return (draw_autoregressive(0.8)(rng, n) + rng.normal(size=n)) / np.sqrt(2)


ERRORS: dict[str, Callable[[np.random.Generator, int], np.ndarray]] = {
    **{f"carry over {rho}": draw_autoregressive(rho) for rho in (0.0, 0.2, 0.4, 0.6, 0.8)},
    "carry over 0.8, half noise": draw_with_noise,
}


def measure(side: int, errors: str, series: int) -> list[dict[str, object]]:
    """Fit every method to each series of twice `side` points, and count."""
    rng = np.random.default_rng([side, list(ERRORS).index(errors)])
    time, rows = np.arange(2 * side), np.zeros((3, 4))
    rows[0, 2] = rows[1, 3] = rows[2, 2] = 1.0
    rows[2, 3] = (side - 1) / 2
    found = {method: np.empty((series, 3, 3)) for method in METHODS}
    for k in range(series):
        outcome = ERRORS[errors](rng, 2 * side)
        for method in METHODS:
            fit = fit_segmented(outcome, time, Segments(side), method=method)
            c = describe_contrasts(fit.fits, rows)
            found[method][k] = np.column_stack([c.estimate, c.conf_low, c.conf_high])
    return [
        {
            "side": side,
            "errors": errors,
            "term": term,
            "method": method,
            "series": series,
            "coverage": round(float(np.mean((one[:, 1] < 0) & (one[:, 2] > 0))), 3),
            "mean_length": round(float(np.mean(one[:, 2] - one[:, 1])), 3),
            "spread": round(float(np.std(one[:, 0])), 3),
        }
        for at, term in enumerate(("level", "slope", "average"))
        for method in METHODS
        for one in [found[method][:, at]]
    ]


def main() -> None:
    """Measure every length and kind of error."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("series", nargs="?", type=int, default=SERIES, help="of each (%(default)s)")
    series = parser.parse_args().series
    with Path(__file__).with_suffix(".csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, FIELDS, lineterminator="\n")
        writer.writeheader()
        for side in SIDES:
            for errors in ERRORS:
                writer.writerows(measure(side, errors, series))
                handle.flush()


if __name__ == "__main__":
    main()
