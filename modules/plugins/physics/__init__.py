"""Rigid bodies: boxes and circles that fall, roll, stack and bump into each other, simulated by pymunk.

    commands.spawn(Position(x=300, y=40), Rotation(), Body(w=24, h=24), Rigid(mass=2, bounce=0.3), Sprite("crate.png"))

An entity with `Position`, `Rotation`, `Body` and `Rigid` takes part; give it no `Velocity` or `Spin`, which others move
by. Solid cells of `Walls` hold. Everything that lasts from one tick to the next is in these columns, so that
snapshots, rewinding and replays hold: pymunk's own objects are filled from them in every tick and forget all contacts.

pymunk is an extra: `pip install "hotloop[physics]"`.
"""

from __future__ import annotations

from .rigid import Bump, Physics, Rigid
from .simulate import simulate

__all__ = ["Bump", "Physics", "Rigid", "simulate"]
