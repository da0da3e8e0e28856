"""One reload: from saved files to code that runs, on probation, or back to exactly what was.

Everything before the commit can be refused, and then nothing has happened. After it the edit is *current*; if a
system fails within the next ticks, world and code return to the checkpoint. What was refused or rolled back stays
pending, and each save that changes the combination of contents tries the whole pending set again.
"""

from __future__ import annotations

import contextlib
import copy
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

from engine.ecs.component import schema_of
from engine.ecs.snapshot import Snapshot
from engine.ecs.world import World
from engine.errors import ReloadError, describe
from engine.marks import ResourceMark
from engine.reload.containment import Deadline
from engine.reload.declared import DeclaredClass, declared_classes
from engine.reload.explain import describe_fault, explain, locate, name_left
from engine.reload.files import digest_of
from engine.reload.loader import Change, Code, Patch
from engine.reload.manifest import FILE_NAME as MANIFEST
from engine.reload.migrate import AS_BEFORE, History, migrate_snapshot
from engine.reload.migrate import plan as plan_migration
from engine.reload.modules import Declarations, ModuleSet
from engine.reload.resolve import Found, Resolution
from engine.reload.together import Together
from engine.schedule import Schedule, SystemFault, is_ctrl_c

PROBATION_TICKS = 30
"""How many ticks an edit is current before it is permanent."""
VERDICTS_KEPT = 1_000
"""Verdicts that a reloader remembers: what a report lists, and which attempts are not made again."""
SPARES = 2
"""Checkpoints kept to be written over: more would be needed only by saves that come ever faster."""
MIGRATION_PATIENCE = 12
"""How many times longer than code the migration of live data may take."""

log = logging.getLogger("hotloop")


@dataclass
class Saved:
    """The latest saved content of one file, with what staging found out about it."""

    path: Path
    kind: str
    digest: str | None
    change: Change | None = None
    error: str | None = None


@dataclass
class Verdict:
    """What became of one set of saved files: the entry of the report, the toast and the overlay.

    `outcome` is current, permanent, refused, rolled back or waiting; times are milliseconds. `state` says what runs
    now. `error` is one line with everything, `said` the same for the overlay, which shows place and state apart.
    """

    files: list[str]
    outcome: str
    tick: int
    stage_ms: float = 0.0
    commit_ms: float = 0.0
    error: str | None = None
    said: str = ""
    file: str | None = None
    line: int | None = None
    state: str = ""
    notes: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def good(self) -> bool:
        """Tell whether the saved code runs."""
        return self.outcome in ("current", "permanent")

    def to_json(self) -> dict[str, Any]:
        """Return the verdict as the report writes it."""
        return asdict(self)


@dataclass
class Edit:
    """What a deadline is set to while saved code is executed."""

    name: str = "the saved code"


@dataclass
class Probation:
    """A committed edit that has not proven itself: all that is needed to go back before it."""

    verdict: Verdict
    patch: Patch
    checkpoint: Snapshot
    tick: int
    saved: dict[Path, Saved]
    resolution: Resolution
    found: dict[str, Found]
    added: list[str]
    resumed: dict[str, SystemFault]
    history: History
    is_older: bool = False
    """Whether the checkpoint is older than the code before the edit, so that its rows may have to be migrated."""


