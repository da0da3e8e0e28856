"""Saved games: asked for by events, carried out in the frame after the tick that sent them.

An implementation answers `core.saves.folder(game)` with the folder where the saves and settings of a game are kept, as
text, or None where nothing is to be kept.
"""

from __future__ import annotations

from engine import event, i32

__all__ = ["LoadGame", "SaveGame"]


@event
class SaveGame:
    """Save the world in a slot, with a picture of it; what was there is replaced."""

    slot: i32


@event
class LoadGame:
    """Go on with the world that was saved in a slot; nothing happens where there is none."""

    slot: i32
