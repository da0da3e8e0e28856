"""Keeps nothing, so that a run without a window does not depend on earlier ones."""

from __future__ import annotations

from engine import handler


@handler("core.saves.folder")
def folder(game: str) -> str | None:
    """Return that there is none."""
    return None
