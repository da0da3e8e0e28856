"""Motion: where entities are, how they move and turn, and which ride on which.

Lengths are in world units (one canvas pixel at zoom 1), y points down, angles are radians and turn clockwise on
the screen: angle 0 looks right, pi / 2 looks down.
"""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import component, f32, vec2, vector

__all__ = ["Local", "Parent", "Position", "Rotation", "Spin", "Velocity", "teleport"]


@component
class Position:
    """Place an entity.

    `last` is the place it had at the start of the tick, kept by the implementation for the picture between two
    ticks; nan means that there was none.
    """

    x: f32 = 0.0
    y: f32 = 0.0
    last_x: f32 = np.nan
    last_y: f32 = np.nan
    xy: vec2 = vector("x", "y")
    last: vec2 = vector("last_x", "last_y")


@component
class Velocity:
    """Move an entity, in units a second."""

    x: f32 = 0.0
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")


@component(feature="rotation")
class Rotation:
    """Turn an entity to an angle in radians; `last` is the angle at the start of the tick, nan for none."""

    angle: f32 = 0.0
    last: f32 = np.nan


@component(feature="rotation")
class Spin:
    """Keep an entity turning, in radians a second."""

    rate: f32 = 0.0


@component
class Parent:
    """Let an entity ride on another one, and leave with it.

    With a `Local` beside it the place follows from the parent's; without, only the end is shared.
    """

    entity: engine.entity


@component
class Local:
    """Hold a child's place and angle as its parent sees them.

    In PostUpdate the child's `Position` becomes the parent's, plus this turned by the parent's `Rotation`; the
    child's `Rotation`, if it has one, becomes the parent's plus `angle`.
    """

    x: f32 = 0.0
    y: f32 = 0.0
    angle: f32 = 0.0
    xy: vec2 = vector("x", "y")


def teleport(pos: Any, mask: Any = slice(None)) -> None:
    """Show these rows of a `Mut[Position]` or `Mut[Rotation]` step at once where they are now.

    Without it the picture slides them there from where they were. Call it in the tick of the jump.
    """
    pos.last[..., mask] = np.nan
