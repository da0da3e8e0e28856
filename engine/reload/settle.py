"""Settling: which saved files are whole and may be taken together, as a state machine that is told the time.

Hints say that a path may have changed; what counts is what `stat` and the content say. The pending files are taken
as one set after a short quiet time, while git holds no lock. A file that is empty, missing, unreadable, still being
written, or whose declarations all vanished, holds the whole set for a while.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.reload.files import Look, Signature, git_locks, is_code, is_skipped, look, matters, signature_of, walk

QUIET = 0.020
"""Seconds without a further hint before the set is looked at."""
UNHINTED = 0.200
"""Seconds that a file must stay the same of which no event told: its writer may be slow and gives no sign either."""
HOLD = 0.250
"""Seconds that an empty or missing file, or one without its declarations, holds the set."""
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


@dataclass(slots=True)
class _Pending:
    """A path that may have changed."""

    noticed: float
    hinted: bool
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
    gone: list[str] = field(default_factory=list)
    writing: dict[str, float] = field(default_factory=dict)
    touched: float = 0.0
    waits_for: str | None = None
    unhinted: list[str] = field(default_factory=list)
    _held_since: float | None = None
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
            self.records[path] = _Record(digest, declares=record.declares if record else False)
            self._suspect(path, now, hinted=True)

    def hint(self, path: str, now: float) -> None:
        """Note that a file may have changed."""
        root = self.root_of(path)
        if root is None or not (path in self.records or matters(path, root)):
            return
        self.touched = now
        pending = self.pending.setdefault(path, _Pending(now, hinted=True))
        pending.hinted, pending.look = True, None

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

    def _suspect(self, path: str, now: float, *, hinted: bool = False) -> None:
        if path not in self.pending:
            self.pending[path] = _Pending(now, hinted)
            self.touched = max(self.touched, now)

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
        """Return the time at which the set wants to be looked at next, or None if nothing is pending."""
        if not self.pending:
            return None
        return self.touched + QUIET

    def take(self, now: float) -> list[FileChange]:
        """Return the set of changes if it has settled, else nothing; `touched` is moved on while it is held.

        `unhinted` are then the paths of which only a sweep gave a sign, although events should have.
        """
        self.waits_for = None
        if not self.pending or not self._is_quiet(now) or self._is_locked(now):
            return []
        self._direct.clear()
        waiting = {path for path in list(self.pending) if not self._settled(path, now)}
        if not waiting:
            self._held_since = None
        elif self._held_since is None:
            self._held_since = now
        if self._held_since is not None and now - self._held_since < PATIENCE:
            self.waits_for, self.touched = min(waiting), now
            return []
        if waiting:
            self.touched = now
        ready = sorted(path for path in self.pending if path not in waiting)
        self.unhinted = [path for path in ready if not self.pending[path].hinted and self._is_direct(path)]
        return [self._change(path) for path in ready]

    def _is_quiet(self, now: float) -> bool:
        if now - self.touched >= QUIET:
            return True
        return now - min(pending.noticed for pending in self.pending.values()) >= STREAM_PATIENCE

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

    def _is_locked(self, now: float) -> bool:
        if now - self.touched >= LOCK_PATIENCE:
            return False
        self.waits_for = next((lock for lock in self.locks if os.path.lexists(lock)), None)
        return self.waits_for is not None

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
            if not why and not (pending.hinted and self._is_direct(path)):
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
            self.records[path] = _Record(found.digest, found.signature, False, found.declares, delivered, found.fresh)

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
