"""Shots fly and hit one foe after the other; blows hit everything in a circle at once."""

from typing import Any

import numpy as np

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    Query,
    Send,
    Time,
    Update,
    boolean,
    component,
    entity,
    event,
    f32,
    i32,
    system,
)
from modules.core.collision import Shapes, overlaps
from modules.core.motion import Position, Rotation, Velocity
from modules.core.render import Sprite

from . import SHOTS
from .foes import RADIUS, Foe, Hurt, all_foes
from .hero import Gifts
from .screens import Night, playing


@component
class Shot:
    """Fly for `left` seconds and hurt `hits` foes on the way, none twice in a row."""

    damage: f32
    radius: f32 = 5.0
    hits: i32 = 1
    left: f32 = 1.5
    push: f32 = 60.0
    last: entity = 0


@event
class Blow:
    """Hurt every foe within a circle, and push it outward; a `gentle` one spares those that were just hit."""

    x: f32
    y: f32
    radius: f32
    damage: f32
    push: f32 = 120.0
    gentle: boolean = False


def shoot(commands: Commands, x: Any, y: Any, angle: Any, speed: float, picture: str, shot: Shot) -> None:
    """Send shots on their way; places and angles are (n,) columns."""
    angle = np.asarray(angle, np.float32)
    commands.spawn(
        Position(x=x, y=y),
        Velocity(x=speed * np.cos(angle), y=speed * np.sin(angle)),
        Rotation(angle),
        shot,
        Sprite(picture, layer=SHOTS, glow=True),
        Night(),
        count=angle.size,
    )


@system(Update, when=playing)
def strike(
    shots: Query[Entity, Position, Velocity, Mut[Shot]],
    foes: Query[Entity, Position, Foe],
    gifts: Gifts,
    time: Time,
    commands: Commands,
    hurts: Send[Hurt],
) -> None:
    """Let every shot hit the first foe that it overlaps."""
    ids, x, y, kind = all_foes(foes)
    targets = Shapes.circles(x, y, RADIUS[kind])
    for who, pos, vel, shot in shots:
        shot.left -= time.dt
        i, j = overlaps(Shapes.circles(pos.x, pos.y, shot.radius), targets)
        new = shot.last[i] != ids[j]
        i, first = np.unique(i[new], return_index=True)
        j = j[new][first]
        if i.size:
            shot.last[i] = ids[j]
            shot.hits[i] -= 1
            pace = np.maximum(np.hypot(vel.x[i], vel.y[i]), 1)
            push = shot.push[i] / pace
            hurts.send(foe=ids[j], damage=shot.damage[i] * gifts.might, push_x=vel.x[i] * push, push_y=vel.y[i] * push)
        commands.despawn(who[(shot.left <= 0) | (shot.hits <= 0)])


@system(Update, when=playing)
def land(blows: Events[Blow], foes: Query[Entity, Position, Foe], gifts: Gifts, hurts: Send[Hurt]) -> None:
    """Hurt everything that blows reach."""
    for blow in blows:
        ids, x, y, kind = all_foes(foes)
        i, j = overlaps(Shapes.circles(blow.x, blow.y, blow.radius), Shapes.circles(x, y, RADIUS[kind]))
        flash = np.concatenate([foe.flash for _, _, foe in foes] or [np.zeros(0, np.float32)])
        meant = ~(blow.gentle[i] & (flash[j] > 0))
        i, j = i[meant], j[meant]
        if i.size:
            dx, dy = x[j] - blow.x[i], y[j] - blow.y[i]
            push = blow.push[i] / np.maximum(np.hypot(dx, dy), 1)
            hurts.send(foe=ids[j], damage=blow.damage[i] * gifts.might, push_x=dx * push, push_y=dy * push)
