"""Effects: sparks, splinters, flames, rings and a little shaking, also of the gamepad. None matters to the game."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import Commands, Entity, Events, Mut, Query, Random, Send, Time, Update, component, f32, system, u32
from modules.core.input import Rumble
from modules.core.motion import Position, Rotation, Spin, Velocity
from modules.core.render import Camera, Dot, Sprite, Text, fade, rgba
from modules.core.time import running

from .bullets import Fired
from .rocks import RADIUS, RockBroken
from .ship import Ship, ShipLost

ROCK_COLORS = np.array([rgba("#ffb45e"), rgba("#ff7ad1"), rgba("#a98bff")], np.uint32)  # small, medium, large
SHIP_COLOR, SHOT_COLOR, HOT, WHITE = rgba("#39e6ff"), rgba("#9df4ff"), rgba("#ffb45e"), rgba("#ffffff")
SPARKS = np.array([14, 24, 40])  # that a rock throws, by size
SPLINTERS = np.array([3, 5, 8])
SHAKE = np.array([1.2, 2.4, 4.5])  # pixels
SHIP_SPARKS, SHIP_SPLINTERS, SHIP_SHAKE = 90, 9, 12.0
EXHAUST = 2  # sparks a tick
DRAG = 0.25  # share of its speed that a fading thing keeps each second
SPLINTER_PICTURES = np.array(["shard_0.png", "shard_1.png", "shard_2.png"])
GLOWING = 15  # layer


@component
class Fading:
    """Fade away over `life` seconds, of which `left` remain; `color` is what it began with."""

    life: f32
    left: f32
    color: u32 = WHITE


@component
class Growing:
    """Grow by `rate` times its picture's size a second."""

    rate: f32


@system(Update)
def break_rocks(
    broken: Events[RockBroken], commands: Commands, random: Random, camera: Mut[Camera], rumble: Send[Rumble]
) -> None:
    """Turn a broken rock into light, splinters and a ring."""
    for rock in broken:
        color, speed = ROCK_COLORS[rock.size], 130 + 3 * RADIUS[rock.size]
        throw_sparks(commands, random, rock, SPARKS[rock.size], speed, color, life=0.75)
        throw_splinters(commands, random, rock, SPLINTERS[rock.size], speed * 0.5, color, life=1.1)
        send_ring(commands, rock.x, rock.y, RADIUS[rock.size] / 90, 2.0, color, life=0.4)
        camera.shake = max(camera.shake, float(SHAKE[rock.size].max()))
        rumble.send(low=0.05 * SHAKE[rock.size], high=0.2, seconds=0.12)


