"""A copy of a game's world that runs beside it on the same code; nothing of it touches the game.

The copy has resources, schedule and bus of its own, and no window and no sound. What it shares is the code, and so the
values that a game keeps at module level instead of in its world.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.binding import binder
from engine.clock import Time, set_tick
from engine.ecs.entities import slots_of
from engine.ecs.snapshot import Snapshot
from engine.ecs.world import World
from engine.furnish import LENT, name_asset_roots
from engine.marks import Phase
from engine.reload.bus import Bus
from engine.reload.containment import Deadline
from engine.reload.migrate import migrate_snapshot
from engine.schedule import Schedule, SystemFault, set_clock
from engine.simulation import FEED, run_tick
from engine.timeline.history import Events

if TYPE_CHECKING:
    from engine.app import App


class Fork:
    """A copy of an app's world, as it is now or as a snapshot of it was.

    A system that fails is paused in the copy, as it would be in the game; `faults` holds what happened.
    """

    def __init__(self, app: App, snapshot: Snapshot | None = None) -> None:
        self.world = World(seed=app.world.seed)
        self.world.kernel_mode = app.world.kernel_mode
        self.bus = Bus(binder(self.world))
        self.schedule = Schedule(self.world, self.bus)
        self.deadline = Deadline(self.schedule)
        self.deadline.is_ours = app.code.ours.is_file
        self.faults: list[SystemFault] = []
        self._app = app
        self._start: Snapshot | None = None
        self.follow()
        name_asset_roots(self.bus, app.modules, app.folder)
        self.put(snapshot if snapshot is not None else app.world.snapshot())

    def follow(self) -> None:
        """Let bus and schedule be those of the game as it is now, but for what shows and sounds.

        Raises `ComponentError` where the copy has rows of another schema; only a new copy can follow then.
        """
        modules = self._app.modules
        assert modules.resolution is not None
        declared = self._declared = modules.scan(())
        hidden = {modules.resolution.implementations.get(contract) for contract in LENT}
        self.world.register(*declared.classes)
        self.bus.replace(declared.handlers, modules.resolution.implementations)
        self.schedule.commit(self.schedule.plan(one for one in declared.systems if one.module not in hidden))
        for system in self.schedule.everything():
            mine = self._app.schedule.systems.get(system.name)
            system.fault = mine.fault if mine is not None else None

    def put(self, snapshot: Snapshot) -> None:
        """Go to a state of the game, of whatever version. Raises `SnapshotError` or `MigrationError`."""
        declared = self._declared
        migrate = migrate_snapshot(self.world, declared.classes, declared.migrations)
        self.world.restore(snapshot, migrate=migrate)

    def step(self, events: Iterable[list[Any]] = ()) -> None:
        """Run one tick with these raw input events."""
        fed: Events = list(events)
        tick = self.world.tick
        while self.world.tick == tick:
            self._start = self.world.snapshot(into=self._start)
            with self.deadline.armed(self.deadline.patience.steady):
                fault = run_tick(self.schedule, fed)
            if fault is None:
                return
            self.world.restore(self._start)
            fault.system.fault = fault
            self.faults.append(fault)

    def trail(self, events: Iterable[list[Any]] = ()) -> Iterator[tuple[str, Snapshot]]:
        """Run one tick system by system; yield what ran and the state after it, up to a system that fails."""
        world, schedule = self.world, self.schedule
        set_tick(world.resource(Time), world.tick)
        try:
            if FEED in schedule.bus:
                schedule.deliver(FEED, events=list(events))
            yield "the input", _halfway(world)
            for what in schedule.one_by_one():
                yield what, _halfway(world)
        except SystemFault as fault:
            self.faults.append(fault)
            schedule.clear_commands()

    def picture(self) -> NDArray[np.uint8]:
        """Draw the copy and return the picture as a (height, width, 3) array."""
        set_clock(self.world, 0, 1.0)
        with self.deadline.armed(self.deadline.patience.steady):
            self.schedule.run(Phase.Render, on_fault=self._on_fault)
        pixels: NDArray[np.uint8] = self.bus.call("core.render.capture")
        return pixels

    def _on_fault(self, fault: SystemFault) -> None:
        fault.system.fault = fault
        self.faults.append(fault)


def _halfway(world: World) -> Snapshot:
    """Return a snapshot in the middle of a tick: ids that are given out but not yet spawned count as free in it."""
    shot = world.snapshot()
    index = shot.index
    taken = np.zeros(index.generation.size, np.bool_)
    taken[index.free] = True
    for image in shot.tables.values():
        taken[slots_of(image.ids)] = True
    promised = np.flatnonzero(~taken & (index.generation != 0)).astype(index.free.dtype)
    index.free, index.of = np.concatenate([index.free, promised]), None
    return shot


class ForkRun:
    """So many ticks of a fork, run in slices; `answer` is what there is to tell once it is `done`.

    `inputs` are raw input events by tick, `pictures` the ticks after which to draw.
    """

    def __init__(self, fork: Fork, ticks: int, inputs: dict[int, Events], pictures: Iterable[int] = ()) -> None:
        self.fork, self.ticks, self.inputs = fork, ticks, inputs
        self.pictures = set(pictures)
        self.first = fork.world.tick
        self.answer: dict[str, Any] = {"first": self.first, "hashes": [], "entities": [], "pictures": {}}

    @property
    def done(self) -> bool:
        """Tell whether all ticks have run."""
        return self.fork.world.tick >= self.first + self.ticks

    def run(self, seconds: float | None = None) -> bool:
        """Run ticks for so many seconds, or all that are left; tell whether it is done."""
        end = None if seconds is None else perf_counter() + seconds
        world = self.fork.world
        while not self.done and (end is None or perf_counter() < end):
            self.fork.step(self.inputs.get(world.tick, ()))
            self.answer["hashes"].append(world.hash())
            self.answer["entities"].append(len(world))
            if world.tick in self.pictures:
                self.answer["pictures"][world.tick] = self.fork.picture()
        self.answer |= describe(world)
        self.answer["faults"] = [str(fault) for fault in self.fork.faults]
        return self.done

    def close(self) -> None:
        """Let the copy go."""


def describe(world: World) -> dict[str, Any]:
    """Return how a world stands: tick, hash, and its rows by component."""
    rows = {name: world.component_rows(name) for name in sorted(world.components)}
    return {"tick": world.tick, "hash": world.hash(), "rows": {name: count for name, count in rows.items() if count}}
