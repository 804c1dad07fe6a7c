"""The same design on rows that were filled in, several times over, and pooled.

Every filled table (`filled_tables`) is estimated by the design itself and the results are pooled by
Rubin's rules (`pooled_results`). Beside the answer stands what complete rows alone would say.
Sources: Rubin 1987, Multiple Imputation for Nonresponse in Surveys; van Buuren 2018, Flexible
Imputation of Missing Data, sections 2.3, 5.1.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import numpy as np
import pandas as pd

from evalkit.designs.filled_tables import Gaps, fill_tables, find_gaps
from evalkit.designs.missing_remarks import CONDITION, name_lacking
from evalkit.designs.pooled_results import pool_results
from evalkit.errors import AnalysisError
from evalkit.results import Result
from evalkit.results.words import counted, decimals_for, interval, listed, number
from evalkit.study.schemas.design_study import DesignStudy
from evalkit.study.schemas.surveyed_study import SurveyedStudy
from evalkit.study.survey_rules import NO_STANDARD_ERROR

QUICK_IMPUTATIONS = 5
"""Times that gaps are filled in where a check estimates again and again."""

Study = TypeVar("Study", bound=SurveyedStudy)
Once = Callable[[pd.DataFrame, Study], Result]
Finish = Callable[[Result, pd.DataFrame, Study], Result]


def estimate_by_rows(
    table: pd.DataFrame,
    parameters: Study,
    once: Once[Study],
    finish: Finish[Study] | None,
) -> Result:
    """Estimate from complete rows, or from rows filled in and pooled, as the study chooses.

    `once` estimates from one table and `finish` adds what rests on the numbers as they are in the
    end, from them and from the (first filled) table. Without `finish` nothing is set beside the
    answer: neither that, nor what complete rows alone would say.
    """
    if parameters.missing_data == "complete_rows":
        made = once(table, parameters)
        return made if finish is None else finish(made, table, parameters)
    return _estimate_filled(table, parameters, once, finish)


def with_few_imputations(parameters: object) -> object:
    """Return the parameters with fewer imputations, for estimates that are made many times."""
    if not isinstance(parameters, SurveyedStudy):
        return parameters
    few = min(parameters.imputations, QUICK_IMPUTATIONS)
    return parameters.model_copy(update={"imputations": few})


def on_complete_rows(parameters: DesignStudy) -> DesignStudy:
    """Return the parameters without filling in, where only how estimates move is asked for."""
    if not isinstance(parameters, SurveyedStudy):
        return parameters
    return parameters.model_copy(update={"missing_data": "complete_rows"})


def _estimate_filled(
    table: pd.DataFrame, parameters: Study, once: Once[Study], finish: Finish[Study] | None
) -> Result:
    if "treated" in table and table["treated"].isna().any():
        table = table.dropna(subset=["treated"])
    gaps = find_gaps(table, parameters)
    if not gaps.lacking.any():
        made = once(table, parameters)
        made = made if finish is None else finish(made, table, parameters)
        return replace(made, remarks=(*made.remarks, "No row lacks a value: nothing is filled in."))
    results, first = [], table
    for at, filled in enumerate(fill_tables(table, gaps, parameters)):
        results.append(once(filled, parameters))
        first = filled if at == 0 else first
        _refuse_without_error(results[-1])
    pooled = pool_results(results)
    missing = float(gaps.lacking.mean())
    pooled = replace(pooled, estimates=pooled.estimates.assign(missing_share=missing))
    if finish is None:
        return pooled
    made = finish(pooled, first, parameters)
    complete = _try_complete(table, parameters, once)
    beside = _tabulate(made.headline, complete, parameters)
    return replace(
        made,
        tables={**made.tables, "imputation": beside},
        remarks=(*made.remarks, *_say(gaps, made, complete, parameters)),
    )


def _refuse_without_error(result: Result) -> None:
    way = str(result.headline["method"])
    if way in NO_STANDARD_ERROR:
        raise AnalysisError(
            f"missing_data: filled tables are pooled by their standard errors, and these data call "
            f"for an interval without one ({way}). Give inference as cr2, or missing_data as "
            "complete_rows."
        )


def _try_complete(table: pd.DataFrame, parameters: Study, once: Once[Study]) -> Result | None:
    try:
        return once(table, parameters)
    except AnalysisError:
        return None


_NUMBERS = ("estimate", "std_error", "conf_low", "conf_high", "level", "n")


def _tabulate(
    pooled: pd.Series, complete: Result | None, parameters: SurveyedStudy
) -> pd.DataFrame:
    """List the answer and what complete rows alone would say: `label`, numbers, shares."""
    rows = [{"label": f"Filled in {parameters.imputations} times (the answer)"}]
    rows[0] |= {name: pooled[name] for name in _NUMBERS}
    rows[0] |= {name: 100 * pooled[name] for name in ("missing_share", "fraction_missing")}
    if complete is not None:
        alone = complete.headline
        rows.append({"label": "Complete rows only"} | {name: alone[name] for name in _NUMBERS})
    return pd.DataFrame(rows)


def _say(
    gaps: Gaps, made: Result, complete: Result | None, parameters: SurveyedStudy
) -> tuple[str, ...]:
    """Say what was filled in from what, when that is right, and what it changed."""
    gap = np.isnan(gaps.columns[:, : gaps.used])
    lacking = name_lacking(int(gap[:, 0].sum()), int(gap[:, 1:].sum()))
    row, unit = made.headline, parameters.outcome_unit
    told = (
        f"{counted(int(gaps.lacking.sum()), 'row')} of {len(gap):,} lacked {lacking}. They were "
        f"filled in {parameters.imputations} times, from {_sources(gaps, parameters)}, and the "
        f"answers pooled (multiple imputation, Rubin's rules, {row['df']:.0f} degrees of freedom). "
        f"The missing values took {100 * row['fraction_missing']:.0f}% of what the rows would have "
        f"told. The answer is about all rows, and holds if, given these columns, {CONDITION}."
    )
    if complete is None:
        return (told, "From complete rows alone there is no estimate to set beside it.")
    alone = complete.headline
    places = decimals_for(alone["estimate"], alone["conf_low"], alone["conf_high"])
    held = interval(alone["conf_low"], alone["conf_high"], alone["level"], places)
    return (
        told,
        f"From complete rows alone it would be {number(alone['estimate'], places)} {unit} "
        f"({held}).",
    )


def _sources(gaps: Gaps, parameters: SurveyedStudy) -> str:
    named = [name.replace("_", " ") for name in gaps.names[1:] if name]
    group = "who had the intervention, " if np.ptp(gaps.group) > 0 else ""
    weight = ["the survey's weight"] if "" in gaps.names else []
    return f"{group}{listed(['the unit', 'the period', *named, *weight])}"
