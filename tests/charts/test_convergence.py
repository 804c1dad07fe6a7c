"""The convergence matrix in words: cells counted by kind, dissonance named."""

from typing import Any

import pandas as pd

from evalkit.charts import CHARTS

Case = tuple[pd.DataFrame, dict[str, Any]]


def test_convergence_is_told_as_checked_by_hand(cases: dict[str, Case]) -> None:
    """Each kind of cell is counted, the reference left out, and dissonance named by its place."""
    frame, options = cases["convergence"]
    assert CHARTS["convergence"].describe(frame, **options) == (
        "Convergence of three sources on two themes: agreement in one cell, partial agreement in "
        "one cell, silence in one cell and dissonance in one cell. In dissonance with the source "
        "of reference: Waiting with comments. Coders who gave the code that stands: 1 "
        "at the least, 3 at the most."
    )


def test_cells_that_nobody_looked_at_stay_empty(cases: dict[str, Case]) -> None:
    """A code of no kind is not drawn and not counted."""
    frame, _ = cases["convergence"]
    unknown = frame.assign(code=["reference", *["not looked at"] * 5])
    axes = CHARTS["convergence"].plot(unknown)
    assert sum(len(c.get_offsets()) for c in axes.collections) == 1
