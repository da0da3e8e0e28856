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
        x, y = np.floor(self.at).astype(np.int32)
        wide = np.flatnonzero(self.wide)
        steps = [(x, y, self.color)]
        if wide.size:
            steps += [(x[wide] + dx, y[wide] + dy, self.color[wide]) for dx, dy in ((1, 0), (0, 1), (1, 1))]
        pixels = np.frombuffer(target.get_buffer(), np.uint32)  # type: ignore[call-overload] # any buffer will do
        pitch = target.get_pitch() // 4
        for column, line, color in steps:
            seen = (column >= 0) & (column < width) & (line >= 0) & (line < height)
            place = line[seen] * pitch + column[seen]
            pixels[place] = _mixed(pixels[place], color[seen], self.glow)


def _mixed(below: Any, color: Any, glow: bool) -> Any:
    """Return pixels 0x00RRGGBB with colours 0xRRGGBBAA laid over them, or added to them."""
    alpha = color & 0xFF
    if not glow and (alpha == 0xFF).all():
        return color >> 8
    mixed = np.zeros_like(below)
    for shift in (0, 8, 16):
        over, under = color >> (shift + 8) & 0xFF, below >> shift & 0xFF
        part = over * alpha // 255
        part = np.minimum(under + part, 255) if glow else part + under * (255 - alpha) // 255
        mixed |= part << shift
    return mixed
