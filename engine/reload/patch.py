"""Bring running code up to changed files: all of them, or none."""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from engine.errors import ReloadError
from engine.reload.analyse import Analysis, Unit, analyse
from engine.reload.effects import keep_places, take_back, with_live
from engine.reload.events import Event, concerns
from engine.reload.execute import Run
from engine.reload.failures import UNTOUCHED, failure, show_source, syntax_failure
from engine.reload.functions import code_tree, empty_cache
from engine.reload.match import new_firsts, pair_units, unchanged_names
from engine.reload.merge import Merger, inner_functions
from engine.reload.state import FileRecord, Key, State
from engine.reload.swap import Swaps
from engine.reload.trace import Trace
from engine.reload.undo import MISSING, Undo
from engine.reload.values import same

if TYPE_CHECKING:
    from engine.reload.loader import Code

_MOST_RUNS = 3


@dataclass(frozen=True)
class Change:
    """One saved file: `kind` is changed, created or deleted."""

    path: Path
    kind: str
    source: bytes | None = None
    analysis: Analysis | None = None


@dataclass
class Patch:
    """What `Code.apply` has done, and the way back.

    Names are `module.qualname`. `notes` name what could not be patched and what was changed outside the modules.
    """

    files: list[Path] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    classes: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    log: Undo = field(default_factory=Undo, repr=False)

    def undo(self) -> None:
        """Return the code to exactly what it was before; does nothing after `seal`."""
        self.log.rewind()

    def seal(self) -> None:
        """Give up the way back and free what it holds."""
        self.log.clear()


