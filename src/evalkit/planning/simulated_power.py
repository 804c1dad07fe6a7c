"""Power and smallest effect that a design would find, by trying it on made-up tables.

Many tables are made without the intervention (`layouts`), the planned roll-out is pretended, an
effect of known size is added, and the design's own `estimate` is asked. Power is how often its
interval leaves zero out; coverage, how often the interval holds the effect. Each share has its
Monte Carlo error. The same random numbers are used for every size, so that power rises smoothly.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from evalkit.checks.judging import Estimate, excludes_zero
from evalkit.errors import AnalysisError
from evalkit.planning.layouts import roll_out
from evalkit.results.words import decimals_for, number, values_table

MakeTable = Callable[[np.random.Generator], pd.DataFrame]
"""Makes a design table in which nobody has started: a `layouts` function with its values set."""

WANTED = 0.8
DRAWS = 200
MOST_FAILED = 0.05
"""Share of tables that the design may refuse; beyond it the plan itself cannot be estimated."""

DOUBLINGS = 10
HALVINGS = 7


@dataclass(frozen=True, slots=True)
class Power:
    """Of `draws` tables with an effect of `size`: shares found and covered, and the mean error."""

    size: float
    power: float
    coverage: float
    bias: float
    mean_width: float
    draws: int
    refused: int

    @property
    def power_error(self) -> float:
        """Monte Carlo standard error of the power."""
        return float(np.sqrt(self.power * (1 - self.power) / self.draws))

    @property
    def coverage_error(self) -> float:
        """Monte Carlo standard error of the coverage."""
        return float(np.sqrt(self.coverage * (1 - self.coverage) / self.draws))


@dataclass(frozen=True, slots=True)
class Detectable:
    """Smallest effect found as often as wanted, its Monte Carlo error, and all sizes tried."""

    size: float
    error: float
    wanted: float
    tried: tuple[Power, ...]


@dataclass(frozen=True, slots=True)
class Plan:
    """A design with its parameters, how tables are made, and when each cluster starts."""

    estimate: Estimate
    parameters: Any
    make_table: MakeTable
    starts: Sequence[float]


def simulate_power(plan: Plan, size: float, *, draws: int = DRAWS, seed: int = 1) -> Power:
    """Try the plan on `draws` tables with an effect of `size`.

    Raises AnalysisError where the design refuses more than one table in twenty.
    """
    return _try_all(plan, _make_tables(plan, draws, seed), size)


def _make_tables(plan: Plan, draws: int, seed: int) -> list[pd.DataFrame]:
    return [plan.make_table(rng) for rng in np.random.default_rng(seed).spawn(draws)]


def _try_all(plan: Plan, tables: list[pd.DataFrame], size: float) -> Power:
    rows = [_try(plan, table, size) for table in tables]
    known = [row for row in rows if row is not None]
    refused = len(tables) - len(known)
    if refused > MOST_FAILED * len(tables):
        raise AnalysisError(
            f"plan: {refused} of {len(tables)} made-up tables cannot be estimated by this design. "
            "Plan more units or periods, other starts, or another design."
        )
    estimates = np.array([row["estimate"] for row in known], dtype=float)
    low = np.array([row["conf_low"] for row in known], dtype=float)
    high = np.array([row["conf_high"] for row in known], dtype=float)
    return Power(
        size,
        float(np.mean([excludes_zero(row) for row in known])),
        float(np.mean((low <= size) & (size <= high))),
        float(np.mean(estimates) - size),
        float(np.mean(high - low)),
        len(known),
        refused,
    )


def find_detectable(
    plan: Plan, *, wanted: float = WANTED, draws: int = DRAWS, seed: int = 1
) -> Detectable:
    """Find the smallest effect that is found as often as `wanted`, by doubling and halving.

    The search begins at the minimum important difference. The error is that of the power there,
    over how steeply power rises between the sizes tried on both sides of it.
    """
    tables = _make_tables(plan, draws, seed)
    tried: dict[float, Power] = {}

    def power_of(size: float) -> float:
        if size not in tried:
            tried[size] = _try_all(plan, tables, size)
        return tried[size].power

    low, high = 0.0, float(plan.parameters.minimum_important_difference)
    for _ in range(DOUBLINGS):
        if power_of(high) >= wanted:
            break
        low, high = high, 2 * high
    else:
        raise AnalysisError(
            f"plan: an effect of {high / 2:g} is still found in fewer than {100 * wanted:g}% of "
            "made-up tables. Plan more units or periods, or another design."
        )
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        low, high = (low, middle) if power_of(middle) >= wanted else (middle, high)
    ordered = tuple(tried[size] for size in sorted(tried))
    return Detectable(high, _error_of_size(ordered, high, wanted), wanted, ordered)


def tabulate_power(
    plan: Plan, sizes: Sequence[float], *, draws: int = DRAWS, seed: int = 1
) -> pd.DataFrame:
    """Try several sizes: `size, power, power_error, coverage, coverage_error, bias, width, ...`.

    At size zero the power is how often a difference is seen where there is none.
    """
    tables = _make_tables(plan, draws, seed)
    found = [_try_all(plan, tables, size) for size in sizes]
    return pd.DataFrame(
        [
            {
                "size": one.size,
                "power": one.power,
                "power_error": one.power_error,
                "coverage": one.coverage,
                "coverage_error": one.coverage_error,
                "bias": one.bias,
                "mean_width": one.mean_width,
                "draws": one.draws,
                "refused": one.refused,
            }
            for one in found
        ]
    )


def compare_with_important(found: Detectable, parameters: Any) -> tuple[str, pd.DataFrame]:
    """Say in a sentence whether the plan would find what matters, with the numbers it uses."""
    important, unit = float(parameters.minimum_important_difference), parameters.outcome_unit
    margin = 2 * np.nan_to_num(found.error)
    said = "about as large as the plan can find"
    if found.size + margin <= important:
        said = "the plan is large enough"
    elif found.size - margin > important:
        said = "the plan would miss it too often"
    decimals = decimals_for(found.size)
    share = 100 * found.wanted
    sentence = (
        f"The plan would find {number(found.size, decimals)} {unit} or more {number(share, 0)}% of "
        f"the time; the smallest difference that matters is {important:g} {unit}: {said}."
    )
    numbers = {
        "detectable": found.size,
        "monte_carlo_error": found.error,
        "share_found": share,
        "minimum_important_difference": important,
    }
    places = {"detectable": decimals, "monte_carlo_error": 4, "minimum_important_difference": 4}
    return sentence, values_table(numbers, places)


def _try(plan: Plan, table: pd.DataFrame, size: float) -> pd.Series | None:
    moved, parameters = roll_out(table, plan.parameters, plan.starts, size)
    try:
        return plan.estimate(moved, parameters).headline
    except AnalysisError:
        return None


def _error_of_size(tried: tuple[Power, ...], size: float, wanted: float) -> float:
    """Error of the size at which power crosses what is wanted, from the slope around it."""
    sizes = np.array([one.size for one in tried])
    powers = np.array([one.power for one in tried])
    around = np.abs(sizes - size) <= 0.5 * size
    if around.sum() < 2 or np.ptp(powers[around]) == 0:
        return float("nan")
    slope = float(np.polyfit(sizes[around], powers[around], 1)[0])
    draws = min(one.draws for one in tried)
    return float(np.sqrt(wanted * (1 - wanted) / draws) / slope) if slope > 0 else float("nan")
