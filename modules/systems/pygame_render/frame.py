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
TILES, BITMAPS, SHAPES, DISCS, PANELS, SPRITES, DOTS, TEXTS, VIEWS = range(9)


@dataclass(frozen=True)
class Batch:
    """Things of one kind and layer, and how they get onto the canvas."""

    layer: int
    kind: int
    draw: Callable[[pygame.Surface], None]


@dataclass(frozen=True)
class Pieces:
    """Surfaces with premultiplied alpha, and the places of their top left corners."""

    pieces: list[tuple[pygame.Surface, tuple[float, float]]]
    glow: bool = False

    def __call__(self, target: pygame.Surface) -> None:
        """Blit them in their order."""
        target.fblits(self.pieces, pygame.BLEND_RGB_ADD if self.glow else pygame.BLEND_PREMULTIPLIED)


@dataclass(frozen=True)
class Frame:
    """One picture: its size, where it looks, and the share of the tick that has passed.

    (`left`, `top`) is the world's point in its corner, shake and zoom included; (`x`, `y`) is where the camera is.
    `world` and `fixed` tell which of the two kinds of things it shows.
    """

    width: int
    height: int
    left: float
    top: float
    zoom: float
    x: float
    y: float
    alpha: float
    smooth: bool
    world: bool = True
    fixed: bool = True

    @classmethod
    def of(cls, canvas: Canvas, camera: Camera, time: Time) -> Frame:
        """Take the frame of the whole canvas from the resources as they stand."""
        width, height = max(1, int(canvas.width)), max(1, int(canvas.height))
        alpha = float(time.alpha)
        x, y = _between(camera.last_x, camera.x, alpha), _between(camera.last_y, camera.y, alpha)
        zoom = min(1e3, max(1e-3, float(camera.zoom)))
        shake_x, shake_y = _shake(float(camera.shake), float(time.elapsed) + alpha * float(time.dt))
        left = x + width / 2 - (width / 2 + shake_x) / zoom
        top = y + height / 2 - (height / 2 + shake_y) / zoom
        return cls(width, height, left, top, zoom, x, y, alpha, bool(canvas.smooth), bool(camera.shows))

    @classmethod
    def through(cls, view: Any, row: int, whole: Frame, seconds: float) -> Frame:
        """Take the frame of one row of a `View` step; `whole` is that of the canvas, `seconds` the time now."""
        width, height = max(1, round(float(view.w[row]))), max(1, round(float(view.h[row])))
        zoom = min(1e3, max(1e-3, float(view.zoom[row])))
        shake_x, shake_y = _shake(float(view.shake[row]), seconds)
        x = _between(view.last_x[row], view.x[row], whole.alpha) - (width / 2 + shake_x) / zoom
        y = _between(view.last_y[row], view.y[row], whole.alpha) - (height / 2 + shake_y) / zoom
        return cls(width, height, x, y, zoom, x, y, whole.alpha, whole.smooth, world=True, fixed=False)

    def shows(self, fixed: Any) -> bool:
        """Tell whether a table's rows are shown at all; `fixed` is its `Fixed` step or None."""
        return self.world if fixed is None else self.fixed

    def now(self, pos: Any) -> Floats:
        """Return the (2, n) places of a table's rows between two ticks."""
        between = pos.last + (pos.xy - pos.last) * np.float32(self.alpha)
        np.copyto(between, pos.xy, where=np.isnan(between))
        return np.asarray(between, np.float32)

    def place(self, pos: Any, fixed: Any) -> Floats:
        """Return the (2, n) points of the canvas where a table's rows are to be seen now."""
        between = self.now(pos)
        if fixed is None:
            between -= np.array([[self.left], [self.top]], np.float32)
            between *= np.float32(self.zoom)
        elif fixed.drift.any():
            between -= fixed.drift * np.array([[self.x], [self.y]], np.float32)
            turn = np.flatnonzero(fixed.wrap > 0)
            wrap = fixed.wrap[turn]
            between[0, turn] = (between[0, turn] + (wrap - self.width) / 2) % wrap - (wrap - self.width) / 2
        return between

    def angle(self, rotation: Any, count: int) -> Floats:
        """Return the angles of a table's rows now, the shorter way round between two ticks; 0 without a Rotation."""
        if rotation is None:
            return np.zeros(count, np.float32)
        turned = (rotation.angle - rotation.last + np.float32(np.pi)) % np.float32(2 * np.pi) - np.float32(np.pi)
        between = rotation.angle - turned * np.float32(1 - self.alpha)
        np.copyto(between, rotation.angle, where=np.isnan(between))
        return np.asarray(between, np.float32)

    def scale(self, fixed: Any) -> np.float32:
        """Return how many pixels a unit of length has."""
        return np.float32(self.zoom if fixed is None else 1.0)

    def sees(self, at: Floats, reach: Any) -> NDArray[np.bool_]:
        """Return a mask of the points that are within reach of the canvas; nan is not."""
        x, y = at
        seen: NDArray[np.bool_] = (x > -reach) & (x < self.width + reach) & (y > -reach) & (y < self.height + reach)
        return seen


def _between(last: float, now: float, alpha: float) -> float:
    """Return where a camera is to be seen between two ticks."""
    return float(now) if math.isnan(last) else float(last + (now - last) * alpha)


def _shake(amount: float, seconds: float) -> tuple[float, float]:
    """Return an offset of at most `amount` pixels that jumps about in time but is the same at the same time."""
    if not amount > 0:
        return 0.0, 0.0
    x = (math.sin(seconds * 61.0) + math.sin(seconds * 97.0 + 1.3)) / 2
    y = (math.sin(seconds * 73.0 + 2.1) + math.sin(seconds * 109.0 + 0.4)) / 2
    return amount * x, amount * y
