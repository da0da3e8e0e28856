"""The sound device, decoded sounds and their resampled variants."""

from __future__ import annotations

import logging
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from random import Random
from typing import Any

import numpy as np

from engine import field, resource
from modules.core.assets import Assets

from ._pygame import pygame, quiet
from .music import DECKS, Music

RATE = 44_100
MOST_VOICES = 64
VOICES_OF_ONE = 6
"""How many voices one sound may have at once; a further one takes the place of its oldest."""
STEPS_PER_OCTAVE = 24
MOST_OCTAVES = 3
MOST_KEPT = 256
DRIVERS = ("SDL_AUDIODRIVER", "SDL_AUDIO_DRIVER")
"""What SDL 2 and SDL 3 call the variable that names the driver."""

log = logging.getLogger("hotloop.audio")


@resource(transient=True)
class Mixer:
    """Hold the sound device and what is decoded; `ready` is False where none can be opened.

    `voices` are the sounds that are heard, the oldest first: name, channel, sound, volume.
    """

    opened: bool = False
    ready: bool = False
    sounds: dict[tuple[Any, int], Any] = field(factory=dict)
    pitched: dict[tuple[Any, int, int], Any] = field(factory=dict)
    voices: list[tuple[str, Any, Any, float]] = field(factory=list)
    music: Music = field(factory=Music)
    chance: Random = field(factory=Random)

    def open(self) -> bool:
        """Open the sound device at the first call, or SDL's silent one where there is none; return whether one is open.

        With the silent one files are read all the same, so that what is wrong with them is told on any machine.
        """
        if not self.opened:
            self.opened = True
            why = _begin()
            if why is not None:
                log.warning("no sound is heard, as there is no sound device: %s", why)
                with _driver("dummy"):
                    why = _begin()
            self.ready = why is None
        return self.ready

    def close(self) -> None:
        """Let the device go; the next sound would open it again."""
        if self.ready:
            with quiet(), suppress(pygame.error):
                pygame.mixer.quit()
        self.opened = self.ready = False
        self.music = Music()
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

    def vary(self, middle: float, width: float) -> float:
        """Return a number near another one, by up to `width`, by chance."""
        return middle + width * self.chance.uniform(-1.0, 1.0) if width else middle

    def play(self, name: str, sound: Any, volume: float, pan: float, most: int = MOST_VOICES) -> None:
        """Play a sound on a free voice, or in place of the oldest one; `most` are heard at once."""
        channel = self._voice(name, min(MOST_VOICES, max(1, most)))
        pan = min(1.0, max(-1.0, pan)) if pan == pan else 0.0
        # Equal power: a sound is as loud at the side as in the middle.
        angle = (pan + 1) * np.pi / 4
        left, right = float(np.cos(angle)), float(np.sin(angle))
        loudest = max(left, right)
        channel.play(sound)
        channel.set_volume(volume * left / loudest, volume * right / loudest)
        self.voices.append((name, channel, sound, volume))

    def _voice(self, name: str, most: int) -> Any:
        """Return the voice for one more of a sound; `voices` holds those that are heard, the oldest first."""
        self.voices = [voice for voice in self.voices if voice[1].get_sound() is voice[2]]
        mine = [voice for voice in self.voices if voice[0] == name]
        if len(mine) >= VOICES_OF_ONE or len(self.voices) >= most:
            oldest = mine[0] if len(mine) >= VOICES_OF_ONE else self.voices[0]
            self.voices.remove(oldest)
            return oldest[1]
        channels = (pygame.mixer.Channel(DECKS + number) for number in range(MOST_VOICES))
        return next(channel for channel in channels if not channel.get_busy())

    def hush(self) -> None:
        """Stop all that plays."""
        if self.ready:
            self.music.hush()
            pygame.mixer.stop()
            self.voices.clear()


def _begin() -> str | None:
    """Open a sound device, or return why that is not possible."""
    try:
        with quiet():
            pygame.mixer.init(RATE, -16, 2, 512)
    except pygame.error as error:
        return str(error)
    pygame.mixer.set_num_channels(DECKS + MOST_VOICES)
    return None


@contextmanager
def _driver(name: str) -> Iterator[None]:
    """Let SDL take this driver for sound; it is told by the environment."""
    before = {variable: os.environ.get(variable) for variable in DRIVERS}
    os.environ.update(dict.fromkeys(DRIVERS, name))
    try:
        yield
    finally:
        for variable, value in before.items():
            if value is None:
                del os.environ[variable]
            else:
                os.environ[variable] = value


def _decode(name: str, path: Any, assets: Assets) -> Any:
    try:
        return pygame.mixer.Sound(path)
    except (pygame.error, OSError) as error:
        assets.complain(name, f"sound {path} cannot be read: {error}; it is silent until it can")
        return None


def _resampled(sound: Any, speed: float) -> Any:
    """Return a sound played `speed` times as fast."""
    samples = pygame.sndarray.array(sound).astype(np.float32)
    count = max(1, int(len(samples) / speed))
    at = np.arange(count) * speed
    sides = [np.interp(at, np.arange(len(samples)), side) for side in samples.T]
    return pygame.sndarray.make_sound(np.ascontiguousarray(np.stack(sides, axis=1).astype(np.int16)))
