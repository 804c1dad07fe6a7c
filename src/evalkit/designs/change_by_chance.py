"""How much of a change was to be expected by chance, in units chosen for an extreme result."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evalkit.designs.before_after_sample import Sample
from evalkit.errors import AnalysisError
from evalkit.fits.regression_to_the_mean import (
    Regression,
    expect_regression,
    share_within,
    whole_variance,
    within_variance,
)
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.cluster_moments import inverse_root
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.study.schemas.before_after import BeforeAfter


@dataclass(frozen=True, slots=True)
class Chance:
    """The change expected by chance and what is beyond it; None where it was not asked or known."""

    expected: Estimate | None = None
    beyond: Estimate | None = None
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """By which periods (periods,) what share of all units was chosen, and from which end.

    `sign` is 1 for the lowest, which move up; `correlation` of two periods, None if not given.
    """

    decisive: Flags
    share: float
    sign: float
    correlation: float | None


def expect_by_chance(sample: Sample, parameters: BeforeAfter) -> Chance:
    """Work out regression to the mean where units were chosen by their results before."""
    if parameters.selected == "no":
        return Chance()
    selection = _selection(sample, parameters)
    found = _regress(sample, selection, np.ones(len(sample.cluster), dtype=bool))
    if not np.isfinite(found.expected):
        return Chance(
            remarks=(
                "The units were chosen for their results, so part of the change was to be expected "
                "by chance. How much cannot be told: no two periods on one side show how far a "
                "unit's results vary. Give more periods, or period_correlation.",
            )
        )
    expected, beyond = _jackknife(sample, selection, parameters.confidence_level)
    words = f"{100 * selection.share:g}%"
    remark = (
        f"The units are the {parameters.selected} {words} by their results in "
        f"{int(selection.decisive.sum())} of the periods before. Such units move back by chance "
        "alone; the answer is what is beyond that. It takes results to be about normal, and what "
        "is particular to one period to be gone in the next."
    )
    return Chance(expected, beyond, _tabulate(found, selection.sign), (remark,))


def _selection(sample: Sample, parameters: BeforeAfter) -> Selection:
    """Read by what units were chosen; refuse a selection that is not told in full."""
    share = parameters.selected_share
    if share is None:
        raise AnalysisError(
            "selected_share: missing, while selected says that units were chosen by their results. "
            "Give the share of all units that was chosen."
        )
    sign = 1.0 if parameters.selected == "lowest" else -1.0
    before = ~sample.after
    if parameters.selection_periods is None:
        return Selection(before, share, sign, parameters.period_correlation)
    named = np.isin(sample.names, parameters.selection_periods)
    outside = len(parameters.selection_periods) - int((named & before).sum())
    if outside:
        raise AnalysisError(
            f"selection_periods: {outside} of {len(parameters.selection_periods)} are not among "
            "the periods before the start with outcomes. Name those that units were chosen by."
        )
    return Selection(named, share, sign, parameters.period_correlation)


def _regress(sample: Sample, selection: Selection, kept: Flags) -> Regression:
    """Expected change of the units `kept`."""
    values, decisive = sample.values[kept], selection.decisive
    chosen_by, before = int(decisive.sum()), int((~sample.after).sum())
    means = _row_means(values[:, decisive])
    means = means[np.isfinite(means)]
    chosen = float(np.var(means, ddof=1)) if len(means) > 1 else np.nan
    whole = whole_variance(chosen, selection.share)
    if selection.correlation is None:
        phases = [np.flatnonzero(p).tolist() for p in _phases(decisive, sample.after)]
        within = within_variance(values, phases)
    else:
        within = chosen_by * whole * share_within(selection.correlation, chosen_by)
    return expect_regression(within, whole, selection.share, chosen_by, before)


def _phases(decisive: Flags, after: Flags) -> list[Flags]:
    return [decisive, ~decisive & ~after, after]


def _row_means(values: Floats) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means = np.full(len(values), np.nan)
    return np.asarray(np.divide(total, count, out=means, where=count > 0))


def _jackknife(sample: Sample, selection: Selection, level: float) -> tuple[Estimate, Estimate]:
    """Estimate expectation and rest, each with its jackknife over clusters."""
    total, clusters = sample.moments.total, len(sample.moments.total)
    whole = np.ones(len(sample.cluster), dtype=bool)
    kept = [whole, *(sample.cluster != one for one in range(clusters))]
    left = np.concatenate([[total.sum(axis=0)], total.sum(axis=0) - total])
    pairs = np.array(
        [
            (selection.sign * _regress(sample, selection, units).expected, _first_coef(summed))
            for units, summed in zip(kept, left, strict=True)
        ]
    )
    both = np.column_stack([pairs[:, 0], pairs[:, 1] - pairs[:, 0]])
    away = both[1:] - both[1:].mean(axis=0)
    error = np.sqrt((clusters - 1) / clusters * np.sum(away**2, axis=0))
    df = clusters - 1
    first, second = (make_estimate(both[0, k], float(error[k]), df=df, level=level) for k in (0, 1))
    return first, second


def _first_coef(summed: Floats) -> float:
    root = inverse_root(summed[:-1, :-1])
    return float(root[0] @ (root.T @ summed[:-1, -1]))


def _tabulate(found: Regression, sign: float) -> pd.DataFrame:
    rows = {
        "Spread of a unit's results between periods (standard deviation)": np.sqrt(found.within),
        "Spread over all units of what they were chosen by (standard deviation)": np.sqrt(
            found.whole
        ),
        "Change expected by chance": sign * found.expected,
    }
    return pd.DataFrame({"measure": list(rows), "value": [float(v) for v in rows.values()]})
