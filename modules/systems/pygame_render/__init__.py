"""Draws the world onto an off-screen surface of the canvas' size.

No display is needed, so the picture is the same in a window and without one.
"""

from __future__ import annotations

import logging
import os
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import HotloopError, Mut, Render, handler, system
from modules.core.assets import Assets
from modules.core.render import Bitmaps, Camera, Canvas, Picture
from modules.core.tiles import TileArt, TileMap
from modules.core.time import Time

from ._pygame import pygame
from .bitmaps import Shown, bitmap_batches
from .frame import Batch, Frame
from .letters import Texts, text_batches
from .shapes import Boxes, Gradients, Lines, Polygons, shape_batches
from .slices import Slices, slice_batches
from .sprites import Circles, Dots, Sprites, disc_batches, dot_batches, sprite_batches
from .studio import Studio
from .tiles import tile_batches
from .views import Views, view_batches

__all__ = ["Studio"]


@system(Render)
def draw(
    sprites: Sprites,
    circles: Circles,
    boxes: Boxes,
    gradients: Gradients,
    lines: Lines,
    polygons: Polygons,
    slices: Slices,
    dots: Dots,
    texts: Texts,
    shown: Shown,
    views: Views,
    tiles: TileMap,
    art: TileArt,
    canvas: Canvas,
    camera: Camera,
    bitmaps: Bitmaps,
    time: Time,
    assets: Mut[Assets],
    studio: Mut[Studio],
    picture: Mut[Picture],
) -> None:
    """Draw everything, layer by layer."""
    whole = Frame.of(canvas, camera, time)
    target = studio.target(whole.width, whole.height)
    if studio.smooth != whole.smooth:
        studio.forget()
        studio.smooth = whole.smooth
    target.fill((canvas.color >> 24 & 0xFF, canvas.color >> 16 & 0xFF, canvas.color >> 8 & 0xFF))

    seconds = float(time.elapsed) + whole.alpha * float(time.dt)

    def paint(frame: Frame) -> list[Batch]:
        found = [
            *bitmap_batches(shown, bitmaps, frame),
            *tile_batches(tiles, art, frame, studio, assets, int(seconds * 1000)),
            *shape_batches(circles, boxes, gradients, lines, polygons, frame, studio.sheets),
            *disc_batches(circles, frame, studio),
            *slice_batches(slices, frame, studio, assets),
            *sprite_batches(sprites, frame, studio, assets),
            *dot_batches(dots, frame, studio),
            *text_batches(texts, frame, studio.letters, assets),
        ]
        return sorted(found, key=lambda batch: (batch.layer, batch.kind))

    batches = [*paint(whole), *view_batches(views, whole, seconds, paint)]
    batches.sort(key=lambda batch: (batch.layer, batch.kind))
    for batch in batches:
        batch.draw(target)
    picture.surface = target
    picture.count += 1


@handler("core.render.capture")
def capture(studio: Mut[Studio], canvas: Canvas) -> NDArray[np.uint8]:
    """Return the picture drawn last as a (height, width, 3) array."""
    surface = studio.target(max(1, int(canvas.width)), max(1, int(canvas.height)))
    pixels: Any = pygame.surfarray.array3d(surface)
    return np.ascontiguousarray(pixels.transpose(1, 0, 2))


@handler("core.render.raw")
def raw(studio: Mut[Studio], canvas: Canvas) -> dict[str, Any]:
    """Return a copy of the picture drawn last that costs next to nothing to make.

    `pixels` are (height, width) numbers of 32 bits, `shifts` tells by how many bits red, green and blue are shifted.
    """
    surface = studio.target(max(1, int(canvas.width)), max(1, int(canvas.height)))
    return {"pixels": pygame.surfarray.pixels2d(surface).T.copy(), "shifts": list(surface.get_shifts()[:3])}


@handler("core.render.save")
def save(path: str, studio: Mut[Studio], canvas: Canvas, width: int = 0) -> None:
    """Write the picture drawn last as a PNG, in place of any older file only once it is whole.

    With a `width` it is scaled down to that.
    """
    surface = studio.target(max(1, int(canvas.width)), max(1, int(canvas.height)))
    if 0 < width < surface.get_width():
        height = max(1, round(width * surface.get_height() / surface.get_width()))
        surface = pygame.transform.smoothscale(surface, (width, height))
    goal = Path(path)
    try:
        goal.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(suffix=".png", dir=goal.parent)
        os.close(handle)
        pygame.image.save(surface, name)
        os.chmod(name, 0o644)
        os.replace(name, goal)
    except (OSError, pygame.error) as error:
        raise HotloopError(f"picture {path} cannot be written", why=str(error), remedy="name another file") from error
    logging.getLogger("hotloop").debug("wrote %s", path)
