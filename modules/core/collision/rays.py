"""Rays: whole arrays of them against walls and shapes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import points_in_boxes
from .shapes import Indices, Shapes
from .walls import SOLID, Walls

PIECE = 8.0
"""Cells that a piece of a ray is long at most, when shapes near it are looked for."""
MOST_PIECES = 1024

Shares = NDArray[np.float64]


def rays_to_walls(walls: Walls, x: Any, y: Any, dx: Any, dy: Any) -> Shares:
    """Return how far rays from (x, y) to (x + dx, y + dy) come until a solid cell: a share in [0, 1], or infinity.

    Takes (n,) columns. A ray that begins in a solid cell comes 0 far. All rays go on together, cell by cell
    (Amanatides and Woo, 1987), so that the cost is that of the longest.
    """
    x, y, dx, dy = (np.atleast_1d(np.asarray(part, np.float64)) for part in np.broadcast_arrays(x, y, dx, dy))
    column, row = walls.column(x), walls.row(y)
    ways = (np.sign(dx).astype(np.int64), np.sign(dy).astype(np.int64))
    with np.errstate(divide="ignore", invalid="ignore"):
        every_x, every_y = np.abs(walls.cell / dx), np.abs(walls.cell / dy)
        next_x = (walls.x + (column + (ways[0] > 0)) * walls.cell - x) / dx
        next_y = (walls.y + (row + (ways[1] > 0)) * walls.cell - y) / dy
    next_x, next_y = np.where(dx == 0, np.inf, next_x), np.where(dy == 0, np.inf, next_y)
    share, now = np.full(x.shape, np.inf), np.zeros(x.shape)
    live = np.flatnonzero(np.isfinite(x + y + dx + dy))
    while live.size:
        hit = walls.kind(row[live], column[live]) == SOLID
        share[live[hit]] = now[live[hit]]
        live = live[~hit]
        across = next_x[live] <= next_y[live]
        sideways, upright = live[across], live[~across]
        now[live] = np.where(across, next_x[live], next_y[live])
        column[sideways] += ways[0][sideways]
        next_x[sideways] += every_x[sideways]
        row[upright] += ways[1][upright]
        next_y[upright] += every_y[upright]
        live = live[(now[live] <= 1) & _may_hit(walls, row[live], column[live], ways[0][live], ways[1][live])]
    return share


def _may_hit(walls: Walls, row: Any, column: Any, way_x: Any, way_y: Any) -> NDArray[np.bool_]:
    """Return which rays have the grid, or a part of it, still before them."""
    rows, columns = walls.cells.shape
    gone_x = np.where(way_x > 0, column >= columns, np.where(way_x < 0, column < 0, (column < 0) | (column >= columns)))
    gone_y = np.where(way_y > 0, row >= rows, np.where(way_y < 0, row < 0, (row < 0) | (row >= rows)))
    ahead: NDArray[np.bool_] = ~(gone_x | gone_y)
    return ahead


def rays_to_shapes(shapes: Shapes, x: Any, y: Any, dx: Any, dy: Any) -> tuple[Shares, Indices]:
    """Return how far rays come until a shape, a share in [0, 1] or infinity, and the row of that shape, -1 for none.

    Takes (n,) columns of rays. A ray that begins in a shape comes 0 far.
    """
    x, y, dx, dy = (np.atleast_1d(np.asarray(part, np.float64)) for part in np.broadcast_arrays(x, y, dx, dy))
    share, row = np.full(x.shape, np.inf), np.full(x.shape, -1, np.intp)
    ray, there = _near(shapes, x, y, dx, dy)
    if not ray.size:
        return share, row
    far = _to_each(x[ray] - shapes.x[there], y[ray] - shapes.y[there], dx[ray], dy[ray], shapes[there])
    hit = np.flatnonzero(far <= 1)
    best = hit[np.lexsort((there[hit], far[hit], ray[hit]))]
    first, where = np.unique(ray[best], return_index=True)
    share[first], row[first] = far[best][where], there[best][where]
    return share, row


def _near(shapes: Shapes, x: Any, y: Any, dx: Any, dy: Any) -> tuple[Indices, Indices]:
    """Return pairs of rays and shapes that may meet; a ray is looked for piece by piece."""
    rays = np.flatnonzero(np.isfinite(x + y + dx + dy))
    theirs = np.flatnonzero(np.isfinite(shapes.x) & np.isfinite(shapes.y))
    if not rays.size or not theirs.size:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    wide, high = shapes.reach_x[theirs], shapes.reach_y[theirs]
    cell = max(2 * float(np.median(np.maximum(wide, high))), 1e-3)
    length = np.hypot(dx[rays], dy[rays])
    count = np.clip(np.ceil(length / (PIECE * cell)), 1, MOST_PIECES).astype(np.intp)
    piece = np.repeat(rays, count)
    step = np.arange(piece.size) - np.repeat(np.cumsum(count) - count, count)
    parts = np.repeat(count, count)
    start_x, start_y = x[piece] + dx[piece] * step / parts, y[piece] + dy[piece] * step / parts
    end_x, end_y = x[piece] + dx[piece] * (step + 1) / parts, y[piece] + dy[piece] * (step + 1) / parts
    i, j = points_in_boxes(
        np.minimum(start_x, end_x) - wide.max(),
        np.minimum(start_y, end_y) - high.max(),
        np.maximum(start_x, end_x) + wide.max(),
        np.maximum(start_y, end_y) + high.max(),
        shapes.x[theirs],
        shapes.y[theirs],
        cell,
    )
    return piece[i], theirs[j]


def _to_each(x: Any, y: Any, dx: Any, dy: Any, shapes: Shapes) -> Shares:
    """Return how far ray k comes until shape k, whose middle is the origin: two boxes and four round corners."""
    half_x, half_y, radius = shapes.w / 2.0, shapes.h / 2.0, shapes.radius.astype(np.float64)
    far = np.minimum(
        _to_box(x, y, dx, dy, half_x + radius, half_y),
        _to_box(x, y, dx, dy, half_x, half_y + radius),
    )
    for side_x in (-1, 1):
        for side_y in (-1, 1):
            corner = _to_circle(x - side_x * half_x, y - side_y * half_y, dx, dy, radius)
            far = np.minimum(far, corner)
    return far


def _to_box(x: Any, y: Any, dx: Any, dy: Any, half_x: Any, half_y: Any) -> Shares:
    near, far = np.zeros(x.shape), np.full(x.shape, np.inf)
    with np.errstate(divide="ignore", invalid="ignore"):
        for at, way, half in ((x, dx, half_x), (y, dy, half_y)):
            one, other = (-half - at) / way, (half - at) / way
            level = way == 0
            outside = np.where(np.abs(at) <= half, -np.inf, np.inf)
            near = np.maximum(near, np.where(level, outside, np.minimum(one, other)))
            far = np.minimum(far, np.where(level, np.inf, np.maximum(one, other)))
    return np.where(near <= far, near, np.inf)


def _to_circle(x: Any, y: Any, dx: Any, dy: Any, radius: Any) -> Shares:
    a, b, c = dx * dx + dy * dy, x * dx + y * dy, x * x + y * y - radius * radius
    inside = b * b - a * c
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (-b - np.sqrt(np.maximum(inside, 0))) / a
    met = (inside >= 0) & (share >= 0) & (radius > 0) & (a > 0)
    return np.where((c <= 0) & (radius > 0), 0.0, np.where(met, share, np.inf))
