"""Keeps saved games in the platform's data folder, or below that which HOTLOOP_DATA names."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs

from engine import handler


@handler("core.saves.folder")
def folder(game: str) -> str | None:
    """Return the folder of a game."""
    named = os.environ.get("HOTLOOP_DATA")
    return str((Path(named) if named else platformdirs.user_data_path("hotloop", appauthor=False)) / game)
