"""What a process needs to go on where another left off: the worlds of its apps, and what no world holds.

It lies in a folder: a snapshot for each app, from the one that was started to the one that runs on top of it, and a
header in JSON. Sources are written as latin-1, so that every byte survives.
"""

from __future__ import annotations

import json
import marshal
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from time import time
from typing import TYPE_CHECKING, Any, Self

from engine.ecs.snapshot import Snapshot
from engine.errors import DeadlineError, HotloopError
from engine.reload.analyse import Analysis
from engine.reload.explain import describe_fault
from engine.reload.loader import Code
from engine.reload.reexec import VARIABLE, Launch
from engine.reload.transaction import Verdict
from engine.schedule import SystemFault

if TYPE_CHECKING:
    from engine.app import App
    from engine.ecs.world import World

HEADER = "header.json"
CODE = "code"


@dataclass
class AppImage:
    """One app as it was: `data` is its part of the header, `child` the app it had started."""

    data: dict[str, Any]
    snapshot: Snapshot | None
    child: AppImage | None = None

    def put_world(self, world: World) -> None:
        """Restore the world before its classes are known, so that those which changed are migrated."""
        if self.snapshot is not None:
            world.restore(self.snapshot)

    def put_rest(self, app: App) -> None:
        """Restore what the world does not hold, and run the ticks again that came after the snapshot."""
        app.paused, app.meter.frames = bool(self.data["paused"]), int(self.data["frames"])
        app.feed(*self.data["sampled"])
        app.reloader.verdicts = [Verdict(**one) for one in self.data["verdicts"]]
        if self.snapshot is None:
            return
        for system in app.schedule:
            system.calls, system.seconds, system.version = self.data["systems"].get(system.name, (0, 0.0, 1))
            late = self.data["faults"].get(system.name)
            if late is not None:
                cause = DeadlineError(late["text"]) if late["late"] else HotloopError(late["text"])
                system.fault = SystemFault(system, cause)
        for tick in sorted(map(int, self.data["inputs"])):
            if tick == app.world.tick:
                app.simulation.step(self.data["inputs"][str(tick)])


@dataclass
class Resume:
    """A folder to go on from, and its header."""

    folder: Path
    header: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def from_environment(cls) -> Self | None:
        """Return what this process is to go on from, if it was executed for that; its children are not to know."""
        folder = os.environ.pop(VARIABLE, None)
        if folder is None:
            return None
        return cls(Path(folder), json.loads((Path(folder) / HEADER).read_text("ascii")))

    @classmethod
    def write(cls, root: App, launch: Launch, more: Mapping[str, Any]) -> Self:
        """Write down an app and the games started from it; raise OSError or `SnapshotError` if that is not possible."""
        folder = Path(tempfile.mkdtemp(prefix="hotloop-"))
        try:
            apps = [_describe(app, folder / f"{number}.snapshot") for number, app in enumerate(stack(root))]
            header = {
                "launch": launch.to_json(),
                "folder": os.getcwd(),
                "begun": time(),
                "apps": apps,
                "headless": root.headless,
                "show_debug": root.overlay.show_debug,
                "window": _window(root.top),
                "sources": {},
                "engine": {},
                "hidden": [],
                "former": {},
                "verdict": None,
                **more,
            }
            resume = cls(folder, header)
            resume.save()
            _write_code(root.code, folder / CODE)
        except BaseException:
            shutil.rmtree(folder, ignore_errors=True)
            raise
        return resume

    def save(self) -> None:
        """Write the header."""
        (self.folder / HEADER).write_text(json.dumps(self.header), "ascii")

    def discard(self) -> None:
        """Remove the folder."""
        shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def launch(self) -> Launch:
        """How the first process was started."""
        return Launch(**self.header["launch"])

    def image(self) -> AppImage:
        """Return the app that was started, with those it had started. Raises `SnapshotError`."""
        image: AppImage | None = None
        for number, data in reversed(list(enumerate(self.header["apps"]))):
            shot = self.folder / f"{number}.snapshot"
            data = (
                data if self.header["verdict"] != "current" else {**data, "faults": {}}
            )  # an edit lets them try again
            image = AppImage(data, None if data["broken"] else Snapshot.load(shot), image)
        assert image is not None, "there is always the app that was started"
        return image

    def sources(self) -> dict[Path, tuple[bytes, Analysis | None]]:
        """Return what is to run whatever lies on the disk by now, with its statements where they are known.

        These count only if the reloader itself is as it was, whose format that is.
        """
        home, former = Path(__file__).parent / "reload", self.header["former"]
        known = not any(Path(path).is_relative_to(home) for path in former)
        found: dict[Path, tuple[bytes, Analysis | None]] = {}
        for file, source, name, is_package, packed in marshal.loads((self.folder / CODE).read_bytes()):
            if file not in former:
                found[Path(file)] = (source, Analysis(file, name, is_package, packed, None) if known else None)
        for file, text in self.header["sources"].items():
            found[Path(file)] = (text.encode("latin-1"), None)
        return found


def _write_code(code: Code, path: Path) -> None:
    """Write down the modules that run, and their statements, so that these need not be worked out anew."""
    files = [(str(record.path), record.source, record.analysis) for record in code.files.values() if not record.adopted]
    known = [(name, source, a.name, a.is_package, a.packed) for name, source, a in files if a is not None]
    path.write_bytes(marshal.dumps(known))


def stack(root: App) -> list[App]:
    """Return an app and, in turn, the games started from it."""
    apps = [root]
    while (child := apps[-1].child) is not None:
        apps.append(child)
    return apps


def _describe(app: App, shot: Path) -> dict[str, Any]:
    """Return what is to be known of an app as plain data, and write its world."""
    tick, broken = app.world.tick, app.broken is not None
    if not broken:
        app.world.snapshot().save(shot)
    faults = [system.fault for system in app.schedule if system.fault is not None]
    return {
        "game": str(app.folder),
        "broken": broken,
        "seed": app.world.seed,
        "roots": list(app.modules.roots),
        "paused": app.paused,
        "frames": app.meter.frames,
        "sampled": app.waiting_inputs,
        "inputs": {str(one): events for one, events in app.simulation.inputs.items() if one >= tick},
        "verdicts": [verdict.to_json() for verdict in app.reloader.verdicts],
        "problem": app.reloader.problem.to_json() if app.reloader.problem is not None else None,
        "pending": {str(saved.path): saved.digest for saved in app.reloader.pending.values()},
        "systems": {system.name: (system.calls, system.seconds, system.version) for system in app.schedule},
        "faults": {
            fault.system.name: {
                "late": isinstance(fault.cause, DeadlineError),
                "text": describe_fault(fault).removeprefix(f"{fault.system.name} raised "),
            }
            for fault in faults
        },
    }


def _window(top: App) -> Any:
    """Return how the window lies, as the implementation that runs on top tells it."""
    return top.simulation.call("core.window.place") if "core.window.place" in top.bus else None
