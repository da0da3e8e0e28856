"""What surrounds the cards: the night, two sparks on an endless loop, the name, and what the keys do."""

from __future__ import annotations

import textwrap

import numpy as np

from engine import Commands, Entity, Mut, Query, Startup, Time, Update, With, component, f32, system
from modules.core.motion import Position
from modules.core.render import Box, Canvas, Circle, Dot, Fixed, Text, fade, mix, rgba
from modules.core.window import Window

from .state import BACKDROP, FRONT, HEIGHT, INK, MIDDLE, MUTED, NIGHT, ROSE, WARM, WIDTH, Gallery

SPARKS = 320
STARS = 70
LAP = 26.0
"""Seconds for a spark to go once around the loop."""
LOGO = (44.0, 42.0)


@component
class Spark:
    """Glow as the head of a tail runs by: `phase` in [0, 1) is the place on the loop, `stray` the way off it."""

    phase: f32
    stray: f32


@component
class Star:
    """Twinkle, each in its own time."""

    phase: f32


@component
class Orbit:
    """Go round in the logo, `lag` radians behind its head."""

    lag: f32


@component
class Notice:
    """Tell what went wrong, until the person moves on."""


@component
class Hint:
    """Say what a key does."""

    color: f32 = 0.0


@system(Startup)
def paint_night(commands: Commands, canvas: Mut[Canvas], window: Mut[Window]) -> None:
    """Fill the canvas from a blue evening down to the dark."""
    canvas.width, canvas.height, canvas.color = WIDTH, HEIGHT, NIGHT
    window.title = "Hotloop"
    bands = 54
    y = (np.arange(bands) + 0.5) * HEIGHT / bands
    color = mix(rgba("#1a2238"), NIGHT, np.linspace(0, 1, bands) ** 0.7)
    commands.spawn(Position(MIDDLE, y), Fixed(), Box(WIDTH, HEIGHT / bands + 1, color, BACKDROP), count=bands)
    phase = np.arange(SPARKS) / SPARKS
    stray = 8 * np.sin(np.arange(SPARKS) * 2.4)
    commands.spawn(Position(), Fixed(), Spark(phase, stray), Dot(3.0, layer=BACKDROP + 1, glow=True), count=SPARKS)
    number = np.arange(STARS)
    stars = Position(number * 0.61803 % 1 * WIDTH, number * 0.75488 % 1 * HEIGHT)
    commands.spawn(stars, Fixed(), Star(number * 0.37 % 1), Dot(2.0, layer=BACKDROP + 1, glow=True), count=STARS)


@system(Startup)
def write_name(commands: Commands) -> None:
    """Write the name beside a ring that never stops."""
    x, y = LOGO
    commands.spawn(Position(x, y), Fixed(), Circle(15.0, fade(WARM, 0.3), FRONT, width=3.0))
    lag = np.arange(14) * 0.16
    fire = fade(mix(WARM, ROSE, lag / 2.2), 1 - lag / 2.4)
    commands.spawn(Position(), Fixed(), Orbit(lag), Circle(4.5 - 1.4 * lag, fire, FRONT + 1), count=lag.size)
    commands.spawn(Position(x + 30, y), Fixed(), Text("Hotloop", 28.0, INK, FRONT))
    words = Text("edit anything, keep playing", 16.0, MUTED, FRONT, "right")
    commands.spawn(Position(WIDTH - 30, y), Fixed(), words)


@system(Startup)
def write_hints(commands: Commands) -> None:
    """Write what the keys do along the bottom."""
    commands.spawn(Position(MIDDLE, 507), Fixed(), Box(WIDTH - 60, 1, fade(INK, 0.09), FRONT))
    x = 30.0
    for keys, does in ((("←", "→"), "choose"), (("Enter",), "play"), (("Esc",), "quit"), (("F1",), "debug")):
        for key in keys:
            width = 14 + 7.6 * len(key)
            middle = Position(x + width / 2, 524)
            commands.spawn(middle, Fixed(), Box(width, 19, fade(INK, 0.10), FRONT))
            commands.spawn(middle, Fixed(), Text(key, 13.0, INK, FRONT + 1, "center"))
            x += width + 5
        commands.spawn(Position(x + 4, 524), Fixed(), Text(does, 14.0, MUTED, FRONT))
        x += 24 + 8 * len(does)


@system(Update)
def run_sparks(gallery: Gallery, time: Time, sparks: Query[Spark, Mut[Position], Mut[Dot]]) -> None:
    """Send two glowing tails around a figure of eight, endlessly."""
    head = time.elapsed / LAP
    for spark, pos, dot in sparks:
        turn = 2 * np.pi * spark.phase
        pos.x = MIDDLE + (436 + spark.stray) * np.cos(turn)
        pos.y = 246 + (196 + spark.stray) * np.sin(2 * turn)
        behind = (head - spark.phase) * 2 % 1
        heat = np.exp(-4 * behind)
        dot.size = np.rint(4 + 12 * heat)
        dot.color = fade(mix(ROSE, WARM, np.rint(8 * heat) / 8), np.rint(8 + 56 * heat) / 100)


@system(Update)
def twinkle(time: Time, stars: Query[Star, Mut[Dot]]) -> None:
    """Let the stars breathe."""
    for star, dot in stars:
        dot.color = fade(INK, 0.10 + 0.16 * np.sin(2 * np.pi * (star.phase + time.elapsed / 7)) ** 2)


@system(Update)
def turn_logo(time: Time, dots: Query[Orbit, Mut[Position]]) -> None:
    """Run the fire around the ring of the logo."""
    for orbit, pos in dots:
        angle = 2.6 * time.elapsed - orbit.lag
        pos.x = LOGO[0] + 15 * np.cos(angle)
        pos.y = LOGO[1] + 15 * np.sin(angle)


@system(Update)
def tell_problem(gallery: Gallery, notices: Query[Entity, With[Notice]], commands: Commands) -> None:
    """Show why a game did not start, over its card, and go on."""
    if bool(gallery.problem) == bool(notices):
        return
    commands.despawn(notices.entities())
    if not gallery.problem:
        return
    lines = textwrap.wrap(gallery.problem, 92)[:5]
    height = 58 + 20 * len(lines)
    top = 250 - height / 2
    box = Position(MIDDLE, 250)
    commands.spawn(box, Fixed(), Notice(), Box(788, height, rgba("#2a1420f4"), FRONT + 10))
    commands.spawn(box, Fixed(), Notice(), Box(788, height, ROSE, FRONT + 10, width=2.0))
    heading = Text("This game does not start", 20.0, ROSE, FRONT + 11)
    commands.spawn(Position(MIDDLE - 370, top + 27), Fixed(), Notice(), heading)
    for row, line in enumerate(lines):
        place = Position(MIDDLE - 370, top + 56 + 20 * row)
        commands.spawn(place, Fixed(), Notice(), Text(line, 16.0, INK, FRONT + 11))
