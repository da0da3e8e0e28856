"""Plays the sounds and music of each tick in the frame after it.

Where there is no sound device nothing is heard, which is said once, and nothing else is different.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from engine import Events, Mut, Render, Shutdown, handler, system
from modules.core.assets import Assets
from modules.core.audio import PlayMusic, PlaySound, StopMusic, Volume

from .mixer import Mixer

__all__ = ["Mixer"]

AT_ONCE = 4
"""How many of one sound may begin in one frame: more of them is only louder."""
FIELDS = ("sound", "volume", "pitch", "pan", "vary_pitch", "vary_pan", "bus")


@system(Render)
def play(
    sounds: Events[PlaySound],
    tracks: Events[PlayMusic],
    stops: Events[StopMusic],
    volume: Volume,
    assets: Mut[Assets],
    mixer: Mut[Mixer],
) -> None:
    """Carry out what was asked for since the last frame."""
    if not mixer.open():
        return
    begun: Counter[str] = Counter()
    for step in sounds:
        for name, loud, pitch, pan, vary_pitch, vary_pan, bus in _rows(step):
            begun[name] += 1
            varied = mixer.vary(pitch, vary_pitch * pitch)
            found = mixer.sound(name, varied, assets) if begun[name] <= AT_ONCE else None
            if found is not None:
                loud = loudness(loud * volume.of(bus))
                mixer.play(name, found, loud, mixer.vary(pan, vary_pan), volume.voices)
    for stop in stops:
        mixer.music.stop(float(stop.fade[-1]))
    for track in tracks:
        mixer.music.start(track.track[-1], loudness(float(track.volume[-1])), float(track.fade[-1]))
    mixer.music.follow(loudness(volume.of("music")), assets)


@system(Shutdown)
def hush(mixer: Mut[Mixer]) -> None:
    """Stop what this game plays."""
    mixer.hush()


@handler("core.audio.close")
def close(mixer: Mut[Mixer]) -> None:
    """Let the sound device go."""
    mixer.close()


def loudness(share: float) -> float:
    """Return a volume in [0, 1]; 0 for what is no number."""
    return min(1.0, share) if share > 0 else 0.0


def _rows(step: Any) -> Any:
    return zip(*(getattr(step, name).tolist() for name in FIELDS), strict=True)
