"""Clips: cells in time, events, and switching between clips."""

from __future__ import annotations

import numpy as np
from support import Call

from engine import Mut, World
from modules.core.render import Sheet
from modules.plugins import animation
from modules.plugins.animation import Clip, ClipEnded, ClipStepped, play


def cells(world: World) -> list[int]:
    return [int(cell) for sheet in world.query(Sheet) for cell in sheet.cell]


def test_clips_run_loop_end_and_tell(world: World, call: Call) -> None:
    ids = world.spawn(Sheet(columns=8), Clip(first=[0, 4], count=3, rate=30, loops=[True, False]), count=2)
    seen = []
    for _ in range(12):  # 30 cells a second at 60 ticks a second: a cell lasts two ticks
        call(animation.advance)
        seen.append(cells(world))
    looping, once = zip(*seen, strict=True)
    assert looping == (0, 1, 1, 2, 2, 0, 0, 1, 1, 2, 2, 0)
    assert once == (4, 5, 5, 6, 6, 6, 6, 6, 6, 6, 6, 6)
    ended = [
        pair for step in world.events(ClipEnded) for pair in zip(*map(list, (step.entity, step.first)), strict=True)
    ]
    assert ended == [(int(ids[0]), 0), (int(ids[1]), 4), (int(ids[0]), 0)]
    steps = [int(cell) for step in world.events(ClipStepped) for cell in step.cell]
    assert steps == [4, 1, 5, 2, 6, 0, 1, 2, 0]


def test_playing_the_same_clip_goes_on_and_another_begins_anew(world: World, call: Call) -> None:
    world.spawn(Sheet(columns=8), Clip(first=0, count=4, rate=30), count=3)
    for _ in range(5):
        call(animation.advance)
    assert cells(world) == [2, 2, 2]
    for clip in world.query(Mut[Clip]):
        play(clip, first=[0, 4, 4], count=4, rate=[30, 30, 0], where=np.array([True, True, False]))
        assert clip.at.tolist() == [2.5, 0, 2.5]
    call(animation.advance)
    assert cells(world) == [3, 4, 3]
