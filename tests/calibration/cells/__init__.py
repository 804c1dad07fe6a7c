"""Every cell of the calibration: one module a design."""

from cells import (
    before_after,
    difference_in_differences,
    dose_response,
    interrupted_time_series,
    lagged_panel,
    mediation,
    regression_discontinuity,
    staggered_adoption,
    stepped_wedge,
    synthetic_control,
    weighted_comparison,
)
from cells.cell import Cell

CELLS: tuple[Cell, ...] = (
    *before_after.CELLS,
    *difference_in_differences.CELLS,
    *dose_response.CELLS,
    *interrupted_time_series.CELLS,
    *lagged_panel.CELLS,
    *mediation.CELLS,
    *regression_discontinuity.CELLS,
    *staggered_adoption.CELLS,
    *stepped_wedge.CELLS,
    *synthetic_control.CELLS,
    *weighted_comparison.CELLS,
)

__all__ = ["CELLS", "Cell"]
