"""What is drawn, and where.

An entity with a `Position` and one of these components is drawn. Sprites, boxes, lines and polygons are turned by its
`Rotation` if it has one. Layers are shared by everything: the higher layer lies on top. Within a layer come arrays,
shapes, panels, sprites from top to bottom by y, dots, text, then views. The canvas is the picture a game draws, of
fixed size whatever the window's; an entity with `Fixed` is placed on it directly, all others are seen through the
`Camera`, and through every `View`. Colours are numbers 0xRRGGBBAA, see `rgba`.

An implementation answers `core.render.capture()` with a (height, width, 3) uint8 array of the picture, and
`core.render.save(path, width)` by writing it as PNG, scaled down to `width` where that is not 0.
"""

from __future__ import annotations

from .bitmaps import Bitmap, Bitmaps
from .canvas import (
    Camera,
    Canvas,
    Picture,
    View,
    cut,
    in_sight,
    look_at,
    settle,
    to_canvas,
    to_world,
    view_to_canvas,
    view_to_world,
)
from .colors import fade, mix, rgba
from .things import (
    Box,
    Circle,
    Dot,
    Fixed,
    Gradient,
    Line,
    NineSlice,
    Polygon,
    Pose,
    Sheet,
    Sprite,
    Text,
    outline,
)

__all__ = [
    "Bitmap",
    "Bitmaps",
    "Box",
    "Camera",
    "Canvas",
    "Circle",
    "Dot",
    "Fixed",
    "Gradient",
    "Line",
    "NineSlice",
    "Picture",
    "Polygon",
    "Pose",
    "Sheet",
    "Sprite",
    "Text",
    "View",
    "cut",
    "fade",
    "in_sight",
    "look_at",
    "mix",
    "outline",
    "rgba",
    "settle",
    "to_canvas",
    "to_world",
    "view_to_canvas",
    "view_to_world",
]
