"""How much of a change was to be expected by chance, in units chosen for an extreme result."""

from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from evalkit.designs.before_after_sample import Sample
from evalkit.errors import AnalysisError
from evalkit.fits.regression_to_the_mean import (
    TAKEN_OUT,
    Luck,
    Timing,
    expect_regression,
    fit_luck,
    jackknife_error,
    luck_of,
    whole_variance,
)
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.estimates import Estimate, make_estimate
from evalkit.results.words import counted
from evalkit.study.schemas.before_after import BeforeAfter

FEWEST_TO_TELL = 5
"""Chosen clusters from which the spread of all units is worked out."""


@dataclass(frozen=True, slots=True)
class Chance:
    """The change expected by chance and what is beyond it; None where it was not asked or known."""

    expected: Estimate | None = None
    beyond: Estimate | None = None
    table: pd.DataFrame = field(default_factory=pd.DataFrame)
    remarks: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Selection:
    """By what (units, periods), in which periods, what share of all units was chosen.

    `sign` is 1 for the lowest, which move up; `correlation` of two periods, None if not given.
    """

    chosen_by: Floats
    decisive: Flags
    share: float
    sign: float
    correlation: float | None


@dataclass(frozen=True, slots=True)
class Regression:
    """Expected change, signed, and luck and spread behind it, (clusters + 1,)."""

    luck: Luck
    whole: Floats
    expected: Floats


def expect_by_chance(sample: Sample, parameters: BeforeAfter) -> Chance:
    """Work out regression to the mean where units were chosen by their results before."""
    if parameters.selected == "no":
        return Chance()
    selection = _selection(sample, parameters)
    regression = _regress(sample, selection)
    few = len(sample.moments.total) < FEWEST_TO_TELL
    if few or not np.isfinite(regression.expected).all():
        return Chance(remarks=(_cannot_tell(few),))
    expected, beyond = _jackknife(sample, regression.expected, parameters.confidence_level)
    return Chance(
        expected, beyond, _tabulate(regression), (_explain(regression, selection, parameters),)
    )


def _cannot_tell(few: bool) -> str:
    reason = (
        f"fewer than {FEWEST_TO_TELL} clusters do not show how far all units vary. Give more."
        if few
        else "no two periods on one side show how far a unit's results vary. Give more periods, "
        "or period_correlation."
    )
    return (
        "The units were chosen for their results, so part of the change was to be expected by "
        f"chance. How much cannot be told: {reason}"
    )


def _explain(regression: Regression, selection: Selection, parameters: BeforeAfter) -> str:
    periods = counted(int(selection.decisive.sum()), "period")
    luck = (
        "to fade at the pace that the data show"
        if regression.luck.lasts
        else "to be gone in the next"
    )
    return (
        f"The units are the {parameters.selected} {100 * selection.share:g}% of all by their "
        f"results in {periods} before the start. Such units move back by chance alone; the answer "
        "is what is beyond that. It takes results to be about normal, and luck in one period "
        f"{luck}."
    )


def _selection(sample: Sample, parameters: BeforeAfter) -> Selection:
    """Read by what units were chosen; refuse a selection that is not told in full."""
    share = parameters.selected_share
    if share is None:
        raise AnalysisError(
            "selected_share: missing, while selected says that units were chosen by their results. "
            "Give the share of all units that was chosen."
        )
    if sample.chosen_by is None:
        raise AnalysisError(
            "chosen_by: mapped to no column, while selected says that units were chosen by their "
            "results. Map it to the results they were chosen by, which may be the outcome's."
        )
    named = ~sample.after
    if parameters.selection_periods is not None:
        named = named & np.isin(sample.names, parameters.selection_periods)
        outside = len(parameters.selection_periods) - int(named.sum())
        if outside:
            raise AnalysisError(
                f"selection_periods: {outside} of {len(parameters.selection_periods)} are not "
                "among the periods before the start with outcomes. Name those that units were "
                "chosen by."
            )
    sign = 1.0 if parameters.selected == "lowest" else -1.0
    return Selection(sample.chosen_by, named, share, sign, parameters.period_correlation)


def _regress(sample: Sample, selection: Selection) -> Regression:
    """Expected change of all units, and with less of each cluster in turn."""
    timing = Timing(sample.times, sample.after, selection.decisive)
    values, chosen_by, cluster = sample.values, selection.chosen_by, sample.cluster
    if np.array_equal(values, chosen_by, equal_nan=True):
        values = chosen_by
    whole = whole_variance(_row_means(chosen_by[:, selection.decisive]), cluster, selection.share)
    if selection.correlation is None or values is not chosen_by:
        luck = fit_luck(values, chosen_by, cluster, timing, whole, selection.share)
    else:
        luck = luck_of(selection.correlation, whole, int(selection.decisive.sum()))
    expected = expect_regression(luck, whole, selection.share, timing)
    return Regression(luck, whole, selection.sign * expected)


def _row_means(values: Floats) -> Floats:
    known = np.isfinite(values)
    count = known.sum(axis=1)
    total = np.where(known, values, 0.0).sum(axis=1)
    means = np.full(len(values), np.nan)
    return np.asarray(np.divide(total, count, out=means, where=count > 0))


def _jackknife(sample: Sample, expected: Floats, level: float) -> tuple[Estimate, Estimate]:
    """Estimate expectation and rest, each with its jackknife over clusters."""
    total = sample.moments.total
    summed = total.sum(axis=0)
    left = np.concatenate([summed[None], summed - TAKEN_OUT * total])
    inverse = np.linalg.pinv(left[:, :-1, :-1], hermitian=True)
    change = np.sum(inverse[:, 0] * left[:, :-1, -1], axis=1)
    beyond, df = change - expected, len(total) - 1
    return (
        make_estimate(expected[0], jackknife_error(expected), df=df, level=level),
        make_estimate(beyond[0], jackknife_error(beyond), df=df, level=level),
    )


def _tabulate(regression: Regression) -> pd.DataFrame:
    far = max(float(regression.luck.at_once[0] + regression.luck.lasting[0]), 0.0)
    rows = {
        "Spread of a unit's results between periods (standard deviation)": far**0.5,
        "Spread over all units of what they were chosen by (standard deviation)": (
            regression.whole[0] ** 0.5
        ),
        "Change expected by chance": float(regression.expected[0]),
    }
    return pd.DataFrame({"measure": list(rows), "value": [float(v) for v in rows.values()]})
