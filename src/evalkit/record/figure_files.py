"""A figure of a staged table, as files and in words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from evalkit.charts import CHARTS, draw, render_figure
from evalkit.charts.figure import SYNTHETIC_LABEL


@dataclass(frozen=True, slots=True)
class Drawing:
    """A figure's bytes by ending (`svg`, `png`), and its alternative text."""

    files: dict[str, bytes]
    alt: str


def draw_figure(
    name: str,
    *,
    chart: str,
    frame: pd.DataFrame,
    title: str,
    options: Mapping[str, Any],
    synthetic: bool,
) -> Drawing:
    """Draw a table by its chart, the same bytes each time; refuse a chart without words."""
    described = CHARTS[chart].describe(frame, **options).strip()
    alt = f"{SYNTHETIC_LABEL}. {described}" if synthetic and described else described
    figure = draw(CHARTS[chart], frame, title=title, synthetic=synthetic, options=options)
    return Drawing(render_figure(figure, name, alt=alt), alt)
