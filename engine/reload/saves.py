"""Saved files on their way to the game: watched and staged in threads and processes, taken between two ticks."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from time import perf_counter
from typing import Any

from engine.errors import ReloadError
from engine.reload.analyse import Analysis, analyse
from engine.reload.files import look
from engine.reload.loader import Change, Code
from engine.reload.modules import ModuleSet, Prepared
from engine.reload.stage import Stager
from engine.reload.transaction import Saved
from engine.reload.watch import FileChange, Watcher, digest_of

CODE_SUFFIX = ".py"
MANIFEST = "module.toml"


@dataclass
class Batch:
    """One set of saves that belongs together, and the other files that changed with it.

    `prepared` is the resolution of the manifests as they are now, if one of them changed.
    """

    saves: list[Saved]
    assets: list[Path]
    stage_ms: float
    prepared: Prepared | None = None


class Saves:
    """Watch folders and stage what is saved there; `take` hands out what is ready.

    Everything here but `take` runs outside the game's thread. `arrived` is set while there is something to take.
    `manifest_waits` tells that a refused manifest is tried again with the next save, so that this resolves anew too.
    """

    def __init__(self, modules: ModuleSet, folders: Iterable[Path]) -> None:
        self.modules, self.code = modules, modules.code
        self.stager = Stager()
        self._folders = list(folders)
        self._told: dict[Path, str] = {}
        self.manifest_waits = False
        self.arrived = threading.Event()
        self._ready: SimpleQueue[Batch] = SimpleQueue()
        self.watcher = Watcher(self._folders, self._on_ready, on_glimpse=self._on_glimpse)
        self.tell_what_runs()
        self.watcher.start()

    def tell_what_runs(self) -> None:
        """Let the watcher see edits made between loading and watching, and tell new files from changed ones."""
        runs = {path: record.digest for path, record in self.code.files.items()}
        if not self._told:
            self.watcher.all_running(runs)
        for path, digest in runs.items() if self._told else ():
            if self._told.get(path) != digest:
                self.watcher.running(path, digest)
        for path in self._told.keys() - runs.keys():
            self.watcher.running(path, None)
        self._told = runs

    def _on_ready(self, changes: list[FileChange]) -> None:
        begin = perf_counter()
        saves, assets = [], []
        for change in changes:
            if change.path.suffix == CODE_SUFFIX:
                saves.append(self._stage(change))
            elif change.path.name == MANIFEST:
                saves.append(Saved(change.path, change.kind, change.digest, None, change.error))
            else:
                assets.append(change.path)
        resolves = self.manifest_waits or any(saved.path.name == MANIFEST for saved in saves)
        prepared = self.modules.prepare() if resolves else None
        self._ready.put(Batch(saves, assets, (perf_counter() - begin) * 1000, prepared))
        self.arrived.set()

    def _on_glimpse(self, change: FileChange) -> None:
        """Begin to stage while the file settles."""
        name = self.code.python_name_of(change.path) if change.path.suffix == CODE_SUFFIX else None
        if change.source is not None and name is not None:
            self.stager.ahead(change.source, str(change.path), name, change.path.name == "__init__.py")

    def _stage(self, change: FileChange) -> Saved:
        name = self.code.python_name_of(change.path)
        if change.error is not None:
            return Saved(change.path, change.kind, change.digest, None, change.error)
        analysis = None
        if change.source is not None and name is not None:
            is_package = change.path.name == "__init__.py"
            try:
                analysis = self.stager.analyse(change.source, str(change.path), name, is_package)
            except ReloadError as error:
                return Saved(change.path, change.kind, change.digest, None, str(error))
        return _saved(change.path, change.kind, change.source, change.digest, analysis)

    def take(self) -> list[Batch]:
        """Return the batches that are ready, oldest first."""
        batches = []
        self.arrived.clear()
        while True:
            try:
                batches.append(self._ready.get_nowait())
            except Empty:
                return batches

    def watch(self, folders: Iterable[Path]) -> None:
        """Watch these folders from now on."""
        if (wanted := list(folders)) != self._folders:
            self._folders = wanted
            self.watcher.watch(wanted)
        self.tell_what_runs()

    def pause(self) -> None:
        """Stop watching for a while."""
        self.watcher.stop()

    def go_on(self) -> None:
        """Watch again, and find what was saved meanwhile."""
        self.watcher.start()

    def compile_kernel(self, text: str) -> bytes:
        """Return the machine code of a kernel's assembly, made in the staging process."""
        code: bytes = self.stager.call("engine.kernels.native:object_code", text)
        return code

    def status(self) -> dict[str, Any]:
        """Tell how watching goes: mode, degraded and why, number of files."""
        return self.watcher.status()

    def close(self) -> None:
        """Stop watching and end the staging process."""
        self.watcher.stop()
        self.stager.close()


def _saved(path: Path, kind: str, source: bytes | None, digest: str | None, analysis: Analysis | None) -> Saved:
    return Saved(path, kind, digest, Change(path, kind, source, analysis))


def stage_now(code: Code, path: Path) -> Saved:
    """Stage a file in this thread and process, as a reload by hand does."""
    name = code.python_name_of(path)
    known = path in code.files
    found = look(str(path))
    if found.state == "missing":
        return _saved(path, "deleted", None, None, None)
    if found.error is not None or found.source is None:
        return Saved(path, "changed", found.digest, None, found.error or f"{path} changed while it was read")
    source = found.source
    analysis = None
    if path.suffix == CODE_SUFFIX and name is not None:
        analysis = analyse(source, str(path), name, path.name == "__init__.py")
    return _saved(path, "changed" if known else "created", source, digest_of(source), analysis)
