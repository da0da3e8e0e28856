"""The file of a recorded run: what a world began with, and then tick by tick what came to it from outside.

It holds JSON, a value to the line. The first is the header: the game, its seed, the modules with version and digest of
every file, what they were run with, and the sources as text. After it come, in order,

    [tick, hash]  or  [tick, hash, events]      a tick that ran, the world's hash after it, the raw input events
    {"tick": n, "code": {file: source}}         before tick n these files were reloaded; null for one that went
    {"tick": n, "paused": [system, ...]}        from tick n on these systems were paused, and no others
    {"tick": n, "state": text}                  at tick n the world was this: at the start, once Startup has run, and
                                                wherever it had been changed from outside

A file is named by its module and its path in it, `apps.asteroids/rocks.py`. A state is a snapshot's file, compressed,
in base64; as in every snapshot, there is no code and no pickled object in it.
"""

from __future__ import annotations

import base64
import json
import os
import platform
import sys
import tempfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.snapshot import Snapshot
from engine.errors import GameError
from engine.reload.files import digest_of
from engine.reload.manifest import FILE_NAME
from engine.reload.places import engine_folder
from engine.timeline.history import Events

if TYPE_CHECKING:
    from engine.app import App

FORMAT = 1
LARGEST_STATE = 1 << 30
"""Bytes that a state or the sources may have when they are no longer compressed."""


@dataclass
class Step:
    """One tick: what it was fed, the hash after it, and what was done to code, systems and world before it."""

    tick: int
    hash: str
    events: Events
    before: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Recording:
    """A recorded run, as it was read from a file."""

    path: Path
    header: dict[str, Any]
    steps: list[Step]

    @property
    def digests(self) -> dict[str, str]:
        """The digest of each file at the start."""
        return {name: digest for module in self.header["modules"].values() for name, digest in module["files"].items()}

    def sources(self, until: int | None = None) -> dict[str, str | None]:
        """Return the text of every file at the start, or as it was before tick `until` ran; None for one that went."""
        found: dict[str, str | None] = json.loads(unpacked(self.header["sources"]))
        for step in self.steps if until is not None else ():
            if until is not None and step.tick > until:
                break
            for line in step.before:
                found |= line.get("code", {})
        return found

    def versions(self) -> dict[str, set[str]]:
        """Return the digests of every content that each file had in the course of the recording."""
        found = {name: {digest} for name, digest in self.digests.items()}
        for step in self.steps:
            for line in step.before:
                for name, text in line.get("code", {}).items():
                    if text is not None:
                        found.setdefault(name, set()).add(digest_of(text.encode("latin-1")))
        return found


def read_recording(path: Path) -> Recording:
    """Read a recording; raise `GameError` that names the line where it is not one."""
    remedy = "name a file that --record has written"
    try:
        lines = path.read_text("ascii").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        why = "it is no text" if isinstance(error, UnicodeDecodeError) else error.strerror or str(error)
        raise GameError(f"the recording {path} cannot be read", why=why, remedy=remedy) from error
    header: dict[str, Any] = {}
    steps: list[Step] = []
    before: list[dict[str, Any]] = []
    last = len(lines)
    for number, text in enumerate(lines, 1):
        try:
            value = json.loads(text)
            if number == 1:
                header = _header(value)
            elif isinstance(value, list):
                steps.append(_step(value, before))
                before = []
            else:
                before.append(_line(value))
        except (ValueError, TypeError, KeyError) as error:
            if number == last and number > 1:  # the run was ended in the middle of a line
                break
            where = f"{path}:{number}"
            raise GameError("this is no recording", where=where, why=str(error), remedy=remedy) from error
    if not header:
        raise GameError(f"the recording {path} is empty", remedy=remedy)
    return Recording(path, header, steps)


