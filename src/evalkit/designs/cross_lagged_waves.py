"""Which comes first, wave by wave: cross-lagged panels of exposure, mediator and outcome.

Each pair of measures is fitted with random intercepts over the last waves that enough units have
whole, each measure in units of its own movement within units, so that the two directions can be
laid side by side. It describes order in time, not cause: a third thing may move first.
"""

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.fits.random_intercept_cross_lagged import CrossLagged, fit_cross_lagged
from evalkit.inference.arrays import Floats, Ints

FEWEST_UNITS = 60
"""Complete units below which lasting levels and movement are not told apart reliably."""

MOST_WAVES = 6
FEWEST_WAVES = 3

COLUMNS = ["from", "to", "path", "path_low", "path_high", "periods", "units", "reading"]

WELL_FITTING = 0.08
"""Root mean square error of approximation above which a covariance model fits poorly."""


@dataclass(frozen=True, slots=True)
class Waves:
    """Measures by unit and wave: `cube` (measures, units, waves) of complete units."""

    cube: Floats


def tabulate_cross_lagged(
    measures: dict[str, Floats], unit: Ints, time: Ints, level: float
) -> pd.DataFrame:
    """Fit each pair of the named measures (n,): `from, to, path, ...`, in movements' units.

    Empty where too few units have three waves whole. A pair whose likelihood has no maximum is
    left out.
    """
    found = choose_waves(np.stack(list(measures.values())), unit, time)
    if found is None:
        return pd.DataFrame(columns=COLUMNS)
    names = list(measures)
    rows: list[dict[str, object]] = []
    for first, second in combinations(range(len(names)), 2):
        try:
            fit = fit_cross_lagged(found.cube[first], found.cube[second], level=level)
        except AnalysisError:
            continue
        rows += _rows(fit, names[first], names[second])
    return pd.DataFrame(rows, columns=COLUMNS)


def choose_waves(values: Floats, unit: Ints, time: Ints) -> Waves | None:
    """Choose the longest run of waves, the latest of these, that enough units have whole.

    `values` is (measures, n). Each measure is divided by its spread within units. None where
    there is no such run.
    """
    wave = time - time.min()
    cube = np.full((len(values), int(unit.max()) + 1, int(wave.max()) + 1), np.nan)
    cube[:, unit, wave] = values
    there = np.isfinite(cube).all(axis=0)
    for waves in range(min(MOST_WAVES, there.shape[1]), FEWEST_WAVES - 1, -1):
        for start in range(there.shape[1] - waves, -1, -1):
            whole = there[:, start : start + waves].all(axis=1)
            if whole.sum() >= max(FEWEST_UNITS, 4 * waves):
                return Waves(_scale(cube[:, whole, start : start + waves]))
    return None


def _scale(cube: Floats) -> Floats:
    moves = cube - cube.mean(axis=2, keepdims=True)
    units, waves = cube.shape[1:]
    squares = np.sum(moves**2, axis=(1, 2), keepdims=True)
    spread = np.sqrt(squares / (units * (waves - 1)))
    return np.asarray(cube / np.where(spread > 0, spread, 1.0))


def _rows(fit: CrossLagged, first: str, second: str) -> list[dict[str, object]]:
    named = {"first_to_second": (first, second), "second_to_first": (second, first)}
    paths = {row["term"]: row for row in fit.estimates.to_dict("records")}
    return [
        {
            "from": ahead,
            "to": behind,
            "path": paths[term]["estimate"],
            "path_low": paths[term]["conf_low"],
            "path_high": paths[term]["conf_high"],
            "periods": fit.waves,
            "units": fit.n,
            "reading": _reading(fit),
        }
        for term, (ahead, behind) in named.items()
    ]


def _reading(fit: CrossLagged) -> str:
    """Say whether a pair may be leant on: a variance below zero says that the model is wrong."""
    if not fit.proper:
        return "not to be relied on"
    return "fits poorly" if fit.fit.rmsea > WELL_FITTING else "fits"
