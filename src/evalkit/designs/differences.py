"""Change on change: differences between consecutive periods of the same trust."""

from dataclasses import dataclass

import numpy as np

from evalkit.designs.terms import Sample
from evalkit.designs.within_fit import CrossProducts, Floats, Ints, period_dummies
from evalkit.errors import AnalysisError


@dataclass(frozen=True, slots=True)
class Changes:
    """Changes of outcome (n,) and regressors (n, p), periods' own last.

    `unit` (n,) counts the units that have a change; `of_sample` gives their codes in the sample.
    """

    outcome: Floats
    regressors: Floats
    unit: Ints
    of_sample: Ints


def take_changes(sample: Sample) -> Changes:
    """Difference consecutive periods by the calendar; a gap gives no change.

    The common change of each period is among the regressors, as 0/1 columns.
    """
    *regressors, outcome = sample.columns
    later = np.flatnonzero((np.diff(sample.unit) == 0) & (np.diff(sample.period) == 1)) + 1
    if not len(later):
        raise AnalysisError(
            "periods: no trust has two periods in a row, so no change can be compared with a "
            "change. Give the periods between, or use primary_analysis: within."
        )
    values = np.column_stack([c.values for c in regressors])
    common = period_dummies(sample.period[later])
    own = [values[later] - values[later - 1], np.ones((len(later), 1)), common]
    codes, unit = np.unique(sample.unit[later], return_inverse=True)
    change = outcome.values[later] - outcome.values[later - 1]
    return Changes(change, np.column_stack(own), unit.astype(np.int64), codes)


def change_products(changes: Changes) -> CrossProducts:
    """Cross-products by unit of the changes; they carry no correction for noise."""
    matrix = np.column_stack([changes.regressors, changes.outcome])
    units = int(changes.unit.max()) + 1
    total = np.stack(
        [matrix[changes.unit == u].T @ matrix[changes.unit == u] for u in range(units)]
    )
    return CrossProducts(total, np.zeros_like(total))
