"""Plays nothing; keeps what it was asked to play, for tests to look at."""

from __future__ import annotations

from typing import Any

from engine import Events, Mut, Render, field, resource, system
from modules.core.audio import PlayMusic, PlaySound, StopMusic

__all__ = ["Heard"]


@resource(transient=True)
class Heard:
    """What was asked for, in order: dicts of the fields of each sound, and of each track or stop."""

    sounds: list[dict[str, Any]] = field(factory=list)
    music: list[dict[str, Any]] = field(factory=list)


@system(Render)
def listen(sounds: Events[PlaySound], tracks: Events[PlayMusic], stops: Events[StopMusic], heard: Mut[Heard]) -> None:
    """Write down what was asked for since the last frame."""
    for step in sounds:
        heard.sounds += _rows(step, ("sound", "volume", "pitch", "pan", "bus"))
    for stop in stops:
        heard.music += [{"track": None, **row} for row in _rows(stop, ("fade",))]
    for track in tracks:
        heard.music += _rows(track, ("track", "volume", "fade"))


def _rows(step: Any, names: tuple[str, ...]) -> list[dict[str, Any]]:
    columns = [getattr(step, name).tolist() for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
