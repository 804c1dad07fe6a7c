"""Stage what a design found: its estimates, what it shows beside them, and their figures."""

from typing import Any

import pandas as pd

from evalkit.errors import AnalysisError
from evalkit.findings.measured import tabulate_measured
from evalkit.record.design_columns import level_unit
from evalkit.record.design_specs import (
    estimates_spec,
    headline_spec,
    keep_columns,
    shown_spec,
)
from evalkit.record.design_tables import TABLES, tell_several
from evalkit.record.staging import Staging
from evalkit.results import Finding, Result
from evalkit.results.words import period_word
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.regression_discontinuity import RegressionDiscontinuity

MOST_CLUSTERS_DRAWN = 30

_BY_TERM = {
    "event": "event_study",
    "exposure_time": "exposure_time",
    "cohort": "by_cohort",
    "calendar": "by_period",
}
_GROUPS = r"Started |Start later|Never started"
"""How rows of a roll-out begin that hold all clusters with one start."""

_COUNTERFACTUAL = [["observed", "As it was"], ["counterfactual", "Expected without it"]]


def stage_shown(
    staging: Staging, name: str, frame: pd.DataFrame, period_name: str = "period"
) -> None:
    """Stage a table that is known by name, and its figure if it has one; nothing if it is empty.

    `period_name` is how long a period is, for example `quarter`.
    """
    if frame.empty:
        return
    if name not in TABLES:
        raise AnalysisError(f"table {name}: has no title. Add it to record/design_tables.py.")
    words, parameters = TABLES[name], staging.parameters_of(DesignStudy)
    spec = shown_spec(name, words.title, words.description, parameters, frame)
    staging.table(spec, frame.rename(columns={"df": "interval_df"}))
    if words.chart and _fits(words.chart, frame):
        options = _options(words.chart, frame, parameters, period_name)
        staging.figure(name, chart=words.chart, table=name, title=words.title, options=options)


def stage_result(staging: Staging, table: pd.DataFrame, result: Result) -> None:
    """Stage estimates of the effect, those by time or start apart, and all that stands beside."""
    parameters, frame = staging.parameters_of(DesignStudy), _headline_first(result)
    apart, period = frame["term"].isin(list(_BY_TERM)), period_word(str(table["period"].iloc[0]))
    stage_effects(staging, "estimates", "Every estimate, side by side", frame[~apart])
    for term, name in _BY_TERM.items():
        rows = frame[frame["term"] == term]
        if rows.empty or name in result.tables:
            continue
        words = TABLES[name]
        kept = keep_columns(_sorted(rows))
        spec = estimates_spec(name, words.title, parameters, _sorted(rows), words.description)
        staging.table(spec, kept)
        if words.chart:
            options = effect_options(parameters) | {"period_name": period}
            staging.figure(name, chart=words.chart, table=name, title=words.title, options=options)
    for name, shown in result.tables.items():
        if name in TABLES:
            stage_shown(staging, name, shown, period)
    stage_shown(staging, "measured", tabulate_measured(result.design))


def stage_effects(
    staging: Staging, name: str, title: str, frame: pd.DataFrame, chart: str = "effects"
) -> None:
    """Stage rows of effects with their figure; nothing where there is none."""
    if frame.empty:
        return
    parameters = staging.parameters_of(DesignStudy)
    spec = estimates_spec(name, title, parameters, frame, tell_several(frame))
    staging.table(spec, keep_columns(frame))
    options = effect_options(parameters)
    if chart == "facets":
        del options["outcome_name"]
    staging.figure(name, chart=chart, table=name, title=title, options=options)


def stage_headline(staging: Staging, finding: Finding) -> None:
    """Stage each number that the finding says."""
    staging.table(headline_spec(), finding.values)


def effect_options(parameters: DesignStudy) -> dict[str, Any]:
    """Options of figures that show differences in the outcome."""
    return {
        "outcome_name": parameters.outcome_name,
        "outcome_unit": parameters.outcome_unit,
        "minimum_important_difference": parameters.minimum_important_difference,
    }


def _fits(chart: str, frame: pd.DataFrame) -> bool:
    """Say whether a page could hold the figure: a roll-out has a row for each cluster or group."""
    return chart != "rollout" or frame["cluster"].nunique() <= MOST_CLUSTERS_DRAWN


def _headline_first(result: Result) -> pd.DataFrame:
    frame, head = result.estimates, result.headline
    first = frame.index == head.name
    return pd.concat([frame[first], frame[~first]], ignore_index=True)


def _sorted(rows: pd.DataFrame) -> pd.DataFrame:
    keys = [name for name in ("cohort", "period") if name in rows and rows[name].notna().any()]
    if not keys:
        return rows
    return rows.sort_values(keys, kind="stable", ignore_index=True, key=_in_order)


def _in_order(keys: "pd.Series[Any]") -> "pd.Series[Any]":
    """Order periods that are counted from the start by their number, calendar ones as written."""
    counted = pd.to_numeric(keys, errors="coerce")
    return counted if counted.notna().all() else keys


def _options(
    chart: str, frame: pd.DataFrame, parameters: DesignStudy, period_name: str
) -> dict[str, Any]:
    if chart == "rollout":
        return {"row_name": "group" if frame["cluster"].str.match(_GROUPS).any() else "cluster"}
    if chart == "balance":
        return {}
    if chart == "event_study":
        return effect_options(parameters) | {"period_name": period_name}
    if chart == "dose_curve":
        named = {name: getattr(parameters, name, "") for name in ("dose_name", "dose_unit")}
        return effect_options(parameters) | named
    if chart == "threshold" and isinstance(parameters, RegressionDiscontinuity):
        return {
            "threshold": parameters.threshold,
            "running_name": parameters.running_name,
            "outcome_name": parameters.outcome_name,
            "outcome_unit": level_unit(parameters),
        }
    counterfactual = "counterfactual" in frame
    band = ["counterfactual_low", "counterfactual_high"]
    return {
        "lines": _COUNTERFACTUAL if counterfactual else [["mean", "Average"]],
        "group": "group",
        "band": band if set(band) <= set(frame) else None,
        "start_period": getattr(parameters, "start_period", None),
        "outcome_name": parameters.outcome_name,
        "outcome_unit": level_unit(parameters),
    }