def _header(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or value.get("hotloop") != FORMAT:
        raise ValueError(f"its first line does not say that it is one of format {FORMAT}")
    for name, kind in (("game", str), ("seed", int), ("modules", dict), ("choose", dict), ("sources", str)):
        if not isinstance(value.get(name), kind):
            raise ValueError(f"its first line tells no {name}")
    return value


def _step(value: list[Any], before: list[dict[str, Any]]) -> Step:
    match value:
        case [int(tick), str(digest)]:
            return Step(tick, digest, [], before)
        case [int(tick), str(digest), list(events)]:
            return Step(tick, digest, events, before)
    raise ValueError("neither a tick nor what came before one")


def _line(value: Any) -> dict[str, Any]:
    kinds = {"code": dict, "paused": list, "state": str}
    if isinstance(value, dict) and any(isinstance(value.get(name), kind) for name, kind in kinds.items()):
        return value
    raise ValueError("neither a tick nor what came before one")


# ------------------------------------------------------------------ what a header is made of


def describe_run(app: App) -> dict[str, Any]:
    """Return the header of a recording that begins with the world as it is."""
    modules: dict[str, Any] = {}
    for found in app.modules.order:
        version = str(found.manifest.version)
        modules[found.name] = {"version": version, "files": {}}
    sources = running_sources(app)
    for name, text in sources.items():
        modules[name.partition("/")[0]]["files"][name] = digest_of(text.encode("latin-1"))
    return {
        "hotloop": FORMAT,
        "game": app.name,
        "folder": str(app.folder),
        "seed": app.seed,
        "tick": app.world.tick,
        "hash": app.world.hash(),
        "choose": app.choose,
        "roots": list(app.modules.roots),
        "headless": app.headless,
        "made_by": made_by(),
        "kernels": app.world.kernel_mode,
        "hash_seed": os.environ.get("PYTHONHASHSEED", "random"),
        "modules": modules,
        "sources": packed(json.dumps(sources).encode("ascii")),
    }


def made_by() -> dict[str, str]:
    """Return what decides the last bit besides the game: Python without its patch number, numpy, machine, engine."""
    folder = engine_folder()
    files = sorted(path for part in ("*.py", "ecs/*.py") for path in folder.glob(part))
    return {
        "Python": ".".join(platform.python_version_tuple()[:2]),
        "numpy": np.__version__,
        "machine": f"{sys.platform} {platform.machine()}",
        "engine": digest_of(b"".join(path.read_bytes() for path in files)),
    }


def running_sources(app: App) -> dict[str, str]:
    """Return the text of every file of the modules that run, by name; bytes are written as latin-1, so all survive."""
    found = {}
    for path, record in sorted(app.code.files.items()):
        module = app.modules.module_of(path)
        if module is not None and not record.adopted:
            found[file_name(module.name, path.relative_to(module.folder))] = record.source.decode("latin-1")
    for module in app.modules.order:
        manifest = module.folder / FILE_NAME
        if manifest.is_file():
            found[file_name(module.name, Path(FILE_NAME))] = manifest.read_bytes().decode("latin-1")
    return found


def file_name(module: str, inner: Path) -> str:
    """Return how a recording names a file of a module."""
    return f"{module}/{inner.as_posix()}"


def placed(names: Mapping[str, Any], folders: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    """Yield the files of a recording with their paths here; those of modules that are not here are left out."""
    for name in names:
        module, _, inner = name.partition("/")
        if module in folders:
            path = folders[module] / inner
            if path.resolve().is_relative_to(folders[module].resolve()):
                yield name, path


def packed(data: bytes) -> str:
    """Return bytes as text."""
    return base64.b64encode(zlib.compress(data, 6)).decode("ascii")


def unpacked(text: str) -> bytes:
    """Return the bytes of a text; raise ValueError for one that holds none, or too many."""
    worker = zlib.decompressobj()
    try:
        data = worker.decompress(base64.b64decode(text, validate=True), LARGEST_STATE)
    except zlib.error as error:
        raise ValueError(str(error)) from error
    if not worker.eof:
        raise ValueError("it is cut off, or too large")
    return data


def packed_state(snapshot: Snapshot) -> str:
    """Return a snapshot as text."""
    with tempfile.TemporaryDirectory(prefix="hotloop-") as folder:
        path = Path(folder) / "state"
        snapshot.save(path)
        return packed(path.read_bytes())


def unpacked_state(text: str) -> Snapshot:
    """Return the snapshot in a text; raise `GameError` or `SnapshotError` for one that holds none."""
    with tempfile.TemporaryDirectory(prefix="hotloop-") as folder:
        path = Path(folder) / "state"
        try:
            path.write_bytes(unpacked(text))
        except ValueError as error:
            raise GameError("the recording holds a state that cannot be read", why=str(error)) from error
        return Snapshot.load(path)
