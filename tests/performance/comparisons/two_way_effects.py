"""Unit and period effects on a million answers, beside pyfixest.

Both begin from the same table and end with the average difference since the start and its error
by cluster (CR1). pyfixest takes out the two effects by going to and fro; here answers are summed
up by unit and period first, which is exact.
"""

import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from comparisons.comparison import Bound, Comparison, differ_by, refuse_difference
from evalkit.designs import difference_in_differences
from evalkit.fits.two_way_effects import after_start, expose, make_panel_moments
from evalkit.inference.cluster_moments import solve_moments
from evalkit.inference.clustered import moment_covariance
from evalkit.study import load_parameters
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

STUDY = Path(__file__).resolve().parents[3] / "parameters" / "difference_in_differences.yml"
SAME = 1e-8
"""pyfixest stops going to and fro at differences smaller than this."""
BOUND = Bound(1.2)


def compare(rows: int = 1_000_000, units: int = 200, periods: int = 60) -> list[Comparison]:
    """Compare the fit, and the whole design, on so many answers."""
    table, parameters = make_table(rows, units, periods), ask_for(periods)
    size = f"{rows:,} answers of {units} units over {periods} periods"
    return [
        Comparison(
            f"Two-way fixed effects, {size}",
            "pyfixest, feols",
            BOUND,
            lambda: fit_ours(table),
            lambda: fit_theirs(table, "unit_code"),
            lambda: agree(fit_ours(table), fit_theirs(table, "unit_code")),
        ),
        Comparison(
            f"The same with all that `difference_in_differences` shows, {size}, units by name",
            "pyfixest, feols",
            BOUND,
            lambda: estimate_design(table, parameters),
            lambda: fit_theirs(table, "unit"),
            lambda: agree(estimate_design(table, parameters), fit_theirs(table, "unit")),
        ),
    ]


def make_table(rows: int, units: int, periods: int) -> pd.DataFrame:
    """Make a table as the design reads it, a row an answer; half the units start half way."""
    rng = np.random.default_rng(11)
    unit, time = np.sort(rng.integers(0, units, rows)), rng.integers(0, periods, rows)
    has = unit < units // 2
    since = has & (time >= periods // 2)
    names = pd.Series([f"W{i:03d}" for i in range(units)], dtype="str")
    name = names.take(unit).reset_index(drop=True)
    return pd.DataFrame(
        {
            "unit": name,
            "unit_name": name,
            "cluster": name,
            "unit_code": unit,
            "period": pd.Series(time + 2000).astype("str"),
            "time": time + 2000,
            "outcome": rng.normal(size=units)[unit] + rng.normal(size=rows) + 0.3 * since,
            "outcome_base": np.nan,
            "weight": 1.0,
            "first_treated": np.where(has, 2000.0 + periods // 2, np.nan),
            "treated": since,
            "d": since.astype(float),
        }
    )


def fit_ours(table: pd.DataFrame) -> tuple[float, float]:
    """Estimate and error by our functions, from the table on."""
    unit = table["unit_code"].to_numpy()
    start = np.full(int(unit.max()) + 1, np.nan)
    start[unit] = table["first_treated"].to_numpy()
    outcome, none = table["outcome"].to_numpy(), np.empty((len(table), 0))
    time, cluster = table["time"].to_numpy(), np.arange(len(start))
    panel = make_panel_moments(outcome, none, unit, time, start, cluster)
    fit = solve_moments(expose(panel, after_start(panel.times, panel.start)))
    return float(fit.coef[0]), float(np.sqrt(moment_covariance(fit)[0, 0]))


def fit_theirs(table: pd.DataFrame, unit: str) -> tuple[float, float]:
    """Estimate and error by pyfixest, as it comes."""
    import pyfixest

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns of what pyfixest does inside
        fit = pyfixest.feols(f"outcome ~ d | {unit} + time", table, vcov={"CRV1": unit})
    return float(fit.coef()["d"]), float(fit.se()["d"])


def ask_for(periods: int) -> DifferenceInDifferences:
    """Return the embedded study's parameters for answers, with errors as pyfixest has them."""
    changes = {
        "data_rows": "people",
        "outcome_kind": "number",
        "start_period": str(2000 + periods // 2),
        "inference": "clustered",
        "subgroups": [],
    }
    loaded = load_parameters(STUDY).model_copy(update=changes)
    return DifferenceInDifferences.model_validate(loaded.model_dump())


def estimate_design(
    table: pd.DataFrame, parameters: DifferenceInDifferences
) -> tuple[float, float]:
    """Ask the whole design, which has each period's effect and bands too."""
    found = difference_in_differences.estimate(table, parameters).headline
    return float(found["estimate"]), float(found["std_error"])


def agree(ours: tuple[float, float], theirs: tuple[float, float]) -> str:
    """Check the estimate and its error."""
    names = ("estimate", "error")
    pairs = zip(names, ours, theirs, strict=True)
    refuse_difference({name: differ_by(one, two) for name, one, two in pairs}, SAME)
    return "estimate and error equal to 1e-8"
