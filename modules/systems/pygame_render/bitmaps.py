"""Arrays of colours, scaled to where they lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.motion import Position
from modules.core.render import Bitmap, Bitmaps, Fixed

from ._pygame import pygame
from .frame import BITMAPS, Batch, Frame

Shown = Query[Position, Bitmap, Maybe[Fixed]]


def bitmap_batches(shown: Shown, bitmaps: Bitmaps, frame: Frame) -> Iterator[Batch]:
    """Yield the arrays that can be seen and are there, each as a batch of its own."""
    for pos, bitmap, fixed in shown:
        if not frame.shows(fixed):
            continue
        at, scale = frame.place(pos, fixed), frame.scale(fixed)
        w, h = bitmap.w * scale, bitmap.h * scale
        seen = frame.sees(at, np.maximum(w, h) / 2) & (w >= 1) & (h >= 1)
        for row in np.flatnonzero(seen).tolist():
            array = bitmaps.arrays.get(str(bitmap.name[row]))
            if array is None or array.ndim != 2 or array.size == 0:
                continue
            x, y, wide, high = (float(value) for value in (at[0, row], at[1, row], w[row], h[row]))
            place = (x - wide / 2, y - high / 2, wide, high)
            paint = _Paint(array, place, bool(bitmap.smooth[row]), bool(bitmap.glow[row]))
            yield Batch(int(bitmap.layer[row]), BITMAPS, paint)


@dataclass(frozen=True)
class _Paint:
    array: Any
    place: tuple[float, float, float, float]
    smooth: bool
    glow: bool

    def __call__(self, target: pygame.Surface) -> None:
        """Scale the part of the array that can be seen onto the target."""
        x, y, w, h = self.place
        rows, columns = self.array.shape
        wide, high = target.get_size()
        left, right = _cut(-x / w * columns, (wide - x) / w * columns, columns)
        top, bottom = _cut(-y / h * rows, (high - y) / h * rows, rows)
        if left >= right or top >= bottom:
            return
        piece = self._surface(self.array[top:bottom, left:right])
        at = (round(x + left * w / columns), round(y + top * h / rows))
        end = (round(x + right * w / columns), round(y + bottom * h / rows))
        size = (max(1, end[0] - at[0]), max(1, end[1] - at[1]))
        if size != piece.get_size():
            scale = pygame.transform.smoothscale if self.smooth else pygame.transform.scale
            piece = scale(piece, size)
        target.blit(piece, at, special_flags=pygame.BLEND_RGB_ADD if self.glow else 0)

    def _surface(self, array: Any) -> pygame.Surface:
        """Return colours as a surface, one with alpha only where some of them are not opaque."""
        see_through = not self.glow and int((array & np.uint32(0xFF)).min()) < 255
        surface = pygame.Surface((array.shape[1], array.shape[0]), pygame.SRCALPHA if see_through else 0, 32)
        colors = array >> np.uint32(8)
        if see_through:
            colors |= (array & np.uint32(0xFF)) << np.uint32(24)
        pixels: Any = pygame.surfarray.pixels2d(surface)
        pixels[:] = colors.T
        del pixels
        return surface


def _cut(low: float, high: float, count: int) -> tuple[int, int]:
    """Return which cells lie between two places, counted in cells."""
    return max(0, int(np.floor(low))), min(count, int(np.ceil(high)))
