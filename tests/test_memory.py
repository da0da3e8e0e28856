"""What a tick leaves for the allocator and the garbage collector, counted and never timed."""

from __future__ import annotations

import gc
import subprocess
import sys
import tracemalloc
from types import FunctionType
from typing import Any

import numpy as np
import pytest
from support import LAUNCHER, bare_environment

from engine import Commands, Entity, Mut, Query, Time, Update, World, component, f32, system, vec2, vector
from engine.memory import playing
from engine.reload.functions import find_running
from engine.schedule import Declared, Schedule

ROWS = 20_000


@component
class Spot:
    x: f32 = 0.0
    y: f32 = 0.0
    xy: vec2 = vector("x", "y")


@component
class Speed:
    dx: f32 = 1.0
    dy: f32 = 1.0
    xy: vec2 = vector("dx", "dy")


@component
class Tag:
    """On what came later."""


@system(Update)
def glide(rows: Query[Mut[Spot], Speed], time: Time) -> None:
    """Move in place, so that all that is allocated is the engine's."""
    for spot, speed in rows:
        np.add(spot.xy, speed.xy, out=spot.xy)


@system(Update)
def replace(rows: Query[Entity, Speed], commands: Commands) -> None:
    """Let one go and one come."""
    for ids, _ in rows:
        commands.despawn(ids[ids.size // 2])
        commands.spawn(Spot(1.0, 2.0), Speed(3.0, 4.0))


@system(Update)
def ebb(rows: Query[Entity, Spot], commands: Commands) -> None:
    """Let many go, and as many come later, one after another."""
    for ids, spot in rows:
        if ids.size >= 200:
            commands.despawn(ids[:90])
        for at in range(3):
            fresh = commands.spawn(Spot(float(spot.x[at]), 0.0), Speed())
            commands.insert(fresh, Tag())


def highest(step: Any, times: int = 50) -> int:
    """Return the most bytes that one of many calls had allocated at some moment, over what it began with."""
    for _ in range(times):
        step()
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        step()
        most = 0
        for _ in range(times):
            before = tracemalloc.get_traced_memory()[0]
            tracemalloc.reset_peak()
            step()
            most = max(most, tracemalloc.get_traced_memory()[1] - before)
        return most
    finally:
        tracemalloc.stop()
        gc.enable()


def test_a_tick_in_steady_state_allocates_next_to_nothing() -> None:
    """No array of the engine's own: 20,000 rows, whose smallest column takes 80,000 bytes."""
    world = World()
    world.spawn(Spot(np.arange(float(ROWS))), Speed())
    world.spawn(Spot(np.arange(700.0)), Speed())
    schedule = Schedule(world)
    schedule.commit(schedule.plan([Declared(one, one.__mark__, "test") for one in (glide, replace)]))
    shots = [world.snapshot(), world.snapshot()]

    def tick() -> None:
        shots.append(world.snapshot(into=shots.pop(0)))
        schedule.tick()
        world.tick += 1
        world.end_tick()

    assert highest(tick) < 4096
    assert highest(lambda: world.restore(shots[0])) < 4096
    assert len(world) == ROWS + 700


def test_copies_of_a_world_make_no_new_objects() -> None:
    world = World()
    for at in range(1, 6):
        world.spawn(Spot(np.arange(float(at))), *[Speed()][: at % 2])
    shot = world.snapshot()
    for _ in range(3):
        world.snapshot(into=shot)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        kept = [world.snapshot(into=shot) for _ in range(50)]
        assert len(gc.get_objects()) - before < 10, "each copy made objects that the collector has to look at"
        assert all(one is shot for one in kept)
    finally:
        gc.enable()


def test_full_collections_look_at_little_while_a_game_is_played() -> None:
    def maker() -> Any:
        value = object()
        return lambda: value

    gc.unfreeze()
    closure = maker()
    all_objects = len(gc.get_objects())
    with playing():
        assert len(gc.get_objects()) < all_objects / 10
        assert not any(one is closure for one in gc.get_objects())
        made = maker()
        # Looking for the functions that run some code thaws what is frozen, and the next full collection freezes it.
        assert {closure, made} <= set(find_running([closure.__code__]))
        assert gc.get_freeze_count() == 0
        gc.collect()
        assert gc.get_freeze_count() > all_objects / 2
        frozen = gc.get_freeze_count()
        kept = [[] for _ in range(1000)]
        gc.collect()
        assert gc.get_freeze_count() <= frozen, "nothing more is frozen than the start, or garbage might pile up"
        assert len(kept) == 1000
    assert gc.get_freeze_count() == 0
    assert isinstance(closure, FunctionType)


@pytest.mark.skipif(sys.platform != "linux", reason="only glibc is told to keep what is freed")
def test_freed_memory_is_kept_by_a_run_and_by_no_import() -> None:
    """Page faults, counted by the system: with what is kept, a temporary of 2 MB costs none."""
    count = """
import resource, sys
import numpy as np
import engine, engine.memory
if len(sys.argv) > 1:
    engine.memory.keep_freed()
column = np.ones(500_000, np.float32)
for _ in range(5):
    column * 2 + 1
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(50):
    column * 2 + 1
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""
    faults = [
        int(
            subprocess.run(
                [sys.executable, "-c", count, *args],
                cwd=LAUNCHER.parent,
                env=bare_environment(),
                capture_output=True,
                text=True,
                check=True,
            ).stdout
        )
        for args in ((), ("keep",))
    ]
    assert faults[1] * 10 < faults[0], faults


@pytest.mark.long
def test_a_hundred_thousand_ticks_leave_nothing_behind() -> None:
    world = World()
    world.spawn(Spot(np.arange(200.0)), Speed())
    schedule = Schedule(world)
    schedule.commit(schedule.plan([Declared(one, one.__mark__, "test") for one in (glide, replace, ebb)]))
    shots = [world.snapshot() for _ in range(3)]

    def run(ticks: int) -> int:
        for _ in range(ticks):
            shots.append(world.snapshot(into=shots.pop(0)))
            schedule.tick()
            world.tick += 1
            world.end_tick()
        gc.collect()
        return tracemalloc.get_traced_memory()[0]

    tracemalloc.start()
    try:
        before = run(10_000)
        assert run(90_000) - before < 16_384
    finally:
        tracemalloc.stop()
    assert world.storage.index.used < 2_000