class Batch:
    """The patching of one set of changed files."""

    def __init__(self, code: Code, changes: list[Change]) -> None:
        self.code, self.changes = code, changes
        self.undo = Undo()
        self.patch = Patch(log=self.undo)
        self.merger = Merger(self.undo, code.functions, code.shapes, code.slots)
        self.swaps = Swaps(self.undo, code.functions, self.patch.notes)
        self.events: dict[Key, Event] = {}
        self.pending: dict[FileRecord, set[int]] = {}
        self.earlier: dict[State, State] = {}
        self.runs: dict[State, int] = {}
        self.active: set[FileRecord] = set()
        self.moved: dict[str, list[Any]] = {}
        self.here: tuple[Path, int] | None = None
        self.created: list[str] = []
        self.early: list[tuple[Key, Event]] | None = []
        self.guarded = False
        self.restored = False

    # ---------------------------------------------------------------- the whole
    def apply(self) -> Patch:
        """Do it, or restore everything and raise `ReloadError`."""
        for change in self.changes:
            if change.analysis is not None and change.analysis.error is not None:
                raise syntax_failure(change.analysis)
        gc.collect(0)
        self.code.undo = self.undo
        try:
            self._begin()
            self._drain()
            self._load_created()
            self.swaps.finish()
            self._empty_caches()
        except BaseException as error:
            path, line = self.here or (None, None)
            found = failure(error, self.code.file_names, path, line)
            self.undo.rewind()
            raise found from error
        finally:
            self.code.undo = None
            self.code.sources.clear()
            self.code.hidden.clear()
        self.patch.notes.extend(self.merger.notes)
        return self.patch

    def _begin(self) -> None:
        arriving: list[tuple[Change, str, Analysis]] = []
        for change in self.changes:
            if change.kind == "deleted":
                self.code.hidden.add(change.path)
            elif change.source is not None:
                name = self.code.python_name_of(change.path)
                if name is not None:
                    arriving.append((change, name, self._analysis(change, name)))
        plans: list[tuple[FileRecord, Analysis]] = []
        for change, name, analysis in arriving:
            assert change.source is not None
            self.patch.files.append(change.path)
            record = self.code.names.get(name) or self.code.tombs.get(name)
            if record is None:
                self.code.sources[change.path] = (change.source, analysis)
                self.created.append(name)
                self._event((name, ""), Event(value=True))
                continue
            self._renew(record, change, analysis)
            plans.append((record, analysis))
        for change in self.changes:
            if change.kind == "deleted":
                self._delete(change.path)
        for record, analysis in plans:
            self._plan(record, analysis)
        early, self.early = self.early or [], None
        for key, event in early:
            self._event(key, event)

    def _analysis(self, change: Change, name: str) -> Analysis:
        assert change.source is not None
        is_package = change.path.name == "__init__.py"
        analysis = change.analysis
        if analysis is None or (analysis.name, analysis.is_package) != (name, is_package):
            analysis = analyse(change.source, str(change.path), name, is_package)
        if analysis.error is not None:
            raise syntax_failure(analysis)
        return analysis

    def _empty_caches(self) -> None:
        """Empty the caches of functions that run, call or read something that changed."""
        if not self.events:
            return
        for cache in list(self.code.functions.caches):
            trace = Trace(self.code.ours)
            trace.visit(cache)
            keys = {(f.__module__, f.__qualname__.partition(".")[0]) for f in inner_functions(cache)}
            if any(key in self.events for key in (*keys, *trace.reached)):
                empty_cache(cache, self.undo)

    # ---------------------------------------------------------------- files
    def _renew(self, record: FileRecord, change: Change, analysis: Analysis) -> None:
        """Let a record stand for the file's new content, at its new place."""
        code = self.code
        assert change.source is not None
        code.grasp(record)
        self.undo.push(_set_fields, record, dict(vars(record)))
        self.undo.push(show_source, record.path, record.source)
        if record.gone:
            record.gone = False
            code.tombs.pop(record.name, None)
            self.undo.push(code.tombs.__setitem__, record.name, record)
            self.undo.push(code.forget, record)
            self.undo.module_entry(record.name, record.module)
        elif record.path != change.path:
            self.undo.push(code.enter, record)
            code.files.pop(record.path, None)
            self.undo.push(code.files.pop, change.path, None)
        if record.path != change.path or record.is_package != (change.path.name == "__init__.py"):
            self._relocate(record, change.path)
        record.path, record.source, record.digest = change.path, change.source, digest(change.source)
        record.analysis = analysis
        code.enter(record)
        show_source(record.path, record.source)

    def _relocate(self, record: FileRecord, path: Path) -> None:
        space = record.space
        self.undo.namespace(space)
        record.is_package = path.name == "__init__.py"
        space["__file__"] = str(path)
        self.code.hidden.discard(path)
        self.code.sources.setdefault(path, (b"", None))
        spec = self.code.find_spec(record.name)
        space["__spec__"] = spec
        space["__package__"] = record.name if record.is_package else record.name.rpartition(".")[0]
        if record.is_package:
            space["__path__"] = [str(path.parent)]
        else:
            space.pop("__path__", None)

    def _delete(self, path: Path) -> None:
        record = self.code.files.get(path)
        if record is None or record.path != path:
            return
        self.patch.files.append(path)
        self.code.grasp(record)
        needing = sorted({s.record.name for s in self.code.readers.of((record.name, "")) if s.record is not record})
        self.undo.push(_set_fields, record, dict(vars(record)))
        for state in reversed(record.states):
            take_back(state.effects, self.undo)
            self._event_names(record, state.names)
        record.gone = True
        self.undo.push(self.code.tombs.pop, record.name, None)
        self.code.tombs[record.name] = record
        self.code.forget(record)
        self.undo.push(self._return, record)
        self.undo.module_entry(record.name, None)
        self._event((record.name, ""), Event(value=True))
        self.needed = needing

    def _return(self, record: FileRecord) -> None:
        self.code.enter(record)
        for state in record.states:
            self.code.readers.link(state)

    def _event_names(self, record: FileRecord, names: Iterable[str]) -> None:
        for name in names:
            self._event((record.name, name), Event(value=True))
            self._grave(record, name, record.space.get(name, MISSING))

    def _grave(self, record: FileRecord, name: str, value: Any) -> None:
        if isinstance(value, FunctionType | type) and value.__module__ == record.name:
            self.moved.setdefault(name, []).append(value)

    def _load_created(self) -> None:
        """Load new files of module folders; a plain folder's are loaded when they are imported."""
        import importlib

        for name in self.created:
            path = next((path for path in self.code.sources if self.code.python_name_of(path) == name), None)
            root = self.code.root_of(path) if path is not None else None
            if root is None or root.qualified is None or name in self.code.names or not _is_wanted(name, root.prefix):
                continue
            package = name.rpartition(".")[0]
            if package and package not in sys.modules and name != root.prefix:
                continue
            importlib.import_module(name)
            self.patch.added.append(name)
            self._drain()

    # ---------------------------------------------------------------- statements
    def _plan(self, record: FileRecord, analysis: Analysis) -> None:
        """Pair old and new statements: those of equal text go on, changed bodies are exchanged, others wait to run."""
        old = record.states
        paired = pair_units(old, analysis.units)
        record.states = [State(unit, record, index) for index, unit in enumerate(analysis.units)]
        kept = {id(state) for state in paired if state is not None}
        waiting = self.pending.setdefault(record, set())
        for state in old:
            self.code.readers.unlink(state)
            self.undo.push(self.code.readers.link, state)
        for state, before in zip(record.states, paired, strict=True):
            if before is None:
                waiting.add(state.index)
                continue
            self.earlier[state] = before
            if self._continue(state, before):
                waiting.add(state.index)
        for state in reversed([state for state in old if id(state) not in kept]):
            self._remove(state, take=True)
        self._unbind(record, old)
        waiting |= self._rebinders(old, record.states)
        if self._flags(old) != self._flags(record.states):
            waiting |= {state.index for state in record.states}

    @staticmethod
    def _flags(states: list[State]) -> list[str]:
        return [state.unit.digest for state in states if state.unit.kind == "future"]

    def _continue(self, state: State, before: State) -> bool:
        """Let a statement go on with what its old version made; tell whether it has to run."""
        unit, was = state.unit, before.unit
        if unit.digest != was.digest and unit.skeleton != was.skeleton:
            return True
        _inherit(state, before)
        self.code.readers.link(state)
        self.undo.push(self.code.readers.unlink, state)
        if self.restored:
            return bool(before.effects)
        if unit.code == was.code:
            state.tree = before.tree
            return False
        changed = self.swaps.bodies(state, before)
        for name, event in changed:
            self._event((state.record.name, name), event)
            self.patch.functions.append(f"{state.record.name}.{name}")
        return self.swaps.must_run(state, before, self.code) if unit.digest != was.digest else False

    def _remove(self, state: State, take: bool) -> None:
        if take:
            take_back(state.effects, self.undo)

    def _unbind(self, record: FileRecord, old: list[State]) -> None:
        """Take away the names that no statement of the new version binds."""
        bound = {name for state in record.states for name in state.names}
        for state in old:
            for name in state.names:
                if name in bound or name not in record.space or name.startswith("__") and name.endswith("__"):
                    continue
                if state.unit.kind == "star" and any(s.unit.kind == "star" for s in record.states):
                    continue
                value = record.space[name]
                self._bury(record, name, value)
                self.undo.namespace(record.space)
                del record.space[name]
                annotations = record.space.get("__annotations__")
                if isinstance(annotations, dict) and name in annotations:
                    self.undo.bind(annotations, name, MISSING)
                self.patch.removed.append(f"{record.name}.{name}")
                self._event((record.name, name), Event(value=True))
        if any("__all__" in state.names for state in old) and "__all__" not in bound and "__all__" in record.space:
            self.undo.bind(record.space, "__all__", MISSING)
            self._event((record.name, "__all__"), Event(value=True))

    def _bury(self, record: FileRecord, name: str, value: Any) -> None:
        import weakref

        if isinstance(value, FunctionType | type):
            self._grave(record, name, value)
            graves = dict(record.graves)
            graves[name] = weakref.ref(value)
            self.undo.push(setattr, record, "graves", record.graves)
            record.graves = graves

    @staticmethod
    def _rebinders(old: list[State], new: list[State]) -> set[int]:
        """Return statements to run because another one bound their name last before."""

        def last(states: list[State]) -> dict[str, State]:
            return {name: state for state in states for name in state.names}

        count: dict[str, int] = {}
        for state in [*old, *new]:
            for name in state.unit.binds:
                count[name] = count.get(name, 0) + 1
        before, found = last(old), set()
        for name, state in last(new).items():
            if count.get(name, 0) > 2 and name in before and before[name].unit.digest != state.unit.digest:
                found.add(state.index)
        for state in new:
            if state.unit.kind == "augmented" and any(
                other.unit.kind == "augmented" and other.unit.binds == state.unit.binds
                for other in old
                if other.unit.digest not in {one.unit.digest for one in new}
            ):
                found |= {one.index for one in new if set(one.unit.binds) & set(state.unit.binds)}
        return found

    # ---------------------------------------------------------------- running
    def _event(self, key: Key, event: Event) -> None:
        """Note what happened to a key and let the statements it concerns wait to run."""
        if self.early is not None:  # not all files have been planned: who reads what is not known yet
            self.early.append((key, event))
            return
        self.events.setdefault(key, Event()).add(event)
        readers = self.code.readers.of(key)
        if key[1]:
            readers += self.code.readers.of((key[0], "*"))
        for state in readers:
            if state.record.states[state.index : state.index + 1] != [state]:
                continue
            ways = key if key in state.direct or key in state.reached else (key[0], "*")
            if (ways[1] == "*" and event.value) or concerns(event, state, ways):
                self.pending.setdefault(state.record, set()).add(state.index)
            elif not event.value:
                self._alias(key, event, state)

    def _alias(self, key: Key, event: Event, state: State) -> None:
        """Let what happened to an object in place reach those who know it by another name."""
        record = self.code.names.get(key[0])
        value = None if record is None else record.space.get(key[1])
        if value is None or state.unit.kind not in ("from", "star", "assign"):
            return
        for name in state.names:
            other = (state.record.name, name)
            if other != key and state.record.space.get(name) is value and not _covers(self.events.get(other), event):
                self._event(other, event)

    def _drain(self) -> None:
        while True:
            waiting = [r for r, indexes in self.pending.items() if indexes and r not in self.active and not r.gone]
            if not waiting:
                return
            self._run_file(min(waiting, key=lambda record: record.rank))

    def _run_file(self, record: FileRecord) -> None:
        self.active.add(record)
        try:
            waiting = self.pending[record]
            while waiting:
                index = min(waiting)
                waiting.discard(index)
                if index < len(record.states):
                    self._run_state(record.states[index])
        finally:
            self.active.discard(record)

    def _run_imported(self, unit: Unit) -> None:
        for name, item, _ in unit.imports:
            for target in (name, f"{name}.{item}"):
                record = self.code.names.get(target)
                if record is not None and self.pending.get(record) and record not in self.active:
                    self._run_file(record)

    def _run_state(self, state: State) -> None:
        """Run one statement and let the live objects, containers and readers follow."""
        self.runs[state] = self.runs.get(state, 0) + 1
        if self.runs[state] > _MOST_RUNS:
            return
        unit, record = state.unit, state.record
        self._run_imported(unit)
        self.here = (record.path, unit.line)
        before = self.earlier.get(state, state)
        if self._annotate(state, before):
            return
        if unit.acts:
            self._guard()
        self.undo.namespace(record.space)
        self.undo.push(_set_fields, state, dict(vars(state)))
        annotations = record.space.get("__annotations__")
        if isinstance(annotations, dict):
            self.undo.namespace(annotations)
        old_tree = before.tree
        self.swaps.watch(old_tree, before.stale, state)
        gone = _star_gone(before)
        orders = take_back(before.effects, self.undo)
        known = before.unit if before.ran else None
        run = Run(state, self.code.ours, self.undo)
        if unit.acts or unit.kind in ("class", "block"):
            self.code.functions.add_young(self.code.ours.is_file)
            gc.collect(0)  # so that `settle` has little to look through
        run.execute()
        self._merge(run, before, known, old_tree)
        effects = run.holdings.changes() if run.holdings is not None else []
        state.effects = tuple(with_live(effect, self.merger.live) for effect in effects)
        keep_places(orders, self.merger.live)
        self._publish(run, before)
        if unit.acts or unit.kind in ("class", "block"):
            self.merger.settle()
        else:
            self.merger.forget()
        for name in gone - set(state.names):
            if name in record.space:
                del record.space[name]
                self._event((record.name, name), Event(value=True))
        run.remember()
        self.code.readers.unlink(state)
        state.direct, state.reached = run.direct(), frozenset(run.trace.reached)
        self.code.readers.link(state)
        self.undo.push(self.code.readers.unlink, state)

    def _guard(self) -> None:
        if not self.guarded:
            self.guarded = True
            for record in self.code.files.values():
                self.undo.namespace(record.space)

    def _annotate(self, state: State, before: State) -> bool:
        """Set only the annotation of a name whose value's text is the same."""
        import marshal

        unit = state.unit
        if before is state or unit.kind != "annotated" or not unit.value or unit.value != before.unit.value:
            return False
        if self.runs[state] > 1 or any(name not in state.record.space for name in unit.binds):
            return False
        if any(key in self.events and self.events[key].value for key in before.direct if key[1] not in _ANNOTATION):
            return False
        annotations = state.record.space.get("__annotations__")
        if isinstance(annotations, dict):
            self.undo.namespace(annotations)
        exec(marshal.loads(unit.annotation), state.record.space)
        _inherit(state, before)
        state.tree = code_tree(marshal.loads(unit.code))
        self.code.readers.link(state)
        self.undo.push(self.code.readers.unlink, state)
        return True

    def _merge(self, run: Run, before: State, known: Unit | None, old_tree: dict[str, Any]) -> None:
        state, merger = run.state, self.merger
        unit, record = state.unit, state.record
        if unit.kind in ("import", "from", "star"):
            return
        merger.codes = {id(code) for code in (*old_tree.values(), *state.tree.values())}
        merger.module = record.name

        def dirty(name: str) -> bool:
            event = self.events.get((record.name, name))
            return event is not None and (event.value or bool(event.data))

        merger.kept = unchanged_names(known, unit, dirty)
        merger.firsts = new_firsts(known, unit)
        for name in state.names:
            new = record.space.get(name, MISSING)
            old = self._old(state, before, name, run.prior[name])
            if new is MISSING or old is MISSING or old is new:
                continue
            final = merger.value(old, new)
            if final is not new:
                record.space[name] = final

    def _old(self, state: State, before: State, name: str, prior: Any) -> Any:
        """Return the live object that a statement's new one continues."""
        ref = before.made.get(name)
        made = ref() if ref is not None else None
        if made is not None:
            return made
        if before is not state or self.runs[state] > 1:
            return prior
        ref = state.record.graves.get(name)
        buried = ref() if ref is not None else None
        if buried is not None:
            self.merger.adopt(buried)
            return buried
        if state.unit.kind in ("def", "class"):
            for value in self.moved.get(name, ()):
                if isinstance(value, type) == (state.unit.kind == "class") and value.__module__ != state.record.name:
                    self.merger.adopt(value)
                    return value
        return MISSING

    def _publish(self, run: Run, before: State) -> None:
        """Tell readers which names are bound to something else, or to something that was changed."""
        state, merger = run.state, self.merger
        record = state.record
        later = {
            name for other in record.states[state.index + 1 :] for name in other.unit.binds if name in state.names
        } - {n for i in self.pending.get(record, ()) if i > state.index for n in record.states[i].unit.binds}
        changed_code = bool(merger.changed_functions)
        merger.changed_functions.clear()
        classes, merger.changed_classes = merger.changed_classes, {}
        for name in state.names:
            prior, value = run.prior[name], record.space.get(name, MISSING)
            if name in later and prior is not MISSING:
                record.space[name] = prior
                continue
            if value is prior:
                if changed_code and callable(value) and not isinstance(value, type):
                    self._event((record.name, name), Event(code=True, inner=False))
                    self.patch.functions.append(f"{record.name}.{name}")
            elif prior is not MISSING and same(prior, value):
                record.space[name] = prior
            elif not isinstance(value, ModuleType) or prior is not value:
                self._event((record.name, name), Event(value=True))
                (self.patch.added if prior is MISSING else self.patch.values).append(f"{record.name}.{name}")
        for cls, attributes in classes.items():
            name = cls.__qualname__.partition(".")[0]
            functions = {n for n in attributes if isinstance(cls.__dict__.get(n), FunctionType)}
            self.patch.classes.append(f"{record.name}.{cls.__qualname__}")
            if attributes:
                self._event((record.name, name), Event(attributes=attributes, data=attributes - functions))


_ANNOTATION = frozenset({"int", "float", "str", "bool"})


def digest(source: bytes) -> str:
    """Return the digest by which contents of files are told apart."""
    from engine.reload.files import digest_of

    return digest_of(source)


def _covers(known: Event | None, event: Event) -> bool:
    return known is not None and (not event.code or known.code) and event.attributes <= known.attributes


def _inherit(state: State, before: State) -> None:
    state.ran = before.ran
    state.made, state.effects, state.imprints = before.made, before.effects, before.imprints
    state.bound, state.direct, state.reached = before.bound, before.direct, before.reached


def _star_gone(before: State) -> set[str]:
    return set(before.bound) if before.unit.kind == "star" else set()


def _set_fields(target: Any, fields: dict[str, Any]) -> None:
    target.__dict__.clear()
    target.__dict__.update(fields)


def _is_wanted(name: str, prefix: str) -> bool:
    parts = name[len(prefix) :].strip(".").split(".") if prefix else name.split(".")
    return not any(p.startswith("_") or p in ("tests", "scripts", "modules") for p in parts) and parts[-1] != "conftest"
