"""The components that are drawn.

`layer` orders everything; `glow` adds light to what lies below instead of covering it; `width` 0 fills a shape,
more draws its outline so many pixels wide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import HotloopError, array, boolean, component, f32, handle, i32, u8, u32

MOST_CORNERS = 16


@component
class Fixed:
    """Place an entity on the canvas itself, untouched by the camera: scores, menus."""


@component(feature="sprites")
class Sprite:
    """Draw an image centred at the entity; an empty name draws nothing.

    `angle` in radians is added to the entity's `Rotation`; `tint` multiplies the image's colours, so that white
    leaves them; `flip` mirrors it left to right.
    """

    image: handle
    layer: i32 = 0
    scale: f32 = 1.0
    tint: u32 = 0xFFFFFFFF
    angle: f32 = 0.0
    flip: boolean = False
    glow: boolean = False


@component(feature="shapes")
class Circle:
    """Draw a disc or a ring."""

    radius: f32
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    width: f32 = 0.0
    glow: boolean = False


@component(feature="shapes")
class Box:
    """Draw a box centred at the entity; `w` and `h` are its whole width and height."""

    w: f32
    h: f32
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    width: f32 = 0.0
    glow: boolean = False


@component(feature="shapes")
class Line:
    """Draw a line from the entity to (dx, dy) beside it."""

    dx: f32
    dy: f32
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    width: f32 = 1.0
    glow: boolean = False


@component(feature="shapes")
class Polygon:
    """Draw a polygon of up to 16 corners around the entity; `outline` makes one from a list of points."""

    xs: f32 = array(f32, MOST_CORNERS)
    ys: f32 = array(f32, MOST_CORNERS)
    corners: u8 = 0
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    width: f32 = 0.0
    glow: boolean = False


@component(feature="text")
class Text:
    """Draw text whose middle line is at the entity.

    `align` is "left", "center" or "right": which of its ends lies there. A newline starts a new line. `font` is a
    font asset; an empty one is the engine's own.
    """

    text: engine.text
    size: f32 = 20.0
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    align: engine.text = "left"
    font: handle = ""
    glow: boolean = False


@component(feature="points")
class Dot:
    """Draw a soft round particle, `size` pixels across; up to 2 pixels it is a crisp point."""

    size: f32 = 2.0
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    glow: boolean = False


def outline(points: Any, **rest: Any) -> Polygon:
    """Make a `Polygon` of a (k, 2) list of points around the entity, or of (n, k, 2) of them for n entities.

    The other fields are given by keyword. Raises `HotloopError` for fewer than 2 or more than 16 points.
    """
    corners = np.asarray(points, np.float32)
    count = corners.shape[-2] if corners.ndim in (2, 3) and corners.shape[-1] == 2 else 0
    if not 2 <= count <= MOST_CORNERS:
        raise HotloopError(
            f"an outline of shape {corners.shape} cannot be drawn",
            remedy=f"give 2 to {MOST_CORNERS} points as (k, 2), or (n, k, 2) for n entities",
            points=points,
        )
    padded = np.zeros((*corners.shape[:-2], MOST_CORNERS, 2), np.float32)
    padded[..., :count, :] = corners
    xs, ys = padded[..., 0], padded[..., 1]
    return Polygon(xs=xs.T, ys=ys.T, corners=count, **rest)
