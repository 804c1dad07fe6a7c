"""What an interrupted series shows beside its estimates: itself, its errors, its baseline."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.designs.interrupted_effects import Effects, describe_ratios
from evalkit.designs.interrupted_model import Model, take_difference
from evalkit.designs.interrupted_series import Interrupted, Series
from evalkit.fits.quasi_likelihood import response
from evalkit.fits.segmented_regression import (
    SEGMENT,
    TREND,
    Method,
    SegmentedFit,
    make_design,
    uses_period,
    without_change,
)
from evalkit.inference.arrays import Flags, Floats
from evalkit.inference.linear_fits import describe_contrasts
from evalkit.inference.serial_correlation import (
    autocorrelations,
    breusch_godfrey,
    durbin_watson,
    ljung_box,
)
from evalkit.results.words import period_word
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

WITH, WITHOUT = "with the intervention", "without"
MOST_LAGS = 12


def make_tables(
    found: Interrupted,
    model: Model,
    effects: Effects,
    fits: Mapping[Method, SegmentedFit],
    answers: Method,
    parameters: InterruptedTimeSeries,
) -> dict[str, pd.DataFrame]:
    """Make the series with its counterfactual, the errors' correlations, and what applies."""
    level = parameters.confidence_level
    made = {
        "series": tabulate_series(found, model, fits[answers], level),
        "autocorrelation": tabulate_correlation(model, fits["least_squares"], fits[answers]),
    }
    if found.control is not None:
        made["baseline"] = tabulate_baseline(model, fits[answers], level)
    if model.family != "linear":
        made["ratios"] = _tabulate_ratios(effects, fits[answers], level)
    return made


def tabulate_series(
    found: Interrupted, model: Model, fit: SegmentedFit, level: float
) -> pd.DataFrame:
    """Tabulate what was seen, fitted and expected: one row a group and period.

    `counterfactual` is what was expected had level and slope not changed, or had they changed as
    the control's did, with the interval of its mean; `residual` is what the model leaves over.
    """
    shared = found.control is not None and model.control is None
    series = (
        take_difference(found.treated, found.control) if shared and found.control else found.treated
    )
    frame = _predict(series, model, fit, level)
    if shared and found.control is not None:
        frame = _beside_control(frame, series, found.treated, found.control, model)
    frame.insert(1, "group", WITH)
    if found.control is None:
        return frame
    control = _observed(found.control, model)
    control.insert(1, "group", WITHOUT)
    return pd.concat([frame, control], ignore_index=True)


