"""Settling: which saved files are whole and may be taken together, as a state machine that is told the time.

Hints say that a path may have changed; what counts is what `stat` and the content say. Files whose signs follow each
other closely, or that change while git holds its lock, are one burst and belong together: they are taken as one set
after a short quiet time. A file that is empty, missing, still being written, or whose declarations all vanished, holds
its burst for a while, but no other burst; what in its burst has nothing to do with it waits for a moment only.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.reload.files import (
    Look,
    Signature,
    changed_at,
    git_locks,
    index_written_at,
    is_code,
    is_skipped,
    look,
    matters,
    signature_of,
    walk,
)
from engine.reload.ties import NOTHING, Edit, Outline, tied_to

QUIET = 0.020
"""Seconds without a further hint before the set is looked at."""
UNHINTED = 0.200
"""Seconds that a file must stay the same of which no event told: its writer may be slow and gives no sign either."""
HOLD = 0.250
"""Seconds that an empty or missing file, or one without its declarations, holds the set."""
APART = 0.060
"""Seconds for which a file of the set that is held waits although its own imports, and the others', say it need not."""
WRITING = 0.500
"""Seconds after its last write that a file counts as being written, unless its writer closed it."""
PATIENCE = 2.0
"""Seconds after which files that never hold still are left behind, for the others' sake."""
STREAM_PATIENCE = 5.0
"""Seconds after which the set is looked at although hints never cease."""
LOCK_PATIENCE = 5.0
"""Quiet seconds after which a lock of git's is taken for a forgotten one, or one that waits for a person."""

FEW = 8
"""Files of a set up to which each is looked at ahead of time."""

Kind = Literal["changed", "created", "deleted"]


@dataclass(frozen=True, slots=True)
class FileChange:
    """One settled change of a file.

    `source` is given for code and manifests, `error` in its place where the file cannot be read. A file is `created`
    if nothing lay there before, or if its content was handed over already but never ran. `noticed` is the clock's
    time of the first sign of it, in seconds.
    """

    path: Path
    kind: Kind
    source: bytes | None = None
    digest: str | None = None
    error: str | None = None
    noticed: float = 0.0


@dataclass(slots=True)
class _Record:
    """What is known of one file: the content last judged, None if there was none."""

    digest: str | None
    signature: Signature | None = None
    unread: bool = False  # its content of before is unknown: only its signature was taken
    declares: bool = False
    delivered: bool = False
    fresh: bool = False
    outline: Outline = NOTHING


@dataclass(eq=False, slots=True)
class _Burst:
    """Files that belong together. `touched` is the time of its last sign, `next` when to look at it."""

    begun: float
    touched: float
    next: float
    locked: bool = False
    held_since: float | None = None


@dataclass(slots=True)
class _Pending:
    """A path that may have changed."""

    noticed: float
    hinted: bool
    burst: _Burst
    seen: Signature | None = None  # at its last sign
    look: Look | None = None
    held: str | None = None  # the state that holds the set, since when, and until when at the latest
    held_since: float = 0.0
    glimpsed: str | None = None


