"""Screens: menus that a game says anew at every tick, so that an edit of one is seen at once.

    @system(Update, when=on_title)
    def title(menu: Mut[Menu], flow: Mut[Flow]) -> None:
        menu.title("Breakout")
        if menu.button("Play"):
            flow.go(Screen.PLAYING)
        menu.link("Settings", "settings")

A widget is drawn because it is called, and answers with what the person did: a button with True in the tick it is
pressed, a slider with its value. Mouse, arrow keys and gamepad work without a word; where the focus is, and what was
typed, is part of the world. `menu.pause("Give up")` brings up the pause menu when it is asked for.

Ready-made pages lie over the game's own screens until they are left: "settings", "controls" and "scores".
"""

from __future__ import annotations

from .menu import Item, Menu
from .scores import Scores
from .theme import Theme

__all__ = ["Item", "Menu", "Scores", "Theme"]
