"""The sound device, decoded sounds and their resampled variants."""

from __future__ import annotations

import math
from contextlib import suppress
from typing import Any

import numpy as np

from engine import field, resource
from modules.core.assets import Assets

from ._pygame import pygame, quiet

RATE = 44_100
VOICES = 32
VOICES_OF_ONE = 6
"""How many voices one sound may have at once; a further one takes the place of its oldest."""
STEPS_PER_OCTAVE = 24
MOST_OCTAVES = 3
MOST_KEPT = 256


@resource(transient=True)
class Mixer:
    """Hold the sound device and what is decoded; `ready` is False where there is no device.

    `music` is the track asked for last with its volume, and `loaded` the file that plays, so that the track starts
    when its file appears and starts anew when that changes.
    """

    opened: bool = False
    ready: bool = False
    sounds: dict[tuple[Any, int], Any] = field(factory=dict)
    pitched: dict[tuple[Any, int, int], Any] = field(factory=dict)
    voices: dict[str, list[tuple[Any, Any]]] = field(factory=dict)
    music: tuple[str, float] | None = None
    loaded: tuple[Any, int] | None = None
    loudness: float = -1.0

    def open(self) -> bool:
        """Open the sound device at the first call; return whether there is one."""
        if not self.opened:
            self.opened = True
            with quiet(), suppress(pygame.error):
                pygame.mixer.init(RATE, -16, 2, 512)
                pygame.mixer.set_num_channels(VOICES)
                self.ready = True
        return self.ready

    def close(self) -> None:
        """Let the device go; the next sound would open it again."""
        if self.ready:
            with quiet(), suppress(pygame.error):
                pygame.mixer.quit()
        self.opened = self.ready = False
        self.music = self.loaded = None
        for kept in (self.sounds, self.pitched, self.voices):
            kept.clear()

    def sound(self, name: str, pitch: float, assets: Assets) -> Any:
        """Return a sound at a pitch, to a quarter tone; None, after one complaint, where it cannot be played."""
        path = assets.path(name)
        if path is None:
            assets.complain(name, f"sound {name!r} is missing; it is silent until the file is there")
            return None
        version = assets.version(name)
        if (path, version) not in self.sounds:
            self.sounds[path, version] = _decode(name, path, assets)
        plain = self.sounds[path, version]
        octaves = min(MOST_OCTAVES, max(-MOST_OCTAVES, math.log2(pitch))) if 0 < pitch < math.inf else 0.0
        step = round(octaves * STEPS_PER_OCTAVE)
        if plain is None or step == 0:
            return plain
        key = (path, version, step)
        if key not in self.pitched:
            if len(self.pitched) >= MOST_KEPT:
                self.pitched.pop(next(iter(self.pitched)))
            self.pitched[key] = _resampled(plain, 2 ** (step / STEPS_PER_OCTAVE))
        return self.pitched[key]

    def play(self, name: str, sound: Any, volume: float, pan: float) -> None:
        """Play a sound on a free voice, or in place of the oldest one."""
        channel = self._voice(name)
        pan = min(1.0, max(-1.0, pan)) if pan == pan else 0.0
        # Equal power: a sound is as loud at the side as in the middle.
        angle = (pan + 1) * np.pi / 4
        left, right = float(np.cos(angle)), float(np.sin(angle))
        loudest = max(left, right)
        channel.play(sound)
        channel.set_volume(volume * left / loudest, volume * right / loudest)
        self.voices.setdefault(name, []).append((channel, sound))

    def _voice(self, name: str) -> Any:
        """Return the voice for one more of a sound; the others of it are those that still play it."""
        mine = [(channel, own) for channel, own in self.voices.get(name, []) if channel.get_sound() is own]
        self.voices[name] = mine
        if len(mine) >= VOICES_OF_ONE:
            return mine.pop(0)[0]
        return pygame.mixer.find_channel(force=True)

    def start_music(self, name: str, volume: float, fade: float, assets: Assets) -> None:
        """Play a track over and over in place of the present one."""
        self.music, self.loudness = (name, volume), -1.0
        path = assets.path(name)
        self.loaded = (path, assets.version(name))
        if path is None:
            assets.complain(name, f"music {name!r} is missing; it is silent until the file is there")
            pygame.mixer.music.stop()
            return
        try:
            pygame.mixer.music.load(path)
            pygame.mixer.music.play(-1, fade_ms=_milliseconds(fade))
        except (pygame.error, OSError) as error:
            assets.complain(name, f"music {path} cannot be read: {error}; it is silent until it can")

    def stop_music(self, fade: float) -> None:
        """Fade the music out."""
        self.music = self.loaded = None
        pygame.mixer.music.fadeout(_milliseconds(fade))

    def follow(self, loudness: float, assets: Assets) -> None:
        """Set how loud the music is where that changed, and start it anew where its file did."""
        if self.music is None:
            return
        name, volume = self.music
        if self.loaded != (assets.path(name), assets.version(name)):
            self.start_music(name, volume, 0.0, assets)
        if self.loudness != loudness * volume:
            self.loudness = loudness * volume
            pygame.mixer.music.set_volume(self.loudness)

    def hush(self) -> None:
        """Stop all that plays."""
        if self.ready:
            pygame.mixer.stop()
            self.stop_music(0.0)
            self.voices.clear()


def _decode(name: str, path: Any, assets: Assets) -> Any:
    try:
        return pygame.mixer.Sound(path)
    except (pygame.error, OSError) as error:
        assets.complain(name, f"sound {path} cannot be read: {error}; it is silent until it can")
        return None


def _milliseconds(seconds: float) -> int:
    return round(min(60.0, seconds) * 1000) if seconds > 0 else 0


def _resampled(sound: Any, speed: float) -> Any:
    """Return a sound played `speed` times as fast."""
    samples = pygame.sndarray.array(sound).astype(np.float32)
    count = max(1, int(len(samples) / speed))
    at = np.arange(count) * speed
    sides = [np.interp(at, np.arange(len(samples)), side) for side in samples.T]
    return pygame.sndarray.make_sound(np.ascontiguousarray(np.stack(sides, axis=1).astype(np.int16)))
