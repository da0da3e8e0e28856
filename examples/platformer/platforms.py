"""What moves to and fro: platforms, and everything else on a patrol."""

import numpy as np

from engine import Commands, Events, Mut, PreUpdate, Query, Time, Update, component, f32, system
from modules.core.collision import Body
from modules.core.motion import Position, Velocity
from modules.core.render import Sprite
from modules.core.tiles import FromMap, Objects, Placed, of_kind

from .screens import going

WIDTH, HEIGHT = 96.0, 22.0  # pixels
SHORTEST = 0.5  # seconds of a round
PLATFORMS = -2  # layer


@component
class Patrol:
    """Go from home to (across, down) beside it and back in so many seconds; `at` is the time into the round."""

    x: f32
    y: f32
    across: f32 = 0.0
    down: f32 = 0.0
    seconds: f32 = 4.0
    at: f32 = 0.0


@component
class Platform:
    """Carry who stands on it."""


@system(PreUpdate, when=going)
def patrol(patrols: Query[Position, Mut[Velocity], Mut[Patrol]], time: Time) -> None:
    """Choose the speeds that lead everything on a patrol to its next place, slowest at the ends."""
    for pos, vel, way in patrols:
        way.at = (way.at + time.dt) % way.seconds
        share = (1 - np.cos(2 * np.pi * way.at / way.seconds)) / 2
        vel.x = (way.x + way.across * share - pos.x) / time.dt
        vel.y = (way.y + way.down * share - pos.y) / time.dt


@system(Update)
def place_platforms(placed: Events[Placed], commands: Commands) -> None:
    """Put platforms where the map has them."""
    for platform in of_kind(placed, "platform"):
        commands.spawn(
            Position(platform.x, platform.y),
            Velocity(),
            Body(w=WIDTH, h=HEIGHT),
            Platform(),
            patrol_of(platform),
            Sprite("platform.png", layer=PLATFORMS),
            FromMap(platform.id),
        )


def patrol_of(things: Objects) -> Patrol:
    """Return the patrol that the map's properties ask for: pixels across and down, seconds, and where to begin."""
    seconds = np.maximum(things.value("seconds", 4.0), SHORTEST)
    across, down, at = (things.value(name, 0.0) for name in ("across", "down", "phase"))
    return Patrol(things.x, things.y, across, down, seconds, at)
