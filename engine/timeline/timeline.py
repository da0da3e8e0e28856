"""Steer the time of one app: pause, step, go back and on again, play a stretch over and over, and look beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engine.ecs.snapshot import Snapshot
from engine.errors import GameError, HotloopError
from engine.reload.transaction import Verdict
from engine.timeline.elsewhere import Elsewhere
from engine.timeline.fork import Fork, ForkRun
from engine.timeline.ghost import Ghost
from engine.timeline.history import Events, History

if TYPE_CHECKING:
    from engine.app import App

UNTOUCHED = "the world is as it was"
SHORTEST_LOOP = 30
"""Ticks; an edit is on probation for no longer, so that each turn of a loop tells whether it is any good."""
SLICE = 0.003
"""Seconds of a frame that may go to what runs beside the game."""
COARSE = 4
"""Ticks from copy to copy from which on going back leaves out those between."""
MARKS_KEPT = 200
RUNS_KEPT = 16


@dataclass(frozen=True)
class Mark:
    """Something that happened at a tick; `kind` is reload, refused or error."""

    tick: int
    kind: str
    text: str


@dataclass
class Loop:
    """A stretch that is played over and over: the world at its start, and the input of its ticks."""

    start: int
    end: int
    snapshot: Snapshot
    inputs: dict[int, Events]


class Timeline:
    """The time of one app's world. Every tick named here is one that is about to run: at `tick` n, n have run.

    `direction` is -1 while the person goes back, 1 while forth again. `is_elsewhere` tells that the world has not come
    by the person's own input to where it is, so that it may believe keys down that are not.
    """

    def __init__(self, app: App) -> None:
        self.app = app
        self.marks: list[Mark] = []
        self.loop: Loop | None = None
        self.marked: int | None = None
        self.ghost: Ghost | None = None
        self.direction = 0
        self.is_elsewhere = False
        self.runs: dict[int, ForkRun | Elsewhere] = {}
        self._numbers = 0
        self._edited = False
        self._paused: set[str] = set()

    @property
    def history(self) -> History:
        """What is kept of the last seconds."""
        return self.app.simulation.history

    @property
    def tick(self) -> int:
        """The tick that runs next."""
        return self.app.world.tick

    @property
    def first(self) -> int:
        """The earliest tick to go to."""
        return min(self.history.first, self.tick)

    @property
    def last(self) -> int:
        """The latest tick to go to: the present one, or where the world was before it was rewound."""
        return max(self.history.end, self.tick)

    def mark(self, kind: str, text: str) -> None:
        """Note what happened at the present tick."""
        self.marks.append(Mark(self.tick, kind, text))
        del self.marks[:-MARKS_KEPT]

    # ------------------------------------------------------------------ to and fro

    def go_to(self, tick: int) -> None:
        """Let the world be as it was when a tick began. What lies beyond is kept until another tick runs there.

        Raises `GameError` for a tick that is not kept, and what a migration raises if the code has changed since;
        the world is as it was then.
        """
        if not self.first <= tick <= self.last:
            raise self._not_kept(tick)
        if tick == self.tick:
            return
        self.is_elsewhere = True
        snapshot = self.history.before(tick)
        assert snapshot is not None, "there is a copy at the first tick"
        if snapshot.tick <= self.tick <= tick:
            snapshot = None  # it is nearer from here
        self.app.simulation.return_to(snapshot, tick, self.history.inputs)

    def roll(self, ticks: int) -> None:
        """Go so many ticks back or forth, as the person holds the key; in steps of whole copies where they are rare."""
        target = min(self.last, max(self.first, self.tick + self.direction * ticks))
        if self.history.stride > COARSE and self.direction < 0:
            nearest = self.history.before(target)
            target = target if nearest is None else nearest.tick
        try:
            self.go_to(target)
        except HotloopError as error:
            self.direction = 0
            self.app.overlay.toast(str(error), "bad")

    def _not_kept(self, tick: int) -> GameError:
        why = f"those from {self.first} to {self.last} are"
        return GameError(f"tick {tick} is not kept", why=why, remedy="name one of those", state=UNTOUCHED)

    def leave_loop(self) -> None:
        """Go on from here with what the person does."""
        self.loop = self.marked = None

    def set_loop(self, start: int, end: int) -> None:
        """Play the ticks from `start` to before `end` again and again, with the input that they had.

        Raises `GameError` if they are not kept or too few.
        """
        if end - start < SHORTEST_LOOP:
            raise GameError(
                f"{end - start} ticks are too few for a loop", remedy=f"take {SHORTEST_LOOP} or more", state=UNTOUCHED
            )
        if end > self.last:
            raise GameError(f"tick {end} has not run yet", why=f"the last is {self.last}", state=UNTOUCHED)
        inputs = {at: self.history.inputs.get(at, []) for at in range(start, end)}
        self.go_to(start)
        self.loop, self.marked = Loop(start, end, self.app.world.snapshot(), inputs), None

    def mark_loop(self) -> None:
        """Mark the start of a loop, then its end; the third time, leave it."""
        if self.loop is not None:
            self.leave_loop()
        elif self.marked is None or not self.first <= self.marked <= self.tick - SHORTEST_LOOP:
            self.marked = self.tick
        else:
            self.set_loop(self.marked, self.tick)

    def events(self) -> Events | None:
        """Return what the next tick is to be fed instead of what the person does; go back where a loop ends."""
        loop = self.loop
        if loop is None:
            return None
        self.is_elsewhere = True
        if self._edited or not loop.start <= self.tick < loop.end:
            self._edited = False
            try:
                self.app.simulation.return_to(loop.snapshot, loop.start, {})
            except HotloopError as error:
                self.leave_loop()
                self.app.overlay.toast(f"the loop has ended: {error}", "bad")
                return None
        return loop.inputs.get(self.tick, [])

    # ------------------------------------------------------------------ beside the game

    def fork(
        self, ticks: int, at: int | None = None, inputs: Iterable[Any] = (), pictures: Iterable[int] = ()
    ) -> ForkRun:
        """Return a run of a copy of the world, from the present tick or another one that is kept.

        It gets the input that the game had in these ticks, or is to have by its script, and further `inputs` as pairs
        of tick and raw input event. Raises `GameError` for a tick that is not kept.
        """
        return ForkRun(self.fork_at(self.tick if at is None else at), ticks, self._script(inputs), pictures)

    def elsewhere(
        self,
        sources: Mapping[str, str],
        ticks: int,
        at: int | None = None,
        inputs: Iterable[Any] = (),
        pictures: Iterable[int] = (),
    ) -> Elsewhere:
        """Return what `fork` does in another process, on these texts of files by path, absolute or in the game."""
        snapshot = self.fork_at(self.tick if at is None else at).world.snapshot()
        texts = {self.app.folder / name: text.encode("utf-8") for name, text in sources.items()}
        return Elsewhere(self.app, snapshot, texts, ticks, self._script(inputs), pictures=pictures)

    def _script(self, inputs: Iterable[Any]) -> dict[int, Events]:
        """Return the input by tick that a copy gets."""
        fed = {tick: list(events) for tick, events in {**self.app.scripted, **self.history.inputs}.items()}
        for tick, event in inputs:
            fed.setdefault(int(tick), []).append(list(event))
        return fed

    def fork_at(self, tick: int) -> Fork:
        """Return a copy of the world as it was when a tick began. Raises `GameError` for one that is not kept."""
        if not self.first <= tick <= self.last:
            raise self._not_kept(tick)
        fork = Fork(self.app, self.history.before(tick) if tick != self.tick else None)
        while fork.world.tick < tick:
            fork.step(self.history.inputs.get(fork.world.tick, ()))
        return fork

    def begin_run(self, run: ForkRun | Elsewhere) -> int:
        """Let a fork run in slices between frames; return its number."""
        self._numbers += 1
        self.runs[self._numbers] = run
        for old in list(self.runs)[:-RUNS_KEPT]:
            self.runs.pop(old).close()
        return self._numbers

    def close(self) -> None:
        """End what runs in other processes."""
        for run in self.runs.values():
            run.close()

    def work(self, *, is_late: bool = False) -> None:
        """Spend a slice of a frame on what runs beside the game, a thin one if the game itself is late."""
        seconds = SLICE / 4 if is_late else SLICE
        if self.ghost is not None and not self.ghost.run(seconds):
            return
        for run in self.runs.values():
            if isinstance(run, ForkRun) and not run.done:
                run.run(seconds)
                return

    # ------------------------------------------------------------------ what happens to the game

    def on_committed(self, paths: Iterable[Path]) -> None:
        """Follow an edit that has been taken in, or taken back: a loop begins anew with the next tick."""
        self.history.want()
        self._edited = True
        if self.ghost is not None:
            self.ghost.on_edit()

    def on_verdict(self, verdict: Verdict) -> None:
        """Mark what became of a reload."""
        kinds = {"current": "reload", "refused": "refused", "rolled back": "refused"}
        if verdict.outcome in kinds:
            names = ", ".join(sorted({Path(file).name for file in verdict.files}))
            self.mark(kinds[verdict.outcome], f"{verdict.outcome}: {names}")

    def on_pause(self) -> None:
        """Mark that a system has been paused."""
        paused = {system.name: str(system.fault) for system in self.app.schedule.everything() if system.fault}
        for name in paused.keys() - self._paused:
            self.mark("error", paused[name])
        self._paused = set(paused)
