"""The watcher: finds saved files, waits until they are whole and hands them over in sets.

Events of the file system are hints that make it quick; a sweep over all files, once a second, is what makes it sure.
Where events fail (an overflow, a dead observer, no watches left, a drive that sends none) sweeps go on alone, more
often, and `status` says that watching is degraded.
"""

from __future__ import annotations

import logging
import os
import sys
import threading
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from watchdog.events import (
    DirCreatedEvent,
    DirDeletedEvent,
    DirMovedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileDeletedEvent,
    FileModifiedEvent,
    FileMovedEvent,
    FileSystemEvent,
    FileSystemEventHandler,
)
from watchdog.observers import Observer

from engine.reload.files import digest_of, is_skipped
from engine.reload.settle import QUIET, FileChange, Settler

__all__ = ["FileChange", "Watcher", "digest_of"]

SWEEP_EVERY = 1.0
SWEEP_ALONE = 0.5
"""Seconds between sweeps with and without events."""
RETRY_EVENTS = 5.0
"""Seconds between attempts to get events where there are none."""
REMEMBER = 30.0
"""Seconds for which a passing trouble is told in `status`."""
TRIES = 3
"""How often a set is handed over to a receiver that raises."""

log = logging.getLogger("hotloop.watch")

_EVENTS: tuple[type[FileSystemEvent], ...] = (
    FileModifiedEvent,
    FileClosedEvent,
    FileCreatedEvent,
    FileMovedEvent,
    FileDeletedEvent,
    DirCreatedEvent,
    DirMovedEvent,
    DirDeletedEvent,
)
_SENDS_CLOSED = sys.platform.startswith("linux")


class _Handler(FileSystemEventHandler):
    """Puts events into the watcher's inbox; must never raise, that would end the observer's thread."""

    def __init__(self, put: Callable[[tuple[Any, ...]], None]) -> None:
        self.put = put

    def dispatch(self, event: FileSystemEvent) -> None:
        try:
            kind, is_folder = event.event_type, event.is_directory
            self.put(("event", kind, is_folder, os.fsdecode(event.src_path), os.fsdecode(event.dest_path or "")))
        except Exception:
            log.debug("an event was dropped", exc_info=True)


class _Overflow(logging.Handler):
    """Hears from watchdog's log that events were lost, and keeps its messages from standard error."""

    def __init__(self, put: Callable[[tuple[Any, ...]], None]) -> None:
        super().__init__(logging.WARNING)
        self.put = put

    def emit(self, record: logging.LogRecord) -> None:
        if "overflow" in record.getMessage():
            self.put(("overflow",))


class _Events:
    """Events of the file system for some folders, as long as they can be had."""

    def __init__(self, put: Callable[[tuple[Any, ...]], None], make: Callable[[], Any]) -> None:
        self.handler, self.make = _Handler(put), make
        self.observer: Any = None
        self.plan: list[tuple[str, bool, tuple[int, int]]] = []
        self.names: list[tuple[str, str]] = []

    def start(self, folders: list[str]) -> None:
        """Begin anew with these folders; raises whatever the platform has against it."""
        self.stop()
        self.names = sorted(((os.path.realpath(f), f) for f in folders), key=lambda pair: -len(pair[0]))
        plan = _plan(real for real, _ in self.names)
        observer = self.make()
        try:
            for folder, recursive, _ in plan:
                observer.schedule(self.handler, folder, recursive=recursive, event_filter=list(_EVENTS))
            observer.start()
        except BaseException:
            _end(observer)
            raise
        self.observer, self.plan = observer, plan

    def stop(self) -> None:
        if self.observer is not None:
            observer, self.observer = self.observer, None
            _end(observer)

    def trouble(self) -> str | None:
        """Say why events must begin anew, or None: a dead thread, folders made again, or just others than before."""
        threads = [self.observer, *self.observer.emitters, getattr(self.observer, "_inotify_fd", None)]
        if any(thread is not None and not thread.is_alive() for thread in threads):
            return "it had ended"
        plan = _plan(real for real, _ in self.names)
        was = {folder: identity for folder, _, identity in self.plan}
        if any(was.get(folder) != identity for folder, _, identity in plan if folder in dict(self.names)):
            return "a folder was made again"
        return "" if plan != self.plan else None

    def translate(self, path: str) -> list[str]:
        """Return a path of an event as the watched folders spell it, who may be links."""
        found = [own + path[len(real) :] for real, own in self.names if path == real or path.startswith(real + os.sep)]
        return found or [path]


def _end(observer: Any) -> None:
    try:
        observer.stop()
        if observer.ident is not None:
            observer.join(2.0)
    except Exception:
        log.debug("the observer did not stop in order", exc_info=True)


