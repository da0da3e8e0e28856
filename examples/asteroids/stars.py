"""The stars: three layers that lag behind the ship, so that the eye sees depth."""

import numpy as np

from engine import Commands, Mut, Query, Random, Startup, Time, Update, With, component, f32, system, u32
from modules.core.motion import Position, Velocity
from modules.core.render import Dot, Fixed, Sprite, fade, rgba

from . import HEIGHT, WIDTH
from .ship import Ship
from .space import Wrap

LAYERS = ((190, 1.0, 0.015), (70, 1.8, 0.04), (16, 3.4, 0.09))  # how many stars, pixels across, share of ship's speed
COLORS = (rgba("#8fa4ff"), rgba("#dfe8ff"), rgba("#ffdcb8"), rgba("#a9fff6"))
CRUISE = (60.0, 14.0)  # what the stars take for the ship's velocity while there is no ship
EASE = 0.06  # share of the way to a new speed that they go in a tick
TWINKLE = 0.6  # share of its light that a star loses and wins back
TWINKLE_RATE = 2.2  # radians a second
CLOUD_SCALE = 2.0
CLOUDS, STARRY = -100, -90  # what is drawn first


@component
class Star:
    """Go by at `lag` of the ship's speed, and twinkle: `phase` in radians, `color` at its brightest."""

    lag: f32
    phase: f32
    color: u32


@system(Startup)
def hang_sky(commands: Commands, random: Random) -> None:
    """Hang up a cloud and the stars before it."""
    commands.spawn(Position(x=WIDTH / 2, y=HEIGHT / 2), Sprite("nebula.png", layer=CLOUDS, scale=CLOUD_SCALE), Fixed())
    for count, size, lag in LAYERS:
        place = Position(x=random.uniform(0, WIDTH, count), y=random.uniform(0, HEIGHT, count))
        color = random.choice(np.array(COLORS, np.uint32), count)
        star = Star(lag=lag, phase=random.uniform(0, 2 * np.pi, count), color=color)
        commands.spawn(place, Velocity(), star, Dot(size=size, color=color, layer=STARRY, glow=True), Wrap(size))


@system(Update)
def pass_by(stars: Query[Star, Mut[Velocity]], ships: Query[Velocity, With[Ship]]) -> None:
    """Let the stars go by against the ship's course, the near ones faster."""
    course = ships.single().xy if ships else CRUISE
    for star, vel in stars:
        vel.x += (-star.lag * course[0] - vel.x) * EASE
        vel.y += (-star.lag * course[1] - vel.y) * EASE


@system(Update)
def twinkle(stars: Query[Star, Mut[Dot]], time: Time) -> None:
    """Dim and brighten every star in its own time."""
    for star, dot in stars:
        wave = 0.5 + 0.5 * np.sin(star.phase + TWINKLE_RATE * time.elapsed)
        dot.color = fade(star.color, 1 - TWINKLE * wave)
