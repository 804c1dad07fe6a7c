"""Every cell of the calibration: one module a design."""

from cells import difference_in_differences, interrupted_time_series
from cells.cell import Cell

CELLS: tuple[Cell, ...] = (
    *difference_in_differences.CELLS,
    *interrupted_time_series.CELLS,
)

__all__ = ["CELLS", "Cell"]
