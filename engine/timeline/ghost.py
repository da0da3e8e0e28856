"""The ghost: where chosen entities will be in the next seconds, under the code as it was saved just now.

A copy of the world runs ahead in slices of a frame. After an edit it runs once more from the same state, so that the
way before the edit and the way after it can be laid side by side.
"""

from __future__ import annotations

import logging
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.clock import TICK_RATE
from engine.ecs.snapshot import Snapshot
from engine.errors import HotloopError, describe
from engine.timeline.fork import Fork
from engine.timeline.history import Events

if TYPE_CHECKING:
    from engine.app import App

Way = NDArray[np.float32]
"""The way of some entities, (ticks, entities, 2) in units of the world; nan where one is gone."""

SECONDS = 2.0
PLACES = "timeline.places"
COMPARED = 3 * TICK_RATE
"""Ticks after an edit for which both ways are shown, in a game that goes on."""

log = logging.getLogger("hotloop")


class Ghost:
    """The way of some entities in so many ticks from a state of an app's world.

    `after` is the way under the code that runs, `before` that from the same state under the code before the latest
    edit; None where there is none. In a loop the state is its start; else the present, again and again.
    """

    def __init__(self, app: App, entities: list[int], seconds: float = SECONDS) -> None:
        self.app, self.entities, self.seconds = app, entities, seconds
        self.before: Way | None = None
        self.after: Way | None = None
        self._fork: Fork | None = None
        self._origin: Snapshot | None = None
        self._inputs: dict[int, Events] = {}
        self._points: list[Way] = []
        self._ticks = 0
        self._known_loop: object = None
        self._edited_at: int | None = None
        self._is_stale = True

    @property
    def done(self) -> bool:
        """Tell whether the way is known to its end."""
        return not self._is_stale and len(self._points) > self._ticks

    def on_edit(self) -> None:
        """Find the way once more from the same state under the new code, and keep the one so far to compare."""
        if self.after is not None:
            self.before, self.after = self.after, None
            self._edited_at = self.app.world.tick
        self._is_stale = True

    def run(self, seconds: float) -> bool:
        """Look ahead for a slice of a frame; tell whether the way is known to its end."""
        end = perf_counter() + seconds
        try:
            self._follow()
            while not self.done and perf_counter() < end:
                self._step()
        except Exception as error:  # whatever a module's handler raises must not end the game
            log.error("the ghost ends: %s", describe(error))
            self.app.timeline.ghost = None
        return self.done

    def _follow(self) -> None:
        """Begin where the loop begins, or at the present; begin anew when that is another."""
        loop = self.app.timeline.loop
        moved = loop is not self._known_loop
        if moved or (loop is None and self.done and self._is_past):
            self._origin, self._known_loop = None, loop
            self.before = None if moved or self._edited_at is not None else self.before
            self._edited_at = None
        if self._origin is None:
            self._take_origin()
        if self._is_stale:
            self._renew_fork()

    def _renew_fork(self) -> None:
        """Let a copy on the code of now stand at the origin; one that only has to follow is sooner there."""
        assert self._origin is not None
        fork = self._fork
        try:
            if fork is not None:
                fork.follow()
                fork.put(self._origin)
        except HotloopError:
            fork = None
        self._fork = fork or Fork(self.app, self._origin)
        self._points, self._is_stale = [], False

    @property
    def _is_past(self) -> bool:
        """Tell whether the world has gone on from where the way begins, and edits have been compared long enough."""
        assert self._origin is not None
        now = self.app.world.tick
        if self._edited_at is not None and 0 <= now - self._edited_at < COMPARED:
            return False
        return now != self._origin.tick

    def _take_origin(self) -> None:
        loop = self.app.timeline.loop
        if loop is not None:
            self._origin, self._ticks, self._inputs = loop.snapshot, loop.end - loop.start, loop.inputs
        else:
            history = self.app.timeline.history
            self._origin = self.app.world.snapshot()
            self._ticks, self._inputs = round(self.seconds * TICK_RATE), dict(history.inputs)
        self._is_stale = True

    def _step(self) -> None:
        fork = self._fork
        assert fork is not None
        if self._points:
            fork.step(self._inputs.get(fork.world.tick, ()))
        self._points.append(fork.bus.call(PLACES, entities=self.entities))
        if self.done:
            self.after = np.stack(self._points)

    def data(self) -> list[dict[str, Any]]:
        """Return both ways as the overlay shows them: lines of points in shares of the picture."""
        found = []
        for kind, path in (("before", self.before), ("after", self.after)):
            if path is not None:
                seen = self.app.simulation.call("timeline.on_canvas", points=path)
                if seen is not None:  # what it raises has been told
                    found += [{"kind": kind, "points": seen[:, number]} for number in range(len(self.entities))]
        return found
