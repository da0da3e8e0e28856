"""Bodies, and the events that tell of them."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import boolean, component, event, f32, field, resource, u32


@component
class Body:
    """Give an entity an extent around its `Position`: `Body(radius=6)` is a circle, `Body(w=20, h=30)` a box.

    With all three it is a box whose sides lie `radius` further out, with round corners. `layers` are the bits of what
    it is, `mask` those of what it wants to hear about; a body without mask is touched, and told nothing.
    """

    w: f32 = 0.0
    h: f32 = 0.0
    radius: f32 = 0.0
    layers: u32 = 1
    mask: u32 = 0


@component
class Slide:
    """Stop an entity with `Velocity` and `Body` at walls and let it slide along them.

    `bounce` is the share of its speed that it keeps, turned round, when it hits a wall. While `drop` is set it falls
    through ledges. `floor`, `ceiling`, `left` and `right` tell which sides were stopped in this tick. Walls see a body
    as the box around it.
    """

    bounce: f32 = 0.0
    drop: boolean = False
    floor: boolean = False
    ceiling: boolean = False
    left: boolean = False
    right: boolean = False


@event
class Touch:
    """`one` overlaps `other`, and has a bit of its layers in its mask; sent in every tick of the overlap.

    (nx, ny) is the direction from one to other, `depth` how far to move one against it until they part.
    """

    one: engine.entity
    other: engine.entity
    nx: f32
    ny: f32
    depth: f32


@event
class Met:
    """`one` overlaps `other` since this tick."""

    one: engine.entity
    other: engine.entity


@event
class Parted:
    """`one` does not overlap `other` any more, or one of them is gone."""

    one: engine.entity
    other: engine.entity


def _nobody() -> Any:
    return np.zeros(0, np.uint64)


@resource
class Touching:
    """Hold the pairs that overlap, as two (n,) arrays of entities, sorted by the slots of both."""

    one: Any = field(factory=_nobody)
    other: Any = field(factory=_nobody)