@dataclass
class Settler:
    """Pending files and what is known of all. Not thread-safe: one thread hints, sweeps and takes."""

    records: dict[str, _Record] = field(default_factory=dict)
    running: dict[str, str] = field(default_factory=dict)
    pending: dict[str, _Pending] = field(default_factory=dict)
    folders: list[str] = field(default_factory=list)
    locks: list[str] = field(default_factory=list)
    indexes: dict[str, int] = field(default_factory=dict)  # by lock, when git had last written its index
    gone: list[str] = field(default_factory=list)
    writing: dict[str, float] = field(default_factory=dict)
    waits_for: str | None = None
    unhinted: list[str] = field(default_factory=list)
    _burst: _Burst | None = None  # the latest
    _direct: dict[str, bool] = field(default_factory=dict)  # by folder, while a set is looked at

    # -- folders

    def set_folders(self, folders: Iterable[str]) -> None:
        """Watch these folders: files in new ones count as known, those only in former ones are forgotten."""
        wanted = list(dict.fromkeys(folders))
        new = [folder for folder in wanted if folder not in self.folders]
        left = [folder for folder in self.folders if folder not in wanted]
        self.folders = wanted
        for path in [path for path in self.records if left and self.root_of(path) is None]:
            self.records.pop(path)
            self.pending.pop(path, None)
        for folder in new:
            for path, status in walk(folder):
                if path not in self.records:
                    signature = signature_of(status) if status is not None else None
                    self.records[path] = _Record(None, signature, unread=True)
        if new or left:
            self.locks = git_locks(self.folders)

    def root_of(self, path: str) -> str | None:
        """Return the watched folder that holds a path, the innermost of several."""
        holding = [folder for folder in self.folders if path.startswith(folder + os.sep)]
        return max(holding, key=len, default=None)

    def read_unread(self) -> None:
        """Read what was only known by its signature, so that a save of the same content is seen to be one."""
        for path, record in list(self.records.items()):
            if record.unread:
                found = look(path)
                if found.signature == record.signature:
                    self._judged(path, found, delivered=False)

    # -- signs of change

    def runs(self, path: str, digest: str | None, now: float) -> None:
        """Note the content that runs, None if the file no longer does.

        Until a change of the file was taken, any other content that lies there counts as one.
        """
        record = self.records.get(path)
        if digest is None:
            self.running.pop(path, None)
            if record is not None and record.digest is None and not record.unread:
                del self.records[path]
            return
        self.running[path] = digest
        if self.root_of(path) is not None and (record is None or (not record.delivered and record.digest != digest)):
            kept = record or _Record(None)
            self.records[path] = _Record(digest, declares=kept.declares, outline=kept.outline)
            self._suspect(path, now, hinted=True)

    def hint(self, path: str, now: float, *, is_open: bool = False) -> None:
        """Note that a file may have changed; one that its writer still has open lets those before it be."""
        root = self.root_of(path)
        if root is None or not (path in self.records or matters(path, root)):
            return
        pending = self.pending.get(path)
        if pending is None:
            pending = self.pending[path] = _Pending(now, True, self._joined(now))
        elif not pending.burst.locked and self._lock() is not None:
            pending.burst = self._joined(now)  # a save that git has come upon is part of what git does
        elif not is_open:
            self._touch(pending.burst, now)
        pending.hinted, pending.look, pending.seen = True, None, _signature_at(path)

    def _joined(self, now: float) -> _Burst:
        """Return the burst of a new sign: the latest, if that goes on, or git began it and is still at work."""
        burst, is_locked = self._burst, self._lock() is not None
        goes_on = burst is not None and (now - burst.touched < QUIET or (is_locked and burst.locked))
        if burst is None or not goes_on:
            burst = self._burst = _Burst(now, now, now)
        burst.locked = burst.locked or is_locked
        self._touch(burst, now)
        return burst

    def _touch(self, burst: _Burst, now: float) -> None:
        burst.touched, burst.next = now, now + QUIET
        if self._burst is None or self._burst.touched <= now:
            self._burst = burst

    def _lock(self) -> str | None:
        """Return the lock that git holds, if it holds one."""
        return next((lock for lock in self.locks if os.path.lexists(lock)), None)

    def hint_folder(self, path: str, now: float) -> None:
        """Note that a folder came, went or moved: all that is or was below it may have changed."""
        root = path if path in self.folders else self.root_of(path)
        if root is None or any(map(is_skipped, path[len(root) + 1 :].split(os.sep))):
            return
        inside = path + os.sep
        for known in [known for known in self.records if known.startswith(inside)]:
            self.hint(known, now)
        for found, _ in walk(root, path):
            self.hint(found, now)

    def sweep(self, now: float) -> None:
        """Compare every file's signature with the known one: the truth behind events that were missed."""
        self.locks = git_locks(self.folders)
        written = self._git_wrote()
        finished, self.indexes = self._latest_of(written), written
        self.gone = [folder for folder in self.folders if not os.path.isdir(folder)]
        seen = set()
        for folder in self.folders:
            for path, status in walk(folder):
                if path not in seen:
                    seen.add(path)
                    record = self.records.get(path)
                    signature = signature_of(status) if status is not None else None
                    if record is None or record.signature != signature or record.fresh:
                        self._suspect(path, now)
        for path, record in self.records.items():
            if path not in seen and (record.digest is not None or record.unread) and not self._is_lost(path):
                self._suspect(path, now)
        if finished is not None:
            self._join_before(finished, now)

    def _git_wrote(self) -> dict[str, int]:
        return {lock: index_written_at(lock) for lock in self.locks}

    def _latest_of(self, written: dict[str, int]) -> int | None:
        """Return when git ended what it did since the last sweep, if it did anything."""
        return max((at for lock, at in written.items() if self.indexes.get(lock, at) != at), default=None)

    def _join_before(self, finished: int, now: float) -> None:
        """Make one burst of all that changed before git ended: it is whole, whenever the events of it come."""
        for path in [path for path in self.pending if changed_at(path) <= finished]:
            pending = self.pending[path]
            pending.burst, pending.hinted = self._joined(now), True
            self.writing.pop(path, None)

    def _suspect(self, path: str, now: float, *, hinted: bool = False) -> None:
        if path not in self.pending:
            self.pending[path] = _Pending(now, hinted, self._joined(now), _signature_at(path))

    def _is_lost(self, path: str) -> bool:
        """Tell whether the watched folder itself is gone: then its files are not taken for deleted."""
        root = self.root_of(path)
        return root is not None and not os.path.isdir(root)

    # -- taking the set

    def glimpse(self) -> list[FileChange]:
        """Return changes of code that look whole already, each once: they may yet change before they are taken."""
        if len(self.pending) > FEW:
            return []
        glimpsed = []
        for path, pending in self.pending.items():
            if pending.look is None and pending.hinted and path not in self.writing and is_code(path):
                found = pending.look = look(path)
                record = self.records.get(path)
                is_new = found.digest not in (pending.glimpsed, record.digest if record is not None else None)
                if found.state == "ready" and is_new:
                    pending.glimpsed = found.digest
                    glimpsed.append(self._change(path))
        return glimpsed

    def due(self) -> float | None:
        """Return the time at which a burst wants to be looked at next, or None if nothing is pending."""
        return min((pending.burst.next for pending in self.pending.values()), default=None)

    def put_off(self, until: float) -> None:
        """Look at nothing that is pending before a time."""
        for pending in self.pending.values():
            pending.burst.next = until

    def take(self, now: float) -> list[FileChange]:
        """Return the changes of the bursts that have settled, as one set.

        `unhinted` are then the paths of which only a sweep gave a sign, although events should have.
        """
        self.waits_for = None
        self._direct.clear()
        due = self.due()
        if due is not None and now >= due and self._latest_of(self._git_wrote()) is not None:
            self.sweep(now)
        bursts: dict[_Burst, list[str]] = {}
        for path, pending in self.pending.items():
            bursts.setdefault(pending.burst, []).append(path)
        ready = sorted(path for burst, paths in bursts.items() for path in self._ready(burst, paths, now))
        self.unhinted = [path for path in ready if not self.pending[path].hinted and self._is_direct(path)]
        return [self._change(path) for path in ready]

    def _ready(self, burst: _Burst, paths: list[str], now: float) -> list[str]:
        """Return those files of a burst that may be taken now."""
        if now < burst.next and now - burst.begun < STREAM_PATIENCE:
            return []
        lock = self._lock() if burst.locked and now - burst.touched < LOCK_PATIENCE else None
        waiting = set() if lock is not None else {path for path in paths if not self._settled(path, now)}
        if waiting or lock is not None:
            burst.next = now + QUIET
            self.waits_for = lock or min(waiting)
        if lock is not None:
            return []
        burst.held_since = (burst.held_since or now) if waiting else None
        ready = [path for path in paths if path in self.pending and path not in waiting]
        if burst.held_since is None or now - burst.held_since >= PATIENCE:
            return ready
        told = [path for path in ready if self._is_told(path)]
        if not any(self._is_told(path) for path in waiting):
            return told  # these need not wait for what no event tells of
        if now - burst.held_since < APART or any(map(self._is_deleted_by_git, waiting)):
            return []
        tied = tied_to(waiting, {path: self._edit(path) for path in paths if path in self.pending})
        return [path for path in told if path not in tied]

    def _is_deleted_by_git(self, path: str) -> bool:
        """Tell whether a file is missing and git has been at work since: a change of branch is one set."""
        found = self.pending[path].look
        if found is None or found.state != "missing":
            return False
        changed = changed_at(path)
        return any(index_written_at(lock) >= changed for lock in self.locks)

    def _edit(self, path: str) -> Edit:
        found, record = self.pending[path].look, self.records.get(path)
        before = record.outline if record is not None else NOTHING
        return Edit(before, Outline.of(found.source if found is not None else None))

    def _is_told(self, path: str) -> bool:
        """Tell whether events say all there is to say about a pending file."""
        return self.pending[path].hinted and self._is_direct(path)

    def taken(self, changes: Iterable[FileChange]) -> None:
        """Note that these changes were handed over; until then they stay pending."""
        for change in changes:
            path = str(change.path)
            pending = self.pending.get(path)
            if pending is not None and pending.look is not None:
                self._judged(path, pending.look, delivered=True)
                self._drop(path)

    def _drop(self, path: str) -> None:
        del self.pending[path]
        self.writing.pop(path, None)

    def _settled(self, path: str, now: float) -> bool:
        """Look at a pending file; drop it if nothing changed, and tell whether it needs no more waiting."""
        pending, record = self.pending[path], self.records.get(path)
        found = pending.look = self._look(path, pending)
        if found.state == "missing" and self._is_lost(path):
            self._drop(path)  # the sweep goes on comparing
            return True
        if found.state == "unstable":
            pending.look = None
            return False
        if found.signature != pending.seen:
            pending.seen = found.signature  # written since its last sign: the next one is on its way
            return False
        if now - self.writing.get(path, -WRITING) < WRITING:
            return False
        if record is not None and record.unread and found.signature == record.signature:
            self._judged(path, found, delivered=False)
            record = self.records[path]
        if (record.digest if record is not None else None) == found.digest and not (record and record.unread):
            self._judged(path, found, delivered=record.delivered if record else False)
            self._drop(path)
            return True
        return not self._holds(path, pending, found, now)

    def _look(self, path: str, pending: _Pending) -> Look:
        known = pending.look
        if known is not None and known.state == "ready":
            try:
                if signature_of(os.stat(path)) == known.signature:
                    return known
            except OSError:
                pass
        return look(path)

    def _holds(self, path: str, pending: _Pending, found: Look, now: float) -> bool:
        record = self.records.get(path)
        why, hold = str(found.state), HOLD
        if found.state == "ready":
            why = "vanished" if record is not None and record.declares and not found.declares else ""
            if not why and not self._is_told(path):
                why, hold = f"unhinted {found.digest}", UNHINTED
        if not why:
            pending.held = None
            return False
        if pending.held != why:
            pending.held, pending.held_since = why, now
        return now - pending.held_since < hold

    def _is_direct(self, path: str) -> bool:
        """Tell whether a file's own events would come: not if it, or a folder on the way to it, is a link."""
        root = self.root_of(path)
        if root is None or os.path.islink(path):
            return False
        folder = os.path.dirname(path)
        if folder not in self._direct:
            self._direct[folder] = os.path.realpath(folder) == os.path.realpath(root) + folder[len(root) :]
        return self._direct[folder]

    def _judged(self, path: str, found: Look, *, delivered: bool) -> None:
        if found.digest is None and path not in self.running:
            self.records.pop(path, None)
        else:
            self.records[path] = _Record(
                found.digest,
                found.signature,
                declares=found.declares,
                delivered=delivered,
                fresh=found.fresh,
                outline=Outline.of(found.source),
            )

    def _change(self, path: str) -> FileChange:
        pending, record = self.pending[path], self.records.get(path)
        found = pending.look
        assert found is not None, "only files that were looked at are ready"
        if found.state == "missing":
            kind: Kind = "deleted"
        elif path in self.running:
            kind = "changed"
        else:
            was_there = record is not None and (record.digest is not None or record.unread)
            never_ran = record is not None and record.delivered and bool(self.running)
            kind = "changed" if was_there and not never_ran else "created"
        return FileChange(Path(path), kind, found.source, found.digest, found.error, pending.noticed)


def _signature_at(path: str) -> Signature | None:
    try:
        return signature_of(os.stat(path))
    except (OSError, ValueError):
        return None
