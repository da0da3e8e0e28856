"""Clips: runs of cells that a sprite's `Sheet` shows one after the other.

    commands.spawn(Position(), Sprite("hero.png"), Sheet(columns=8, rows=4), Clip(first=8, count=6, rate=12))

A game switches clips by `play`, which leaves those that are playing already:

    for clip, hero in heroes:
        play(clip, first=np.where(hero.running, 8, 0), count=6)
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine import Entity, Mut, PostUpdate, Query, Send, boolean, component, entity, event, f32, i32, system
from modules.core.render import Sheet
from modules.core.time import Time

__all__ = ["Clip", "ClipEnded", "ClipStepped", "play"]


@component
class Clip:
    """Play `count` cells from `first` on, `rate` of them a second, over and over if it `loops`.

    `at` is how far it has come, in cells; one that does not loop stays at its last cell.
    """

    first: i32 = 0
    count: i32 = 1
    rate: f32 = 10.0
    loops: boolean = True
    at: f32 = 0.0


@event
class ClipStepped:
    """Another cell of the sheet came to be shown: the place for footsteps and for what a blow hits."""

    entity: entity
    cell: i32


@event
class ClipEnded:
    """A clip came to its end: once, for one that does not loop; at every turn, for one that does."""

    entity: entity
    first: i32


@system(PostUpdate)
def advance(
    clips: Query[Entity, Mut[Clip], Mut[Sheet]], time: Time, stepped: Send[ClipStepped], ended: Send[ClipEnded]
) -> None:
    """Let clips go on and show their cells."""
    for who, clip, sheet in clips:
        count = np.maximum(clip.count, 1)
        before = np.minimum(clip.at, np.float32(1e6))
        last = ~clip.loops & (before >= count)
        clip.at = np.where(last, before, before + np.maximum(clip.rate, 0) * time.dt)
        over = ~last & (clip.at >= count)
        clip.at = np.where(over & clip.loops, clip.at % count, clip.at)
        cell = clip.first + np.minimum(clip.at.astype(np.int32), count - 1)
        new = cell != sheet.cell
        if new.any():
            stepped.send(entity=who[new], cell=cell[new])
            sheet.cell = cell
        if over.any():
            ended.send(entity=who[over], first=clip.first[over])


def play(clip: Any, first: Any, count: Any = 1, rate: Any = 10.0, loops: Any = True, where: Any = True) -> None:
    """Switch rows of a `Mut[Clip]` step to another clip, from its beginning; those that play it already go on.

    All arguments are numbers or columns; `where` is a mask of the rows that are meant. The rate is taken over at once.
    """
    new = where & ((clip.first != first) | (clip.count != count))
    clip.at = np.where(new, 0, clip.at)
    for name, value in (("first", first), ("count", count), ("loops", loops), ("rate", rate)):
        setattr(clip, name, np.where(where, value, getattr(clip, name)))
