"""The theme: how menus look."""

from __future__ import annotations

from engine import resource
from modules.core.render import rgba

__all__ = ["Theme"]


@resource
class Theme:
    """Say how menus look: lengths in pixels of the canvas, colours as numbers.

    `x` and `y` are the middle of a game's own menus, as shares of the canvas; pages that lie over them are in its
    middle. `width` is the least a menu has: one with much to say in a row is wider.
    `title_font` and `font` are font assets, empty for the engine's own. An empty sound is not heard. `layer` is that of
    the lowest piece; nine more lie above it.
    """

    x: float = 0.5
    y: float = 0.5
    width: float = 340.0
    row: float = 42.0
    gap: float = 8.0
    size: float = 20.0
    title_size: float = 58.0
    font: str = ""
    title_font: str = ""
    ink: int = rgba("#eef3ff")
    muted: int = rgba("#9fb0d0")
    accent: int = rgba("#ffb454")
    dark: int = rgba("#14161f")
    plate: int = rgba("#ffffff14")
    veil: int = rgba("#06080fb0")
    layer: int = 10_000
    move_sound: str = "menu_move.wav"
    select_sound: str = "menu_select.wav"
    volume: float = 0.35
