"""Series that made-up data are built from."""

import numpy as np


def autoregressive(
    rng: np.random.Generator, shape: tuple[int, int], rho: float, sd: float
) -> np.ndarray:
    """Stationary first-order series down the rows, with the given correlation and spread."""
    series = np.empty(shape)
    series[0] = rng.normal(0, sd, shape[1])
    for row in range(1, shape[0]):
        innovation = rng.normal(0, sd * np.sqrt(1 - rho**2), shape[1])
        series[row] = rho * series[row - 1] + innovation
    return series


def score(values: np.ndarray) -> np.ndarray:
    """Keep scores between 0 and 10, at three decimals, as results are published."""
    return np.asarray(np.round(np.clip(values, 0, 10), 3))
