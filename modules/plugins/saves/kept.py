"""What is kept apart from the saved games: settings and scores, as plain data."""

from __future__ import annotations

from typing import Any

from modules.core.audio import Volume
from modules.core.input import Actions
from modules.core.window import Window
from modules.plugins.screens import Scores


def as_kept(volume: Volume, window: Window, actions: Actions, scores: Scores) -> dict[str, Any]:
    """Return settings and scores as JSON-able data."""
    chosen = {name: list(bound) for name, bound in actions.bindings.items() if bound != actions.defaults.get(name)}
    return {
        "volume": {"master": volume.master, "sounds": volume.sounds, "music": volume.music},
        "fullscreen": bool(window.fullscreen),
        "controls": chosen,
        "scores": [[name, points] for name, points in scores.rows],
    }


def put_back(kept: dict[str, Any], volume: Volume, window: Window, actions: Actions, scores: Scores) -> None:
    """Make settings and scores what they were."""
    loud = kept["volume"]
    volume.master, volume.sounds, volume.music = (float(loud[part]) for part in ("master", "sounds", "music"))
    window.fullscreen = bool(kept["fullscreen"])
    for name in actions.defaults:
        actions.rebind(name)
    for name, bound in kept["controls"].items():
        actions.rebind(str(name), *(str(binding) for binding in bound))
    scores.rows = [(str(name), int(points)) for name, points in kept["scores"]]
