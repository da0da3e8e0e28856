"""Shapes as columns, and which of them overlap."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .grid import points_in_boxes

LARGE = 1.6
"""How many times the usual extent a shape has that is searched for apart from the others."""

FEW = 4096
"""Pairs up to which all are compared, which takes less time than a grid does."""

FAR = 1e15
"""Places that are further from the origin are nowhere."""

Floats = NDArray[np.float32]
Indices = NDArray[np.intp]


@dataclass(frozen=True)
class Shapes:
    """Boxes with round corners, as columns: places of their middles, widths, heights, radii of the corners."""

    x: Floats
    y: Floats
    w: Floats
    h: Floats
    radius: Floats

    @classmethod
    def of(cls, pos: Any, body: Any) -> Shapes:
        """Take them from the `Position` and `Body` of a step."""
        return cls(pos.x, pos.y, body.w, body.h, body.radius)

    @classmethod
    def circles(cls, x: Any, y: Any, radius: Any) -> Shapes:
        """Make circles of (n,) columns of places and radii, or one radius."""
        x, y = np.asarray(x, np.float32), np.asarray(y, np.float32)
        none = np.zeros(x.shape, np.float32)
        return cls(x, y, none, none, np.broadcast_to(np.asarray(radius, np.float32), x.shape))

    @classmethod
    def joined(cls, parts: Sequence[Shapes]) -> Shapes:
        """Put the columns of several tables together."""
        if len(parts) == 1:
            return parts[0]
        names, nothing = ("x", "y", "w", "h", "radius"), [np.zeros(0, np.float32)]
        return cls(*(np.concatenate([getattr(part, name) for part in parts] or nothing) for name in names))

    def __len__(self) -> int:
        return int(self.x.size)

    def __getitem__(self, rows: Any) -> Shapes:
        return Shapes(self.x[rows], self.y[rows], self.w[rows], self.h[rows], self.radius[rows])

    @property
    def reach_x(self) -> Floats:
        """How far each extends to the left and right of its middle."""
        return np.asarray(self.w / 2 + self.radius, np.float32)

    @property
    def reach_y(self) -> Floats:
        """How far each extends above and below its middle."""
        return np.asarray(self.h / 2 + self.radius, np.float32)


def overlaps(first: Shapes, second: Shapes) -> tuple[Indices, Indices]:
    """Return the rows (i, j) of all pairs that overlap, in an order that depends on nothing but the columns.

    Shapes that only touch do not overlap; those without a finite place are left out.
    """
    i, j = _near(first, second)
    dx = second.x.take(j) - first.x.take(i)
    dy = second.y.take(j) - first.y.take(i)
    radius = first.radius.take(i) + second.radius.take(j)
    if _are_circles(first) and _are_circles(second):
        hit = dx * dx + dy * dy < radius * radius
        return i[hit], j[hit]
    dx = np.abs(dx) - (first.w.take(i) + second.w.take(j)) / 2
    dy = np.abs(dy) - (first.h.take(i) + second.h.take(j)) / 2
    inside = (dx < 0) & (dy < 0)
    np.maximum(dx, 0, out=dx)
    np.maximum(dy, 0, out=dy)
    hit = inside | (dx * dx + dy * dy < radius * radius)
    return i[hit], j[hit]


def _are_circles(shapes: Shapes) -> bool:
    return not (shapes.w.any() or shapes.h.any())


def contacts(first: Shapes, second: Shapes) -> tuple[Floats, Floats, Floats]:
    """Return for pairs of rows that overlap the direction from first to second, x and y, and how deep they overlap."""
    gap_x, gap_y = second.x - first.x, second.y - first.y
    half_x, half_y = (first.w + second.w) / 2, (first.h + second.h) / 2
    radius = first.radius + second.radius
    out_x, out_y = np.abs(gap_x) - half_x, np.abs(gap_y) - half_y
    way_x, way_y = np.copysign(np.float32(1), gap_x), np.copysign(np.float32(1), gap_y)
    corner = (out_x > 0) & (out_y > 0)
    distance = np.hypot(out_x, out_y)
    safe = np.where(distance > 0, distance, np.float32(1))
    flat = out_x >= out_y  # the nearer way out is to a side
    nx = way_x * np.where(corner, out_x / safe, flat)
    ny = way_y * np.where(corner, out_y / safe, ~flat)
    depth = radius - np.where(corner, distance, np.maximum(out_x, out_y))
    return np.asarray(nx, np.float32), np.asarray(ny, np.float32), np.asarray(depth, np.float32)


def _near(first: Shapes, second: Shapes) -> tuple[Indices, Indices]:
    """Return the pairs of rows whose boxes may overlap; large shapes are few and look for the small ones."""
    mine, theirs = _finite(first), _finite(second)
    if not mine.size or not theirs.size:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    if mine.size * theirs.size <= FEW:
        return np.repeat(mine, theirs.size), np.tile(theirs, mine.size)
    reach = np.maximum(second.reach_x, second.reach_y)[theirs]
    usual = float(np.median(reach))
    own = float(np.median(np.maximum(first.reach_x, first.reach_y)[mine]))
    cell = max(2 * usual, 2 * own, 1e-3)
    is_large = reach > max(LARGE * usual, 1e-3)
    small, large = theirs[~is_large], theirs[is_large]
    i, j = _search(first, mine, second, small, cell)
    if large.size:
        k, m = _search(second, large, first, mine, cell)
        i, j = np.concatenate((i, m)), np.concatenate((j, k))
    return i, j


def _search(boxes: Shapes, rows: Indices, points: Shapes, others: Indices, cell: float) -> tuple[Indices, Indices]:
    """Return the pairs of `rows` and `others` that may overlap: boxes widened by the others' largest extent."""
    if not rows.size or not others.size:
        return np.zeros(0, np.intp), np.zeros(0, np.intp)
    x, y = boxes.x[rows], boxes.y[rows]
    wide = boxes.reach_x[rows] + points.reach_x[others].max()
    high = boxes.reach_y[rows] + points.reach_y[others].max()
    i, j = points_in_boxes(x - wide, y - high, x + wide, y + high, points.x[others], points.y[others], cell)
    return rows[i], others[j]


def _finite(shapes: Shapes) -> Indices:
    return np.flatnonzero((np.abs(shapes.x) < FAR) & (np.abs(shapes.y) < FAR))
