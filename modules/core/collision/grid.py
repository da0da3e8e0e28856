"""The broad phase: a grid of cells that repeats over the whole plane, searched for many boxes at once."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

SIDE = 256
"""Cells of the grid each way; a place and one this many cells further share a cell. 256 * 256 keys fit 16 bits."""
WITHIN = SIDE - 1
"""Takes any cell, by its lowest bits, to the one of the grid that it shares."""

Indices = NDArray[np.intp]


def points_in_boxes(
    left: Any, top: Any, right: Any, bottom: Any, x: Any, y: Any, cell: float
) -> tuple[Indices, Indices]:
    """Return pairs (i, j) that hold every point j in box i, and others from the same cells.

    Takes (n,) columns of boxes and (m,) columns of points, all finite. Points are sorted by cell; the cells of a box
    that lie side by side are one stretch of that order.
    """
    key = ((_cells(y, cell) & WITHIN) * SIDE + (_cells(x, cell) & WITHIN)).astype(np.uint16)
    order = np.argsort(key, kind="stable")  # a radix sort, for 16 bits
    bounds = np.zeros(SIDE * SIDE + 1, np.intp)
    np.cumsum(np.bincount(key, minlength=SIDE * SIDE), out=bounds[1:])

    first_row, last_row = _cells(top, cell), _cells(bottom, cell)
    rows = np.minimum(last_row - first_row + 1, SIDE)
    box = np.repeat(np.arange(rows.size), rows)
    line = (_from_each(first_row, rows) & WITHIN) * SIDE
    first = _cells(left, cell)
    width = np.minimum(_cells(right, cell) - first + 1, SIDE)[box]
    start = (first & WITHIN)[box]
    over = np.flatnonzero(start + width > SIDE)  # goes on at the other side of the grid
    begin, past = bounds[line + start], bounds[line + np.minimum(start + width, SIDE)]
    if over.size:
        box = np.concatenate((box, box[over]))
        begin = np.concatenate((begin, bounds[line[over]]))
        past = np.concatenate((past, bounds[(start + width)[over] - SIDE + line[over]]))
    count = past - begin
    return np.repeat(box, count), order.take(_from_each(begin, count))


def _cells(value: Any, cell: float) -> NDArray[np.int64]:
    """Return the cells of coordinates; those too far to be counted share the last one."""
    return np.clip(np.floor(np.asarray(value, np.float64) * (1 / cell)), -(2.0**40), 2.0**40).astype(np.int64)


def _from_each(first: Any, count: Any) -> Any:
    """Return `count` consecutive numbers from each of `first` on, one after the other."""
    before = np.cumsum(count) - count
    numbers = np.repeat(first - before, count)
    numbers += np.arange(numbers.size)
    return numbers
