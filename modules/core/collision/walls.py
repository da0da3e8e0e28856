"""Walls: a grid of cells that are open, solid, or a ledge."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import field, resource

OPEN, SOLID, LEDGE = 0, 1, 2
"""Kinds of cells; a ledge stops only what falls onto it from above."""


def _no_cells() -> Any:
    return np.zeros((0, 0), np.uint8)


@resource
class Walls:
    """Say where the walls are: `cells` is a (rows, columns) uint8 array of OPEN, SOLID and LEDGE.

    (x, y) is the top left corner of the first cell, `cell` the side of each, in units of the world. Outside of the
    grid everything is open. Writing into `cells` takes effect at once.
    """

    cells: Any = field(factory=_no_cells)
    cell: float = 16.0
    x: float = 0.0
    y: float = 0.0

    def column(self, x: Any) -> NDArray[np.int64]:
        """Return the columns that x coordinates lie in, also outside of the grid."""
        return _steps(x, self.x, self.cell)

    def row(self, y: Any) -> NDArray[np.int64]:
        """Return the rows that y coordinates lie in, also outside of the grid."""
        return _steps(y, self.y, self.cell)

    def kind(self, row: Any, column: Any) -> NDArray[np.uint8]:
        """Return the kinds of cells by row and column."""
        rows, columns = self.cells.shape
        row, column = np.broadcast_arrays(row, column)
        if not self.cells.size:
            return np.zeros(row.shape, np.uint8)
        within = (row >= 0) & (row < rows) & (column >= 0) & (column < columns)
        found = self.cells[np.where(within, row, 0), np.where(within, column, 0)]
        kinds: NDArray[np.uint8] = np.where(within, found, np.uint8(OPEN))
        return kinds

    def at(self, x: Any, y: Any) -> NDArray[np.uint8]:
        """Return the kinds of the cells at points of the world."""
        return self.kind(self.row(y), self.column(x))


FAR = 2.0**40
"""Cells from the corner beyond which places are not told apart."""


def _steps(value: Any, origin: float, size: float) -> NDArray[np.int64]:
    steps = np.floor((np.asarray(value, np.float64) - origin) / size)
    return np.asarray(np.fmin(np.fmax(steps, -FAR), FAR), np.int64)  # what is no number comes to -FAR
