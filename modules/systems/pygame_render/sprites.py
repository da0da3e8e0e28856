"""Sprites, filled circles and dots, from columns to stamps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from engine import Maybe, Query
from modules.core.assets import Assets
from modules.core.motion import Position, Rotation
from modules.core.render import Circle, Dot, Fixed, Pose, Sheet, Sprite

from .frame import DISCS, DOTS, SPRITES, Batch, Frame
from .images import DISC, GLOW
from .points import Points, point_batches
from .stamps import Stamps, batches
from .studio import LARGEST, Studio, pack

Sprites = Query[Position, Sprite, Maybe[Rotation], Maybe[Fixed], Maybe[Sheet], Maybe[Pose]]
Circles = Query[Position, Circle, Maybe[Fixed]]
Dots = Query[Position, Dot, Maybe[Fixed]]

REACH = np.float32(0.7072)
"""Half the diagonal of a square, as a share of its side."""
POINT = 2.0
"""Dots of up to so many pixels are written as pixels."""


def sprite_batches(sprites: Sprites, frame: Frame, studio: Studio, assets: Assets) -> Iterator[Batch]:
    """Yield the sprites that can be seen, by layer."""
    parts = []
    for pos, sprite, rotation, fixed, sheet, pose in sprites:
        if not frame.shows(fixed):
            continue
        at, scale = frame.place(pos, fixed), frame.scale(fixed)
        image, longest = studio.columns(sprite.image, sheet, assets)
        size = longest * sprite.scale * scale
        line, reach = at[1], size * REACH
        if pose is not None:
            at = np.asarray(at + np.stack([pose.dx, pose.dy]) * scale, np.float32)
            reach = reach * 2
        seen = np.flatnonzero(frame.sees(at, reach) & (sprite.tint & 0xFF != 0) & (size >= 0.5))
        if seen.size:
            angle = _tame((frame.angle(rotation, size.size) + sprite.angle)[seen])
            # Upside down is left to right, turned by half a circle.
            angle = np.where(sprite.flip_y[seen], angle + np.float32(np.pi), angle)
            flip = sprite.flip[seen] ^ sprite.flip_y[seen]
            stretch = None if pose is None else pose.stretch[seen]
            key = pack(image[seen], size[seen], angle, flip, sprite.tint[seen], stretch)
            parts.append(Stamps(at[:, seen], key, sprite.layer[seen], sprite.glow[seen], line[seen]))
    yield from batches(parts, studio, SPRITES, by_y=True)


def disc_batches(circles: Circles, frame: Frame, studio: Studio) -> Iterator[Batch]:
    """Yield the filled circles that are not too large to be kept."""
    parts = []
    for pos, circle, fixed in circles:
        if not frame.shows(fixed):
            continue
        at = frame.place(pos, fixed)
        size = circle.radius * 2 * frame.scale(fixed)
        seen = np.flatnonzero(frame.sees(at, size) & filled(circle, size) & (circle.color & 0xFF != 0))
        if seen.size:
            parts.append(_discs(at, size, circle, seen, DISC))
    yield from batches(parts, studio, DISCS, by_y=False)


def filled(circle: Any, size: Any) -> Any:
    """Return a mask of the circles that are drawn as stamps: filled, and of moderate size."""
    return (circle.width <= 0) & (size <= 256) & (size > 0)


def dot_batches(dots: Dots, frame: Frame, studio: Studio) -> Iterator[Batch]:
    """Yield dots: the small ones as pixels, the others as soft discs."""
    parts, points = [], []
    for pos, dot, fixed in dots:
        if not frame.shows(fixed):
            continue
        at = frame.place(pos, fixed)
        size = dot.size * frame.scale(fixed)
        seen = frame.sees(at, size) & (dot.color & 0xFF != 0) & (size > 0)
        small = np.flatnonzero(seen & (size <= POINT))
        large = np.flatnonzero(seen & (size > POINT))
        if small.size:
            points.append(Points(at[:, small], size[small] > 1, dot.color[small], dot.layer[small], dot.glow[small]))
        if large.size:
            parts.append(_discs(at, size, dot, large, np.where(dot.glow[large], GLOW, DISC)))
    yield from point_batches(points, DOTS)
    yield from batches(parts, studio, DOTS, by_y=False)


def _discs(at: Any, size: Any, what: Any, rows: Any, image: Any) -> Stamps:
    none = np.zeros(rows.size, np.bool_)
    number = np.broadcast_to(np.asarray(image, np.int64), rows.shape)
    key = pack(number, np.minimum(size[rows], LARGEST), np.zeros(rows.size, np.float32), none, what.color[rows])
    return Stamps(at[:, rows], key, what.layer[rows], what.glow[rows], at[1, rows])


def _tame(angle: Any) -> Any:
    """Return angles that can be counted in steps: nan and infinity become 0."""
    return np.where(np.abs(angle) < 1e6, angle, np.float32(0))