def tabulate_correlation(model: Model, plain: SegmentedFit, fit: SegmentedFit) -> pd.DataFrame:
    """Tabulate how errors correlate over time, before and after the model allows for it.

    Of stacked series, those of the treated. `every_period_by_itself` is about the residuals of
    least squares, `carrying_over` about what is left once the period before was allowed for.
    """
    own = np.ones(len(model.time), dtype=bool) if model.control is None else ~model.control
    before, after = plain.residual[own], fit.surprise[own]
    lags = max(1, min(MOST_LAGS, len(before) // 3))
    rows: list[tuple[str, str, float, float, float, float]] = [
        ("Autocorrelation", f"{lag + 1}", one, other, np.nan, np.nan)
        for lag, (one, other) in enumerate(
            zip(autocorrelations(before, lags), autocorrelations(after, lags), strict=True)
        )
    ]
    rows.append(("Durbin-Watson", "1", durbin_watson(before), durbin_watson(after), np.nan, np.nan))
    box, left = ljung_box(before, lags), ljung_box(after, lags)
    several = f"1 to {lags}"
    rows.append(("Ljung-Box", several, box.statistic, left.statistic, box.p_value, left.p_value))
    free = len(before) - plain.design.shape[1]
    few = max(1, min(lags, free - 2))
    if free > few:
        test = breusch_godfrey(plain.design[own], before, few)
        rows.append(
            ("Breusch-Godfrey", f"1 to {few}", test.statistic, np.nan, test.p_value, np.nan)
        )
    rho = float(fit.fits.weight @ fit.fits.rho)
    rows.append(("Correlation of neighbouring errors", "1", np.nan, rho, np.nan, np.nan))
    names = [
        "measure",
        "periods_apart",
        "every_period_by_itself",
        "carrying_over",
        "p_value_by_itself",
        "p_value_carrying_over",
    ]
    return pd.DataFrame(rows, columns=names)


def tabulate_baseline(model: Model, fit: SegmentedFit, level: float) -> pd.DataFrame:
    """Compare the treated with the control before the start: halfway through, and in slope.

    A difference in points for linear models, a ratio of rates or odds for the others.
    """
    width = fit.design.shape[1]
    first = 0 if model.control is None else width - SEGMENT
    earlier = model.time[model.time < model.segments.start]
    rows = np.zeros((2, width))
    rows[0, first] = 1.0
    rows[0, first + TREND] = (earlier.min() + earlier.max()) / 2 - model.segments.start
    rows[1, first + TREND] = 1.0
    found = describe_contrasts(fit.fits, rows, level)
    turn = np.exp if model.family != "linear" else np.asarray
    words = "Difference" if model.family == "linear" else "Ratio"
    return pd.DataFrame(
        {
            "label": [
                f"{words} halfway through the time before",
                f"{words} in slope before, per {period_word(model.period)}",
            ],
            "estimate": turn(found.estimate),
            "conf_low": turn(found.conf_low),
            "conf_high": turn(found.conf_high),
            "level": level,
            "p_value": found.p_value,
        }
    )


def _tabulate_ratios(effects: Effects, fit: SegmentedFit, level: float) -> pd.DataFrame:
    found = describe_ratios(effects, fit.fits, level)
    return pd.DataFrame(
        {
            "label": effects.labels,
            "ratio": found.estimate,
            "lower_end_of_interval": found.conf_low,
            "upper_end_of_interval": found.conf_high,
            "level": level,
            "p_value": found.p_value,
        }
    )


def _observed(series: Series, model: Model) -> pd.DataFrame:
    rates = model.family == "poisson" and model.base is not None
    outcome = series.outcome / series.sure * model.scale if rates else series.outcome
    frame = pd.DataFrame({"period": series.period, "observed": outcome})
    if np.isfinite(series.base).all():
        frame["base"] = series.base
    return frame


def _predict(series: Series, model: Model, fit: SegmentedFit, level: float) -> pd.DataFrame:
    """Predict a series in all of its periods, those of phasing in included."""
    stacked = model.control is not None
    control = np.zeros(len(series.time), dtype=bool) if stacked else None
    design = make_design(model.segments, series.time, series.causes - model.centre, control)
    used, after = uses_period(model.segments, series.time), series.time >= model.segments.start
    unchanged = without_change(design[after], controlled=stacked)
    expected = describe_contrasts(fit.fits, unchanged, level)
    frame = _observed(series, model)
    fitted = response(design[used] @ fit.fits.mean, model.family)
    frame["fitted"] = _placed(fitted, used) * model.scale
    for name, values in (
        ("counterfactual", expected.estimate),
        ("counterfactual_low", expected.conf_low),
        ("counterfactual_high", expected.conf_high),
    ):
        frame[name] = _placed(response(values, model.family), after) * model.scale
    frame["residual"] = _placed(fit.surprise[: int(used.sum())], used)
    return frame


def _placed(values: Floats, where: Flags) -> Floats:
    """Put values where they belong among all periods; the others are missing."""
    placed = np.full(len(where), np.nan)
    placed[where] = values
    return placed


def _beside_control(
    frame: pd.DataFrame, difference: Series, treated: Series, control: Series, model: Model
) -> pd.DataFrame:
    """Turn predictions of the difference into those of the treated, beside what the control did."""
    there = np.searchsorted(control.time, difference.time)
    shown = _observed(treated.at(np.searchsorted(treated.time, difference.time)), model)
    for name in ("fitted", "counterfactual", "counterfactual_low", "counterfactual_high"):
        shown[name] = frame[name] + control.outcome[there]
    shown["residual"] = frame["residual"]
    return shown
