"""The smallest dots: pixels written straight into the canvas, whole columns at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ._pygame import pygame
from .frame import Batch
from .stamps import group_of


@dataclass(frozen=True)
class Points:
    """Columns of points: (2, n) places, whether they are two pixels wide, colours, layers, whether they add light."""

    at: NDArray[np.float32]
    wide: NDArray[np.bool_]
    color: NDArray[np.uint32]
    layer: NDArray[np.int32]
    glow: NDArray[np.bool_]


def point_batches(parts: list[Points], kind: int) -> Iterator[Batch]:
    """Yield a batch for each layer, those that add light after the others of their layer."""
    if not parts:
        return
    at = np.concatenate([part.at for part in parts], axis=1)
    columns = [np.concatenate([getattr(part, name) for part in parts]) for name in ("wide", "color", "layer", "glow")]
    wide, color, layer, glow = columns
    group, layers = group_of(layer, glow)
    for index in np.flatnonzero(np.bincount(group)).tolist():
        rows = slice(None) if len(layers) == 1 and not glow.any() else np.flatnonzero(group == index)
        draw = _Pixels(at[:, rows], wide[rows], color[rows], bool(index % 2))
        yield Batch(layers[index // 2], kind, draw)


@dataclass(frozen=True)
class _Pixels:
    at: NDArray[np.float32]
    wide: NDArray[np.bool_]
    color: NDArray[np.uint32]
    glow: bool

    def __call__(self, target: pygame.Surface) -> None:
        """Write the points that lie on the canvas."""
        width, height = target.get_size()
        pitch = target.get_pitch() // 4
        pixels = np.frombuffer(target.get_buffer(), np.uint32)  # type: ignore[call-overload] # any buffer will do
        x, y = np.floor(self.at).astype(np.int32)
        whole = (x >= 0) & (x < width - 1) & (y >= 0) & (y < height - 1)  # so are the three pixels beside each
        self._write(pixels, y * pitch + x, self.color, whole, (0,))
        self._write(pixels, y * pitch + x, self.color, whole & self.wide, (1, pitch, pitch + 1))
        edge = np.flatnonzero(~whole)
        for dx, dy in ((0, 0), (1, 0), (0, 1), (1, 1)) if edge.size else ():
            column, line = x[edge] + dx, y[edge] + dy
            seen = (column >= 0) & (column < width) & (line >= 0) & (line < height)
            seen &= self.wide[edge] | ((dx == 0) & (dy == 0))
            self._write(pixels, line * pitch + column, self.color[edge], seen, (0,))

    def _write(self, pixels: Any, place: Any, color: Any, rows: Any, beside: tuple[int, ...]) -> None:
        """Write some points into the pixels beside their place."""
        if not rows.all():
            chosen = np.flatnonzero(rows)
            place, color = place[chosen], color[chosen]
        laid = _over(color)
        for step in beside:
            where = place + step if step else place
            pixels[where] = laid[0] if laid[3] and not self.glow else _mixed(pixels[where], laid, self.glow)


LANES, GREEN = np.uint32(0x00FF00FF), np.uint32(0x0000FF00)
"""Red and blue of a pixel 0x00RRGGBB, which have room above each for a product, and the green between them."""


def _over(color: Any) -> tuple[Any, Any, Any, bool]:
    """Return red and blue, then green, weighted by alpha, 256 minus the weight, and whether all are opaque.

    Opaque colours come whole instead of red and blue.
    """
    alpha = color & np.uint32(0xFF)
    share = alpha + (alpha >> 7)  # 0 to 256
    if (share == 256).all():
        return color >> 8, (color >> 8) & GREEN, None, True
    red_blue = ((color >> 8 & LANES) * share) >> 8 & LANES
    green = ((color >> 16 & np.uint32(0xFF)) * share) & GREEN
    return red_blue, green, np.uint32(256) - share, False


def _mixed(below: Any, laid: tuple[Any, Any, Any, bool], glow: bool) -> Any:
    """Return pixels 0x00RRGGBB with colours laid over them, or added to them, two channels at a time."""
    red_blue, green, rest, opaque = laid
    if not glow:
        red_blue = red_blue + ((below & LANES) * rest >> 8 & LANES)
        return red_blue | (green + ((below >> 8 & np.uint32(0xFF)) * rest & GREEN))
    red_blue = (below & LANES) + (red_blue & LANES if opaque else red_blue)
    over = red_blue & np.uint32(0x01000100)
    red_blue |= over - (over >> 8)  # what ran over becomes full
    return red_blue & LANES | np.minimum((below & GREEN) + green, GREEN)
