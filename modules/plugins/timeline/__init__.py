"""What the engine asks about places when it draws the ghost of entities: which, where, and where on the picture.

The engine loads this module for every game and asks by message, since it knows no component of any module itself
(see docs/time.md).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Entity, Query, With, Without, handler
from modules.core.input import Pointer
from modules.core.motion import Position, Velocity
from modules.core.render import Camera, Canvas, Fixed, to_canvas, to_world

Moving = Query[Entity, Position, With[Velocity], Without[Fixed]]


@handler("timeline.pick")
def pick(moving: Moving, pointer: Pointer, camera: Camera, canvas: Canvas) -> list[int]:
    """Return the moving entity nearest to the pointer, as a list of one id; an empty one if nothing moves."""
    x, y = to_world(camera, canvas, pointer.x, pointer.y)
    best, nearest = [], np.inf
    for entity, pos in moving:
        away = np.hypot(pos.x - x, pos.y - y)
        if away.size and away.min() < nearest:
            nearest, best = away.min(), [int(entity[away.argmin()])]
    return best


@handler("timeline.places")
def places(entities: list[int], having: Query[Position]) -> NDArray[np.float32]:
    """Return where entities are in the world, as an (n, 2) array; nan for those that are gone."""
    alive, pos = having.at(np.array(entities, np.uint64))
    found = np.full((len(entities), 2), np.nan, np.float32)
    found[alive] = np.asarray(pos.xy).T
    return found


@handler("timeline.on_canvas")
def on_canvas(points: NDArray[Any], camera: Camera, canvas: Canvas) -> NDArray[np.float32]:
    """Return where points of the world, (..., 2), are seen now, as shares of the picture's width and height."""
    x, y = to_canvas(camera, canvas, points[..., 0], points[..., 1])
    return np.stack([x / canvas.width, y / canvas.height], axis=-1).astype(np.float32)
