"""Pooled, between, within and change on change: the plain comparisons of one sample.

All by linearmodels. Errors are clustered by trust and counted as fixest does, t(trusts - 1);
where trusts are few, the two within trusts take CR2 and Satterthwaite's degrees of freedom.
"""

from typing import Any

import numpy as np
import pandas as pd

from evalkit.designs.differences import take_changes
from evalkit.designs.terms import Sample
from evalkit.designs.within_fit import period_dummies
from evalkit.inference.clustered import FEW_CLUSTERS, fit_cr2

LABELS = {
    "pooled": "All trusts and periods together",
    "between": "Trusts compared with each other",
    "within": "Each trust compared with itself",
    "first_difference": "Change on change",
    "within_part": "Within part of one model",
    "between_part": "Between part of one model",
    "within_corrected": "Each trust with itself, noise removed",
}

Row = dict[str, object]

_CLUSTERED: dict[str, Any] = {
    "cov_type": "clustered",
    "cluster_entity": True,
    "group_debias": True,
}


def compare(sample: Sample) -> list[Row]:
    """Pooled, between, within, first differences, and within and between in one model."""
    from linearmodels.panel import BetweenOLS, PanelOLS, PooledOLS

    y, x, periods = _frames(sample)
    constant = x.assign(const=1.0)
    pooled = PooledOLS(y, constant.join(periods)).fit(**_CLUSTERED)
    between = BetweenOLS(y, constant).fit(cov_type="robust")
    within = PanelOLS(y, constant.join(periods), entity_effects=True).fit(
        **_CLUSTERED, count_effects=False, low_memory=True
    )
    means = x.groupby(level=0).transform("mean").add_prefix("mean_")
    parts = PooledOLS(y, (x - means.to_numpy()).join(means).join(periods).assign(const=1.0))
    both = parts.fit(**_CLUSTERED)
    df = sample.units - 1
    rows = [
        _row("pooled", pooled, 0, sample, df),
        _row("between", between, 0, sample, sample.units - x.shape[1] - 1),
        _row("within", within, 0, sample, df),
        _row("within_part", both, 0, sample, df),
        _row("between_part", both, x.shape[1], sample, df),
    ]
    rows[1]["n"] = sample.units
    rows.insert(3, _change_on_change(sample))
    return _with_few_clusters(rows, sample)


def _change_on_change(sample: Sample) -> Row:
    """First differences of consecutive periods, each period's common change removed."""
    from linearmodels.panel import PooledOLS

    changes = take_changes(sample)
    index = pd.MultiIndex.from_arrays([changes.unit, np.arange(len(changes.unit))])
    y = pd.Series(changes.outcome, index, name="outcome")
    fit = PooledOLS(y, pd.DataFrame(changes.regressors, index)).fit(**_CLUSTERED)
    units = int(changes.unit.max()) + 1
    row = _row("first_difference", fit, 0, sample, units - 1)
    return row | {"n": len(changes.unit), "clusters": units}


def _frames(sample: Sample) -> tuple[pd.Series, pd.DataFrame, pd.DataFrame]:
    """Outcome, regressors and period dummies, indexed by unit and time for linearmodels."""
    index = sample.frame.index
    *regressors, outcome = sample.columns
    y = pd.Series(outcome.values, index, name="outcome")
    x = pd.DataFrame({f"x{i}": c.values for i, c in enumerate(regressors)}, index)
    dummies = period_dummies(sample.period)
    periods = pd.DataFrame(dummies, index, [f"p{i}" for i in range(dummies.shape[1])])
    return y, x, periods


def _row(method: str, fit: Any, at: int, sample: Sample, df: float) -> Row:
    return {
        "term": "exposure",
        "coef": float(fit.params.iloc[at]),
        "se": float(fit.std_errors.iloc[at]),
        "n": sample.n,
        "clusters": sample.units,
        "df": float(df),
        "method": method,
        "label": LABELS[method],
    }


def _with_few_clusters(rows: list[Row], sample: Sample) -> list[Row]:
    """Replace errors and df of the two within comparisons by CR2's where clusters are few."""
    if sample.units >= FEW_CLUSTERS:
        return rows
    *regressors, outcome = sample.columns
    x = np.column_stack([*(c.values for c in regressors), period_dummies(sample.period)])
    changes = take_changes(sample)
    fits = {
        "within": fit_cr2(outcome.values, x, sample.unit),
        "first_difference": fit_cr2(
            changes.outcome, changes.regressors, changes.unit, within=False
        ),
    }
    small = {
        method: {"coef": fit.coef[0], "se": fit.std_error[0], "df": fit.df[0]}
        for method, fit in fits.items()
    }
    return [row | small.get(str(row["method"]), {}) for row in rows]
