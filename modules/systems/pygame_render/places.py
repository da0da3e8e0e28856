"""Where entities lie on the canvas, for those who look at the picture from outside."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Entity, Maybe, Query, handler
from modules.core.motion import Position
from modules.core.render import Camera, Canvas, Fixed
from modules.core.time import Time

from .frame import Frame


@handler("core.render.places")
def places(
    entities: Query[Entity, Position, Maybe[Fixed]], canvas: Canvas, camera: Camera, time: Time
) -> dict[str, NDArray[Any]]:
    """Return the entities whose place is on the canvas in the picture drawn last: columns entity, x, y.

    Those of which there are few kin come first. What only views show is left out.
    """
    frame = Frame.of(canvas, camera, time)
    ids, points = [np.empty(0, np.uint64)], [np.empty((2, 0), np.float32)]
    for entity, pos, fixed in sorted(entities, key=lambda step: step[0].size):
        if frame.shows(fixed):
            at = frame.place(pos, fixed)
            seen = frame.sees(at, 0)
            ids.append(entity[seen])
            points.append(at[:, seen])
    x, y = np.concatenate(points, axis=1)
    return {"entity": np.concatenate(ids), "x": x, "y": y}
