"""Walls stop what moves: first along x, then along y, so that a body slides along what it meets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Mut, Query, Update, system
from modules.core.collision import LEDGE, SOLID, Body, Slide, Walls
from modules.core.motion import Position, Velocity
from modules.core.time import Time, running

SKIN = 1 / 32
"""How deep a body may be in a cell, in units of the world, without being in it: what rounding can bring about."""

Sides = NDArray[np.bool_]


@system(Update, when=running)
def slide(bodies: Query[Mut[Position], Mut[Velocity], Body, Mut[Slide]], walls: Walls, time: Time) -> None:
    """Take back the part of this tick's movement that led into walls, and tell which sides were stopped."""
    for pos, vel, body, sides in bodies:
        for side in ("left", "right", "ceiling", "floor"):
            setattr(sides, side, False)
        if not walls.cells.size:
            continue
        reach_x, reach_y = body.w / 2 + body.radius, body.h / 2 + body.radius
        before_x, before_y = pos.x - vel.x * time.dt, pos.y - vel.y * time.dt
        lines = (walls.row(before_y - reach_y + SKIN), walls.row(before_y + reach_y - SKIN))
        left, right, pos.x = _stop(walls, before_x, pos.x, reach_x, lines)
        lines = (walls.column(pos.x - reach_x + SKIN), walls.column(pos.x + reach_x - SKIN))
        up, down, pos.y = _stop(walls, before_y, pos.y, reach_y, lines, sides.drop)
        sides.left, sides.right, sides.ceiling, sides.floor = left, right, up, down
        vel.x = np.where(left | right, vel.x * -sides.bounce, vel.x)
        vel.y = np.where(up | down, vel.y * -sides.bounce, vel.y)


def _stop(
    walls: Walls, before: Any, after: Any, reach: Any, lines: tuple[Any, Any], drop: Any = None
) -> tuple[Sides, Sides, Any]:
    """Move along one axis as far as walls allow: which were stopped going back, which going on, and the places.

    `lines` are the first and last row (column) that a body lies in, across the way it goes; `drop` is None along x.
    """
    place = np.array(after, np.float32)
    origin, cells = (walls.x, walls.column) if drop is None else (walls.y, walls.row)
    stopped = []
    for way in (-1, 1):
        going = np.flatnonzero((after - before) * way > 0)

        def blocks(cell: Any, line: Any, way: int = way, going: Any = going) -> Sides:
            if drop is None:
                return np.asarray(walls.kind(line, cell) == SOLID)
            kind = walls.kind(cell, line)
            ledge = (kind == LEDGE) & ~drop[going] & (way > 0)
            return np.asarray((kind == SOLID) | ledge)

        first = cells((before + way * (reach - np.float32(SKIN)))[going])
        last = cells((after + way * reach)[going])
        hit = _first_wall(first, last, way, (lines[0][going], lines[1][going]), blocks)
        met = hit != first
        rows = going[met]
        place[rows] = origin + (hit[met] + (way < 0)) * walls.cell - way * reach[rows]
        mask = np.zeros(place.shape, np.bool_)
        mask[rows] = True
        stopped.append(mask)
    return stopped[0], stopped[1], place


def _first_wall(
    first: Any, last: Any, way: int, lines: tuple[Any, Any], blocks: Callable[[Any, Any], Sides]
) -> NDArray[np.int64]:
    """Return for each body the first cell after `first`, up to `last`, that blocks it, or `first` where none does."""
    found = np.array(first, np.int64)
    open_yet = np.ones(first.shape, np.bool_)
    across = int(np.max(lines[1] - lines[0], initial=-1)) + 1
    for step in range(1, int(np.max((last - first) * way, initial=0)) + 1):
        cell = first + step * way
        open_yet &= (last - cell) * way >= 0
        for offset in range(across):
            line = lines[0] + offset
            hit = open_yet & (line <= lines[1]) & blocks(cell, line)
            found[hit] = cell[hit]
            open_yet &= ~hit
        if not open_yet.any():
            break
    return found
