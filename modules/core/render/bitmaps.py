"""Pictures that are arrays: what a simulation computes, drawn as it stands."""

from __future__ import annotations

from typing import Any

import engine
from engine import boolean, component, f32, field, i32, resource


@resource(transient=True)
class Bitmaps:
    """Keep arrays to be drawn, by name: (height, width) of colours 0xRRGGBBAA, dtype uint32.

    They are not part of the world: what they show should follow from it, anew in every tick, as in a system of
    PostUpdate.
    """

    arrays: dict[str, Any] = field(factory=dict)


@component(feature="bitmaps")
class Bitmap:
    """Draw an array of `Bitmaps`, by its name, centred at the entity; `w` and `h` are its size in units of the world.

    Its cells are sharp squares, or flow into each other where it is `smooth`.
    """

    name: engine.text
    w: f32
    h: f32
    layer: i32 = 0
    smooth: boolean = False
    glow: boolean = False
