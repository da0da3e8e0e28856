"""Bring running code up to changed files: all of them, or none."""

from __future__ import annotations

import gc
import marshal
import sys
import weakref
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from engine.reload.arrive import Arrivals
from engine.reload.classes import forget_subclass_checks, is_method
from engine.reload.effects import content_of, keep_places, reorder, take_back, values_at, with_live
from engine.reload.events import Event, concerns, is_touched
from engine.reload.execute import Run, hidden, is_dynamic
from engine.reload.failures import failure, is_from_outside, syntax_failure
from engine.reload.functions import code_tree, empty_cache
from engine.reload.inherit import follow_methods
from engine.reload.instances import hash_anew
from engine.reload.keep import with_changes
from engine.reload.later import Later
from engine.reload.match import renamed
from engine.reload.merge import Merger, inner_functions, retired
from engine.reload.outside import Outside
from engine.reload.patch import Change, Patch
from engine.reload.pieces import is_piece
from engine.reload.plan import (
    Planner,
    bound_later,
    conditional,
    defined_elsewhere,
    find_old,
    gone_classes,
    stored_elsewhere,
    went_to,
)
from engine.reload.ranks import imports, imports_alike, rank_anew
from engine.reload.readers import keys_of
from engine.reload.rebuild import acted_on, ordered
from engine.reload.refill import is_sole, refill
from engine.reload.registries import forget_choices
from engine.reload.spread import Spread
from engine.reload.state import FileRecord, State
from engine.reload.swap import Swaps
from engine.reload.trace import Trace, attribute_of
from engine.reload.undo import MISSING, Undo, put_content, set_fields
from engine.reload.values import same

if TYPE_CHECKING:
    from engine.reload.analyse import Unit
    from engine.reload.loader import Code

_MOST_RUNS = 4
"""How often one statement may run in a batch: circular imports can make a value go round."""


def _is_at_hand(unit: Unit) -> bool:
    """Tell whether all that a statement imports is loaded, so that importing it runs no code."""
    for name, item, _ in unit.imports:
        module = sys.modules.get(name)
        if module is None or (item and item not in vars(module)):
            return False
    return True


