"""Draws nothing; counts what it was asked to draw, for tests to look at.

`core.render.save` still writes a PNG of the canvas' size, all in the colour the canvas is cleared with.
"""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from engine import Mut, Query, Render, field, handler, resource, system
from modules.core.motion import Position
from modules.core.render import (
    Bitmap,
    Box,
    Camera,
    Canvas,
    Circle,
    Dot,
    Gradient,
    Line,
    NineSlice,
    Picture,
    Polygon,
    Sprite,
    Text,
    View,
)
from modules.core.tiles import TileMap

__all__ = ["Asked"]


@resource(transient=True)
class Asked:
    """What the last frame was to show: rows by kind, rows by image, the texts, and the number of frames so far."""

    frames: int = 0
    rows: dict[str, int] = field(factory=dict)
    images: dict[str, int] = field(factory=dict)
    texts: list[str] = field(factory=list)
    camera: tuple[float, float, float] = (0.0, 0.0, 1.0)


@system(Render)
def count(
    sprites: Query[Position, Sprite],
    texts: Query[Position, Text],
    circles: Query[Position, Circle],
    boxes: Query[Position, Box],
    lines: Query[Position, Line],
    polygons: Query[Position, Polygon],
    dots: Query[Position, Dot],
    gradients: Query[Position, Gradient],
    slices: Query[Position, NineSlice],
    bitmaps: Query[Position, Bitmap],
    views: Query[Position, View],
    tiles: TileMap,
    camera: Camera,
    asked: Mut[Asked],
    picture: Mut[Picture],
) -> None:
    """Count what there is to draw."""
    asked.rows = {
        "sprites": len(sprites),
        "texts": len(texts),
        "circles": len(circles),
        "boxes": len(boxes),
        "lines": len(lines),
        "polygons": len(polygons),
        "dots": len(dots),
        "gradients": len(gradients),
        "slices": len(slices),
        "bitmaps": len(bitmaps),
        "views": len(views),
        "tiles": int(np.count_nonzero(tiles.gids)),
    }
    images: dict[str, int] = {}
    for _, sprite in sprites:
        for name in sprite.image.tolist():
            images[name] = images.get(name, 0) + 1
    asked.images = images
    asked.texts = [str(line) for _, text in texts for line in text.text.tolist()]
    asked.camera = (float(camera.x), float(camera.y), float(camera.zoom))
    asked.frames += 1
    picture.count += 1


@handler("core.render.capture")
def capture(canvas: Canvas) -> NDArray[np.uint8]:
    """Return a (height, width, 3) array, all in the colour of the canvas."""
    color = [canvas.color >> shift & 0xFF for shift in (24, 16, 8)]
    return np.full((int(canvas.height), int(canvas.width), 3), color, np.uint8)


@handler("core.render.save")
def save(path: str, canvas: Canvas, width: int = 0) -> None:
    """Write that array as a PNG, of another width where one is given."""
    pixels = capture(canvas)
    if 0 < width < pixels.shape[1]:
        pixels = pixels[: max(1, round(width * pixels.shape[0] / pixels.shape[1])), :width]
    Path(path).write_bytes(png(pixels))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """Return a (height, width, 3) array as the bytes of a PNG file (W3C PNG, section 5)."""
    height, width, _ = pixels.shape
    lines = np.zeros((height, 1 + 3 * width), np.uint8)
    lines[:, 1:] = pixels.reshape(height, 3 * width)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 6)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")