class Reloader:
    """The transactions of one app's modules, world, schedule and bus."""

    def __init__(self, modules: ModuleSet, world: World, schedule: Schedule, bus: Any) -> None:
        self.modules, self.world, self.schedule, self.bus = modules, world, schedule, bus
        self.code: Code = modules.code
        self.pending: dict[Path, Saved] = {}
        self.deadline = Deadline(schedule)
        self.deadline.is_ours = self.code.ours.is_file
        self.tried: dict[int, Verdict] = {}
        self.probations: list[Probation] = []
        self.verdicts: list[Verdict] = []
        self.problem: Verdict | None = None
        self.on_verdict: list[Callable[[Verdict], None]] = []
        self.on_committed: list[Callable[[Iterable[Path]], None]] = []
        self.history = History()
        self.together = Together()
        self._latest: set[Path] = set()
        self._declared: dict[type, DeclaredClass] = {}
        self._spares: list[Snapshot] = []
        self._permanent: Probation | None = None

    # ------------------------------------------------------------------ a set of saves

    def submit(self, saves: Iterable[Saved], stage_ms: float = 0.0) -> Verdict | None:
        """Try the pending files together with new saves; return the verdict, or None if nothing is to be done."""
        saves = list(saves)
        combination = None
        begin = perf_counter()
        verdict = Verdict(sorted(str(saved.path) for saved in saves), "refused", self.world.tick, stage_ms)
        try:
            if not self.collect(saves):
                return None
            combination = self.combination()
            latest, self._latest = self._latest, set()
            if combination in self.tried:
                self.problem = self.tried[combination]
                return None
            verdict.files = sorted(str(path) for path in self.pending)
            try:
                self._commit(verdict)
            except BaseException as error:
                verdict = self._commit_apart(latest, verdict, error)
        except BaseException as error:
            if verdict.good:  # past the commit point: the new code runs, whatever telling of it has run into
                log.error("after the commit: %s", describe(error))
            else:
                if combination is None:
                    self.pending.update((saved.path, saved) for saved in saves)
                self.refuse(verdict, error)
                self._remember_failure(combination, verdict)
            cause = error.__cause__ or error
            if is_ctrl_c(cause):
                raise cause from None
        verdict.commit_ms = (perf_counter() - begin) * 1000
        self.say(verdict)
        return verdict

    def collect(self, saves: Iterable[Saved]) -> bool:
        """Let new saves join the pending files, or take the place of those; tell whether any file is pending.

        Files of modules that do not run count only together with a manifest, which may require theirs.
        """
        latest = set()
        for saved in saves:
            if self._runs_already(saved):
                self.pending.pop(saved.path, None)
            else:
                self.pending[saved.path] = saved
                latest.add(saved.path)
        if not any(path.name == MANIFEST for path in self.pending):
            self.pending = {path: saved for path, saved in self.pending.items() if self._is_part(path)}
        if latest:
            self._latest |= latest
            on_probation = (path for one in self.probations for path in one.saved)
            self.together.saved(latest, {*self.pending, *on_probation})
        if not self.pending:
            self.problem = None
        return bool(self.pending)

    def _commit_apart(self, latest: Iterable[Path], whole: Verdict, error: BaseException) -> Verdict:
        """Commit what was saved latest, and what that has to do with, without the rest, which may be to blame.

        Raise the error of the whole set if there is no rest, or the one of this part if it fails on its own too.
        """
        pending = self.pending
        part = self.together.with_ties(latest, {path: s.change for path, s in pending.items()}, self.code)
        if is_ctrl_c(error.__cause__ or error) or not 0 < len(part) < len(pending):
            raise error
        verdict = Verdict(sorted(map(str, part)), "refused", self.world.tick, whole.stage_ms)
        self.pending = {path: pending[path] for path in part}
        try:
            self._commit(verdict)
        finally:
            gone = part if verdict.good else ()
            self.pending = {path: saved for path, saved in pending.items() if path not in gone}
        whole.files = sorted(map(str, self.pending))
        self.refuse(whole, error)
        self._remember_failure(self.combination(), whole)
        return verdict

    def combination(self) -> int:
        """Return what tells one attempt from another: the contents that wait, and those that run."""
        waiting = frozenset((str(s.path), s.kind, s.digest, s.error) for s in self.pending.values())
        return hash((waiting, frozenset((name, record.digest) for name, record in self.code.names.items())))

    def _remember_failure(self, combination: int | None, verdict: Verdict) -> None:
        """Keep an attempt from being made again; one that went well may be, as when an edit is undone and redone."""
        if combination is not None:
            self.tried[combination] = verdict
        if len(self.tried) > VERDICTS_KEPT:
            del self.tried[next(iter(self.tried))]

    def _runs_already(self, saved: Saved) -> bool:
        record = self.code.files.get(saved.path)
        digest = record.digest if record is not None else self._digest_of_manifest(saved.path)
        return digest == saved.digest if digest is not None else saved.kind == "deleted"

    def _digest_of_manifest(self, path: Path) -> str | None:
        """Return the digest of a manifest as it was resolved, None for any other file."""
        known = (found.manifest for found in self.modules.found.values()) if path.name == MANIFEST else ()
        return next((digest_of(manifest.source) for manifest in known if manifest.path == path), None)

    def _is_part(self, path: Path) -> bool:
        """Tell whether a file is part of what runs, or would be if it were there."""
        return path.suffix != ".py" or self.code.python_name_of(path) is not None

    def refuse(self, verdict: Verdict, error: BaseException) -> None:
        """Note in a verdict why the saved code does not run."""
        verdict.outcome = "refused"
        found = explain(error, self.code)
        verdict.error, verdict.said, verdict.file, verdict.line = found.text, found.said, found.file, found.line
        if verdict.file is None and len(verdict.files) == 1:
            verdict.file = verdict.files[0]
        verdict.state = AS_BEFORE
        if verdict.state not in verdict.error:
            verdict.error += f" ({verdict.state})"
        self.problem = verdict

    def _commit(self, verdict: Verdict) -> None:
        """Patch, load, migrate and bind; undo every step if one of them fails."""
        for saved in self.pending.values():
            if saved.error is not None:
                raise ReloadError(saved.error, path=saved.path, state=AS_BEFORE)
        found, resolution = self.modules.found, self.modules.resolution
        assert resolution is not None
        before = (self.schedule.remember(), self.bus.remember())
        schemas = self.world.schemas().keys()
        checkpoint = self.world.snapshot(into=self._spares.pop() if self._spares else None)
        tick = self.world.tick
        patch: Patch | None = None
        loaded = set(self.modules.loaded)
        history = self.history
        try:
            if any(path.name == MANIFEST for path in self.pending):
                self.modules.resolve()
            self._check_imports(found)
            files = self.code.files
            moved = any(s.kind != "changed" or s.change is None or s.path not in files for s in self.pending.values())
            with self._deadline():
                patch = self.code.apply([s.change for s in self.pending.values() if s.change is not None])
                if moved:
                    self.modules.load()
                    self.modules.forget_files()
            touched = patch.touched if self.modules.loaded.keys() == loaded else None
            changed, notes = self._install(self.modules.scan(touched), touched)
            verdict.notes, verdict.changed = [*patch.notes, *notes], changed
            added = [name for name in self.modules.loaded if name not in loaded]
            saves, resumed = dict(self.pending), self._resume()
            probation = Probation(verdict, patch, checkpoint, tick, saves, resolution, found, added, resumed, history)
        except BaseException as error:
            locate(error, self.code)
            scan = self._go_back(patch, (found, resolution), [n for n in self.modules.loaded if n not in loaded])
            self.schedule.put_back(before[0])
            self.bus.put_back(before[1])
            self._return_to(checkpoint, schemas, scan)
            self._recycle(checkpoint)
            self.history = history
            raise
        self.probations.append(probation)
        verdict.outcome, verdict.state = "current", "the new code runs, on probation"
        self.pending.clear()
        self.problem = None
        self._tell_committed(saves)

    @contextlib.contextmanager
    def _deadline(self, times: float = 1.0) -> Iterator[None]:
        """Interrupt saved code that is executed for too long; what swallows that is an error as well."""
        schedule, edit = self.schedule, Edit()
        schedule.overdue = schedule.overdue_at = None
        with self.deadline.armed(self.deadline.patience.commit * times, spare_engine=True):
            try:
                schedule.running = edit
                yield
            finally:
                schedule.running = None
        if schedule.overdue is edit:
            path, line = schedule.overdue_at or (None, None)
            raise ReloadError(
                "not reloaded",
                where=f"{path}:{line}" if path else None,
                why="its code ran past its deadline, and caught the interruption",
                remedy="mend it and save",
                state=AS_BEFORE,
                path=path,
                line=line,
            )

    def _tell_committed(self, paths: Iterable[Path]) -> None:
        for listener in self.on_committed:
            try:
                listener(paths)
            except Exception:
                log.exception("a listener of commits failed")

    def _install(
        self, declarations: Declarations, touched: Collection[str] | None = None
    ) -> tuple[list[str], list[str]]:
        """Let the world, the schedule and the bus follow the code; return the systems that changed, and notes.

        What the modules that an edit has not `touched` declare is as at the last time; for None that is not known.
        """
        known, self._declared = self._declared if touched is not None else {}, {}
        classes = declarations.classes
        declared = declared_classes(self.world, classes, declarations.migrations, known, touched or ())
        deleted = {name: record.path for name, record in self.code.tombs.items()}
        migration = plan_migration(self.world, declared, self.history, deleted)
        with self._deadline(MIGRATION_PATIENCE):
            migration.apply(self.world)
        by_class = {one.cls: one for one in declared.values()}
        self.world.register(*(cls for cls in classes if cls not in by_class or not by_class[cls].is_known(self.world)))
        with self._deadline():
            self._make_resources(classes)
        schedule = self.schedule.plan(declarations.systems, touched)
        assert self.modules.resolution is not None
        self.bus.replace(declarations.handlers, self.modules.resolution.implementations)
        self.schedule.commit(schedule)
        if migration.moves:
            self.schedule.rebind()
        self.history, self._declared = migration.history, by_class
        return [*schedule.added, *schedule.changed, *schedule.removed], migration.notes

    def _return_to(self, checkpoint: Snapshot, known: Iterable[str], scan: Declarations) -> None:
        """Restore the world after a commit that failed, the code being back already; `known` are its schemas then.

        What had been dropped or renamed by then is known again by name only: classes and systems find it anew. Tables
        are made anew, since a migration that was cut short leaves some of them with its columns.
        """
        for name in list(self.world.components):
            self.world.storage.forget_tables(name)
        self.world.restore(checkpoint)
        for name in self.world.schemas().keys() - known:
            self.world.drop(name)
        self.world.register(*scan.classes)
        self.schedule.rebind()

    def _make_resources(self, classes: Iterable[type]) -> None:
        """Give each resource its first value now, so that the world does not depend on who asks for it first.

        Transient ones wait for their first use; those that need values wait for the system that sets them.
        """
        for cls in classes:
            mark = cls.__dict__["__mark__"]
            if not isinstance(mark, ResourceMark) or mark.transient or self.world.has_resource(cls):
                continue
            if hasattr(cls, "make") or not any(field.required for field in schema_of(cls).fields):
                self.world.resource(cls)

    def install(self) -> None:
        """Scan what is loaded and let world, schedule and bus follow, as at the start of an app."""
        self._install(self.modules.scan())

    def _check_imports(self, before: Mapping[str, Found]) -> None:
        """Raise `ResolveError` if a saved file, or one whose module's manifest is not as `before`, imports too much."""
        for path, saved in self.pending.items():
            found = self.modules.module_of(path)
            if found is not None and saved.change is not None and saved.change.analysis is not None:
                self.modules.check(found, saved.change.analysis)
        for found in self.modules.order:
            was = before.get(found.name)
            if was is not None and found.name in self.modules.loaded and found.manifest != was.manifest:
                self.modules.check_what_runs(found, self.pending)

    def _go_back(self, patch: Patch | None, before: tuple[Any, Any], added: list[str]) -> Declarations:
        """Return to the code of before; say what it declares, each class being of the version it was of then."""
        if patch is not None:
            patch.undo()
        self.modules.unload(added)
        self.modules.found, self.modules.resolution = before
        scan = self.modules.scan()
        declared_classes(self.world, scan.classes, scan.migrations)  # before rows are restored under these schemas
        return scan

    def _resume(self) -> dict[str, SystemFault]:
        """Let paused systems run again; return what had stopped them."""
        resumed = {}
        for system in self.schedule.everything():
            if system.fault is not None:
                resumed[system.name] = system.fault
                system.fault = None
        return resumed

    def restore(self, snapshot: Snapshot) -> None:
        """Restore a snapshot of any version of the game: older rows go through the migrations, as in a reload.

        Raises `SnapshotError` or `MigrationError`, the world being as it was.
        """
        scan = self.modules.scan()
        self.world.restore(snapshot, migrate=migrate_snapshot(self.world, scan.classes, scan.migrations))
        self._make_resources(scan.classes)

    # ------------------------------------------------------------------ probation

    @property
    def on_probation(self) -> bool:
        """Tell whether an edit has been committed in the last ticks."""
        return bool(self.probations)

    def roll_back(self, fault: SystemFault) -> bool:
        """Undo the latest edit on probation because of a fault; tell whether there was one to undo.

        The world is then at the tick before that edit: the caller runs the ticks since again. A system that had
        been paused before the edit and fails again is no reason to undo it.
        """
        if not self.probations or any(fault.system.name in p.resumed for p in self.probations):
            return False
        probation, error = self.probations.pop(), describe_fault(fault)
        scan = self._go_back(probation.patch, (probation.found, probation.resolution), probation.added)
        (self.restore if probation.is_older else self.world.restore)(probation.checkpoint)
        self._recycle(probation.checkpoint)
        self.history = probation.history
        self._install(scan)
        self.schedule.rebind()
        for system in self.schedule.everything():
            system.fault = probation.resumed.get(system.name)
        verdict = probation.verdict
        verdict.outcome = "rolled back"
        verdict.file, verdict.line = fault.place_in({str(path) for path in probation.saved})
        verdict.error = error
        verdict.said = f"{verdict.error}\nMend it and save: it is tried again."
        if fault.left:
            verdict.notes.append(name_left(fault))
            verdict.said += f"\n{verdict.notes[-1]}"
        verdict.state = "the code before the edit runs, the world is as if it had never been made"
        for path, saved in probation.saved.items():
            self.pending.setdefault(path, saved)
        self._remember_failure(self.combination(), verdict)
        self.problem = verdict
        self._tell_committed(probation.saved)
        self.say(verdict)
        return True

    def begin_again(self, snapshot: Snapshot) -> None:
        """Let edits on probation begin it anew at an earlier state, to which the world has returned."""
        for probation in self.probations:
            if probation.tick > snapshot.tick:
                # The memory of the one given is written over before long; texts are known by identity.
                probation.checkpoint = copy.deepcopy(snapshot, {id(snapshot.texts): snapshot.texts})
                probation.tick, probation.is_older = snapshot.tick, True

    def ticked(self) -> None:
        """Make edits permanent that have survived their probation."""
        while self.probations and self.world.tick - self.probations[0].tick >= PROBATION_TICKS:
            probation = self.probations.pop(0)
            probation.verdict.outcome = "permanent"
            probation.verdict.state = "the new code runs"
            if self._permanent is not None:
                self._permanent.patch.seal()
            self._permanent = probation
            self._recycle(probation.checkpoint)
            self.say(probation.verdict)

    def get_ready(self) -> None:
        """Take the memory of the next checkpoint while there is time: new memory is slow to write."""
        if not self._spares:
            self._spares.append(self.world.snapshot())

    def _recycle(self, checkpoint: Snapshot) -> None:
        """Let a later commit write over a checkpoint that is of no more use."""
        if len(self._spares) < SPARES:
            self._spares.append(checkpoint)

    def roll_back_by_hand(self) -> Verdict:
        """Return to the code before the latest edit, the world as it is.

        Raises `ReloadError` if there is none, or if the former schemas would lose what rows hold now.
        """
        probation = self.probations[-1] if self.probations else self._permanent
        if probation is None:
            raise ReloadError("nothing to roll back", remedy="edit a file first", state=AS_BEFORE)
        now, world = (self.modules.found, self.modules.resolution), self.world.snapshot()
        scan = self._go_back(probation.patch, (probation.found, probation.resolution), probation.added)
        try:
            self._install(scan)
        except BaseException:
            self._redo(probation, now)
            self.world.restore(world)
            self._install(self.modules.scan())
            raise
        if self.probations:
            self.probations.pop()
        self._permanent = None
        verdict = Verdict(probation.verdict.files, "rolled back", self.world.tick, error="rolled back by hand")
        verdict.state = "the code before the edit runs, the world goes on"
        for path, saved in probation.saved.items():
            self.pending.setdefault(path, saved)
        self._remember_failure(self.combination(), verdict)
        self.say(verdict)
        return verdict

    def _redo(self, probation: Probation, now: tuple[Any, Any]) -> None:
        """Patch once more what was taken back in vain."""
        self.modules.found, self.modules.resolution = now
        probation.patch = self.code.apply([s.change for s in probation.saved.values() if s.change is not None])
        self.modules.load()

    def say(self, verdict: Verdict) -> None:
        """Tell everybody what became of a set of saves, or how it stands now."""
        if not any(known is verdict for known in self.verdicts):
            self.verdicts.append(verdict)
            del self.verdicts[:-VERDICTS_KEPT]
        for listener in self.on_verdict:
            try:
                listener(verdict)
            except Exception:
                log.exception("a listener of verdicts failed")
