"""The components that are drawn.

`layer` orders everything; `glow` adds light to what lies below instead of covering it; `width` 0 fills a shape,
more draws its outline so many pixels wide.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import HotloopError, array, boolean, component, f32, handle, i32, u8, u32, vec2, vector

MOST_CORNERS = 16


@component
class Fixed:
    """Place an entity on the canvas itself, untouched by the camera: scores, menus.

    `drift` is the share of the camera's movement that it makes all the same, without its zoom: 0.2 suits far hills, 0.5
    near ones. What drifts out of sight comes in on the other side where `wrap` is not 0: so many pixels farther.
    """

    drift_x: f32 = 0.0
    drift_y: f32 = 0.0
    wrap: f32 = 0.0
    drift: vec2 = vector("drift_x", "drift_y")


@component(feature="sprites")
class Sprite:
    """Draw an image centred at the entity; an empty name draws nothing.

    `angle` in radians is added to the entity's `Rotation`; `tint` multiplies the image's colours, so that white
    leaves them; `flip` mirrors it left to right, `flip_y` top to bottom. See `Sheet` for one of many pictures in an
    image, and `Pose` to shift and stretch.
    """

    image: handle
    layer: i32 = 0
    scale: f32 = 1.0
    tint: u32 = 0xFFFFFFFF
    angle: f32 = 0.0
    flip: boolean = False
    glow: boolean = False
    flip_y: boolean = False


@component(feature="sprites")
class Sheet:
    """Choose one cell of a sprite's image, which is a sheet of equal ones.

    Cells are counted row by row from 0; a number beyond the last one begins anew. An image whose name ends in `.json`
    is an atlas as Aseprite and TexturePacker write it: its frames in their order are the cells, whatever `columns`
    and `rows` say.
    """

    cell: i32 = 0
    columns: u8 = 1
    rows: u8 = 1


@component(feature="sprites")
class Pose:
    """Draw a sprite (dx, dy) beside its entity, and `stretch` times as high and by as much narrower.

    The entity's own place goes on to decide what lies in front. Stretch runs from 0.5 to 2.
    """

    dx: f32 = 0.0
    dy: f32 = 0.0
    stretch: f32 = 1.0


@component(feature="sprites")
class NineSlice:
    """Draw an image as a panel of any size: its corners, of `edge` pixels, keep theirs, and all else stretches."""

    image: handle
    w: f32
    h: f32
    edge: f32 = 8.0
    layer: i32 = 0
    tint: u32 = 0xFFFFFFFF


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
class Gradient:
    """Draw an upright box whose colour goes over into another one, `end`, at its foot, or at its right if `across`."""

    w: f32
    h: f32
    color: u32 = 0xFFFFFFFF
    end: u32 = 0x000000FF
    layer: i32 = 0
    across: boolean = False
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
    font asset; an empty one is the engine's own. `edge` is the width of an outline in `edge_color`, which fades
    with the text; (dx, dy) shifts the text, so that an entity can carry a label above its sprite.
    """

    text: engine.text
    size: f32 = 20.0
    color: u32 = 0xFFFFFFFF
    layer: i32 = 0
    align: engine.text = "left"
    font: handle = ""
    glow: boolean = False
    edge: f32 = 0.0
    edge_color: u32 = 0x000000FF
    dx: f32 = 0.0
    dy: f32 = 0.0


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