@system(Update)
def burst_ship(
    lost: Events[ShipLost], commands: Commands, random: Random, camera: Mut[Camera], rumble: Send[Rumble]
) -> None:
    """Turn a lost ship into a lot of light."""
    for ship in lost:
        throw_sparks(commands, random, ship, SHIP_SPARKS, 420, SHIP_COLOR, life=1.4, size=12)
        throw_sparks(commands, random, ship, SHIP_SPARKS // 2, 220, HOT, life=1.1, size=15)
        throw_splinters(commands, random, ship, SHIP_SPLINTERS, 120, SHIP_COLOR, life=2.0)
        send_ring(commands, ship.x, ship.y, 0.15, 3.2, SHIP_COLOR, life=0.7)
        send_ring(commands, ship.x, ship.y, 0.10, 1.7, HOT, life=0.6)
        camera.shake = SHIP_SHAKE
        rumble.send(low=0.9, high=0.5, seconds=[0.6] * len(ship.x))


@system(Update)
def flash(fired: Events[Fired], commands: Commands) -> None:
    """Light up the muzzle for a blink."""
    for shot in fired:
        commands.spawn(
            Position(x=shot.x, y=shot.y),
            Velocity(x=shot.vx, y=shot.vy),
            Rotation(shot.angle),
            Sprite("flash.png", layer=GLOWING, glow=True),
            Fading(life=0.07, left=0.07, color=WHITE),
        )


@system(Update, when=running)
def burn(ships: Query[Position, Velocity, Rotation, Ship], commands: Commands, random: Random) -> None:
    """Leave a trail of embers behind a ship that pushes."""
    for pos, vel, rot, ship in ships:
        who = np.repeat(np.flatnonzero(ship.thrust > 0.1), EXHAUST)
        if who.size:
            angle = rot.angle[who] + np.pi + random.normal(0, 0.16, who.size)
            pace = random.uniform(120, 260, who.size)
            life = random.uniform(0.15, 0.45, who.size)
            commands.spawn(
                Position(x=pos.x[who] + 13 * np.cos(angle), y=pos.y[who] + 13 * np.sin(angle)),
                Velocity(x=vel.x[who] + pace * np.cos(angle), y=vel.y[who] + pace * np.sin(angle)),
                Dot(size=random.uniform(5, 11, who.size), color=HOT, layer=GLOWING, glow=True),
                Fading(life=life, left=life, color=HOT),
            )


@system(Update, when=running)
def age(things: Query[Entity, Mut[Fading]], time: Time, commands: Commands) -> None:
    """Take away what has faded."""
    for entity, fading in things:
        fading.left = np.maximum(fading.left - time.dt, 0)
        commands.despawn(entity[fading.left <= 0])


@system(Update, when=running)
def slow(things: Query[Fading, Mut[Velocity]], time: Time) -> None:
    """Slow down whatever fades."""
    for _, vel in things:
        vel.xy *= DRAG**time.dt


@system(Update)
def fade_dots(dots: Query[Fading, Mut[Dot]]) -> None:
    """Dim sparks, late but fast."""
    for fading, dot in dots:
        dot.color = fade(fading.color, np.sqrt(fading.left / fading.life))


@system(Update)
def fade_sprites(sprites: Query[Fading, Mut[Sprite]]) -> None:
    """Dim splinters, rings and flashes."""
    for fading, sprite in sprites:
        sprite.tint = fade(fading.color, fading.left / fading.life)


@system(Update)
def fade_texts(texts: Query[Fading, Mut[Text]]) -> None:
    """Dim what was announced, at the end of its time."""
    for fading, text in texts:
        text.color = fade(fading.color, 2 * fading.left / fading.life)


@system(Update, when=running)
def grow(rings: Query[Growing, Mut[Sprite]], time: Time) -> None:
    """Widen rings."""
    for growing, sprite in rings:
        sprite.scale += growing.rate * time.dt


def throw_sparks(
    commands: Commands, random: Random, source: Any, each: Any, speed: Any, color: Any, life: float, size: float = 9.0
) -> None:
    """Throw glowing dots from every row of `source`, which has x, y, vx, vy; the rest are numbers or columns."""
    who, vx, vy = scatter(random, source, each, speed)
    lives = life * random.uniform(0.3, 1.0, who.size)
    paint = np.broadcast_to(np.asarray(color, np.uint32), source.x.shape)[who]
    commands.spawn(
        Position(x=source.x[who], y=source.y[who]),
        Velocity(x=vx, y=vy),
        Dot(size=size * random.uniform(0.4, 1.0, who.size), color=paint, layer=GLOWING, glow=True),
        Fading(life=lives, left=lives, color=paint),
    )


def throw_splinters(
    commands: Commands, random: Random, source: Any, each: Any, speed: Any, color: Any, life: float
) -> None:
    """Throw tumbling splinters, as `throw_sparks` throws dots."""
    who, vx, vy = scatter(random, source, each, speed)
    lives = life * random.uniform(0.4, 1.0, who.size)
    paint = np.broadcast_to(np.asarray(color, np.uint32), source.x.shape)[who]
    commands.spawn(
        Position(x=source.x[who], y=source.y[who]),
        Velocity(x=vx, y=vy),
        Rotation(random.uniform(0, 2 * np.pi, who.size)),
        Spin(random.uniform(-7, 7, who.size)),
        Sprite(random.choice(SPLINTER_PICTURES, who.size), layer=GLOWING, tint=paint),
        Fading(life=lives, left=lives, color=paint),
    )


def send_ring(commands: Commands, x: Any, y: Any, scale: Any, rate: float, color: Any, life: float) -> None:
    """Send out a ring of pressure from every place."""
    commands.spawn(
        Position(x=x, y=y),
        Sprite("ring.png", layer=GLOWING, scale=scale, tint=color, glow=True),
        Growing(rate),
        Fading(life=life, left=life, color=color),
    )


def scatter(random: Random, source: Any, each: Any, speed: Any) -> tuple[NDArray[Any], NDArray[Any], NDArray[Any]]:
    """Return, for `each` things from every row of `source`, the row, and a velocity in any direction up to `speed`."""
    who = np.repeat(np.arange(source.x.size), each)
    way = random.uniform(0, 2 * np.pi, who.size)
    pace = np.broadcast_to(speed, source.x.shape)[who] * np.sqrt(random.uniform(0.02, 1.0, who.size))
    return who, source.vx[who] + pace * np.cos(way), source.vy[who] + pace * np.sin(way)
