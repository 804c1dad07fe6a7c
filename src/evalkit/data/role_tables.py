"""The tables of a topic: each source with its roles as columns, typed."""

from collections.abc import Mapping

import pandas as pd

from evalkit.data.periods import calendar_index
from evalkit.data.problems import join_problems
from evalkit.data.roles import columns_of, kinds_of
from evalkit.data.sources import Source
from evalkit.data.values import whole_days
from evalkit.errors import DataError
from evalkit.study.schemas.design_study import RoleKind
from evalkit.study.schemas.topic_study import TopicStudy

_NUMBERS = ("score", "percentage", "events", "count", "number", "item")


def make_role_tables(
    sources: Mapping[str, Source], parameters: TopicStudy
) -> dict[str, pd.DataFrame]:
    """Return one frame a source, its columns named by their roles.

    Numbers are floats (NaN where missing), `yes_no` booleans, `day` dates, a `period` text with
    its calendar index beside it as `time`, all else text. A source with a period holds those of
    `parameters.periods` alone. Raises DataError where a period asked for is not there.
    """
    return {name: _make_table(source, parameters) for name, source in sources.items()}


def _make_table(source: Source, parameters: TopicStudy) -> pd.DataFrame:
    kinds = kinds_of(parameters, source.name)
    columns = columns_of(parameters, source.name)
    typed = {role: _type(source.frame[column], kinds[role]) for role, column in columns.items()}
    frame = pd.DataFrame(typed, index=source.frame.index)
    if kinds.get("period") == "period" and "period" in frame:
        frame = _in_periods(frame, source.name, parameters)
        frame = frame.assign(time=calendar_index(frame["period"]))
    return frame.reset_index(drop=True)


def _type(values: pd.Series, kind: RoleKind) -> pd.Series:
    if kind == "yes_no":
        return values.astype(bool)
    if kind == "day":
        return pd.to_datetime(whole_days(values), format="%Y-%m-%d")
    return values.astype(float) if kind in _NUMBERS else values


def _in_periods(frame: pd.DataFrame, source: str, parameters: TopicStudy) -> pd.DataFrame:
    if parameters.periods is None:
        return frame
    absent = [period for period in parameters.periods if period not in set(frame["period"])]
    if absent:
        problem = f"{', '.join(absent)}: not among the periods of {source}. Take them out."
        raise DataError(join_problems("periods", [problem]))
    return frame[frame["period"].isin(parameters.periods)]
