"""Interrupted time series: did level or trend change when the intervention began?

Compares: a series from the start on with where its own earlier level and trend were leading;
with a control series, with how the control departed from its own (the difference of the two).
Estimates: the change in level, the change in slope, the effect some periods after the start, and
the average effect since; with counts and percentages as rates or shares, in the outcome's units.
Must hold: level and trend would have gone on as they were (as the control's did); nothing else
happened at the start (only to the treated); no change in who answers or how. Only a controlled
series may be read as cause.
Uncertainty: errors carry over from period to period, AR(1), and how much is averaged over by its
restricted likelihood (`inference.autoregressive_errors`); under 12 points in all, least squares.
What varies are periods, so no row has a number of clusters.
Sources: Bernal, Cummins and Gasparrini 2017, International Journal of Epidemiology 46:348-355;
Turner and others 2021, BMC Medical Research Methodology 21:181; Lopez Bernal and others 2018,
International Journal of Epidemiology 47:2082-2093 (controls).
"""

import numpy as np
import pandas as pd

from evalkit.designs.answer_remarks import say_averaged
from evalkit.designs.interrupted_effects import Effects, describe_effects, list_effects
from evalkit.designs.interrupted_model import Model, build_model, fit_model
from evalkit.designs.interrupted_remarks import make_remarks
from evalkit.designs.interrupted_series import arrange
from evalkit.designs.interrupted_tables import make_tables
from evalkit.fits.segmented_regression import Method, SegmentedFit
from evalkit.results import ESTIMATE_COLUMNS, Result
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

FEW_POINTS = 12
"""With fewer points in all, correlation of errors cannot be estimated: least squares."""

METHODS: dict[Method, str] = {
    "reml_averaged": "averaged over correlations",
    "reml": "one best correlation",
    "prais_winsten": "Prais-Winsten",
    "newey_west": "Newey-West errors",
    "least_squares": "every period by itself",
}


def estimate(table: pd.DataFrame, parameters: InterruptedTimeSeries) -> Result:
    """Estimate changes in level and slope; the one that answers by other methods beside it too."""
    found = arrange(table, parameters)
    model = build_model(found, parameters)
    answers = choose_method(model, parameters)
    effects = list_effects(model, parameters)
    order = sorted(METHODS, key=lambda name: name != answers)
    fits = {name: fit_model(model, name) for name in order}
    rows = [
        row | {"label": row["label"] if name == answers else f"{row['label']} ({METHODS[name]})"}
        for name in order
        for row in _rows(model, fits[name], effects, name, parameters)
        if name == answers or row["term"] == parameters.primary
    ]
    frame = pd.DataFrame(rows)
    frame["clusters"], frame["group"] = np.nan, "all"
    rest = [c for c in frame.columns if c not in ESTIMATE_COLUMNS]
    tables = make_tables(found, model, effects, fits, answers, parameters)
    expected = tables["series"]["counterfactual"].dropna().to_numpy(float)
    return Result(
        "interrupted_time_series",
        frame[[*ESTIMATE_COLUMNS, *rest]],
        {"term": parameters.primary, "method": answers},
        permits_cause=found.control is not None,
        tables=tables,
        remarks=(
            *make_remarks(found, model, fits[answers], answers, expected, parameters),
            *say_averaged(table),
        ),
    )


def choose_method(model: Model, parameters: InterruptedTimeSeries) -> Method:
    """Return the method that answers: under `FEW_POINTS` in all, least squares."""
    return parameters.serial_correlation if model.points >= FEW_POINTS else "least_squares"


def _rows(
    model: Model,
    fit: SegmentedFit,
    effects: Effects,
    method: Method,
    parameters: InterruptedTimeSeries,
) -> list[dict[str, object]]:
    found = describe_effects(effects, model, fit.fits, parameters.confidence_level)
    return [
        {
            "term": term,
            "estimate": float(found.estimate[k]),
            "std_error": float(found.std_error[k]),
            "conf_low": float(found.conf_low[k]),
            "conf_high": float(found.conf_high[k]),
            "level": parameters.confidence_level,
            "n": len(model.time),
            "outcome": "outcome",
            "facet": parameters.outcome_facet,
            "method": method,
            "df": fit.fits.df,
            "label": effects.labels[k],
            "p_value": float(found.p_value[k]),
        }
        for k, term in enumerate(effects.terms)
    ]
