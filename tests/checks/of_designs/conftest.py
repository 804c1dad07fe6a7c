"""A small difference in differences and worlds of known truth, for checks that take a design."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.checks.judging import Estimate
from evalkit.disclosure.numerals import Known, numbers_in, unknown_numerals
from evalkit.errors import AnalysisError
from evalkit.results import Check, Result
from evalkit.study.schemas.difference_in_differences import DifferenceInDifferences

START = 8
PERIODS = [f"{2018 + i // 4}Q{i % 4 + 1}" for i in range(40)]


def estimate_small(table: pd.DataFrame, parameters: DifferenceInDifferences) -> Result:
    """Compare mean changes of units: own start or the first one, least squares, classical errors.

    The event study compares each period with the one before the start; its covariance is that of
    the units' differences, group by group.
    """
    known = table.dropna(subset=["outcome"])
    first = known["first_treated"].fillna(known["first_treated"].min())
    after = known["time"] >= first
    measured = ["outcome", *parameters.adjust_for]
    values = known[measured].astype(float)
    change = (
        values[after].groupby(known["unit"]).mean() - values[~after].groupby(known["unit"]).mean()
    )
    change = change.dropna()
    ever = known.groupby("unit")["first_treated"].first().notna().reindex(change.index)
    if ever.sum() < 2 or (~ever).sum() < 2:
        raise AnalysisError("units: too few in one group. Give more units.")
    x = np.column_stack([ever.astype(float), np.ones(len(ever)), change[parameters.adjust_for]])
    coef, *_ = np.linalg.lstsq(x, change["outcome"].to_numpy(), rcond=None)
    left, df = change["outcome"].to_numpy() - x @ coef, len(ever) - x.shape[1]
    error = float(np.sqrt(left @ left / df * np.linalg.pinv(x.T @ x)[0, 0]))
    rows = [row_of("effect", float(coef[0]), error, float(df), parameters, len(known), len(ever))]
    events, covariance = estimate_events(known, parameters)
    frame = pd.DataFrame(rows + events)
    return Result(
        "difference_in_differences",
        frame,
        {"term": "effect"},
        True,
        {"event_covariance": covariance},
    )


def estimate_events(
    known: pd.DataFrame, parameters: DifferenceInDifferences
) -> tuple[list[dict[str, object]], pd.DataFrame]:
    """Estimate the difference between groups in each period, less that before the start."""
    start = int(known["first_treated"].min())
    wide = known.pivot_table(index="unit", columns="time", values="outcome").dropna()
    if start - 1 not in wide or len(wide) < 4:
        return [], pd.DataFrame()
    away = wide.drop(columns=start - 1).sub(wide[start - 1], axis=0)
    ever = known.groupby("unit")["first_treated"].first().notna().reindex(away.index)
    sizes = [int(ever.sum()), int((~ever).sum())]
    if min(sizes) < 2:
        return [], pd.DataFrame()
    estimates = away[ever].mean() - away[~ever].mean()
    whole = away[ever].cov() / sizes[0] + away[~ever].cov() / sizes[1]
    periods = [int(time) - start for time in away.columns]
    rows = [
        row_of("event", float(size), float(np.sqrt(variance)), sum(sizes) - 2.0, parameters)
        | {"period": period}
        for period, size, variance in zip(periods, estimates, np.diag(whole), strict=True)
    ]
    table = pd.DataFrame(whole.to_numpy(), columns=[str(p) for p in periods])
    return rows, table.assign(period=periods)


def row_of(
    term: str,
    size: float,
    error: float,
    df: float,
    parameters: DifferenceInDifferences,
    n: int = 0,
    clusters: int = 0,
) -> dict[str, object]:
    """Return one row of estimates."""
    half = stats.t.ppf(0.5 + parameters.confidence_level / 2, df) * error
    return {
        "term": term,
        "estimate": size,
        "std_error": error,
        "conf_low": size - half,
        "conf_high": size + half,
        "level": parameters.confidence_level,
        "n": n,
        "clusters": clusters,
        "outcome": "outcome",
        "facet": parameters.outcome_facet,
        "group": "all",
        "method": "cr2",
        "df": df,
        "label": "Difference",
    }


def make_units(
    seed: int = 1,
    *,
    units: int = 40,
    treated: int = 20,
    periods: int = 16,
    effect: float = 0.5,
    trend: float = 0.0,
    noise: float = 0.2,
) -> pd.DataFrame:
    """Make units whose groups move alike but for `trend` a period and, from START, `effect`."""
    rng = np.random.default_rng(seed)
    unit = np.repeat([f"U{i:03d}" for i in range(units)], periods)
    time = np.tile(np.arange(periods), units)
    ever = np.repeat(np.arange(units) < treated, periods)
    level = np.repeat(rng.normal(7, 0.4, units), periods)
    common = np.tile(rng.normal(0, 0.1, periods), units)
    outcome = level + common + rng.normal(0, noise, len(unit))
    outcome += ever * (trend * (time - START) + effect * (time >= START))
    return pd.DataFrame(
        {
            "unit": unit,
            "unit_name": unit,
            "period": [PERIODS[t] for t in time],
            "time": time,
            "outcome": outcome,
            "outcome_base": rng.integers(80, 120, len(unit)).astype(float),
            "cluster": unit,
            "first_treated": np.where(ever, float(START), np.nan),
            "treated": ever & (time >= START),
            "weight": 1.0,
        }
    )


@pytest.fixture
def small() -> Estimate:
    """Return the small design's `estimate`."""
    return estimate_small


@pytest.fixture
def make() -> Callable[..., pd.DataFrame]:
    """Return the maker of worlds."""
    return make_units


@pytest.fixture
def parameters() -> DifferenceInDifferences:
    """Return the parameters of a study by difference in differences."""
    return DifferenceInDifferences(
        study="small",
        notebook="difference_in_differences",
        title="Small",
        question="Did it help?",
        population="units",
        estimand="difference in mean change",
        co_production=[],
        intervention_name="a new offer",
        outcome_name="experience",
        outcome_unit="points",
        outcome_facet="overall",
        minimum_important_difference=0.3,
        data_profile="cqc_survey",
        data_columns={"unit": "unit", "period": "period", "outcome": "outcome", "treated": "had"},
        start_period=PERIODS[START],
        seed=5,
    )


@pytest.fixture
def numbers_stand() -> Callable[[Check], None]:
    """Return a check of a check: each number of its words stands in its table, as rounded."""

    def stand(check: Check) -> None:
        values = [] if check.table.empty else check.table["value"].to_list()
        known = numbers_in(values) | Known(exact=frozenset(abs(v) for v in values))
        known |= Known(exact=frozenset(abs(v) / 100 for v in values))
        for text in (check.assumption, check.question, check.finding, check.power):
            assert unknown_numerals(text, known) == 0, (text, values)

    return stand