def _plan(folders: Iterable[str]) -> list[tuple[str, bool, tuple[int, int]]]:
    """Return what to observe as (folder, with all below, identity), leaving out folders like `.git` and `.venv`."""
    plan: list[tuple[str, bool, tuple[int, int]]] = []
    for folder in sorted(set(folders)):
        if any(
            deep and folder.startswith(known + os.sep) and not _hidden_below(known, folder) for known, deep, _ in plan
        ):
            continue
        try:
            status = os.stat(folder)
            inner = [entry for entry in os.scandir(folder) if entry.is_dir(follow_symlinks=False)]
        except OSError:
            continue
        skipped = any(is_skipped(entry.name) and entry.name != "__pycache__" for entry in inner)
        plan.append((folder, not skipped, (status.st_dev, status.st_ino)))
        if skipped:
            plan += [(e.path, True, (0, e.inode())) for e in inner if not is_skipped(e.name)]
    return sorted(plan)


def _hidden_below(known: str, folder: str) -> bool:
    return any(map(is_skipped, folder[len(known) + 1 :].split(os.sep)))


def _make_observer() -> Any:
    # A folder that comes back under its old name makes watchdog warn, at length, on standard error.
    warnings.filterwarnings("ignore", message="Callback with id", category=RuntimeWarning)
    try:
        from watchdog.observers.inotify_move_event_grouper import InotifyMoveEventGrouper

        # A file moved out of sight otherwise keeps all events behind it back for half a second. They have to come well
        # within the quiet time: a file counts as whole if nothing tells of a further write until then.
        InotifyMoveEventGrouper.delay = 0.005
    except ImportError:
        pass
    return Observer()