class Batch:
    """The patching of one set of changed files."""

    def __init__(self, code: Code, changes: list[Change]) -> None:
        self.code, self.changes = code, changes
        self.undo = Undo()
        self.patch = Patch(log=self.undo)
        self.spread = Spread(code)
        self.merger = Merger(self.undo, code.functions, code.shapes, code.slots)
        self.swaps = Swaps(self.undo, code.functions, self.patch.notes)
        self.arrivals = Arrivals(code, self.undo, self.spread, self.patch)
        self.planner = Planner(code, self.undo, self.spread, self.swaps, self.arrivals, self.patch)
        self.outside: Outside | None = None
        self._runs: dict[State, int] = {}
        self._active: set[FileRecord] = set()
        self._here: tuple[Path, int] | None = None
        self._has_new_shapes = False
        self._refilled: set[str] = set()
        self._rebuilt: dict[int, list[State]] = {}
        self._anew: dict[int, set[State]] = {}
        self._asked: set[int] = set()
        self._kept: list[tuple[Any, Any, Any]] = []

    def apply(self) -> Patch:
        """Do it, or restore everything and raise `ReloadError`."""
        for change in self.changes:
            if change.analysis is not None and change.analysis.error is not None:
                raise syntax_failure(change.analysis)
        gc.collect(0)
        self.code.undo, self.code.batch = self.undo, self
        try:
            self.code.left.begin(self.code.files.values())
            self._work()
        except BaseException as error:
            path, line = self._here or (None, None)
            try:
                lasting = self.outside.lasting() if self.outside is not None else []
                found = failure(error, self.code.file_names, path, line, lasting)
            finally:
                self.undo.rewind()
            if is_from_outside(error, self.code.file_names):
                raise
            raise found from error
        finally:
            self.code.undo = self.code.batch = None
            self.code.sources.clear()
            self.code.hidden.clear()
        return self.patch

    def _work(self) -> None:
        is_ordered = True
        for record, analysis in self.arrivals.take(self.changes):
            is_ordered = is_ordered and imports_alike((state.unit for state in record.states), analysis.units)
            self.planner.plan(record, analysis)
        if not is_ordered:
            rank_anew(self.code.names, self.undo)
        self.spread.begin()
        self._rebuilt = self.planner.rebuilt()
        self._asked = set(self._rebuilt)
        for state in (*self.planner.waiting(), *(one for chain in self._rebuilt.values() for one in chain)):
            self.spread.wait(state)
        self.arrivals.refuse_missing()
        self._drain()
        if self.arrivals.created:
            self._guard()
            self.patch.added.extend(self.arrivals.load_created())
            self._drain()
        if not is_ordered or self.arrivals.created:
            rank_anew(self.code.names, self.undo)
        for record, new in self.planner.reordered.items():
            records = sorted(self.code.files.values(), key=lambda one: one.rank) if new is not None else [record]
            states = [state for one in records for state in one.states]
            reorder(states, new, self.undo, self._rebuilt.keys() | ordered(states, self.code.ours))
        self.code.left.note(self._runs, self.undo)
        self._keep_changes()
        self.swaps.finish()
        follow_methods(self.merger.removed, self.undo, self.code.functions)
        self._empty_caches()
        hashed = [cls for event, cls in self._changed_classes() if "__hash__" in event.attributes]
        if hashed:
            hash_anew(hashed, self.undo)
        hooks = any("__subclasshook__" in vars(cls) for cls in list(self.code.shapes)) if self.spread.events else False
        if self._has_new_shapes or hooks:
            self._forget(forget_subclass_checks, self.code.shapes)
        self.patch.notes.extend(self.merger.notes)
        if self.outside is not None:
            self.patch.notes.extend(self.outside.differences())
        self.patch.touched = self.undo.touched().union(record.name for record in self.spread.pending)
        self.patch.touched.update(self.arrivals.names)
        self.patch.tidy()

    def _keep_changes(self) -> None:
        """Let what the program has changed in containers go on in those that were made anew."""
        for owner, before, live in self._kept:
            made = content_of(owner)
            self.undo.push(put_content, owner, made)
            put_content(owner, with_changes(made, before, live))
            self.code.left.keep(owner, made, self.undo)

    def _forget(self, forget: Callable[..., None], *arguments: Any) -> None:
        """Let something forget what it found out, now and once what it looked at is as it was before."""
        self.undo.push_last(forget, *arguments)
        forget(*arguments)

    def _guard(self) -> None:
        """Note the namespaces and what is around the modules, before code runs that may change any of it."""
        if self.outside is None:
            self.outside = Outside()
            self.undo.push(self.outside.restore)
            for record in self.code.files.values():
                self.undo.namespace(record.space)

    def _changed_classes(self) -> Iterator[tuple[Event, type]]:
        for (module, name), event in self.spread.events.items():
            record = self.code.names.get(module)
            value = record.space.get(name) if record is not None else None
            if isinstance(value, type):
                yield event, value

    def _empty_caches(self) -> None:
        """Empty the caches of functions that run, call or read something that changed."""
        if not self.spread.events:
            return
        for cache in list(self.code.functions.caches):
            trace = Trace(self.code.ours)
            trace.visit(cache)
            keys = {(f.__module__, f.__qualname__.partition(".")[0]) for f in inner_functions(cache)}
            if any(key in self.spread.events for key in (*keys, *trace.reached)):
                empty_cache(cache, self.undo)

    # ---------------------------------------------------------------- running
    def _drain(self) -> None:
        while (record := self.spread.next_file(self._active)) is not None:
            self._run_file(record)

    def _run_file(self, record: FileRecord) -> None:
        self._active.add(record)
        try:
            waiting = self.spread.pending[record]
            while waiting:
                index = min(waiting)
                waiting.discard(index)
                if index < len(record.states):
                    self._run_state(record.states[index])
        finally:
            self._active.discard(record)

    def _run_imported(self, unit: Unit) -> None:
        """Run what waits in the modules a statement imports first, as a fresh import would."""
        for name, item, _ in unit.imports if not unit.is_for_types else ():
            for target in (name, f"{name}.{item}"):
                self._run_first(self.code.names.get(target))

    def _run_read(self, state: State) -> None:
        """Run what waits in the files whose names a statement reads first, in whichever order they were loaded."""
        record = state.record
        others = any(indexes for other, indexes in self.spread.pending.items() if other is not record)
        if not others or state.unit.is_for_types:
            return
        units = [one.unit for one in record.states if not one.unit.is_for_types]
        origins = {bound: module for unit in units for module, _, bound in unit.imports}
        trace = Trace(self.code.ours)
        trace.unit(state.unit, record.module)
        known = keys_of(state)
        for module, name in dict.fromkeys((*known, *trace.direct, *trace.reached)):
            other = self.code.names.get(origins.get(name, "") if module == record.name else module)
            if (module, name) in known or (other is not None and not imports(other, record)):
                self._run_first(other)

    def _run_first(self, record: FileRecord | None) -> None:
        if record is not None and self.spread.pending.get(record) and record not in self._active:
            self._run_file(record)

    def _run_state(self, state: State) -> None:
        """Run one statement and let the live objects, containers and readers follow."""
        self._runs[state] = self._runs.get(state, 0) + 1
        if self._runs[state] > _MOST_RUNS:
            return
        unit, record = state.unit, state.record
        before = self.planner.earlier.get(state, state)
        if self._begin_anew(state, before):
            return
        self._run_imported(unit)
        self._run_read(state)
        self._here = (record.path, unit.line)
        if self._annotate(state, before):
            return
        known = before.unit if before.ran else None
        old_names = set(before.bound) if unit.kind == "star" else set()
        has_objects = unit.acts or unit.kind in ("class", "block")
        self._prepare(state, before, has_objects)
        codes = [*before.tree.values(), *state.tree.values()]
        self.code.left.look([before], self.undo)
        effects_before = (before if self._runs[state] == 1 else state).effects
        was = values_at(effects_before)
        emptied = {owner for owner, ran in self._anew.items() if state not in ran}
        orders = take_back((effect for effect in effects_before if id(effect.owner) not in emptied), self.undo)
        self.merger.likes = before.likes if before.ran else {}
        run = Run(state, self.code.ours, self.undo)
        later = Later(state, run.trace, self.code.files.values(), self.planner.earlier, self._anew.keys(), self.undo)
        made = before.bound if is_dynamic(unit) else ()
        old_names.update(made)
        for name in (*conditional(state, run.trace), *made):
            record.space.pop(name, None)
        for cache in run.trace.caches if self.spread.events else ():
            empty_cache(cache, self.undo)
        with hidden(record.space, bound_later(state, record.states) if self._runs[state] == 1 else ()):
            later.hide()
            with retired(gone_classes(self.code) if run.scans else ()):
                run.execute()
        for owner in emptied:
            self._anew[owner].add(state)
        self._merge(run, before, known, codes)
        effects = run.holdings.changes() if run.holdings is not None else []
        state.effects = tuple(with_live(effect, self.merger.live) for effect in effects)
        later.show()
        keep_places(orders, effects_before, state.effects, self.merger.live, run.trace.names.union(unit.calls))
        self.code.left.note([state], self.undo)
        self._publish(run, known)
        self.spread.attributes(state.effects, was, state)
        if has_objects:
            self.merger.settle()
        else:
            self.merger.forget()
        for name in old_names - set(state.names):
            if name in record.space:
                del record.space[name]
                self.spread.event((record.name, name), Event(value=True))
                for other in record.states:
                    if other is not state and name in other.names:
                        self.spread.wait(other)
        sole = before.sole
        run.remember()
        state.sole.update({name: at for name, at in sole.items() if id(record.space.get(name)) == at})
        self.planner.unlink(state)
        places = (*keys_of(state), *keys_of(before))
        run.note_reads()
        self.planner.link(state)
        self.spread.contents(state.effects, effects_before, dict.fromkeys((*places, *keys_of(state))), state)

    def _begin_anew(self, state: State, before: State) -> bool:
        """Let all that make a value together run from the beginning, if one is about to; tell whether they will."""
        owners = {id(owner) for owner in acted_on(before, self.code.ours)} - self._asked if before.ran else set()
        if not owners:
            return False
        self._asked |= owners
        self.code.left.look([before], self.undo)
        found = self.planner.together([before], [], owners)
        chains = {owner: chain for owner, chain in found.items() if chain[0] not in self._runs}
        self._rebuilt.update(chains)
        for chain in chains.values():
            for one in (*chain, state):
                self.spread.wait(one)
        return bool(chains)

    def _prepare(self, state: State, before: State, has_objects: bool) -> None:
        """Note what the run of a statement may change."""
        record = state.record
        if state.unit.acts or not _is_at_hand(state.unit):
            self._guard()
        self.undo.namespace(record.space)
        self.undo.push(set_fields, state, dict(vars(state)))
        annotations = record.space.get("__annotations__")
        if isinstance(annotations, dict):
            self.undo.namespace(annotations)
        self.swaps.watch(before.tree, before.stale, state)
        if has_objects:
            self.code.functions.add_young(self.code.ours.is_file)
            gc.collect(0)  # so that `settle` has little to look through

    def _annotate(self, state: State, before: State) -> bool:
        """Set only the annotation of a name whose value's text is the same and reads nothing that changed."""
        unit = state.unit
        if not unit.value or unit.value != before.unit.value or unit.digest == before.unit.digest:
            return False
        record = state.record
        if self._runs[state] > 1 or any(n not in record.space or self.spread.chain(record, n) for n in unit.binds):
            return False
        events = ((key, self.spread.events.get(key)) for key in keys_of(before))
        if any(event is not None and concerns(event, before, key) for key, event in events):
            return False
        annotations = state.record.space.get("__annotations__")
        if isinstance(annotations, dict):
            self.undo.namespace(annotations)
        if unit.annotation:
            exec(marshal.loads(unit.annotation), state.record.space)
        self.undo.push(set_fields, state, dict(vars(state)))
        state.inherit(before)
        state.tree = code_tree(marshal.loads(unit.code))
        self.planner.link(state)
        return True

    # ---------------------------------------------------------------- after a run
    def take_over(self, run: Run) -> None:
        """Let what a statement of a new file has made continue what another file of the batch has lost."""
        state = run.state
        if self.arrivals.has_moved(state):
            self._runs[state] = 1
            self.merger.likes = {}
            self._merge(run, state, None, [])
            state.effects = tuple(with_live(effect, self.merger.live) for effect in state.effects)
            self.merger.settle()

    def _merge(self, run: Run, before: State, known: Unit | None, codes: list[CodeType]) -> None:
        """Carry what a statement made over into the live objects it made before."""
        state, merger = run.state, self.merger
        unit, record = state.unit, state.record
        if unit.kind in ("import", "from", "star"):
            return
        merger.codes = {id(code) for code in (*codes, *state.tree.values())}
        merger.module = record.name
        merger.is_defined_elsewhere = partial(defined_elsewhere, state)
        merger.stored_elsewhere = partial(stored_elsewhere, state, self.code.names.values())

        def dirt(path: tuple[str, ...]) -> str:
            return self.spread.dirt(path, record)

        touched = partial(is_touched, before, run.prior)
        merger.compare(known, unit, dirt, touched)
        first = known is None and self._runs[state] == 1
        brought = self.arrivals.moves.found(state) if first and before is state else None
        for name in state.names:
            new = record.space.get(name, MISSING)
            if brought is not None and name in brought.bound:
                record.space[name] = brought.bound[name]
                merger.instead(brought.bound[name], new)
                run.imprints = brought.imprints
                continue
            old, found = find_old(state, before, name, run.prior[name], first, self.arrivals)
            if new is MISSING or old is MISSING or old is new:
                continue
            if found:
                merger.adopt(old)
                self._compare_moved(old, state, name)
            if self._refill(state, before, name, old):
                continue
            other, merger.place = went_to(old), name
            final = merger.value(old, new)
            if final is old and other is not None and other in self.arrivals.moved.get(name, ()):
                merger.redirect(other, old)  # it has come back, and who knows it from there follows
            if final is not old and isinstance(old, FunctionType):
                self.undo.push(setattr, record, "graves", record.graves)
                record.graves = {**record.graves, name: weakref.ref(old)}
            if final is not new:
                record.space[name] = final
        for name in unit.binds:
            self.code.note_shape(record.space.get(name), record.name)

    def _compare_moved(self, old: Any, state: State, name: str) -> None:
        """Let a class that was defined elsewhere, maybe under another name, keep what its body sets there and here."""
        origin = self.arrivals.moves.origin(old)
        if origin is None:
            return
        record = state.record

        def dirt(path: tuple[str, ...]) -> str:
            return self.spread.dirt(path, record) if origin.reads_alike(path, record) else "value"

        self.merger.likes = origin.likes
        known = renamed(origin.unit, origin.qualname, name)
        self.merger.compare(known, state.unit, dirt, lambda _qualname, _names: True)

    def _refill(self, state: State, before: State, name: str, old: Any) -> bool:
        """Let a live value that only this statement's name held when it was made take the new one's content."""
        space = state.record.space
        if before.sole.get(name) != id(old):
            return False
        is_made_anew = is_piece(old) and id(old) in self._rebuilt and not state.pieces
        if not (is_made_anew or is_sole(space, name, self.code.ours, 1)):
            return False
        is_other = not same(old, space[name])
        if is_other:
            if not refill(self.merger, old, space[name], self.undo):
                return False
            space[name] = old
            self._refilled.add(name)
        if id(old) in self._rebuilt:
            self._anew[id(old)] = set()
            if (changes := self.code.left.changes(id(old))) is not None:
                self._kept.append((old, *changes))
            self.code.left.renew(old, self.undo)
        return is_other

    def _publish(self, run: Run, known: Unit | None) -> None:
        """Tell readers which names are bound to something else, or to something that was changed."""
        state, merger = run.state, self.merger
        record = state.record
        waiting = self.spread.pending.get(record, set())
        later = {
            name for other in record.states[state.index + 1 :] if other.index not in waiting for name in other.names
        }
        changed_code = bool(merger.changed_functions)
        merger.changed_functions.clear()
        classes, merger.changed_classes = merger.changed_classes, {}
        self._has_new_shapes = self._has_new_shapes or any(classes.values())
        if any("__bases__" in attributes for attributes in classes.values()):
            self._forget(forget_choices)
        for name in state.names:
            prior, value = run.prior[name], record.space.get(name, MISSING)
            if name in later and prior is not MISSING:
                record.space[name] = prior
            elif value is prior and name in self._refilled:
                event = Event(value=True, kept=True, priors=[prior], inside=[prior])
                self.spread.event((record.name, name), event, state)
                self.patch.values.append(f"{record.name}.{name}")
            elif value is prior:
                self.spread.pass_on(value, state)
                if changed_code and callable(value) and not isinstance(value, type):
                    self.spread.event((record.name, name), Event(code=True, inner=False), state)
                    self.patch.functions.append(f"{record.name}.{name}")
            elif prior is not MISSING and same(prior, value):
                record.space[name] = prior
            else:
                does_other = changed_code and isinstance(value, FunctionType)
                event = Event(value=True, code=does_other, inner=not does_other, priors=[prior])
                self.spread.event((record.name, name), event, state)
                if value is MISSING:
                    self.planner.bury(record, name, prior)
                else:
                    (self.patch.added if prior is MISSING else self.patch.values).append(f"{record.name}.{name}")
        self._refilled.clear()
        for name in set(state.unit.deletes).difference(record.space, known.deletes if known is not None else ()):
            if (prior := run.prior[name]) is not MISSING:
                self.spread.event((record.name, name), Event(value=True, priors=[prior]), state)
                self.planner.bury(record, name, prior)
        for cls, attributes in classes.items():
            self._publish_class(state, cls, attributes)

    def _publish_class(self, state: State, cls: type, attributes: set[str]) -> None:
        record = state.record
        bound = [name for name in state.names if record.space.get(name) is cls and state.unit.kind != "class"]
        if self.spread.is_made_otherwise(type(cls)):
            attributes = attributes | {"__init_subclass__"}  # so are those below it
        methods = {one for one in attributes if is_method(attribute_of(cls, one))}
        functions = {one for one in methods if (cls, one) not in self.merger.converted} | {"__dict__"} & attributes
        self.patch.classes.append(f"{record.name}.{cls.__qualname__}")
        if attributes:
            for name in bound or [cls.__qualname__.partition(".")[0]]:
                self.spread.event((record.name, name), Event(attributes=attributes, data=attributes - functions), state)
