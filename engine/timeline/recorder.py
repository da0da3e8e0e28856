"""Write down a run while it is played, so that it can be played again (see `engine/timeline/recording.py`).

A recording is the straight way to the present: what was taken back by a rewind or a rolled back edit is cut off.
"""

from __future__ import annotations

import contextlib
import json
import logging
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

from engine.errors import GameError
from engine.timeline.history import Events
from engine.timeline.recording import describe_run, packed_state, running_sources

if TYPE_CHECKING:
    from engine.app import App

TICKS_KNOWN = 2_000
"""Ticks that can be cut off again; more than a history keeps."""

log = logging.getLogger("hotloop")


@dataclass(frozen=True)
class Point:
    """How things stood in the file before a tick was written: the place, and what had been told by then."""

    offset: int
    hash: str | None
    code: dict[str, str]
    paused: frozenset[str]


class Recorder:
    """Writes one app's run to a file. Raises `GameError` where that is not possible."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.app: App | None = None
        self.code_changed = False
        self._file: IO[bytes] | None = None
        self._offset = 0
        self._points: dict[int, Point] = {}
        self._next = self._settled = 0
        self._hash: str | None = None
        self._code: dict[str, str] = {}
        self._paused: frozenset[str] = frozenset()

    def attach(self, app: App) -> None:
        """Record an app from its next tick on, in the place of what the file held."""
        self.close()
        self.app = app

    def before(self) -> None:
        """Note what has come to the world since the last tick, at the start of the next."""
        app = self.app
        if app is None:
            return
        if self._file is None:
            self._begin(app)
        tick, digest = app.world.tick, app.world.hash()
        if tick in self._points:
            self._cut(tick)
        self._points[tick] = Point(self._offset, self._hash, self._code, self._paused)
        self._points.pop(tick - TICKS_KNOWN, None)
        if self.code_changed:
            self._note_code(app, tick)
        paused = frozenset(system.name for system in app.schedule.everything() if system.fault is not None)
        if paused != self._paused:
            self._paused = paused
            self._write({"tick": tick, "paused": sorted(paused)})
        if digest != self._hash or tick != self._next or tick == self._settled:
            self._write({"tick": tick, "state": packed_state(app.world.snapshot())})

    def after(self, events: Events) -> None:
        """Note a tick that has run."""
        if self.app is None or self._file is None:
            return
        world = self.app.world
        self._hash, self._next = world.hash(), world.tick
        self._write([world.tick - 1, self._hash, events] if events else [world.tick - 1, self._hash])

    def close(self) -> None:
        """End the recording."""
        file, self._file = self._file, None
        if file is not None:
            with contextlib.suppress(OSError):
                file.close()

    def _begin(self, app: App) -> None:
        try:
            self._file = self.path.open("wb", buffering=1 << 13)
        except OSError as error:
            why, remedy = error.strerror or str(error), "name another file"
            raise GameError(f"--record: {self.path} cannot be written", why=why, remedy=remedy) from error
        self._points, self._offset = {}, 0
        self._next, self._hash = app.world.tick, None  # so that the state is written first
        self._settled = app.world.tick + 1  # Startup may read settings and scores: what it made of them is written too
        self._code, self._paused, self.code_changed = running_sources(app), frozenset(), False
        self._write(describe_run(app))

    def _write(self, value: Any) -> None:
        if self._file is None:
            return
        data = (json.dumps(value, separators=(",", ":")) + "\n").encode("ascii")
        try:
            self._file.write(data)
            self._file.flush()  # whatever kills the process, the recording is whole up to here
        except OSError as error:  # a full disk ends the recording, not the game
            log.error("the recording %s ends at tick %d: %s", self.path, self._next, error.strerror or error)
            self.app = None
            self.close()
        self._offset += len(data)

    def _cut(self, tick: int) -> None:
        """Take back what was written of a tick and of those after it: the world goes another way now."""
        assert self._file is not None
        point = self._points[tick]
        self._file.seek(point.offset)
        self._file.truncate()
        self._offset = point.offset
        self._next, self._hash, self._code, self._paused = tick, point.hash, point.code, point.paused
        self._points = {at: known for at, known in self._points.items() if at < tick}
        self.code_changed = True

    def _note_code(self, app: App, tick: int) -> None:
        self.code_changed = False
        now = running_sources(app)
        gone = self._code.keys() - now.keys()
        changed = {name: text for name, text in now.items() if self._code.get(name) != text}
        self._code = now
        if changed or gone:
            self._write({"tick": tick, "code": {**changed, **dict.fromkeys(sorted(gone))}})
