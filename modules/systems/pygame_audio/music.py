"""Music: two decks, one fading in while the other fades out."""

from __future__ import annotations

import math
from dataclasses import dataclass
from time import perf_counter
from typing import Any

from modules.core.assets import Assets

from ._pygame import pygame

DECKS = 2
"""Channels that play music and nothing else."""
LONGEST_FADE, LONGEST_FRAME = 60.0, 0.25


@dataclass
class Deck:
    """A track as it plays: `gain` goes to `goal` by `rate` a second, and at 0 the deck falls silent.

    `loaded` is the file that plays, so that the track starts when its file appears and starts anew when that changes.
    """

    name: str
    volume: float
    gain: float
    rate: float
    goal: float = 1.0
    loaded: tuple[Any, int] | None = None
    sound: Any = None


class Music:
    """Play a track over and over, and cross-fade to the next."""

    def __init__(self) -> None:
        self.decks: list[Deck | None] = [None] * DECKS
        self.present = 0
        self.then = perf_counter()

    def start(self, name: str, volume: float, fade: float) -> None:
        """Fade a track in, and what plays now out."""
        self.stop(fade)
        self.present = (self.present + 1) % DECKS
        self._silence(self.present)
        rate = _rate(fade)
        self.decks[self.present] = Deck(name, volume, 1.0 if rate == math.inf else 0.0, rate)

    def stop(self, fade: float) -> None:
        """Fade out what plays now."""
        for number, deck in enumerate(self.decks):
            if deck is not None:
                deck.goal, deck.rate = 0.0, _rate(fade)
                if deck.rate == math.inf:
                    self._silence(number)

    def hush(self) -> None:
        """Stop at once."""
        self.stop(0.0)

    def follow(self, loudness: float, assets: Assets) -> None:
        """Set how loud the decks are now, and start those whose file appeared or changed."""
        now = perf_counter()
        passed, self.then = min(LONGEST_FRAME, now - self.then), now
        for number, deck in enumerate(self.decks):
            if deck is None:
                continue
            version = (assets.path(deck.name), assets.version(deck.name))
            if deck.loaded != version:
                deck.loaded, deck.sound = version, _load(deck.name, version[0], assets)
                pygame.mixer.Channel(number).stop()
                if deck.sound is not None:
                    pygame.mixer.Channel(number).play(deck.sound, loops=-1)
            if deck.gain != deck.goal:
                step = min(abs(deck.goal - deck.gain), deck.rate * passed)
                deck.gain += math.copysign(step, deck.goal - deck.gain)
            if deck.gain <= 0 == deck.goal:
                self._silence(number)
            else:
                pygame.mixer.Channel(number).set_volume(loudness * deck.volume * deck.gain)

    def _silence(self, number: int) -> None:
        if self.decks[number] is not None:
            self.decks[number] = None
            pygame.mixer.Channel(number).stop()


def _rate(fade: float) -> float:
    return 1 / min(LONGEST_FADE, fade) if fade > 0 else math.inf


def _load(name: str, path: Any, assets: Assets) -> Any:
    """Return a track, or None after one complaint."""
    if path is None:
        assets.complain(name, f"music {name!r} is missing; it is silent until the file is there")
        return None
    try:
        return pygame.mixer.Sound(path)
    except (pygame.error, OSError) as error:
        assets.complain(name, f"music {path} cannot be read: {error}; it is silent until it can")
        return None
