"""One tick of rigid bodies: columns go into pymunk's space, the space steps, and columns come back."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import Entity, Mut, Query, Send, Update, system
from modules.core.collision import Body, Walls
from modules.core.motion import Position, Rotation
from modules.core.time import Time, running

from .rigid import Bump, Contacts, Physics, Rigid
from .space import Space


@system(Update, when=running)
def simulate(
    bodies: Query[Entity, Mut[Position], Mut[Rotation], Body, Mut[Rigid]],
    walls: Walls,
    physics: Physics,
    time: Time,
    space: Mut[Space],
    contacts: Mut[Contacts],
    bumps: Send[Bump],
) -> None:
    """Move all rigid bodies by a tick."""
    steps: list[Any] = list(bodies)
    if not steps:
        return
    ids = np.concatenate([step[0] for step in steps])
    kinds = np.concatenate(
        [(body.w, body.h, body.radius, r.mass, r.friction, r.bounce, r.turns) for _, _, _, body, r in steps], axis=1
    )
    motion = np.concatenate(
        [(pos.x, pos.y, rot.angle, r.vx, r.vy, r.spin) for _, pos, rot, _, r in steps], axis=1, dtype=np.float64
    )
    space.hold_walls(walls)
    space.hold(ids, kinds)
    is_sound = np.isfinite(motion).all(axis=0)
    moved, told = space.move(np.where(is_sound, motion, 0.0), physics, float(time.dt))
    after = np.where(is_sound, moved, motion).astype(np.float32)
    first = 0
    for entity, pos, rot, _, rigid in steps:
        part = after[:, first : first + entity.size]
        first += entity.size
        pos.x, pos.y, rot.angle = part[:3]
        rigid.vx, rigid.vy, rigid.spin = part[3:]
    _tell(told, contacts, bumps)


def _tell(told: tuple[Any, ...], contacts: Contacts, bumps: Send[Bump]) -> None:
    """Send the contacts that are new in this tick."""
    before = set(zip(contacts.one.tolist(), contacts.other.tolist(), strict=True))
    pairs = zip(told[0].tolist(), told[1].tolist(), strict=True)
    new = np.array([pair not in before for pair in pairs], np.bool_)
    if new.any():
        one, other, x, y, impulse = (column[new] for column in told)
        bumps.send(one=one, other=other, x=x, y=y, impulse=impulse)
    contacts.one, contacts.other = told[:2]
