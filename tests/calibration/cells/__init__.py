"""Every cell of the calibration: one module a design."""

from cells import difference_in_differences
from cells.cell import Cell

CELLS: tuple[Cell, ...] = (*difference_in_differences.CELLS,)

__all__ = ["CELLS", "Cell"]
