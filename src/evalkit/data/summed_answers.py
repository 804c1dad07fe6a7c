"""Answers summed up to a table small enough for a study, without reading them into memory.

For a design that weighs rows by the people behind them (`weight_by: people`), a row is the answers
that agree in every role but the measured ones: unit, period, groups, measured causes. Regressions
on these rows, weighted by how many answers each stands for, have the coefficients and the clustered
errors of the answers themselves (Wong, Forsell, Lewis, Mao and Wardrop 2021, arXiv 2102.11297).
For a design that follows units over time, a row is a unit and period, as `unit_periods` averages
them. Every other design needs how answers differ within a unit, so it is refused.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.data.contracts import (
    RANGES,
    check_columns,
    check_values,
    refuse_identifiers,
    type_columns,
)
from evalkit.data.grouped_sums import Averages, average_by
from evalkit.data.problems import join_problems
from evalkit.data.relations import MOST_GROUPS, open_relation
from evalkit.data.roles import columns_of, kinds_of
from evalkit.data.values import text_frame
from evalkit.errors import DataError, ParameterError
from evalkit.project import project_root, resolve_data_path
from evalkit.results.words import counted, listed
from evalkit.study.fields import FACETS, StudyParameters
from evalkit.study.schemas.design_study import DesignStudy, RoleKind

_NUMBERS = ("score", "percentage", "number")
_BASE_NAMES = ("answers", "answers_known", "answers_summed_up")
_OF_A_SURVEY = ("stratum", "sampling_unit")
_ROWS_NAMED = re.compile(r" \(rows? [^)]*\)")
_ENDINGS = (".parquet", ".csv")


@dataclass(frozen=True, slots=True)
class SummedAnswers:
    """The summed table under its source's column names, and what the study must then say.

    `answers` rows went in, `unanswered` of them without an outcome; `changes` are the parameters
    that a study of the table has otherwise, by name, and `added` the roles to map besides.
    """

    frame: pd.DataFrame
    answers: int
    unanswered: int
    changes: dict[str, str | None]
    added: dict[str, str]
    dropped: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Plan:
    """Which columns are grouped by, which are averaged (and whether yes or no), and the weight."""

    keys: tuple[str, ...]
    measures: dict[str, bool]
    weight: str | None
    averaged: bool


def sum_up_answers(parameters: StudyParameters) -> SummedAnswers:
    """Sum up the answers that a study names, be they as many as they may.

    Raises ParameterError for a study whose answers cannot be summed up, DisclosureError for
    columns or keys that could identify a person, DataError with all other problems at once.
    """
    study = _check_study(parameters)
    plan, where = _plan(study), _where(study)
    root = project_root()
    file = None if study.data_file is None else resolve_data_path(study.data_file, root)
    with open_relation(
        where, file=file, connection=study.data_connection, query=study.data_query
    ) as relation:
        names = list(relation.columns)
        absent = check_columns(columns_of(study, "data"), names)
        if absent:
            raise DataError(join_problems(where, absent))
        sums = average_by(
            relation, plan.keys, plan.measures, weight=plan.weight, by_known=not plan.averaged
        )
    if len(sums.keys) > MOST_GROUPS:
        raise DataError(
            f"{where}: answers differ in more than {MOST_GROUPS:,} ways. Band the measured causes "
            "in adjust_for into fewer values, or map fewer groups."
        )
    keys = text_frame(sums.keys)
    refuse_identifiers(where, names, keys)
    problems = _problems(sums, keys, plan, study)
    if problems:
        raise DataError(join_problems(where, problems))
    return _sort_out(sums, keys, plan, study)


def write_summed(frame: pd.DataFrame, path: Path, *, replace: bool = False) -> None:
    """Write a summed table as Parquet or CSV, whole or not at all, for its owner alone."""
    if path.suffix.lower() not in _ENDINGS:
        raise ParameterError(f"{path}: ends in neither {' nor '.join(_ENDINGS)}. Give one of them.")
    if path.exists() and not replace:
        raise ParameterError(f"{path}: is there already. Give another name, or --replace.")
    if not path.parent.is_dir():
        raise ParameterError(f"{path}: there is no such folder. Make it first.")
    unfinished = path.with_name(f".{path.name}.{os.getpid()}{path.suffix.lower()}")
    try:
        unfinished.touch(mode=0o600)
        if path.suffix.lower() == ".csv":
            frame.to_csv(unfinished, index=False)
        else:
            frame.to_parquet(unfinished, index=False)
        unfinished.replace(path)
    finally:
        unfinished.unlink(missing_ok=True)


def _check_study(parameters: StudyParameters) -> DesignStudy:
    """Refuse a study whose answers cannot be summed up without a loss."""
    if not isinstance(parameters, DesignStudy) or parameters.data_rows != "people":
        raise ParameterError(
            "data_rows: only people's answers are summed up. Give the parameter file of a design "
            "with data_rows people."
        )
    if not (parameters.AVERAGED or "people" in _weighings(parameters)):
        raise ParameterError(
            f"notebook: {parameters.notebook} needs how answers differ within a unit, and sums do "
            "not say it. Draw a sample of answers by a query."
        )
    faults = [
        fault
        for told, fault in (
            (parameters.outcome_kind == "count", "outcome_kind: sum events up in a query"),
            (
                getattr(parameters, "missing_data", "") == "multiple_imputation",
                "missing_data: multiple_imputation fills in answers one by one",
            ),
            (
                any(role in parameters.data_columns for role in _OF_A_SURVEY),
                f"data_columns: {' and '.join(_OF_A_SURVEY)} need the answers one by one",
            ),
            (
                "outcome_base" in parameters.data_columns,
                "data_columns: outcome_base is counted from the rows",
            ),
            (
                getattr(parameters, "weight_by", "people") == "units",
                "weight_by: sums are weighed by people",
            ),
        )
        if told
    ]
    if faults:
        raise ParameterError(
            f"{'; '.join(faults)}. Change it, or give fewer answers to the study as they are."
        )
    return parameters


def _weighings(parameters: DesignStudy) -> tuple[str, ...]:
    field = type(parameters).model_fields.get("weight_by")
    return () if field is None else getattr(field.annotation, "__args__", ())


def _where(study: DesignStudy) -> str:
    if study.data_file is not None:
        return f"data_file ({study.data_file})"
    return "data_query"


def _plan(study: DesignStudy) -> _Plan:
    columns, kinds = columns_of(study, "data"), kinds_of(study, "data")
    measured = {
        role: _is_yes_no(role, kinds)
        for role in columns
        if role != "weight" and _is_measured(role, kinds, study)
    }
    keys = dict.fromkeys(
        column for role, column in columns.items() if role not in measured and role != "weight"
    )
    ordered = sorted(measured, key=lambda role: role != "outcome")
    measures = {columns[role]: measured[role] for role in ordered if columns[role] not in keys}
    return _Plan(tuple(keys), measures, columns.get("weight"), study.AVERAGED)


def _is_measured(role: str, kinds: Mapping[str, RoleKind], study: DesignStudy) -> bool:
    """Say whether a role is averaged; measured causes are grouped by where rows are kept apart."""
    if role == "outcome" or role in FACETS:
        return True
    if kinds[role] not in _NUMBERS:
        return False
    causes = {*study.adjust_for}
    causes |= {c for given in study.alternatives.get("adjust_for", []) for c in given}
    return study.AVERAGED or role not in causes


def _is_yes_no(role: str, kinds: Mapping[str, RoleKind]) -> bool:
    return kinds[role] == "yes_no"


def _problems(sums: Averages, keys: pd.DataFrame, plan: _Plan, study: DesignStudy) -> list[str]:
    """Gather every breach of the contract; counts are of rows, or of different values."""
    columns, kinds = columns_of(study, "data"), kinds_of(study, "data")
    if sums.keys.empty:
        return ["there are no rows. Export the answers again."]
    mapped = {role: column for role, column in columns.items() if column in plan.keys}
    typed, problems = type_columns(keys, mapped, kinds)
    problems += check_values(typed, mapped, kinds, unique=())
    problems = [_ROWS_NAMED.sub("", problem) for problem in problems]
    roles = {column: role for role, column in columns.items()}
    for column in plan.measures:
        problems += _faults_of(column, roles[column], sums, kinds)
    count = 0 if plan.weight is None else int(sums.faults["unread"].loc[plan.weight])
    if count:
        problems.append(f"column '{plan.weight}' (weight): values that are not numbers: {count:,}.")
    if sums.negative:
        problems.append(
            f"column '{plan.weight}' (weight): below zero in {counted(sums.negative, 'row')}. "
            "Correct them, or leave them empty to leave those rows out."
        )
    return problems + (_differing(keys, plan, columns) if plan.averaged else [])


def _faults_of(column: str, role: str, sums: Averages, kinds: Mapping[str, RoleKind]) -> list[str]:
    label, of_column = f"column '{column}' ({role})", sums.faults.loc[column]
    problems = []
    if of_column["unread"]:
        wanted = "yes or no" if kinds[role] == "yes_no" else "numbers"
        problems.append(f"{label}: values that are not {wanted}: {int(of_column['unread']):,}.")
    if np.isnan(of_column["lowest"]):
        return [*problems, f"{label}: every value is missing. Map another column."]
    low, high = RANGES.get(kinds[role], (-np.inf, np.inf))
    if of_column["lowest"] < low or of_column["highest"] > high:
        problems.append(f"{label}: values that lie outside {low:g} to {high:g}. Correct them.")
    if role == "outcome" and of_column["lowest"] == of_column["highest"]:
        problems.append(f"{label}: constant: nothing to compare. Map another column.")
    return problems


def _differing(keys: pd.DataFrame, plan: _Plan, columns: Mapping[str, str]) -> list[str]:
    """Refuse what differs between the answers of a unit and period, where these make one row."""
    one = [columns["unit"], columns["period"]]
    differing = [
        column
        for column in plan.keys
        if column not in one and keys[[*one, column]].drop_duplicates().duplicated(one).any()
    ]
    if not differing:
        return []
    return [
        f"{listed(differing)}: differs between the answers of a unit and period, which become one "
        "row. Take it out of the study, or give a file for each group."
    ]


def _sort_out(sums: Averages, keys: pd.DataFrame, plan: _Plan, study: DesignStudy) -> SummedAnswers:
    base = next(name for name in _BASE_NAMES if name not in {*keys, *sums.means, plan.weight})
    count = sums.answers.where(sums.answers > 0).astype("Int64") if plan.averaged else sums.rows
    frame = pd.concat([keys, sums.means], axis=1).assign(**{base: count})
    if plan.weight is not None and not plan.averaged:
        frame[plan.weight] = sums.weight
    changes: dict[str, str | None] = {"data_rows": "panel" if plan.averaged else "people"}
    if not plan.averaged:
        changes["weight_by"] = "people"
    if study.outcome_kind == "yes_no":
        changes["outcome_kind"] = "percentage"
    if study.data_connection is not None:
        changes |= {"data_connection": None, "data_query": None}
    order = [*plan.keys, base, *plan.measures]
    if plan.weight is not None and plan.weight in frame:
        order.append(plan.weight)
    return SummedAnswers(
        frame=frame.sort_values(order, ignore_index=True),
        answers=int(sums.rows.sum()),
        unanswered=int(sums.rows.sum() - sums.answers.sum()),
        changes=changes,
        added={"outcome_base": base},
        dropped=("weight",) if plan.averaged and plan.weight is not None else (),
    )
