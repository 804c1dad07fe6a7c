"""Stage the process chart of an interrupted series: its points, limits and figure."""

import pandas as pd

from evalkit.record.design_columns import base_label, level_unit
from evalkit.record.staging import Staging
from evalkit.record.tables import Column, TableSpec
from evalkit.study.schemas.interrupted_time_series import InterruptedTimeSeries

NAME = "process_chart"
TITLE = "Usual and unusual variation"
WORDS = (
    "The series with the intervention, and the limits of what was usual before the start, by the "
    "rules of Making Data Count. An unusual point says that something changed, not what."
)


def stage_process(staging: Staging, frame: pd.DataFrame) -> None:
    """Stage a process chart and its figure; nothing where there were too few points."""
    parameters = staging.parameters
    if frame.empty or not isinstance(parameters, InterruptedTimeSeries):
        return
    staging.table(process_spec(frame, parameters), frame)
    options = {
        "start_period": parameters.start_period,
        "outcome_name": parameters.outcome_name,
        "outcome_unit": level_unit(parameters),
    }
    staging.figure(NAME, chart=NAME, table=NAME, title=TITLE, options=options)


def process_spec(frame: pd.DataFrame, parameters: InterruptedTimeSeries) -> TableSpec:
    """Specify the table: words of each point's kind, and numbers at two decimals."""
    base = "base" if "base" in frame else None
    numbers = {
        "value": "Value",
        "mean": "Mean before the start",
        "lower": "Lower limit",
        "upper": "Upper limit",
    }
    unit = level_unit(parameters)
    shown = [
        Column(name, label, "estimate", ("data",), base=base, decimals=2, unit=unit)
        for name, label in numbers.items()
    ]
    people = (
        [Column("base", base_label(parameters), "count", ("data",), decimals=0)] if base else []
    )
    words = [Column("period", "Period", "period"), Column("kind", "Kind of point", "label")]
    return TableSpec(NAME, TITLE, WORDS, (words[0], *shown, *people, words[1]))
