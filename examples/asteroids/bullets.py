"""Bullets: the gun that fires them, and the rocks they hit."""

import numpy as np

from engine import Commands, Entity, Mut, Query, Send, Time, Update, With, component, event, f32, system
from modules.core.input import Actions
from modules.core.motion import Position, Rotation, Velocity
from modules.core.render import Sprite, fade, rgba
from modules.core.time import running

from .rocks import RADIUS, Rock, RockHit
from .screens import playing
from .space import Wrap

SPEED = 640.0  # pixels a second, on top of the ship's own
LIFE = 0.85  # seconds
REACH = 4.0  # pixels; how close to a rock counts as a hit
PAUSE = 0.15  # seconds between two shots while fire is held
MUZZLE = 22.0  # pixels before the middle of the ship
KICK = 7.0  # pixels a second that a shot pushes the ship back
BULLETS = 20  # layer
WHITE = rgba("#ffffff")


@component
class Gun:
    """Fire when ready: `wait` is the time until then, in seconds."""

    wait: f32 = 0.0


@component
class Bullet:
    """Fly on for `left` seconds."""

    left: f32


@event
class Fired:
    """A gun was fired here; `angle` is where to, in radians."""

    x: f32
    y: f32
    vx: f32
    vy: f32
    angle: f32


@system(Update, when=playing)
def fire(
    guns: Query[Position, Mut[Velocity], Rotation, Mut[Gun]],
    actions: Actions,
    time: Time,
    commands: Commands,
    fired: Send[Fired],
) -> None:
    """Fire every gun that is ready while the trigger is held."""
    for pos, vel, rot, gun in guns:
        gun.wait = np.maximum(gun.wait - time.dt, 0)
        ready = (gun.wait <= 0) & actions.held("fire")
        if not ready.any():
            continue
        angle = rot.angle[ready]
        ahead = np.stack((np.cos(angle), np.sin(angle)))
        x, y = pos.xy[:, ready] + MUZZLE * ahead
        vx, vy = vel.xy[:, ready] + SPEED * ahead
        commands.spawn(
            Position(x=x, y=y),
            Velocity(x=vx, y=vy),
            Rotation(angle),
            Bullet(LIFE),
            Wrap(REACH),
            Sprite("bullet.png", layer=BULLETS, glow=True),
        )
        fired.send(x=x, y=y, vx=vel.x[ready], vy=vel.y[ready], angle=angle)
        gun.wait[ready] = PAUSE
        vel.xy[:, ready] -= KICK * ahead


@system(Update)
def hit_rocks(
    bullets: Query[Entity, Position, With[Bullet]],
    rocks: Query[Entity, Position, Rock],
    commands: Commands,
    hits: Send[RockHit],
) -> None:
    """Compare every bullet with every rock at once."""
    for bullet, tip in bullets:
        for stone, pos, rock in rocks:
            distance = np.hypot(tip.x[:, None] - pos.x, tip.y[:, None] - pos.y)  # a row per bullet, a column per rock
            touch = distance < RADIUS[rock.size] + REACH
            if touch.any():
                hits.send(rock=stone[touch.any(axis=0)])
                commands.despawn(bullet[touch.any(axis=1)])


@system(Update, when=running)
def burn_out(bullets: Query[Entity, Mut[Bullet], Mut[Sprite]], time: Time, commands: Commands) -> None:
    """Let bullets fade in their last tenth of a second, and go."""
    for entity, bullet, sprite in bullets:
        bullet.left -= time.dt
        sprite.tint = fade(WHITE, bullet.left * 10)
        commands.despawn(entity[bullet.left <= 0])
