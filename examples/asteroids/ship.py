"""The ship: it turns at once, but goes on drifting the way it was pushed."""

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
    With,
    boolean,
    component,
    event,
    f32,
    resource,
    system,
)
from modules.core.flow import Entered, Until
from modules.core.input import Actions, Pointer
from modules.core.motion import Position, Rotation, Velocity
from modules.core.render import Sprite, fade, rgba
from modules.core.time import running

from . import HEIGHT, WIDTH
from .bullets import Gun
from .rocks import RADIUS, Rock, RockHit, WaveStarted
from .screens import Game, Screen, entered, playing
from .space import Wrap

TURN = 4.4  # radians a second by keys or stick
AIM = 11.0  # radians a second toward the mouse
THRUST = 380.0  # pixels a second, each second
DRAG = 0.55  # share of its speed that the ship loses in a second
TOP_SPEED = 430.0  # pixels a second
SIZE = 11.0  # pixels; radius of what can be hit
SHIELD = 2.4  # seconds that a new ship cannot be hit
WAVE_SHIELD = 2.8  # seconds, from the announcement of a wave
RESPAWN = 1.5  # seconds without a ship
BLINKS = 5.0  # blinks of the shield a second
FLAMES = ("ship_burn_0.png", "ship_burn_1.png", "ship_burn_2.png", "ship_burn_3.png")
SHIPS = 30  # layer
WHITE = rgba("#ffffff")


@component
class Ship:
    """The ship of the person playing.

    `thrust` is how hard the engine pushes, 0 to 1; `shield` the seconds left without danger; `aiming` whether it
    turns to the mouse.
    """

    thrust: f32 = 0.0
    shield: f32 = SHIELD
    aiming: boolean = False


@event
class ShipLost:
    """The ship burst here."""

    x: f32
    y: f32
    vx: f32
    vy: f32
    angle: f32


@resource
class Hangar:
    """Count the seconds until the next ship comes."""

    wait: float = 0.0


@system(Update)
def prepare(events: Events[Entered], hangar: Mut[Hangar]) -> None:
    """Have a ship ready when a game begins."""
    if entered(events, Screen.PLAYING):
        hangar.wait = 0.0


@system(Update, when=playing)
def launch(ships: Query[Entity, With[Ship]], hangar: Mut[Hangar], game: Game, time: Time, commands: Commands) -> None:
    """Send out a ship when there is none, after a moment of mourning."""
    if ships or game.lives <= 0:
        return
    hangar.wait -= float(time.dt)
    if hangar.wait <= 0:
        hangar.wait = RESPAWN
        commands.spawn(
            Position(x=WIDTH / 2, y=HEIGHT / 2),
            Velocity(),
            Rotation(-np.pi / 2),
            Ship(),
            Gun(),
            Wrap(SIZE),
            Sprite("ship.png", layer=SHIPS),
            Until(Screen.PLAYING),
        )


@system(Update, when=running)
def steer(ships: Query[Position, Mut[Rotation], Mut[Ship]], actions: Actions, pointer: Pointer, time: Time) -> None:
    """Turn by keys or stick, or to the mouse once that is moved."""
    turn = actions.value("turn")
    moved = bool(pointer.dx or pointer.dy or pointer.pressed)
    for pos, rot, ship in ships:
        if turn or moved:
            ship.aiming = moved and not turn
        gap = np.arctan2(pointer.y - pos.y, pointer.x - pos.x) - rot.angle
        gap = (gap + np.pi) % (2 * np.pi) - np.pi
        rot.angle += np.where(ship.aiming, np.clip(gap, -AIM * time.dt, AIM * time.dt), turn * TURN * time.dt)


@system(Update, when=running)
def push(ships: Query[Mut[Velocity], Rotation, Mut[Ship]], actions: Actions, time: Time) -> None:
    """Push the ship the way it points, and let it slow down by and by."""
    for vel, rot, ship in ships:
        ship.thrust = actions.value("thrust")
        vel.x += np.cos(rot.angle) * ship.thrust * THRUST * time.dt
        vel.y += np.sin(rot.angle) * ship.thrust * THRUST * time.dt
        vel.xy *= (1 - DRAG) ** time.dt
        vel.xy *= np.minimum(TOP_SPEED / np.maximum(np.hypot(vel.x, vel.y), 1.0), 1.0)


@system(Update, when=running)
def shield(ships: Query[Mut[Ship]], started: Events[WaveStarted], time: Time) -> None:
    """Let the shield run down; a new wave winds it up again."""
    warned = any(len(step.number) for step in started)
    for ship in ships:
        ship.shield = np.maximum(ship.shield - time.dt, WAVE_SHIELD if warned else 0.0)


@system(Update)
def crash(
    ships: Query[Entity, Position, Velocity, Rotation, Ship],
    rocks: Query[Entity, Position, Rock],
    game: Mut[Game],
    commands: Commands,
    lost: Send[ShipLost],
    hits: Send[RockHit],
) -> None:
    """Lose the ship, and a life, to the first rock that touches it."""
    for entity, at, vel, rot, ship in ships:
        gone = np.zeros(entity.shape, np.bool_)
        for stone, pos, rock in rocks:
            distance = np.hypot(at.x[:, None] - pos.x, at.y[:, None] - pos.y)  # a row per ship, a column per rock
            touch = (distance < RADIUS[rock.size] + SIZE) & (ship.shield[:, None] <= 0)
            if touch.any():
                hits.send(rock=stone[touch.any(axis=0)])
                gone |= touch.any(axis=1)
        if gone.any():
            lost.send(x=at.x[gone], y=at.y[gone], vx=vel.x[gone], vy=vel.y[gone], angle=rot.angle[gone])
            commands.despawn(entity[gone])
            game.lives -= int(gone.sum())


@system(Update)
def dress(ships: Query[Ship, Mut[Sprite]], time: Time) -> None:
    """Show the flame while the engine pushes, and blink while the shield is up."""
    for ship, sprite in ships:
        flame = FLAMES[time.tick // 3 % len(FLAMES)]
        sprite.image = np.where(ship.thrust > 0.1, flame, "ship.png")
        dim = (ship.shield > 0) & (ship.shield * BLINKS % 1 < 0.5)
        sprite.tint = fade(WHITE, np.where(dim, 0.35, 1.0))
