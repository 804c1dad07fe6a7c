"""Stage what only some data allow: a table and its figure, or nothing where there is none."""

from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.record.staging import Staging
from evalkit.record.tables import TableSpec


def stage_if_any(
    staging: Staging,
    spec: TableSpec,
    frame: pd.DataFrame,
    *,
    title: str | None = None,
    options: Mapping[str, Any] | None = None,
) -> None:
    """Stage `frame`, and with a `title` the chart of the same name, unless the frame is empty."""
    if frame.empty:
        return
    staging.table(spec, frame)
    if title:
        staging.figure(spec.name, chart=spec.name, table=spec.name, title=title, options=options)