class Watcher:
    """Watches folders from a thread of its own and calls `on_ready` there with each settled set of changes.

    `events=False` watches by sweeps alone. Without `start`, `poll(now)` does one round, for those who keep the time
    themselves. `on_glimpse` gets a change of code at its first sign, before it has settled: what it prepares may turn
    out to be of no use. `make_observer` stands in for watchdog's observer.
    """

    def __init__(
        self,
        folders: Iterable[str | Path],
        on_ready: Callable[[list[FileChange]], None],
        *,
        on_glimpse: Callable[[FileChange], None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        events: bool = True,
        make_observer: Callable[[], Any] = _make_observer,
    ) -> None:
        self.on_ready, self.on_glimpse = on_ready, on_glimpse
        self.clock, self.wants_events = clock, events
        self.settler = Settler()
        self.settler.set_folders(_absolute(folders))
        self._inbox: deque[tuple[Any, ...]] = deque()
        self._events = _Events(self._put, make_observer)
        self._overflow = _Overflow(self._put)
        self._wake, self._stopping = threading.Event(), threading.Event()
        self._thread: threading.Thread | None = None
        self._next_sweep = self._next_try = 0.0
        self._no_events: str | None = None if events else "events are not asked for"
        self._troubles: dict[str, float] = {}
        self._failed = 0

    # -- for the game's thread

    def start(self) -> None:
        """Start watching, or go on: what was saved meanwhile is found."""
        if self._thread is not None and self._thread.is_alive():
            return
        self._stopping.clear()
        logging.getLogger("watchdog").addHandler(self._overflow)
        logging.getLogger("fsevents").addHandler(self._overflow)
        self._next_sweep = self._next_try = 0.0
        if self.wants_events:
            self._start_events(self.clock())
        self._thread = threading.Thread(target=self._run, name="hotloop-watch", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop watching; no set is handed over after this returns, unless one is right now."""
        self._stopping.set()
        self._wake.set()
        thread, self._thread = self._thread, None
        if thread is not None and thread is not threading.current_thread():
            thread.join(5.0)
        self._events.stop()
        logging.getLogger("watchdog").removeHandler(self._overflow)
        logging.getLogger("fsevents").removeHandler(self._overflow)

    def watch(self, folders: Iterable[str | Path]) -> None:
        """Watch these folders from now on, in place of the former."""
        self._put(("folders", _absolute(folders)))

    def running(self, path: str | Path, digest: str | None) -> None:
        """Tell which content of a file runs, as `digest_of` it; None if the file no longer does."""
        self._put(("runs", os.path.abspath(path), digest))

    def all_running(self, digests: Mapping[Path, str]) -> None:
        """Tell which content of every file runs; a file that is not among them does not."""
        self._put(("all", {os.path.abspath(path): digest for path, digest in digests.items()}))

    def sweep_soon(self) -> None:
        """Look at every file at once instead of at the next second."""
        self._put(("sweep",))

    def ensure(self) -> None:
        """Start the thread again if something ended it."""
        if self._thread is not None and not self._thread.is_alive() and not self._stopping.is_set():
            self._trouble("the watching thread had ended", self.clock())
            self.start()

    def status(self) -> dict[str, Any]:
        """Tell how watching goes: mode, degraded (why, or None), files, and what a held set waits for."""
        self.ensure()
        now = self.clock()
        gone = [f"{folder} is gone" for folder in self.settler.gone]
        passing = [text for text, until in list(self._troubles.items()) if now < until]
        reasons = [self._no_events] if self._no_events and self.wants_events else []
        return {
            "mode": "events" if self._events.observer is not None else "sweep",
            "degraded": "; ".join([*reasons, *gone, *passing]) or None,
            "files": len(self.settler.records),
            "waits_for": self.settler.waits_for,
        }

    # -- the thread

    def _put(self, message: tuple[Any, ...]) -> None:
        self._inbox.append(message)
        self._wake.set()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                while not self._stopping.is_set():
                    delay = self.poll(self.clock())
                    self._wake.wait(delay)
                    self._wake.clear()
            except BaseException as error:  # whatever it is: a watcher that ends unseen is worse
                log.warning("watching failed and goes on", exc_info=True)
                self._trouble(f"watching failed: {type(error).__name__}: {error}", self.clock())
                self._stopping.wait(0.1)

    def poll(self, now: float) -> float:
        """Do one round: hear what was said, sweep if it is time, hand over what has settled; return the next delay."""
        self._hear(now)
        if now >= self._next_sweep:
            self._sweep(now)
        if self.on_glimpse is not None:
            for change in self.settler.glimpse():
                self.on_glimpse(change)
        changes = self.settler.take(now)
        if changes and not self._stopping.is_set():
            self._hand_over(changes, now)
        due = self.settler.due()
        soon = self._next_sweep - now
        if due is not None:
            soon = min(soon, due - now if due > now else QUIET)
        return max(soon, 0.001)

    def _hear(self, now: float) -> None:
        while self._inbox:
            match self._inbox.popleft():
                case ("event", kind, is_folder, source, target):
                    for path in self._events.translate(source):
                        self._hear_event(kind, is_folder, path, now)
                    for path in self._events.translate(target) if target else ():
                        self._hear_event("created", is_folder, path, now)
                case ("runs", path, digest):
                    self.settler.runs(path, digest, now)
                case ("all", digests):
                    for path in [path for path in self.settler.running if path not in digests]:
                        self.settler.runs(path, None, now)
                    for path, digest in digests.items():
                        if self.settler.running.get(path) != digest:
                            self.settler.runs(path, digest, now)
                case ("folders", folders):
                    if folders != self.settler.folders:
                        self.settler.set_folders(folders)
                        self._restart_events(now)
                case ("overflow",):
                    self._trouble("too many events at once, some were lost", now)
                    self._next_sweep = now
                case _:
                    self._next_sweep = now

    def _hear_event(self, kind: str, is_folder: bool, path: str, now: float) -> None:
        if is_folder:
            self.settler.hint_folder(path, now)
            return
        if kind == "deleted" and "." not in os.path.basename(path):
            self.settler.hint_folder(path, now)  # not every platform says that a deleted path was a folder
        is_open = kind == "modified" and _SENDS_CLOSED
        self.settler.hint(path, now, is_open=is_open)
        if is_open and path in self.settler.pending:
            self.settler.writing[path] = now
        elif kind != "modified":
            self.settler.writing.pop(path, None)

    def _sweep(self, now: float) -> None:
        self._supervise(now)
        self.settler.read_unread()
        self.settler.sweep(now)
        alone = self._events.observer is None or any(now < until for until in self._troubles.values())
        self._next_sweep = now + (SWEEP_ALONE if alone else SWEEP_EVERY)

    def _supervise(self, now: float) -> None:
        if not self.wants_events or self._thread is None:
            return
        if self._events.observer is None:
            if now >= self._next_try:
                self._start_events(now)
            return
        trouble = self._events.trouble()
        if trouble:
            self._trouble(f"the observer of events was started again: {trouble}", now)
        if trouble is not None:
            self._restart_events(now)

    def _restart_events(self, now: float) -> None:
        if self.wants_events and self._thread is not None:
            self._events.stop()
            self._start_events(now)
            self._next_sweep = now  # what happened in between gave no events

    def _start_events(self, now: float) -> None:
        self._next_try = now + RETRY_EVENTS
        try:
            self._events.start(self.settler.folders)
            self._no_events = None
        except Exception as error:
            self._no_events = f"no events, edits are found by sweeps: {error}"
            log.info("%s", self._no_events)

    def _hand_over(self, changes: list[FileChange], now: float) -> None:
        self._note_missed(now)
        try:
            self.on_ready(changes)
        except BaseException:
            self._failed += 1
            if self._failed < TRIES:
                self.settler.put_off(now + SWEEP_EVERY)  # as they were not taken they stay pending
                raise
            self.settler.taken(changes)
            self._failed = 0
            raise
        self._failed = 0
        self.settler.taken(changes)

    def _note_missed(self, now: float) -> None:
        """Say so if a sweep found what events should have told, and begin anew with events in case it helps."""
        if self._events.observer is None:
            return
        missed = self.settler.unhinted
        if missed:
            self._trouble(f"{len(missed)} edits came without events, such as {missed[0]}", now)
            if now >= self._next_try:
                self._restart_events(now)

    def _trouble(self, text: str, now: float) -> None:
        self._troubles[text] = now + REMEMBER
        for old in [text for text, until in self._troubles.items() if now >= until]:
            del self._troubles[old]


def _absolute(folders: Iterable[str | Path]) -> list[str]:
    return list(dict.fromkeys(os.path.abspath(folder) for folder in folders))
