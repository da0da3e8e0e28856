"""Files as the watcher sees them: which matter, what `stat` and the content say, and whether git is at work.

Nothing here blocks on what is not a regular file, and nothing raises for a file that cannot be read.
"""

from __future__ import annotations

import hashlib
import os
import re
import stat
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.reload.manifest import FILE_NAME

MAX_SOURCE = 16 * 2**20
"""Bytes of the largest code file that is read; a larger one is an error."""
MAX_HASHED = 64 * 2**20
"""Bytes of the largest asset whose content is compared; of a larger one, size and time are."""
FRESH_NS = 2_000_000_000
"""Age below which an equal time of change proves nothing: some file systems count in whole seconds."""

SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "venv", "site-packages"})
ASSETS = "assets"
_BACKUP = re.compile(
    r"^[.#]|[~#]$|^4913$|\.(?:swp|swx|tmp|temp|bak|orig|part|pyc|pyo)$|___jb_(?:tmp|old)___$|^sed[A-Za-z0-9]{6}$"
)
_DECLARATION = re.compile(rb"^(?:async\s+def|def|class|@)\b|^@", re.MULTILINE)
_NOT_BLOCKING = (
    getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_BINARY", 0) | getattr(os, "O_NOCTTY", 0)
)

Signature = tuple[int, int, int, int, int]
State = Literal["ready", "missing", "empty", "unstable", "error"]


def digest_of(content: bytes) -> str:
    """Return the digest by which contents of files are told apart."""
    return _new_digest(content).hexdigest()


def _new_digest(content: bytes = b"") -> hashlib.blake2b:
    return hashlib.blake2b(content, digest_size=16)


def is_code(path: str) -> bool:
    """Tell whether a path is one whose bytes are handed on: Python code or a manifest."""
    return path.endswith(".py") or os.path.basename(path) == FILE_NAME


def is_skipped(name: str) -> bool:
    """Tell whether a folder is one that is never looked into."""
    return name.startswith(".") or name in SKIPPED_FOLDERS


def matters(path: str, root: str) -> bool:
    """Tell whether a file below the watched folder `root` matters: code, a manifest, or a file in `assets`."""
    *folders, name = path[len(root) :].lstrip(os.sep).split(os.sep)
    if any(map(is_skipped, folders)):
        return False
    return _is_wanted(name, ASSETS in (os.path.basename(root), *folders))


def _is_wanted(name: str, among_assets: bool) -> bool:
    return (among_assets or name.endswith(".py") or name == FILE_NAME) and not _BACKUP.search(name)


def signature_of(status: os.stat_result) -> Signature:
    """Return what changes with nearly every save: time, size, file number, time of change of both, and kind."""
    return (status.st_mtime_ns, status.st_size, status.st_ino, status.st_ctime_ns, stat.S_IFMT(status.st_mode))


@dataclass(frozen=True, slots=True)
class Look:
    """What one look at a file found; `source` is kept of code only."""

    state: State
    digest: str | None = None
    signature: Signature | None = None
    source: bytes | None = None
    error: str | None = None
    fresh: bool = False
    """Whether the file is so young that an edit may yet leave its signature as it is."""

    @property
    def declares(self) -> bool:
        """Tell whether the code has any function or class at its top level."""
        return self.source is not None and _DECLARATION.search(self.source) is not None


def look(path: str) -> Look:
    """Look at a file: its content and digest, if it held still meanwhile."""
    try:
        before = os.stat(path)
    except (FileNotFoundError, NotADirectoryError):
        if os.path.islink(path):
            return _error(path, f"is a dangling link to {os.readlink(path)}", None)
        return Look("missing")
    except (OSError, ValueError) as error:
        return _error(path, f"cannot be read: {_why(error)}", None)
    signature = signature_of(before)
    if not stat.S_ISREG(before.st_mode):
        return _error(path, f"is {_kind(before.st_mode)}, not a file", signature)
    code = is_code(path)
    if code and before.st_size > MAX_SOURCE:
        return _error(path, f"is larger than {MAX_SOURCE >> 20} MB", signature)
    try:
        digest, source, size = _read(path, before, code)
        after = signature_of(os.stat(path))
    except FileNotFoundError:
        return Look("unstable")
    except OSError as error:
        return _error(path, f"cannot be read: {_why(error)}", signature)
    if after != signature or size != before.st_size:
        return Look("unstable")
    fresh = 0 <= time.time_ns() - before.st_mtime_ns < FRESH_NS
    return Look("ready" if size else "empty", digest, signature, source, fresh=fresh)


