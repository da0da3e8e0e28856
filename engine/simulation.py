"""Run one world tick by tick, so that a system that fails or hangs hurts nothing but itself.

Before each tick the world is copied. A fault in a young edit takes the edit back, and the ticks since are run again;
any other restores the start of the tick, pauses the system and runs the tick again without it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from time import perf_counter
from typing import Any

from engine.clock import Time, set_tick
from engine.ecs.snapshot import Snapshot
from engine.ecs.world import World
from engine.errors import HotloopError
from engine.marks import Phase
from engine.reload.explain import describe_fault
from engine.reload.leftovers import Leftovers
from engine.reload.transaction import Reloader
from engine.report import Meter
from engine.schedule import Schedule, SystemFault, set_clock
from engine.timeline.history import Events, History
from engine.timeline.recorder import Recorder

FEED = "core.input.feed"
INPUTS_KEPT = 256
"""Ticks whose input is kept; more than any edit is on probation."""

log = logging.getLogger("hotloop")


class Simulation:
    """The ticks and pictures of one world. With `unseen` no pictures are shown, so that ticks count as frames.

    `on_pause` is called when a system has been paused.
    """

    def __init__(
        self, schedule: Schedule, reloader: Reloader, meter: Meter, on_pause: Callable[[], None], *, unseen: bool
    ) -> None:
        self.world: World = schedule.world
        self.schedule, self.reloader, self.meter, self.on_pause, self.unseen = (
            schedule,
            reloader,
            meter,
            on_pause,
            unseen,
        )
        self.deadline = reloader.deadline
        self.inputs: dict[int, Events] = {}
        self.history = History()
        self.recorder: Recorder | None = None
        self._start: Snapshot | None = None
        self._leftovers = Leftovers(self.world)
        self._shown = -1
        self._said: set[str] = set()

    def step(self, events: Events) -> None:
        """Run the next tick with these raw input events."""
        tick = self.world.tick
        self.inputs[tick] = events
        self.inputs.pop(tick - INPUTS_KEPT, None)
        self.advance(tick + 1)

    def advance(self, target: int) -> None:
        """Run ticks until the world is at `target`; after a rollback that is more than one."""
        while self.world.tick < target:
            fault = self._tick()
            if fault is not None:
                if not self.reloader.roll_back(fault):
                    self._pause(fault)
                continue
            if self.world.tick <= self._shown:
                self.schedule.skip_shown()
            self.reloader.ticked()

    def _tick(self) -> SystemFault | None:
        """Run one tick; on a fault the world is as it was before, and the fault is returned."""
        world, schedule = self.world, self.schedule
        begin = perf_counter()
        recorder = self.recorder if self.history.writing else None
        if recorder is not None:
            recorder.before()
        self._start = self.history.copy(world)
        self._leftovers.note(system.function for system in schedule)
        events = self.inputs.get(world.tick, [])
        fault = run_tick(schedule, events, self._start_up, self._armed)
        if fault is not None:
            world.restore(self._start)
            fault.left = self._leftovers.changes()
            return fault
        self.history.ran(world, events)
        if recorder is not None:
            recorder.after(events)
        if self.unseen:
            world.end_frame()
            self.meter.add(perf_counter() - begin)
        return None

    def return_to(self, snapshot: Snapshot | None, tick: int, inputs: Mapping[int, Events]) -> None:
        """Restore a state of this world, or take it as it is, and run to the start of a tick with the input it had.

        Nobody sees or hears these ticks, and the history goes on to hold what lies beyond. An edit on probation
        begins its probation anew. Raises `SnapshotError` or `MigrationError`, nothing having happened.
        """
        if snapshot is not None:
            self.reloader.restore(snapshot)
            self.reloader.begin_again(snapshot)
        start = self.world.tick
        before = {at: events for at, events in self.inputs.items() if at < start}
        self.inputs = before | {at: inputs.get(at, []) for at in range(start, tick)}
        self._shown, self.history.writing = tick, False
        try:
            self.advance(tick)
        finally:
            self.history.writing = True
        self.schedule.skip_shown()
        self._shown = self.world.tick

    def take(self, snapshot: Snapshot) -> None:
        """Let the world be another one, as from a file; what lies before is forgotten.

        Raises `SnapshotError` or `MigrationError`, the world being as it was.
        """
        self.return_to(snapshot, snapshot.tick, {})
        self.history.forget()

    def _start_up(self) -> None:
        """Run Startup: as long as it takes when the world is new, under a deadline when an edit has added to it."""
        if not self.reloader.on_probation:
            self.schedule.start()
            return
        with self.deadline.armed(self.deadline.patience.commit):
            self.schedule.start()

    def _armed(self) -> AbstractContextManager[None]:
        return self.deadline.armed(self._seconds_allowed)

    @property
    def _seconds_allowed(self) -> float:
        patience = self.deadline.patience
        return patience.probation if self.reloader.on_probation else patience.steady

    def draw(self, alpha: float = 0.0) -> None:
        """Run Render; a system that fails there is paused, or the young edit taken back; nothing else changes."""
        set_clock(self.world, self.meter.frames, alpha)
        faults: list[SystemFault] = []
        with self.deadline.armed(self._seconds_allowed):
            self.schedule.run(Phase.Render, on_fault=faults.append)
        self.world.end_frame()
        self._shown = self.world.tick
        for fault in faults:
            if not self._undo_edit(fault):
                self._pause(fault)

    def call(self, message: str, **arguments: Any) -> Any:
        """Call a handler of the window or mixer; what it raises undoes a young edit or is logged once.

        It is called again the next time: without it nobody could see the error, or close the window.
        """
        try:
            with self.deadline.armed(self._seconds_allowed):
                return self.schedule.deliver(message, **arguments)
        except SystemFault as fault:
            if not self._undo_edit(fault) and str(fault) not in self._said:
                self._said.add(str(fault))
                log_fault(fault)
        except HotloopError as error:
            log.error("%s", error)
        return None

    def shut_down(self) -> None:
        """Run Shutdown; what fails there is logged."""
        with self.deadline.armed(self.deadline.patience.steady):
            self.schedule.run(Phase.Shutdown, on_fault=log_fault)

    def return_to_start(self) -> None:
        """Restore the start of the tick that ran last, or runs now."""
        if self._start is not None:
            self.world.restore(self._start)

    def _undo_edit(self, fault: SystemFault) -> bool:
        """Roll back the edit on probation because of a fault outside the ticks; tell whether there was one."""
        tick = self.world.tick
        if not self.reloader.roll_back(fault):
            return False
        self.advance(tick)
        return True

    def _pause(self, fault: SystemFault) -> None:
        fault.system.fault = fault
        log_fault(fault)
        self.on_pause()


def run_tick(
    schedule: Schedule,
    events: Events,
    start_up: Callable[[], None] | None = None,
    armed: Callable[[], AbstractContextManager[None]] = nullcontext,
) -> SystemFault | None:
    """Run the simulation phases once with raw input events; return the fault that ended it, the world half way."""
    world = schedule.world
    try:
        set_tick(world.resource(Time), world.tick)
        (start_up or schedule.start)()
        with armed():
            if FEED in schedule.bus:
                schedule.deliver(FEED, events=events)
            schedule.tick()
    except SystemFault as fault:
        schedule.clear_commands()
        return fault
    world.tick += 1
    world.end_tick()
    return None


def log_fault(fault: SystemFault) -> None:
    """Write a line about a fault to the log, and what became of the system."""
    file, line = fault.place
    state = "; the system is paused, the game goes on without it" if fault.system.fault is fault else ""
    log.error("%s:%s: %s%s", file, line, describe_fault(fault), state)
