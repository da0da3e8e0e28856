"""Emitters: where particles come from."""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import (
    Commands,
    Entity,
    Maybe,
    Mut,
    Query,
    Random,
    Update,
    boolean,
    component,
    f32,
    handle,
    i32,
    system,
    u32,
)
from modules.core.motion import Position, Velocity
from modules.core.render import Dot, Sprite
from modules.core.time import Time, running

from .flight import Particle


@component
class Emitter:
    """Throw particles from an entity's `Position`: `rate` a second, and `burst` of them in the next tick.

    After `seconds` it throws no more and is removed, with `ends` together with its entity. A particle starts within
    `radius`, flies at `speed` toward `angle` plus or minus `spread` (radians; pi is every way) and lives `life`
    seconds; speed and life are less by up to the share `speed_spread` and `life_spread`. It is pulled down by
    `gravity` and keeps the share `drag` of its speed each second. Over its life, size and colour go from the first
    value to the second; with an `image` the size is the scale of the sprite. `carry` is the share of the emitter's own
    velocity that it takes along.
    """

    rate: f32 = 60.0
    burst: i32 = 0
    seconds: f32 = np.inf
    ends: boolean = False
    radius: f32 = 0.0
    speed: f32 = 60.0
    speed_spread: f32 = 0.7
    angle: f32 = 0.0
    spread: f32 = np.pi
    life: f32 = 1.0
    life_spread: f32 = 0.5
    gravity: f32 = 0.0
    drag: f32 = 1.0
    carry: f32 = 0.0
    size: f32 = 4.0
    size_end: f32 = 0.0
    color: u32 = 0xFFFFFFFF
    color_end: u32 = 0xFFFFFF00
    image: handle = ""
    layer: i32 = 0
    glow: boolean = False
    owed: f32 = 0.0


def puff(count: Any, **rest: Any) -> Emitter:
    """Make an emitter that throws `count` particles at once and leaves with its entity; numbers or columns."""
    return Emitter(rate=0.0, burst=count, seconds=0.0, ends=True, **rest)


@system(Update, when=running)
def emit(
    emitters: Query[Entity, Position, Mut[Emitter], Maybe[Velocity]], time: Time, random: Random, commands: Commands
) -> None:
    """Throw what is due, from all emitters of a table at once."""
    for entity, pos, emitter, vel in emitters:
        share = np.clip(emitter.seconds / time.dt, 0, 1)  # of this tick in which it is on
        due = emitter.owed + emitter.rate * time.dt * share
        whole = np.floor(due)
        emitter.owed = due - whole
        count = (whole + np.maximum(emitter.burst, 0)).astype(np.int64)
        emitter.burst = 0
        emitter.seconds -= time.dt
        if count.any():
            _throw(np.repeat(np.arange(count.size), count), pos, emitter, vel, random, commands)
        over = emitter.seconds <= 0
        if over.any():
            commands.despawn(entity[over & emitter.ends])
            commands.remove(entity[over & ~emitter.ends], Emitter)


def _throw(who: Any, pos: Any, emitter: Any, vel: Any, random: Random, commands: Commands) -> None:
    """Spawn a particle for each row in `who`, which says the row of its emitter."""
    total = who.size
    draw = random.random((5, total), np.float32)
    angle = emitter.angle[who] + emitter.spread[who] * (2 * draw[0] - 1)
    speed = emitter.speed[who] * (1 - emitter.speed_spread[who] * draw[1])
    life = np.maximum(emitter.life[who] * (1 - emitter.life_spread[who] * draw[2]), 1e-3)
    away, around = emitter.radius[who] * np.sqrt(draw[3]), 2 * np.pi * draw[4]
    carried = (0.0, 0.0) if vel is None else vel.xy[:, who] * emitter.carry[who]
    particle = Particle(
        life=life,
        left=life,
        gravity=emitter.gravity[who],
        drag=emitter.drag[who],
        size=emitter.size[who],
        size_end=emitter.size_end[who],
        color=emitter.color[who],
        color_end=emitter.color_end[who],
    )
    flight = [
        Position(x=pos.x[who] + away * np.cos(around), y=pos.y[who] + away * np.sin(around)),
        Velocity(x=carried[0] + speed * np.cos(angle), y=carried[1] + speed * np.sin(angle)),
        particle,
    ]
    layer, glow, image = emitter.layer[who], emitter.glow[who], emitter.image[who]
    dots = image == ""
    if dots.all():
        dot = Dot(size=particle.size, color=particle.color, layer=layer, glow=glow)
        commands.spawn(*flight, dot, count=total)
    else:
        sprite = Sprite(image, scale=particle.size, tint=particle.color, layer=layer, glow=glow)
        commands.spawn(*flight, sprite, count=total)
