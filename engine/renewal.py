"""The engine's own files: edits of them are patched in place where that is safe, else the process is executed anew.

Before that the edited engine is tried in another process while the game goes on. Afterwards it is on probation like
any edit: should it fail, the process is executed once more, with the sources that ran before.
"""

from __future__ import annotations

import logging
import os
import traceback
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, time
from types import ModuleType
from typing import TYPE_CHECKING, Any

from engine.engine_fault import EngineFault, Limit
from engine.errors import DeadlineError, HotloopError, ReloadError
from engine.reload.failures import syntax_failure
from engine.reload.files import digest_of
from engine.reload.loader import Code, FileRecord
from engine.reload.places import engine_folder
from engine.reload.reexec import Check, Launch, engine_sources, execute, forget_bytecode
from engine.reload.saves import stage_now
from engine.reload.sticky import lasting_frames, why_not_in_place
from engine.reload.transaction import PROBATION_TICKS, Saved, Verdict
from engine.resume import Resume, stack
from engine.schedule import System, SystemFault

if TYPE_CHECKING:
    from engine.app import App

UNTOUCHED = "world and code are as before"
PATIENCE = 1.0
"""Seconds for which executing anew waits for edits to survive their probation."""

log = logging.getLogger("hotloop")


@dataclass
class Asked:
    """A set of files that waits for the process to be executed anew."""

    app: App
    verdict: Verdict
    combination: int
    resume: Resume
    check: Check
    since: float