def _read(path: str, status: os.stat_result, code: bool) -> tuple[str, bytes | None, int]:
    """Return digest, source (of code) and size, without waiting should the file have become a pipe meanwhile."""
    if not code and status.st_size > MAX_HASHED:
        return f"large:{status.st_size}:{status.st_mtime_ns}", None, status.st_size
    descriptor = os.open(path, os.O_RDONLY | _NOT_BLOCKING)
    with open(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return "", None, -1
        if code:
            source = file.read(MAX_SOURCE + 1)
            return digest_of(source), source, len(source)
        digest, size = _new_digest(), 0
        while block := file.read(2**20):
            digest.update(block)
            size += len(block)
        return digest.hexdigest(), None, size


def _error(path: str, text: str, signature: Signature | None) -> Look:
    message = f"{path} {text}"
    return Look("error", f"error:{text}", signature, error=message)


def _why(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _kind(mode: int) -> str:
    kinds = ((stat.S_ISDIR, "a folder"), (stat.S_ISFIFO, "a pipe"), (stat.S_ISSOCK, "a socket"))
    return next((name for test, name in kinds if test(mode)), "a device")


def walk(root: str, start: str | None = None) -> Iterator[tuple[str, os.stat_result | None]]:
    """Yield every file below a watched folder that matters, with its status; None where only a closer look will tell.

    `start` is a folder below it to begin with. Linked folders are followed, each real folder once.
    """
    start = start or root
    inner = start[len(root) :].split(os.sep)
    if any(map(is_skipped, filter(None, inner))):
        return
    seen: set[tuple[int, int]] = set()
    folders = [(start, ASSETS in (os.path.basename(root), *inner))]
    while folders:
        folder, among_assets = folders.pop()
        try:
            status = os.stat(folder)
            if (status.st_dev, status.st_ino) in seen and status.st_ino:
                continue
            seen.add((status.st_dev, status.st_ino))
            entries = list(os.scandir(folder))
        except OSError:
            continue
        for entry in entries:
            try:
                is_folder = entry.is_dir()
            except OSError:
                is_folder = False
            if is_folder and not is_skipped(entry.name):
                folders.append((entry.path, among_assets or entry.name == ASSETS))
            if (not is_folder or entry.name.endswith(".py")) and _is_wanted(entry.name, among_assets):
                yield entry.path, _status(entry.path)


def _status(path: str) -> os.stat_result | None:
    try:
        return os.stat(path)  # not the entry's: on Windows that one comes from the folder and may be old
    except OSError:
        return None


def git_locks(folders: Iterable[str]) -> list[str]:
    """Return where git keeps the lock of its index while it changes files of these folders."""
    locks = set()
    for folder in folders:
        for home in (Path(folder), *Path(folder).parents):
            marker = home / ".git"
            if marker.is_dir():
                locks.add(str(marker / "index.lock"))
                break
            if marker.is_file():  # a linked work tree or a submodule: the file says where
                locks.update(_linked_lock(marker))
                break
    return sorted(locks)


def index_written_at(lock: str) -> int:
    """Return when git wrote the index that a lock is for, which it does last, in nanoseconds; 0 if never."""
    status = _status(lock.removesuffix(".lock"))
    return status.st_mtime_ns if status is not None else 0


def changed_at(path: str) -> int:
    """Return when a file was last written, moved or deleted, in nanoseconds."""
    status = _status(path)
    if status is not None:
        return max(status.st_mtime_ns, status.st_ctime_ns)
    folder = os.path.dirname(path)
    while not os.path.isdir(folder) and folder != os.path.dirname(folder):
        folder = os.path.dirname(folder)  # the folder went with the file
    status = _status(folder)
    return status.st_mtime_ns if status is not None else 0


def _linked_lock(marker: Path) -> list[str]:
    try:
        word, _, target = marker.read_text("utf-8").partition(":")
    except (OSError, UnicodeDecodeError):
        return []
    return [str(marker.parent / target.strip() / "index.lock")] if word == "gitdir" else []
