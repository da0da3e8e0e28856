"""The hero: how it runs and jumps. The numbers below are the jump's curve; edit them in mid-air."""

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
    system,
)
from modules.core.collision import Slide
from modules.core.input import Actions
from modules.core.motion import Position, Velocity

from .screens import playing

RUN_SPEED = 290.0  # pixels a second
RUN_UP = 2200.0  # pixels a second, each second, on the ground
BRAKE = 2600.0
AIR_CONTROL = 1500.0
JUMP_HEIGHT = 152.0  # pixels, of a jump that is held
JUMP_TIME = 0.38  # seconds to get there
GRAVITY = 2 * JUMP_HEIGHT / JUMP_TIME**2
JUMP_SPEED = 2 * JUMP_HEIGHT / JUMP_TIME
FALL = 1.45  # times the gravity on the way down
CUT = 0.45  # share of the upward speed that is left when the button is let go
TOP_FALL = 820.0  # pixels a second
COYOTE = 0.09  # seconds after an edge in which a jump still counts as from the ground
BUFFER = 0.11  # seconds that a jump pressed too early is remembered
WIDTH, HEIGHT = 28.0, 44.0  # pixels of what can be touched


@component
class Hero:
    """The seed that is played.

    `carried` is the speed of the ground it stands on and `ride` the platform, if it is one; `coyote` and `wanted` are
    the seconds left of those graces; `rising` says that it goes up by its own jump. Nothing can hurt it for `safe` more
    seconds, nor once it `cheers`, being home.
    """

    facing: f32 = 1.0
    grounded: boolean = False
    rising: boolean = False
    coyote: f32 = 0.0
    wanted: f32 = 0.0
    carried: f32 = 0.0
    ride: entity = 0
    safe: f32 = 0.0
    cheers: boolean = False


@event
class Jumped:
    """The hero jumped from here."""

    x: f32
    y: f32


@event
class HeroHit:
    """Something put an end to this hero."""

    hero: entity


@event
class HeroLost:
    """A hero ended here."""

    x: f32
    y: f32


@system(Update, when=playing)
def run(heroes: Query[Mut[Velocity], Mut[Hero], Mut[Slide]], actions: Actions, time: Time) -> None:
    """Speed up, brake and turn, on top of what the ground does."""
    push = actions.value("run")
    for vel, hero, slide in heroes:
        rate = np.where(hero.grounded, RUN_UP if push else BRAKE, AIR_CONTROL)
        wish = np.where(hero.cheers, 0.0, push * RUN_SPEED)
        vel.x += np.clip(wish - (vel.x - hero.carried), -rate * time.dt, rate * time.dt)
        hero.facing = np.sign(push) if push else hero.facing
        slide.drop = actions.held("drop")


@system(Update, when=playing)
def jump(heroes: Query[Position, Mut[Velocity], Mut[Hero]], actions: Actions, time: Time, jumped: Send[Jumped]) -> None:
    """Jump when it was asked for a moment ago and the ground was there a moment ago."""
    for pos, vel, hero in heroes:
        hero.coyote = np.where(hero.grounded, COYOTE, np.maximum(hero.coyote - time.dt, 0))
        hero.wanted = BUFFER if actions.hit("jump") else np.maximum(hero.wanted - time.dt, 0)
        now = (hero.coyote > 0) & (hero.wanted > 0) & ~hero.cheers
        if now.any():
            vel.y = np.where(now, -JUMP_SPEED, vel.y)
            hero.coyote, hero.wanted = np.where(now, 0, [hero.coyote, hero.wanted])
            hero.grounded, hero.ride = hero.grounded & ~now, np.where(now, 0, hero.ride)
            jumped.send(x=pos.x[now], y=pos.y[now] + HEIGHT / 2)
        hero.rising = (hero.rising | now) & (vel.y < 0)


@system(Update, when=playing)
def fall(heroes: Query[Mut[Velocity], Mut[Hero]], actions: Actions, time: Time) -> None:
    """Pull down, more on the way down; let a jump that is not held end early."""
    held = actions.held("jump")
    for vel, hero in heroes:
        cut = hero.rising & (not held)
        vel.y = np.where(cut, vel.y * CUT, vel.y)
        hero.rising &= ~cut
        vel.y = np.minimum(vel.y + GRAVITY * np.where(vel.y < 0, 1.0, FALL) * time.dt, TOP_FALL)


@system(Update, when=playing)
def lose(
    hits: Events[HeroHit],
    heroes: Query[Entity, Position, Mut[Hero]],
    time: Time,
    commands: Commands,
    lost: Send[HeroLost],
) -> None:
    """Take away heroes that were hit and are not safe."""
    hit = hits.read().hero
    for who, pos, hero in heroes:
        hero.safe = np.maximum(hero.safe - time.dt, 0)
        gone = np.isin(who, hit) & (hero.safe <= 0) & ~hero.cheers
        if gone.any():
            lost.send(x=pos.x[gone], y=pos.y[gone])
            commands.despawn(who[gone])
