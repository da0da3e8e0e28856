"""Rocks: they drift, tumble, come in waves, and split in two until they are dust."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine import (
    Commands,
    Entity,
    Events,
    Mut,
    Query,
    Random,
    Send,
    Time,
    Update,
    With,
    component,
    entity,
    event,
    f32,
    i32,
    resource,
    system,
    u8,
)
from modules.core.flow import Entered
from modules.core.motion import Position, Rotation, Spin, Velocity
from modules.core.render import Sprite, rgba
from modules.core.time import running

from . import HEIGHT, WIDTH
from .screens import Game, Screen, entered, playing
from .space import Wrap

SMALL, MEDIUM, LARGE = 0, 1, 2  # sizes of rocks; in the lines below small comes first
RADIUS = np.array([14.0, 26.0, 44.0], np.float32)  # pixels
SPEED = np.array([130.0, 92.0, 60.0], np.float32)  # pixels a second that a rock settles at
SPIN = np.array([1.9, 1.2, 0.55], np.float32)  # radians a second
TINT = np.array([rgba("#ffffff"), rgba("#ffffff"), rgba("#ffffff")], np.uint32)  # white leaves a picture as it is
PIECES = 2  # that a rock splits into
FIRST_WAVE, MORE_EACH_WAVE, MOST = 5, 1, 11  # large rocks in a wave
LULL = 1.8  # seconds between two waves
TITLE_ROCKS = (6, 5, 4)  # that drift behind the title: small, medium, large

DRAWN = np.array([14, 26, 44], np.float32)  # radius in the pictures
PICTURES = np.array([[f"rock_{name}_{kind}.png" for kind in range(4)] for name in ("small", "medium", "large")])
CORNERS = np.cumsum([0, WIDTH, HEIGHT, WIDTH, HEIGHT])  # of the field, by the way around it
ROCKS = 0  # layer
SETTLE = 0.02  # share of the way to its own speed that a rock goes in a tick


@component
class Rock:
    """A rock, SMALL to LARGE."""

    size: u8 = LARGE


@event
class RockHit:
    """Something hit this rock; hitting it twice in a tick does no more."""

    rock: entity


@event
class RockBroken:
    """A rock went to pieces here."""

    x: f32
    y: f32
    vx: f32
    vy: f32
    size: u8


@event
class WaveStarted:
    """The next wave comes in."""

    number: i32


@resource
class Waves:
    """Count the seconds down to the next wave; 0 while there are rocks."""

    lull: float = 0.0


@system(Update)
def fill_title(events: Events[Entered], rocks: Query[Entity, With[Rock]], commands: Commands, random: Random) -> None:
    """Let a few rocks drift behind the title."""
    if entered(events, Screen.TITLE):
        commands.despawn(rocks.entities())
        size = np.repeat((SMALL, MEDIUM, LARGE), TITLE_ROCKS)
        x, y = random.uniform(0, WIDTH, size.size), random.uniform(0, HEIGHT, size.size)
        spawn_rocks(commands, random, x, y, 0.0, 0.0, size)


@system(Update)
def clear_field(
    events: Events[Entered], rocks: Query[Entity, With[Rock]], waves: Mut[Waves], commands: Commands
) -> None:
    """Take the old rocks away when a game begins."""
    if entered(events, Screen.PLAYING):
        commands.despawn(rocks.entities())
        waves.lull = 0.0


@system(Update, when=playing)
def send_waves(
    rocks: Query[Entity, With[Rock]],
    waves: Mut[Waves],
    game: Mut[Game],
    time: Time,
    commands: Commands,
    random: Random,
    started: Send[WaveStarted],
) -> None:
    """Send in the next wave, some time after the last rock is gone."""
    if rocks:
        return
    if waves.lull <= 0:
        waves.lull = LULL
        game.wave += 1
        started.send(number=game.wave)
    waves.lull -= float(time.dt)
    if waves.lull <= 0:
        count = min(FIRST_WAVE + MORE_EACH_WAVE * (game.wave - 1), MOST)
        x, y = edge_points(random, count)
        inward = 1.5 * SPEED[LARGE] / WIDTH
        spawn_rocks(commands, random, x, y, inward * (WIDTH - 2 * x), inward * (HEIGHT - 2 * y), np.full(count, LARGE))


@system(Update)
def split(
    hits: Events[RockHit],
    rocks: Query[Position, Velocity, Rock],
    commands: Commands,
    random: Random,
    broken: Send[RockBroken],
) -> None:
    """Break every rock that was hit, into pieces unless it is small."""
    for hit in hits:
        ids = np.unique(hit.rock)
        there, (pos, vel, rock) = rocks.at(ids)
        commands.despawn(ids[there])
        broken.send(x=pos.x, y=pos.y, vx=vel.x, vy=vel.y, size=rock.size)
        whole = np.repeat(np.flatnonzero(rock.size > SMALL), PIECES)
        spawn_rocks(commands, random, pos.x[whole], pos.y[whole], vel.x[whole], vel.y[whole], rock.size[whole] - 1)


@system(Update, when=running)
def settle(rocks: Query[Rock, Mut[Velocity]]) -> None:
    """Slow or hurry every rock toward the speed of its size."""
    for rock, vel in rocks:
        speed = np.maximum(np.hypot(vel.x, vel.y), 1.0)
        vel.xy *= 1 + SETTLE * (SPEED[rock.size] / speed - 1)


@system(Update)
def tumble(rocks: Query[Rock, Mut[Spin]]) -> None:
    """Turn every rock as fast as its size does, its own way round."""
    for rock, spin in rocks:
        spin.rate = np.copysign(SPIN[rock.size], spin.rate)


@system(Update)
def fit_pictures(rocks: Query[Rock, Mut[Sprite], Mut[Wrap]]) -> None:
    """Draw every rock as large as it is, in the color of its size."""
    for rock, sprite, edge in rocks:
        sprite.scale = RADIUS[rock.size] / DRAWN[rock.size]
        sprite.tint = TINT[rock.size]
        edge.margin = RADIUS[rock.size]


def spawn_rocks(commands: Commands, random: Random, x: Any, y: Any, vx: Any, vy: Any, size: NDArray[Any]) -> None:
    """Spawn a rock for each of `size`; places and velocities are numbers or columns as long.

    Each is sent off in a direction of its own, on top of the velocity given.
    """
    count = size.size
    way, turn = random.uniform(0, 2 * np.pi, count), random.uniform(0, 2 * np.pi, count)
    push = SPEED[size] * random.uniform(0.7, 1.5, count)
    commands.spawn(
        Position(x=x, y=y),
        Velocity(x=vx + push * np.cos(way), y=vy + push * np.sin(way)),
        Rotation(turn),
        Spin(SPIN[size] * random.choice((-1, 1), count)),
        Rock(size),
        Wrap(RADIUS[size]),
        Sprite(PICTURES[size, random.integers(0, PICTURES.shape[1], count)], layer=ROCKS),
        count=count,
    )


def edge_points(random: Random, count: int) -> tuple[NDArray[Any], NDArray[Any]]:
    """Choose places just outside the field, spread around it."""
    along = (np.arange(count) + random.uniform(0, 1, count)) / count * 2 * (WIDTH + HEIGHT)
    out = float(RADIUS[LARGE])
    x = np.interp(along, CORNERS, (-out, WIDTH + out, WIDTH + out, -out, -out))
    y = np.interp(along, CORNERS, (-out, -out, HEIGHT + out, HEIGHT + out, -out))
    return x, y
