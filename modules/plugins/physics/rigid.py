"""Rigid bodies, the laws they obey, and what is told when they bump."""

from __future__ import annotations

from typing import Any

import numpy as np

import engine
from engine import boolean, component, event, f32, field, resource, vec2, vector


@component
class Rigid:
    """Make a `Body` a rigid one of some mass; one of mass 0 moves at its own speed and yields to nobody.

    (vx, vy) is its velocity in units a second, `spin` in radians a second; writing them is pushing it. `bounce` is the
    share of speed that a hit gives back, `friction` that of the weight that it takes to shift it. With `turns` off it
    keeps its angle. Both of a pair count: their bounces, and their frictions, are multiplied.
    """

    mass: f32 = 1.0
    friction: f32 = 0.7
    bounce: f32 = 0.0
    turns: boolean = True
    vx: f32 = 0.0
    vy: f32 = 0.0
    spin: f32 = 0.0
    velocity: vec2 = vector("vx", "vy")


@event
class Bump:
    """Two bodies, or one and a wall (`other` 0), began to touch at (x, y), with an impulse in mass times speed."""

    one: engine.entity
    other: engine.entity
    x: f32
    y: f32
    impulse: f32


def _nobody() -> Any:
    return np.zeros(0, np.uint64)


@resource
class Contacts:
    """Hold the pairs that touched in the last tick, as two (n,) arrays of entities; 0 is a wall."""

    one: Any = field(factory=_nobody)
    other: Any = field(factory=_nobody)


@resource
class Physics:
    """Set gravity in units a second squared, the share of speed that is kept each second, and how exact to be.

    Each of `steps` parts of a tick solves contacts `iterations` times over; tall stacks want more of both.
    """

    gravity_x: float = 0.0
    gravity_y: float = 900.0
    keep: float = 1.0
    steps: int = 2
    iterations: int = 20
