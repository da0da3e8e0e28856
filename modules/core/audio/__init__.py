"""Sounds and music.

They are events, carried out in the frame after the tick that sent them, so that a tick that is taken back is not
heard.
"""

from __future__ import annotations

from engine import event, f32, handle, resource

__all__ = ["PlayMusic", "PlaySound", "StopMusic", "Volume"]


@event
class PlaySound:
    """Play a sound once.

    `volume` is in [0, 1]; `pitch` 2 is an octave up and twice as fast; `pan` runs from -1, left, to 1, right.
    """

    sound: handle
    volume: f32 = 1.0
    pitch: f32 = 1.0
    pan: f32 = 0.0


@event
class PlayMusic:
    """Play a track over and over, in place of the present one, faded in over `fade` seconds."""

    track: handle
    volume: f32 = 1.0
    fade: f32 = 0.0


@event
class StopMusic:
    """Fade the music out over `fade` seconds."""

    fade: f32 = 0.0


@resource
class Volume:
    """Set how loud everything is, each part in [0, 1]."""

    master: float = 1.0
    sounds: float = 1.0
    music: float = 1.0
