"""Scenery: the sky of each level, its sun or moon, and what floats in the air. Nothing here matters to the game."""

import numpy as np

from engine import Commands, Mut, Query, Random, Startup, Time, Update, With, component, f32, system
from modules.core.motion import Position, Velocity
from modules.core.render import Box, Dot, Fixed, Gradient, Sprite, fade, rgba
from modules.core.tiles import TileMap

from . import HEIGHT, WIDTH
from .levels import Journey

SKY_TOP, SKY_FOOT = "#6fc3e8", "#fdeec4"  # where the map does not say
SUN = {"meadow": "sun.png", "cave": "", "night": "moon.png"}  # by the map's theme
SUN_AT, SUN_DRIFT = (700.0, 130.0), 0.03
MOTE_COLORS = {"meadow": rgba("#fff3b0"), "cave": rgba("#7df0d0"), "night": rgba("#ffe08a")}
MOTES, MOTE_SIZE, MOTE_SPEED = 46, (2.5, 6.0), (-14.0, -8.0)  # how many, pixels across, pixels a second
MOTE_ROOM = WIDTH + 60.0  # pixels that they come round after
SKIES, MOTE_LAYER, CURTAIN_LAYER = -100, 45, 8000
CURTAIN_COLOR = rgba("#24142c")


@component
class Sky:
    """Shows the sky of the present map."""


@component
class Sun:
    """Shows what stands in the sky."""


@component
class Mote:
    """Float about: `phase` in radians, `depth` from 0 for far to 1 for near."""

    phase: f32
    depth: f32


@component
class Curtain:
    """Covers the picture between levels."""


@system(Startup)
def hang_sky(commands: Commands, random: Random) -> None:
    """Hang up everything once; the systems below keep it right."""
    middle = Position(WIDTH / 2, HEIGHT / 2)
    commands.spawn(middle, Fixed(), Sky(), Gradient(WIDTH, HEIGHT, rgba(SKY_TOP), rgba(SKY_FOOT), layer=SKIES))
    sun = Fixed(drift_x=SUN_DRIFT, drift_y=SUN_DRIFT)
    commands.spawn(Position(*SUN_AT), sun, Sun(), Sprite("sun.png", layer=SKIES + 1))
    depth = random.uniform(0, 1, MOTES)
    commands.spawn(
        Position(random.uniform(0, MOTE_ROOM, MOTES), random.uniform(0, HEIGHT, MOTES)),
        Velocity(),
        Fixed(drift_x=0.4 + 0.8 * depth, drift_y=0.0, wrap=MOTE_ROOM),
        Mote(random.uniform(0, 2 * np.pi, MOTES), depth),
        Dot(size=MOTE_SIZE[0] + (MOTE_SIZE[1] - MOTE_SIZE[0]) * depth, layer=MOTE_LAYER, glow=True),
    )
    commands.spawn(middle, Fixed(), Curtain(), Box(WIDTH, HEIGHT, CURTAIN_COLOR, layer=CURTAIN_LAYER))


@system(Update)
def follow_map(skies: Query[Mut[Gradient], With[Sky]], suns: Query[Mut[Sprite], With[Sun]], tiles: TileMap) -> None:
    """Take the sky from the map's properties; change them in Tiled, and the light changes."""
    theme = str(tiles.properties.get("theme", "meadow"))
    for gradient in skies:
        gradient.color = _color(tiles.properties.get("sky_top"), SKY_TOP)
        gradient.end = _color(tiles.properties.get("sky_foot"), SKY_FOOT)
    for sprite in suns:
        sprite.image = SUN.get(theme, "")


@system(Update)
def float_about(motes: Query[Position, Mut[Velocity], Mote, Mut[Dot]], tiles: TileMap, time: Time) -> None:
    """Let motes rise and glimmer, each in its own time."""
    color = MOTE_COLORS.get(str(tiles.properties.get("theme", "meadow")), MOTE_COLORS["meadow"])
    for pos, vel, mote, dot in motes:
        wave = np.sin(time.elapsed * (0.6 + mote.depth) + mote.phase)
        vel.x = MOTE_SPEED[0] + 16 * wave
        vel.y = np.where(pos.y < -10, (HEIGHT + 20) / time.dt, MOTE_SPEED[1] * (0.5 + mote.depth))
        dot.color = fade(color, np.clip(0.38 + 0.34 * np.sin(2.3 * time.elapsed + 5 * mote.phase), 0, 1))


@system(Update)
def pull_curtain(curtains: Query[Mut[Box], With[Curtain]], journey: Journey) -> None:
    """Show the curtain as far as it is drawn."""
    for box in curtains:
        box.color = fade(CURTAIN_COLOR, journey.curtain)


def _color(text: object, usual: str) -> int:
    """Return a colour that a map gives as text, the usual one where it gives none that can be read."""
    digits = str(text or "").removeprefix("#")
    well_formed = len(digits) in (3, 6, 8) and all(digit in "0123456789abcdefABCDEF" for digit in digits)
    return rgba(digits if well_formed else usual)