class Renewal:
    """The engine of this process and how it is renewed; `launch` tells how to start the process again.

    An engine that is installed for good is not watched; its process is executed anew only when nothing else helps.
    """

    def __init__(self, launch: Launch, resume: Resume | None = None) -> None:
        self.launch = resume.launch if resume is not None else launch
        self.resume = resume
        self.folder = engine_folder()
        self.sources: dict[Path, tuple[ModuleType, bytes]] = {}
        self.asked: Asked | None = None
        self.code: Code | None = None
        self._since: int | None = None
        self.limit = Limit()
        self._verdict: Verdict | None = None

    # ------------------------------------------------------------------ what runs

    @property
    def watched(self) -> list[Path]:
        """The folders to watch: that of an engine which somebody may edit."""
        installed = {"site-packages", "dist-packages"} & set(self.folder.parts)
        return [] if installed or not os.access(self.folder, os.W_OK) else [self.folder]

    def begin(self, code: Code) -> None:
        """Remember what runs, before anything is loaded; take over sources from the process before."""
        self.code = code
        self.sources = engine_sources(self.folder)
        if self.watched:
            code.add_root(self.folder, "engine")
        if self.resume is not None:
            os.chdir(self.resume.header["folder"])
            code.sources.update(self.resume.sources())
            code.hidden.update(map(Path, self.resume.header["hidden"]))

    def begun(self, root: App) -> None:
        """Put the window where it was, and let the disk count again, everything being loaded."""
        assert self.code is not None
        self.code.sources.clear()
        self.code.hidden.clear()
        if self.resume is not None:
            root.overlay.show_debug = bool(self.resume.header["show_debug"])
            for app, data in zip(stack(root), self.resume.header["apps"], strict=False):
                self._know_pending(app, data)
            place = self.resume.header["window"]
            if place is not None and "core.window.put" in root.bus:
                root.simulation.call("core.window.put", place=place)

    def _know_pending(self, app: App, data: dict[str, Any]) -> None:
        """Let files that were refused or taken back stay so until one of them is saved again."""
        reloader, digests = app.reloader, data["pending"]
        self.own(Saved(Path(path), "changed", digest) for path, digest in digests.items())
        saves = [stage_now(app.code, Path(path)) for path in digests]
        if any(saved.digest != digests[str(saved.path)] for saved in saves) or not reloader.collect(saves):
            return
        problem = data["problem"] or (data["verdicts"] or [None])[-1]
        known = [verdict for verdict in reloader.verdicts if problem is not None and verdict.files == problem["files"]]
        if known:
            reloader.tried[reloader.combination()] = reloader.problem = known[-1]

    def is_ours(self, path: Path) -> bool:
        """Tell whether a file is one of the engine."""
        return path.is_relative_to(self.folder)

    def own(self, saves: Iterable[Saved]) -> list[Saved]:
        """Return the saves of engine files that have been loaded."""
        return [saved for saved in saves if self.is_ours(saved.path) and self._adopt(saved.path)]

    def _adopt(self, path: Path) -> bool:
        """Have a file managed, with the source that runs; tell whether it has been loaded at all."""
        assert self.code is not None
        if path in self.code.files:
            return True
        known = self.sources.get(path)
        if known is None:
            return False
        module, source = known
        is_package = path.name == "__init__.py"
        self.code.enter(FileRecord(path, module.__name__, is_package, module, source, digest_of(source), adopted=True))
        return True

    def _running(self) -> dict[Path, bytes]:
        """Return the sources of everything that runs."""
        assert self.code is not None
        running = {path: source for path, (_, source) in self.sources.items()}
        running.update({path: record.source for path, record in self.code.files.items()})
        return running

    # ------------------------------------------------------------------ saves

    def submit(self, app: App, saves: list[Saved], stage_ms: float) -> Verdict | None:
        """Try saved files, those of the engine among them; return the verdict, which may be that it is being tried."""
        own = {saved.path for saved in self.own(saves)}
        reloader = app.reloader
        if not reloader.collect(saved for saved in saves if not self.is_ours(saved.path) or saved.path in own):
            self._drop_asked()
            return None
        pending = [saved for saved in reloader.pending.values() if self.is_ours(saved.path)]
        reason = self._reason(app, pending)
        if reason is not None:
            return self._ask(app, reason, stage_ms)
        self._drop_asked()
        verdict = reloader.submit((), stage_ms)
        if pending and verdict is not None and verdict.good:
            self.limit.begin()
            try:
                for one in stack(app.root):
                    one.schedule.rebind()
            except Exception as error:
                self.take_back(app, error)
        return verdict

    def _reason(self, app: App, pending: list[Saved]) -> str | None:
        """Return why the pending files of the engine cannot be patched in place."""
        assert self.code is not None
        if pending and app.broken is not None:
            return "no game runs"
        busy = lasting_frames("App.run", str(self.folder / "app.py")) if pending else []
        for saved in pending:
            if saved.error is not None:
                continue
            file = saved.path.relative_to(self.folder).as_posix()
            new = saved.change.source if saved.change is not None else None
            if reason := why_not_in_place(file, saved.path, self.code.files[saved.path].source, new, busy):
                return f"engine/{file}: {reason}"
        return None

    def _ask(self, app: App, reason: str, stage_ms: float) -> Verdict | None:
        """Try the edited engine in another process, unless that has been done with these contents."""
        reloader = app.reloader
        combination = reloader.combination()
        if combination in reloader.tried:
            reloader.problem = reloader.tried[combination]
            return None
        files = sorted(str(path) for path in reloader.pending)
        verdict = Verdict(files, "waiting", app.world.tick, stage_ms, notes=[reason])
        reloader.tried[combination] = verdict
        verdict.state = "the process is executed anew as soon as the edited engine has been tried"
        try:
            self._check_pending(app)
            resume = Resume.write(app.root, self.launch, {})
        except (HotloopError, OSError) as error:
            reloader.refuse(verdict, error)
        else:
            forget_bytecode(reloader.pending)
            gone = {saved.path for saved in reloader.pending.values() if saved.kind == "deleted"}
            names = [module.__name__ for path, (module, _) in self.sources.items() if path not in gone]
            shots = sorted(resume.folder.glob("*.snapshot"))
            check = Check(self.folder, names, shots, self.launch.path)
            if self.asked is not None and self.asked.verdict.outcome == "waiting":
                self.asked.verdict.state = "a later save has taken its place"
            self._drop_asked()
            self.asked = Asked(app, verdict, combination, resume, check, monotonic())
        reloader.say(verdict)
        return verdict

    def _check_pending(self, app: App) -> None:
        for saved in app.reloader.pending.values():
            if saved.error is not None:
                raise ReloadError(saved.error, path=saved.path, state=UNTOUCHED)
            analysis = saved.change.analysis if saved.change is not None else None
            if analysis is not None and analysis.error is not None:
                raise syntax_failure(analysis)

    def _drop_asked(self) -> None:
        if self.asked is not None:
            self.asked.resume.discard()
        self.asked = None

    # ------------------------------------------------------------------ once a frame

    def poll(self, root: App) -> None:
        """Execute the process anew if an edit has passed its trial; follow what has become of the last one."""
        self._follow(root)
        asked = self.asked
        if asked is None or not asked.check.done.is_set():
            return
        reloader = asked.app.reloader
        if asked.app.closed or reloader.combination() != asked.combination:
            self._drop_asked()
            return
        if asked.check.answer is not None:
            self._refuse(asked, asked.check.answer)
            return
        is_soon = monotonic() - asked.since < PATIENCE
        if is_soon and any(app.reloader.on_probation and not app.paused for app in stack(root)):
            return
        moved = [path for path in self._unlike_disk() if self.is_ours(path) and path not in reloader.pending]
        if not moved:
            self._renew(root, asked)
        elif not is_soon:  # their saves should have come by now
            self.submit(asked.app, [stage_now(asked.app.code, path) for path in moved if self._adopt(path)], 0.0)

    def _refuse(self, asked: Asked, answer: dict[str, Any]) -> None:
        file, line = answer["file"], answer["line"]
        error = ReloadError(
            "not reloaded",
            where=f"{file}:{line}" if file else None,
            why=answer["why"],
            remedy="mend it and save",
            state=UNTOUCHED,
            path=Path(file) if file else None,
            line=line,
        )
        asked.app.reloader.refuse(asked.verdict, error)
        asked.app.reloader.say(asked.verdict)
        self._drop_asked()

    def _unlike_disk(self) -> dict[Path, bytes]:
        """Return the sources that run and are not what lies on the disk."""
        unlike = {}
        for path, source in self._running().items():
            try:
                if path.read_bytes() == source:
                    continue
            except OSError:
                pass
            unlike[path] = source
        return unlike

    def _renew(self, root: App, asked: Asked) -> None:
        """Execute the process anew on the files as they were saved."""
        pending = asked.app.reloader.pending
        running = self._running()
        former = {str(path): running[path].decode("latin-1") if path in running else None for path in pending}
        sources = {
            str(path): saved.change.source.decode("latin-1")
            for path, saved in pending.items()
            if saved.change is not None and saved.change.source is not None and not self.is_ours(path)
        }
        self._drop_asked()
        for app in stack(root):
            if app.saves is not None:
                app.saves.close()
        try:
            resume = Resume.write(root, self.launch, {"verdict": "current", "former": former, "sources": sources})
            forget_bytecode(pending)
            execute(self.launch, resume.folder)
        except (HotloopError, OSError) as error:
            asked.app.reloader.refuse(asked.verdict, error)
            asked.app.reloader.say(asked.verdict)
            for app in stack(root):
                if app.saves is not None:
                    app.watch()

    def _follow(self, root: App) -> None:
        """Say how executing anew has gone, and let the edit be permanent after its probation."""
        resume = self.resume
        if resume is None:
            return
        app = root.top
        if self._since is None:
            self._since = app.world.tick
            self._verdict = self._tell(app, resume)
        if app.world.tick - self._since >= PROBATION_TICKS or not 0 <= self._since <= app.world.tick:
            if self._verdict is not None and self._verdict.outcome == "current":
                self._verdict.outcome, self._verdict.state = "permanent", "the new code runs"
                app.reloader.say(self._verdict)
            self._end_probation()

    def _tell(self, app: App, resume: Resume) -> Verdict | None:
        outcome, reloader = resume.header["verdict"], app.reloader
        waiting = [one for one in reloader.verdicts if one.outcome == "waiting"]
        if outcome is None or not waiting:
            return None
        verdict = waiting[-1]
        verdict.outcome = outcome
        verdict.commit_ms = (time() - resume.header["begun"]) * 1000
        verdict.state = "the process was executed anew, the new code is on probation"
        if outcome == "rolled back":
            verdict.state = "the code before the edit runs, the world is as if it had never been made"
            error = resume.header["error"]
            verdict.error = verdict.said = error["why"]
            verdict.file, verdict.line = error["file"], error["line"]
        reloader.say(verdict)
        return verdict

    def _end_probation(self) -> None:
        if self.resume is not None:
            self.resume.discard()
        self.resume = None

    def close(self) -> None:
        """Remove what was written for another process."""
        self._drop_asked()
        self._end_probation()

    # ------------------------------------------------------------------ when the engine fails

    @contextmanager
    def guarded(self, app: App) -> Iterator[None]:
        """Interrupt the engine itself in the block if an edit of it is on probation and it does not end."""
        with self.limit.block(lambda: app.top.schedule.running is None):
            if self._since is not None or self._has_young(app):
                self.limit.begin()
            yield

    def _has_young(self, app: App) -> bool:
        return any(self.is_ours(path) for one in app.reloader.probations for path in one.patch.files)

    def take_back(self, app: App, error: BaseException) -> bool:
        """Undo an edit of the engine on probation because the engine failed; tell whether there was one."""
        reloader = app.reloader
        if not self._has_young(app):
            return False
        fault = EngineFault(error, self.folder)
        tick = app.world.tick
        target = tick + 1 if tick in app.simulation.inputs else tick
        while self._has_young(app):
            reloader.roll_back(fault)
        for one in stack(app.root):
            one.schedule.rebind()
        app.simulation.advance(target)
        return True

    def paused(self, app: App) -> None:
        """Take a system that had to be paused as a failure of the engine, if that has been executed anew just now."""
        if self.resume is None or self.resume.header["verdict"] != "current":
            return
        before = {name for data in self.resume.header["apps"] for name in data["faults"]}
        for system in app.schedule.everything():
            if system.fault is not None and system.name not in before:
                self.give_back(app.root, system.fault.cause)

    def give_back(self, root: App | None, error: BaseException) -> None:
        """Execute the process once more, on the sources before the edit; return if there is nothing to go back to."""
        resume = self.resume
        if resume is None or resume.header["verdict"] != "current" or isinstance(error, KeyboardInterrupt):
            return
        header = resume.header
        frames = traceback.extract_tb(error.__traceback__)
        inner = [one for one in frames if one.filename in header["former"]] or frames
        header["error"] = {
            "why": str(error) if isinstance(error, HotloopError) else f"{type(error).__name__}: {error}",
            "file": inner[-1].filename if inner else None,
            "line": inner[-1].lineno if inner else None,
        }
        header["verdict"] = "rolled back"
        for path, text in header["former"].items():
            if text is None:
                header["hidden"].append(path)
            else:
                header["engine" if self.is_ours(Path(path)) else "sources"][path] = text
        if root is not None:
            for data, app in zip(header["apps"], stack(root), strict=False):
                data["inputs"] |= {str(tick): events for tick, events in app.simulation.inputs.items()}
        log.error("the edited engine failed, the process goes on with the one before: %s", header["error"]["why"])
        resume.save()
        execute(self.launch, resume.folder, header["engine"], self.folder)

    def rescue(self, root: App) -> None:
        """Execute the process anew from the last good state, since what runs now never ends.

        Does not return where that is possible. It may be called in the middle of anything, by a signal's handler or
        another thread.
        """
        assert self.code is not None
        top = root.top
        running = top.schedule.running
        if self.code.undo is not None:
            self.code.undo.rewind()
            verdict = top.reloader.tried.get(top.reloader.combination())
            if verdict is not None:
                what = ReloadError(
                    "not reloaded", why="it never ends, and nothing interrupts it", remedy="mend it and save"
                )
                top.reloader.refuse(verdict, what)
                top.reloader.say(verdict)
        elif isinstance(running, System):
            fault = SystemFault(running, DeadlineError(f"{running.name} ran past its deadline, and nothing ended it"))
            if not top.reloader.roll_back(fault):
                top.simulation.return_to_start()
                running.fault = fault
        unlike = self._unlike_disk()
        engine = {str(path): source.decode("latin-1") for path, source in unlike.items() if self.is_ours(path)}
        try:
            log.error("%s never ends; the process is executed anew", running.name if running else "the engine")
            resume = Resume.write(root, self.launch, {"engine": engine})
            execute(self.launch, resume.folder, engine or None, self.folder)
        except (HotloopError, OSError) as error:
            log.error("it could not be executed anew: %s", error)
