"""Sounds and music.

They are events, carried out in the frame after the tick that sent them, so that a tick that is taken back is not
heard.
"""

from __future__ import annotations

from engine import event, f32, field, handle, resource, text

__all__ = ["PlayMusic", "PlaySound", "StopMusic", "Volume"]


@event
class PlaySound:
    """Play a sound once.

    `volume` is in [0, 1]; `pitch` 2 is an octave up and twice as fast; `pan` runs from -1, left, to 1, right.
    With `vary_pitch` 0.1 each playing is up to a tenth higher or lower, with `vary_pan` up to so far to a side, by a
    chance that is no part of the game. `bus` is the group whose volume it shares.
    """

    sound: handle
    volume: f32 = 1.0
    pitch: f32 = 1.0
    pan: f32 = 0.0
    vary_pitch: f32 = 0.0
    vary_pan: f32 = 0.0
    bus: text = "sounds"


@event
class PlayMusic:
    """Play a track over and over; it fades in over `fade` seconds while the present one fades out."""

    track: handle
    volume: f32 = 1.0
    fade: f32 = 0.0


@event
class StopMusic:
    """Fade the music out over `fade` seconds."""

    fade: f32 = 0.0


@resource
class Volume:
    """Set how loud everything is, each part in [0, 1].

    `sounds` and `music` are buses; `buses` holds further ones by name. At most `voices` sounds are heard at once: a
    further one takes the place of the oldest.
    """

    master: float = 1.0
    sounds: float = 1.0
    music: float = 1.0
    buses: dict[str, float] = field(factory=dict)
    voices: int = 32

    def of(self, bus: str) -> float:
        """Return how loud a bus is, the master's share included; 1 for one that nobody has set."""
        known = {"sounds": self.sounds, "music": self.music}
        return self.master * known.get(bus, self.buses.get(bus, 1.0))
