"""The last seconds of a run: the world as ticks began, and the input of each.

Before every tick the world is copied anyway, so that a fault can be undone (see `engine/simulation.py`). Here those
copies are kept, in memory that is used again: of every tick while they fit into a budget, else of every second,
fourth, eighth; the ticks between are run again from the copy before them when somebody asks for one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from engine.clock import TICK_RATE
from engine.ecs.snapshot import Snapshot
from engine.ecs.world import World

Events = list[list[Any]]

SECONDS = 10.0
BUDGET = 256 << 20
"""Bytes that the copies may take together."""
MEASURED_EVERY = 64
"""Ticks between two looks at how large a copy is."""


class History:
    """Copies of one world by tick, and what each tick was fed and spawned."""

    def __init__(self, seconds: float = SECONDS, budget: int = BUDGET) -> None:
        self.most, self.budget = round(seconds * TICK_RATE), budget
        self.kept: dict[int, Snapshot] = {}
        self.inputs: dict[int, Events] = {}
        self.spawned: dict[int, int] = {}
        self.stride = 1
        self.end = 0
        self.writing = True
        self._spares: list[Snapshot] = []
        self._loose: Snapshot | None = None
        self._wanted = False
        self._counted = (0, 0)

    @property
    def first(self) -> int:
        """The earliest tick to return to; `end` while there is none."""
        return next(iter(self.kept), self.end)

    def copy(self, world: World) -> Snapshot:
        """Copy the world at the start of a tick. The copy may be written over after the tick."""
        tick = world.tick
        if self.writing and tick != self.end:
            self._forget_from(tick)
        if self.writing and (self._wanted or not tick % self.stride or not self.kept):
            if not self._spares and len(self.kept) >= self._room:
                self._drop(self.first)
            into = self.kept.pop(tick, None) or (self._spares.pop() if self._spares else None)
            shot = self.kept[tick] = world.snapshot(into=into)
            self._wanted = False
            return shot
        self._loose = world.snapshot(into=self._loose)
        return self._loose

    def ran(self, world: World, events: Events) -> None:
        """Note that a tick has run with these events; the world is at the next one."""
        if not self.writing:
            return
        tick = world.tick - 1
        self.inputs[tick], self.end = events, tick + 1
        self.spawned[tick] = self._count_spawned(world)
        oldest = tick - self.most
        for by_tick in (self.inputs, self.spawned):
            by_tick.pop(oldest, None)
        while len(self.kept) > 1 and self.first < oldest:
            self._drop(self.first)
        if not tick % MEASURED_EVERY and self.kept:
            self._fit(size_of(next(reversed(self.kept.values()))))

    def want(self) -> None:
        """Keep the start of the next tick whatever the stride, as after a reload."""
        self._wanted = True

    def before(self, tick: int) -> Snapshot | None:
        """Return the latest copy that is not later than a tick."""
        return next((shot for at, shot in reversed(self.kept.items()) if at <= tick), None)

    def _forget_from(self, tick: int) -> None:
        """Forget what lies after the start of a tick: it goes another way now, or has leapt there."""
        if tick > self.end:
            self.kept.clear()
        self._wanted = True
        for later in [at for at in self.kept if at > tick]:
            self._drop(later)
        self.inputs = {at: events for at, events in self.inputs.items() if at < tick}
        self.spawned = {at: count for at, count in self.spawned.items() if at < tick}
        self.end = tick

    def forget(self) -> None:
        """Forget everything: the world becomes one that did not come from what is kept."""
        for tick in list(self.kept):
            self._drop(tick)
        self.inputs, self.spawned, self._wanted = {}, {}, True

    def _drop(self, tick: int) -> None:
        """Let a copy go; its memory serves the ones that come, as long as there may be so many."""
        shot = self.kept.pop(tick)
        if len(self.kept) + len(self._spares) < self._room:
            self._spares.append(shot)

    @property
    def _room(self) -> int:
        """How many copies there may be: one for each stride, and the two at the ends."""
        return self.most // self.stride + 2

    def _fit(self, size: int) -> None:
        """Keep as many copies of this size as the budget allows."""
        stride = 1
        while size * self.most / stride > self.budget and stride < self.most:
            stride *= 2
        thins, self.stride = stride > self.stride, stride
        for tick in [at for at in self.kept if thins and at % stride and at != self.first]:
            self._drop(tick)
        del self._spares[self._room :]

    def _count_spawned(self, world: World) -> int:
        """Return how many entities came since the last call: those alive now and those that ended, less both before."""
        tick, known = self._counted
        index = world.storage.index
        total = index.used - index.free_count + index.ended
        self._counted = (world.tick, total)
        return max(0, total - known) if tick == world.tick - 1 else 0


def size_of(shot: Snapshot) -> int:
    """Return about how many bytes a copy takes: its columns, its index, and the arrays in its resources."""
    index = shot.index
    arrays = [index.generation, index.free, index.table, index.row]
    arrays += [value for state in shot.resources.values() for value in state.values()]
    return shot.nbytes + sum(array.nbytes for array in arrays if isinstance(array, np.ndarray))
