"""Sounds: a bell for each lantern that is lit, and a thud for each that goes out."""

from __future__ import annotations

import numpy as np

from engine import Added, Events, Query, Removed, Send, Update, system
from modules.core.audio import PlaySound
from modules.core.motion import Position

from . import legacy
from .lanterns import Lantern

NOTES = 2.0 ** (np.array([0, 2, 4, 7, 9, 12, 14]) / 12)  # five tones, which sound well together in any order
LIT, OUT, PAN = 0.3, 0.2, 0.8


@system(Update)
def ring(lit: Events[Added[Lantern]], places: Query[Position], play: Send[PlaySound]) -> None:
    """Ring for every new lantern: the higher on the picture, the higher the tone."""
    for step in lit:
        _, pos = places.at(step.entity)
        note = np.clip((1 - pos.y / legacy.HEIGHT) * NOTES.size, 0, NOTES.size - 1).astype(int)
        pan = PAN * (2 * pos.x / legacy.WIDTH - 1)
        play.send(sound="chime.wav", volume=LIT, pitch=NOTES[note] / 2, pan=pan)


@system(Update)
def thud(out: Events[Removed[Lantern]], play: Send[PlaySound]) -> None:
    """Thud for every lantern that has gone out."""
    for step in out:
        play.send(sound="tock.wav", volume=[OUT] * len(step.entity), pitch=0.7, vary_pitch=0.1)
