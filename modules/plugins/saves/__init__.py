"""Saves: the page "saves" with its slots, and what is kept between two runs of the program.

    menu.link("Saved games", "saves")                                 on the title
    menu.pause("To the title", links=[("Save", "saves")])             in the game

A save is a snapshot of the whole world; it is loaded under newer code as an edit is, by migration. `SaveGame` and
`LoadGame` of `core.saves` do the same without the page. Volumes, full screen, chosen controls and the best scores are
kept apart from the slots and stay as they are when a game is loaded.
"""

from __future__ import annotations

from .slots import Slot, Slots

__all__ = ["Slot", "Slots"]
