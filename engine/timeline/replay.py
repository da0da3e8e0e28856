"""Play a recorded run again, and compare the world after every tick with what it was."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from engine.errors import GameError, HotloopError
from engine.reload.analyse import analyse
from engine.reload.containment import Patience
from engine.reload.files import digest_of
from engine.reload.loader import Change, Code
from engine.reload.manifest import FILE_NAME
from engine.reload.resolve import discover
from engine.reload.transaction import Saved
from engine.schedule import SystemFault
from engine.timeline.history import Events
from engine.timeline.recording import Recording, Step, placed, unpacked_state

if TYPE_CHECKING:
    from engine.app import App


UNHURRIED = Patience(probation=20.0, steady=20.0, commit=20.0)
"""For a tick that is played again: what was in time, and what was paused, is known; a busy machine changes neither."""


class RecordedCode(AbstractContextManager["RecordedCode"]):
    """Lets the sources of a recording run in the block instead of the files on the disk.

    A file on the disk that the recording has never seen is run as it is: it is another version, whose difference is
    what somebody wants to know. `foreign` names these; `folders` are those of the modules by name.
    """

    def __init__(self, recording: Recording, game: Path) -> None:
        self.folders = {found.name: found.folder for found in discover(game).values()}
        self.folders[f"apps.{game.name}"] = game
        self.foreign: list[str] = []
        self.recorded: dict[Path, bytes] = {}
        self._code = Code.shared()
        versions, sources = recording.versions(), recording.sources()
        names = rename(sources, recording.header["game"], game.name)
        for name, path in placed(names, self.folders):
            old = names[name]
            here = digest_of(path.read_bytes()) if path.is_file() else None
            if here is not None and here not in versions.get(old, ()):
                self.foreign.append(name)
            elif path.name != FILE_NAME and sources[old] is not None:
                self.recorded[path] = str(sources[old]).encode("latin-1")

    def __enter__(self) -> RecordedCode:
        self._code.install()
        self._code.sources.update({path: (source, None) for path, source in self.recorded.items()})
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for path in self.recorded:
            self._code.sources.pop(path, None)
        self._code.release()


def rename(names: Mapping[str, Any], recorded: str, here: str) -> dict[str, str]:
    """Return, by the name that each file has here, that in the recording: a game's folder may be called otherwise."""
    before, now = f"apps.{recorded}/", f"apps.{here}/"
    return {now + name.removeprefix(before) if name.startswith(before) else name: name for name in names}


@dataclass
class Replay:
    """Feeds an app what a recording holds, tick by tick.

    `parted` is the tick after which the two were first unlike; `usual` holds the app's deadlines meanwhile.
    """

    recording: Recording
    folders: Mapping[str, Path]
    foreign: list[str]
    verify: bool = True
    ends_run: bool = True
    at: int = 0
    equal: int = 0
    parted: Step | None = None
    ends_at: dict[int, int] = field(default_factory=dict)
    usual: Patience | None = None

    def __post_init__(self) -> None:
        self.ends_at = {step.tick: number for number, step in enumerate(self.recording.steps)}

    @property
    def is_over(self) -> bool:
        """Tell whether nothing is left to play."""
        return self.at >= len(self.recording.steps)

    def sources_at(self, tick: int, here: str) -> dict[Path, bytes]:
        """Return what ran at a tick when it was recorded, by path; `here` is the game's name in this process."""
        sources = self.recording.sources(tick)
        names = rename(sources, self.recording.header["game"], here)
        texts = ((path, sources[names[name]]) for name, path in placed(names, self.folders) if path.name != FILE_NAME)
        return {path: text.encode("latin-1") for path, text in texts if text is not None}

    def events(self, app: App) -> Events | None:
        """Do to the app what was done before the next tick, and return what that is fed; None at the end."""
        if self.is_over:
            return None
        if self.at == 0:
            self._begin(app)
        step = self.recording.steps[self.at]
        if step.tick != app.world.tick and not any("state" in line for line in step.before):
            self.at = self.ends_at.get(app.world.tick, len(self.recording.steps))  # the person went elsewhere
            if self.is_over:
                return None
            step = self.recording.steps[self.at]
        for line in step.before:
            self._apply(app, line)
        return step.events

    def _begin(self, app: App) -> None:
        app.world.kernel_mode = self.recording.header.get("kernels", "plain")
        deadline = app.simulation.deadline
        self.usual = self.usual or deadline.patience
        deadline.patience = UNHURRIED

    def end(self, app: App) -> None:
        """Leave the app as one that plays by itself: with its usual deadlines, and what the person holds held."""
        app.simulation.deadline.patience = self.usual or app.simulation.deadline.patience
        app.timeline.is_elsewhere = True

    def ran(self, app: App) -> None:
        """Compare the world after a tick."""
        if self.is_over or self.recording.steps[self.at].tick != app.world.tick - 1:
            return
        step = self.recording.steps[self.at]
        self.at += 1
        if not self.verify or self.parted is not None:
            return
        if self.at == 1 and self._brings_state(self.at):
            self.equal += 1  # what Startup read from outside is about to be made good
        elif app.world.hash() == step.hash:
            self.equal += 1
        else:
            self.parted = step

    def _brings_state(self, number: int) -> bool:
        steps = self.recording.steps
        return number < len(steps) and any("state" in line for line in steps[number].before)

    def _apply(self, app: App, line: dict[str, Any]) -> None:
        if "code" in line:
            self._reload(app, line["code"])
        if "state" in line:
            app.reloader.restore(unpacked_state(line["state"]))
        if "paused" in line:
            for system in app.schedule.everything():
                if system.name in line["paused"]:
                    cause = HotloopError("it was paused when this was recorded")
                    system.fault = system.fault or SystemFault(system, cause)
                else:
                    system.fault = None

    def _reload(self, app: App, code: dict[str, str | None]) -> None:
        """Reload the files that were reloaded, with the content they had then."""
        names = rename(code, self.recording.header["game"], app.name)
        saves = []
        for name, path in placed(names, self.folders):
            text = code[names[name]]
            if path.name == FILE_NAME:
                raise GameError(
                    f"the recording cannot be played beyond tick {app.world.tick}",
                    why=f"there the manifest of {name.partition('/')[0]} was changed",
                    remedy="make that change on disk, and record anew",
                )
            if name not in self.foreign:
                saves.append(saved_text(app.code, path, text))
        verdict = app.submit(saves) if saves else None
        if verdict is not None and not verdict.good:
            raise GameError(
                f"a reload of the recording is {verdict.outcome} at tick {app.world.tick}", why=verdict.error
            )


def saved_text(code: Code, path: Path, text: str | None) -> Saved:
    """Return a file as it is saved with this text, or, with None, deleted; the disk is not asked."""
    if text is None:
        return Saved(path, "deleted", None, Change(path, "deleted", None, None))
    source = text.encode("latin-1")
    name = code.python_name_of(path)
    kind = "changed" if path in code.files else "created"
    analysis = analyse(source, str(path), name, path.name == "__init__.py") if name is not None else None
    return Saved(path, kind, digest_of(source), Change(path, kind, source, analysis))
