"""What all kinds of things need to know about the picture being drawn: where the camera looks, how far time is."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from modules.core.render import Camera, Canvas
from modules.core.time import Time

from ._pygame import pygame

Floats = NDArray[np.float32]
# Within a layer the kinds follow each other in this order.
SHAPES, DISCS, SPRITES, DOTS, TEXTS = range(5)


@dataclass(frozen=True)
class Batch:
    """Things of one kind and layer, and how they get onto the canvas."""

    layer: int
    kind: int
    draw: Callable[[pygame.Surface], None]


@dataclass(frozen=True)
class Frame:
    """One picture: its size, the camera with its shake, and the share of the tick that has passed."""

    width: int
    height: int
    left: float
    top: float
    zoom: float
    alpha: float
    smooth: bool

    @classmethod
    def of(cls, canvas: Canvas, camera: Camera, time: Time) -> Frame:
        """Take the frame from the resources as they stand."""
        width, height = max(1, int(canvas.width)), max(1, int(canvas.height))
        alpha = float(time.alpha)
        zoom = min(1e3, max(1e-3, float(camera.zoom)))
        shake_x, shake_y = _shake(float(camera.shake), float(time.elapsed) + alpha * float(time.dt))
        left = float(camera.x) + width / 2 - (width / 2 + shake_x) / zoom
        top = float(camera.y) + height / 2 - (height / 2 + shake_y) / zoom
        return cls(width, height, left, top, zoom, alpha, bool(canvas.smooth))

    def place(self, pos: Any, fixed: bool) -> Floats:
        """Return the (2, n) points of the canvas where a table's rows are to be seen now."""
        between = pos.last + (pos.xy - pos.last) * np.float32(self.alpha)
        np.copyto(between, pos.xy, where=np.isnan(between))
        if not fixed:
            between -= np.array([[self.left], [self.top]], np.float32)
            between *= np.float32(self.zoom)
        return np.asarray(between, np.float32)

    def angle(self, rotation: Any, count: int) -> Floats:
        """Return the angles of a table's rows now, the shorter way round between two ticks; 0 without a Rotation."""
        if rotation is None:
            return np.zeros(count, np.float32)
        turned = (rotation.angle - rotation.last + np.float32(np.pi)) % np.float32(2 * np.pi) - np.float32(np.pi)
        between = rotation.angle - turned * np.float32(1 - self.alpha)
        np.copyto(between, rotation.angle, where=np.isnan(between))
        return np.asarray(between, np.float32)

    def scale(self, fixed: bool) -> np.float32:
        """Return how many pixels a unit of length has."""
        return np.float32(1.0 if fixed else self.zoom)

    def sees(self, at: Floats, reach: Any) -> NDArray[np.bool_]:
        """Return a mask of the points that are within reach of the canvas; nan is not."""
        x, y = at
        seen: NDArray[np.bool_] = (x > -reach) & (x < self.width + reach) & (y > -reach) & (y < self.height + reach)
        return seen


def _shake(amount: float, seconds: float) -> tuple[float, float]:
    """Return an offset of at most `amount` pixels that jumps about in time but is the same at the same time."""
    if not amount > 0:
        return 0.0, 0.0
    x = (math.sin(seconds * 61.0) + math.sin(seconds * 97.0 + 1.3)) / 2
    y = (math.sin(seconds * 73.0 + 2.1) + math.sin(seconds * 109.0 + 0.4)) / 2
    return amount * x, amount * y
