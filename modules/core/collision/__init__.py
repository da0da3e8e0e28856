"""Collision: what touches what, what walls stop, and what a ray meets.

An entity with a `Position` and a `Body` can be touched. Who has a `mask` hears about it: `Touch` in every tick of an
overlap, `Met` in its first and `Parted` after its last. An entity with a `Velocity`, a `Body` and `Slide` stops at the
world's `Walls` and slides along them. An implementation does both in Update, after movement and before the systems of
plugins and games, which thus see places and events of this very tick.

`overlaps`, `rays_to_walls` and `rays_to_shapes` answer for whole arrays at once and at any time.
"""

from __future__ import annotations

from .bodies import Body, Met, Parted, Slide, Touch, Touching
from .rays import rays_to_shapes, rays_to_walls
from .shapes import Shapes, contacts, overlaps
from .walls import LEDGE, OPEN, SOLID, Walls

__all__ = [
    "LEDGE",
    "OPEN",
    "SOLID",
    "Body",
    "Met",
    "Parted",
    "Shapes",
    "Slide",
    "Touch",
    "Touching",
    "Walls",
    "contacts",
    "overlaps",
    "rays_to_shapes",
    "rays_to_walls",
]
