"""What the hero stands on: the floor of the map, or a platform that carries it."""

import numpy as np

from engine import Entity, Mut, Query, Send, Time, Update, event, f32, system
from modules.core.collision import Body, Slide
from modules.core.motion import Position, Velocity

from .hero import Hero
from .platforms import Platform
from .screens import playing

GRIP = 10.0  # pixels that a platform may move away in a tick without losing its rider
HARD = 260.0  # pixels a second from which a landing is felt


@event
class Landed:
    """The hero came down here, at this speed."""

    x: f32
    y: f32
    speed: f32


@system(Update, when=playing)
def stand(
    heroes: Query[Mut[Position], Mut[Velocity], Body, Slide, Mut[Hero]],
    platforms: Query[Entity, Position, Velocity, Body, Platform],
    time: Time,
    landed: Send[Landed],
) -> None:
    """Find the floor under every hero; platforms hold from above only and take along who stands on them."""
    for pos, vel, body, slide, hero in heroes:
        fell, before, was = vel.y.copy(), hero.grounded.copy(), hero.carried.copy()
        hero.grounded, hero.carried = slide.floor, 0.0
        feet = pos.y + body.h / 2
        rides = np.zeros(hero.ride.shape, np.uint64)
        for who, at, speed, size, _ in platforms:
            # A row per hero, a column per platform.
            top = at.y - size.h / 2
            over = np.abs(pos.x[:, None] - at.x) < (body.w[:, None] + size.w) / 2
            was_above = feet[:, None] - vel.y[:, None] * time.dt <= top - speed.y * time.dt + 2
            lands = over & was_above & (feet[:, None] >= top) & (vel.y[:, None] >= speed.y)
            stays = over & (hero.ride[:, None] == who) & (np.abs(feet[:, None] - top) < GRIP) & (vel.y[:, None] >= 0)
            on = lands | stays
            rows = np.flatnonzero(on.any(axis=1) & ~slide.drop)
            under = on.argmax(axis=1)[rows]
            pos.y[rows] = top[under] - body.h[rows] / 2
            vel.y[rows] = np.maximum(speed.y[under], 0)
            # A rider moved as fast as the platform did a tick ago; it makes up for the difference.
            faster = np.where(stays[rows, under], speed.x[under] - was[rows], 0)
            vel.x[rows] += faster
            pos.x[rows] += faster * time.dt
            rides[rows], hero.carried[rows] = who[under], speed.x[under]
            hero.grounded[rows] = True
        hero.ride = rides
        down = hero.grounded & ~before
        if down.any():
            landed.send(x=pos.x[down], y=pos.y[down] + body.h[down] / 2, speed=np.maximum(fell[down], HARD))
