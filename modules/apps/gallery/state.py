"""What the gallery knows: the games, which one is chosen, and where the row of cards stands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from engine import component, f32, field, i32, resource, u32
from modules.core.render import rgba

WIDTH, HEIGHT = 960, 540
MIDDLE = WIDTH / 2

INK = rgba("#f6f1e7")
MUTED = rgba("#98a0b3")
FAINT = rgba("#5d6579")
WARM = rgba("#ff9a3d")
ROSE = rgba("#f2557c")
PLATE = rgba("#1b2131")
NIGHT = rgba("#0b0d14")

BACKDROP, CARDS, FRONT = 0, 20, 900
"""Layers: what lies behind the cards, the cards, what lies on everything."""


@resource
class Gallery:
    """Know the games and what the person is about to do.

    `games` holds name, title, summary and size of the picture of each, as `core.apps.list` gave them. `at` is the
    card in the middle, a fraction while the row slides; `zoom` runs from 0, the menu, to 1, where the card of
    `starting` fills the canvas. `problem` says why the last game did not start. `held` counts the ticks that left or
    right has been held.
    """

    games: list[dict[str, Any]] = field([])
    chosen: int = 0
    at: float = 0.0
    zoom: float = 0.0
    starting: str = ""
    problem: str = ""
    held: int = 0


@resource(transient=True)
class Pictures:
    """Know where each game's picture lies, and when it was saved: facts of this machine, not of the world.

    `known` is False where nobody has looked yet, as in a process that goes on with the world of another.
    """

    files: dict[str, tuple[Path, int]] = field(factory=dict)
    known: bool = False


@component
class Piece:
    """Belong to a game's card and be drawn with it.

    `x`, `y`, `w` and `h` are place, from the middle of the card, and size at full scale: the sides of a box, the
    radius of a circle, the scale of a sprite, the size of a text. `layer` is counted from the card's. The alpha of
    `color` is multiplied by `near` on the chosen card and by `far` on the others.
    """

    card: i32
    x: f32 = 0.0
    y: f32 = 0.0
    w: f32 = 1.0
    h: f32 = 1.0
    layer: i32 = 0
    color: u32 = 0xFFFFFFFF
    near: f32 = 1.0
    far: f32 = 1.0


@component
class Shown:
    """Hold what follows for a piece from where its card is: scale, share of its alpha, and layer."""

    scale: f32 = 1.0
    share: f32 = 1.0
    layer: i32 = 0


@component
class Caption:
    """Name or describe the chosen game, below its card."""

    card: i32
    color: u32


@component
class Mark:
    """Stand for a game in the row of dots, and light up when it is chosen."""

    card: i32
