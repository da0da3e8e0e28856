"""What an edit means for each statement of a file: it goes on, its bodies are exchanged, it runs, or it goes."""

from __future__ import annotations

import sys
import weakref
from collections.abc import Container, Iterable, Iterator
from types import FunctionType
from typing import TYPE_CHECKING, Any

from engine.reload.analyse import Analysis
from engine.reload.arrive import Arrivals
from engine.reload.effects import take_back, values_at
from engine.reload.events import Event
from engine.reload.functions import target_of
from engine.reload.match import former_names, pair_units
from engine.reload.patch import Patch
from engine.reload.readers import keys_of
from engine.reload.rebuild import together, unwind
from engine.reload.spread import Spread
from engine.reload.state import FileRecord, State, class_at
from engine.reload.swap import Swaps
from engine.reload.trace import VALUED, Trace, attribute_of, containers_read
from engine.reload.undo import MISSING, Undo

if TYPE_CHECKING:
    from engine.reload.loader import Code

_IMPORTS = ("import", "from", "star")


class Planner:
    """The planning of one batch.

    `earlier` maps a statement to the one it continues. In the files `reordered` statements have changed places (None),
    or these new ones have come between others.
    """

    def __init__(self, code: Code, undo: Undo, spread: Spread, swaps: Swaps, arrivals: Arrivals, patch: Patch) -> None:
        self.code, self.undo, self.spread, self.swaps = code, undo, spread, swaps
        self.arrivals, self.patch = arrivals, patch
        self.earlier: dict[State, State] = {}
        self.reordered: dict[FileRecord, set[State] | None] = {}
        self._waiting: list[State] = []
        self.gone: list[State] = []

    def plan(self, record: FileRecord, analysis: Analysis) -> None:
        """Pair old and new statements: those of equal text go on, changed bodies are exchanged, others wait."""
        old = record.states
        paired = pair_units(old, analysis.units)
        record.states = [State(unit, record, index) for index, unit in enumerate(analysis.units)]
        order = [before.index for before in paired if before is not None]
        new = {state for state, before in zip(record.states, paired, strict=True) if before is None}
        in_order = order == sorted(order)
        if new or not in_order:
            self.reordered[record] = new if in_order else None
        other_rules = _rules(old) != _rules(record.states)
        for state in old:
            self.unlink(state)
        for state, before in zip(record.states, paired, strict=True):
            if before is not None:
                self.earlier[state] = before
            if before is None or self._continue(state, before) or other_rules:
                self._waiting.append(state)
        kept = {id(state) for state in paired if state is not None}
        removed = [state for state in old if id(state) not in kept]
        went = [*removed, *(self.earlier[state] for state in self._waiting if state in self.earlier)]
        self.gone += [state for state in went if state not in self.gone]
        self.code.left.look(went, self.undo)
        now = {before: state for state, before in self.earlier.items()}
        others = unwind(went, self._former_states(record, old), self.undo)
        self._waiting += [now.get(state, state) for state in others]
        for state in reversed(removed):
            was = values_at(state.effects)
            take_back(state.effects, self.undo)
            self.spread.attributes((), was, None)
            self.spread.contents((), state.effects, keys_of(state), None)
        self._lose(record, old)
        self._rename(record, old)
        self._bury_handed_on(record, old)
        self._unbind(record, old)
        self._follow_chains(record, old, removed)

    def _former_states(self, record: FileRecord, old: list[State]) -> Iterator[State]:
        """Yield the statements of all files in the order they ran in, those of one file as they were."""
        for one in sorted(self.code.files.values(), key=lambda record: record.rank):
            yield from old if one is record else one.states

    def waiting(self) -> list[State]:
        """Return the statements that have to run whatever else happens."""
        return self._waiting

    def rebuilt(self) -> dict[int, list[State]]:
        """Return by identity the values that statements make together which are made anew, with these statements."""
        new = [state for state in self._waiting if state not in self.earlier]
        return self.together(self.gone, new)

    def together(
        self, old: Iterable[State], new: Iterable[State], wanted: Container[int] | None = None
    ) -> dict[int, list[State]]:
        """Return the values that statements make together and that these go for, come to or take part in."""
        records = sorted(self.code.files.values(), key=lambda record: record.rank)
        return dict(together(old, new, records, self.code.left, wanted))

    def link(self, state: State) -> None:
        """Enter a statement among the readers."""
        self.undo.push(self.code.readers.unlink, state, keys_of(state))
        self.code.readers.link(state)

    def unlink(self, state: State) -> None:
        """Take a statement out of the readers."""
        self.undo.push(self.code.readers.link, state, keys_of(state))
        self.code.readers.unlink(state)

    def _continue(self, state: State, before: State) -> bool:
        """Let a statement go on with what its old version made; tell whether it has to run."""
        unit, was = state.unit, before.unit
        if unit.digest != was.digest and unit.skeleton != was.skeleton:
            return True
        state.inherit(before)
        self.link(state)
        if state.record in self.arrivals.restored and (before.effects or _has_left(before)):
            return True
        if unit.code == was.code:
            state.tree = before.tree
            return False
        for name, event in self.swaps.bodies(state, before):
            self.spread.event((state.record.name, name), event)
            self.patch.functions.append(f"{state.record.name}.{name}")
        return unit.digest != was.digest and self.swaps.must_run(state, before, self.code)

    def _lose(self, record: FileRecord, old: list[State]) -> None:
        """Keep in mind what was bound by statements whose text and names are gone from the file, or imported now."""
        bound = {name for s in record.states if s.unit.kind not in _IMPORTS for name in s.unit.binds}
        for state in old:
            if not bound.intersection(state.unit.binds):
                self.arrivals.moves.lose(state, old)

    def _rename(self, record: FileRecord, old: list[State]) -> None:
        """Let new definitions continue those whose names only lead to them now."""
        former = former_names([state.unit for state in old], [state.unit for state in record.states])
        for name, known in former.items():
            value = class_at(known, record.space) or record.space.get(known)
            if isinstance(value, FunctionType | type) and value.__module__ == record.name:
                self._remember(record, name, value)
                for state in old:
                    if isinstance(value, type) and any(body.qualname == known for body in state.unit.classes):
                        self.arrivals.moves.leave(value, state)

    def _bury_handed_on(self, record: FileRecord, old: list[State]) -> None:
        """Keep in mind what was defined here and is imported now, under whichever name there: it has moved."""
        units = [state.unit for state in record.states if state.unit.kind in ("import", "from")]
        imported = {bound: item or bound for unit in units for _, item, bound in unit.imports}
        for state in old:
            for name in state.unit.binds if state.unit.kind in ("def", "class") else ():
                if name in imported:
                    self.arrivals.bury(record, name, imported[name])
                    if isinstance(cls := record.space.get(name), type):
                        self.arrivals.moves.leave(cls, state)

    def _unbind(self, record: FileRecord, old: list[State]) -> None:
        """Take away the names that no statement of the new version binds."""
        bound = {name for state in record.states for name in state.names}
        stars = any(state.unit.kind == "star" for state in record.states)
        space = record.space
        for state in old:
            for name in state.names:
                if name not in bound and name in space and not (stars and state.unit.kind == "star"):
                    if space[name] is sys.modules.get(f"{record.name}.{name}", MISSING):
                        continue  # a submodule is an attribute of its package, whoever imports it
                    self._remove(record, name)
        annotated = {name for state in record.states for name in state.unit.annotates}
        for name in {name for state in old for name in state.unit.annotates} - annotated:
            annotations = space.get("__annotations__")
            if isinstance(annotations, dict) and name in annotations:
                self.undo.bind(annotations, name, MISSING)
        if any(s.unit.kind == "doc" for s in old) and not any(s.unit.kind == "doc" for s in record.states):
            self.undo.bind(space, "__doc__", None)

    def _remove(self, record: FileRecord, name: str) -> None:
        self.arrivals.bury(record, name)
        self.undo.namespace(record.space)
        value = record.space.pop(name)
        self.bury(record, name, value)
        self.spread.event((record.name, name), Event(value=True, priors=[value]))

    def bury(self, record: FileRecord, name: str, value: Any) -> None:
        """Keep weakly what a name was bound to that is bound no more: it may be defined again."""
        if isinstance(value, FunctionType | type):
            self._remember(record, name, value)
        self.patch.removed.append(f"{record.name}.{name}")

    def _remember(self, record: FileRecord, name: str, value: FunctionType | type) -> None:
        self.undo.push(setattr, record, "graves", record.graves)
        record.graves = {**record.graves, name: weakref.ref(value)}

    def _follow_chains(self, record: FileRecord, old: list[State], removed: list[State]) -> None:
        """Let what binds a name wait where another statement bound it after or before."""
        for state in removed:
            for name in state.unit.binds:
                binders = [one for one in record.states if name in one.unit.binds]
                if binders:
                    if _builds_on(name, binders[0]):
                        self.undo.namespace(record.space)
                        record.space.pop(name, None)
                    self._waiting += self.spread.chain(record, name) or [binders[-1]]
                elif any(name in one.unit.deletes for one in old):
                    self.spread.event((record.name, name), Event(value=True))
                    self._waiting += [one for one in record.states if name in one.unit.deletes]
        deleted = {name for state in record.states for name in state.unit.deletes}
        for name in {name for state in old for name in state.unit.deletes} - deleted:
            self._waiting += [one for one in record.states if name in one.unit.binds]
        if [state.unit.binds for state in old] != [state.unit.binds for state in record.states]:
            for state in record.states:
                before = self.earlier.get(state)
                if before is not None and bound_later(state, record.states) and not bound_later(before, old):
                    self._waiting.append(state)
        for state in record.states if deleted else ():
            before = self.earlier.get(state)
            if before is not None and deleted_before(state, record.states) - deleted_before(before, old):
                self._waiting.append(state)
        was, now = _last_binders(old), _last_binders(record.states)
        for name, state in now.items():
            before = self.earlier.get(state)
            if name in was and before is not None and was[name] is not before:
                self._waiting.append(state)
        self._follow_passed(record, old, removed)
        if self.reordered.get(record, ()) is None:
            self._follow_entries(record, old)

    def _follow_passed(self, record: FileRecord, old: list[State], removed: list[State]) -> None:
        """Let a chain run anew if a statement that waits or is gone reads its name in the middle: it had another value.

        A statement that has come to stand between other bindings of what it reads waits too.
        """
        places = _places(record.states)
        passed = {name: (indexes[0], indexes[-1]) for name, indexes in places.items() if len(indexes) > 1}
        if not passed:
            return
        for state in removed:
            met = {name for module, name in keys_of(state) if module == record.name}
            self._waiting += [one for name in met & passed.keys() for one in self.spread.chain(record, name)]
        former = _places(old)
        for state in record.states:
            before = self.earlier.get(state)
            if before is None:
                continue
            for name in {path[0] for path, _ in state.unit.reads} & passed.keys():
                earlier = sum(index < before.index for index in former.get(name, ()))
                if earlier != sum(index < state.index for index in places[name]):
                    self._waiting.append(state)
        todo = [state for state in self._waiting if state.record is record]
        while todo:
            state = todo.pop()
            for name in self._met(state) & passed.keys():
                first, last = passed[name]
                if first < state.index < last:
                    del passed[name]
                    chain = self.spread.chain(record, name)
                    self._waiting += chain
                    todo += chain

    def _met(self, state: State) -> set[str]:
        """Return the names of its file that a statement, or a function it calls, reads."""
        known = self.earlier.get(state, state)
        reached = known.reached
        if not known.ran:
            trace = Trace(self.code.ours)
            trace.unit(state.unit, state.record.module)
            reached = frozenset(trace.reached)
        names = {name for module, name in reached if module == state.record.name}
        return names.union(path[0] for path, _ in state.unit.reads)

    def _follow_entries(self, record: FileRecord, old: list[State]) -> None:
        """Let what reads a container wait if other statements than before put something into it further up."""
        kept = {before: state for state, before in self.earlier.items() if state.record is record}
        for state in record.states:
            before = self.earlier.get(state)
            if before is None or state.unit.kind not in VALUED:
                continue
            owners = set(containers_read(state))
            above = {kept[one] for one in old[: before.index] if one in kept and _puts_into(one, owners)}
            if above != {one for one in record.states[: state.index] if _puts_into(one, owners)}:
                self._waiting.append(state)


def _puts_into(state: State, owners: set[int]) -> bool:
    return not owners.isdisjoint(id(effect.owner) for effect in state.effects)


def _builds_on(name: str, state: State) -> bool:
    """Tell whether a statement makes a name's value of the one it has, and is the first to bind it."""
    unit, earlier = state.unit, state.record.states[: state.index]
    reads = unit.kind in ("assign", "augmented", "annotated") and any(path[0] == name for path, _ in unit.reads)
    return reads and not any(name in one.names for one in earlier)


def _places(states: list[State]) -> dict[str, list[int]]:
    """Return where each name is bound."""
    places: dict[str, list[int]] = {}
    for state in states:
        for name in state.unit.binds:
            places.setdefault(name, []).append(state.index)
    return places


def bound_later(state: State, states: list[State]) -> set[str]:
    """Return names a statement reads that its file binds only further down: a fresh import would not find them."""
    later = {name for other in states[state.index + 1 :] for name in other.unit.binds}
    read = later & {path[0] for path, _ in state.unit.reads}
    return read - {name for other in states[: state.index + 1] for name in other.names} if read else read


def deleted_before(state: State, states: list[State]) -> set[str]:
    """Return names a statement reads that statements of its file have deleted by then."""
    gone: set[str] = set()
    for other in states[: state.index]:
        gone = (gone - set(other.unit.binds)) | set(other.unit.deletes)
    return gone & {path[0] for path, _ in state.unit.reads}


def conditional(state: State, trace: Trace) -> list[str]:
    """Return names that a compound statement may bind or not, unless what it does depends on whether they are.

    Also those that a package imports from itself: only where a name is not bound does Python look for a submodule.
    """
    unit = state.unit
    if unit.kind == "from" and unit.imports[0][0] == state.record.name:
        space, others = state.record.space, [one for one in state.record.states if one is not state]
        bound = {name for one in others for name in one.names}
        items = {item for _, item, _ in unit.imports} - bound
        return [item for item in items if space.get(item) is not sys.modules.get(f"{state.record.name}.{item}")]
    if unit.kind != "block" or {"globals", "vars", "locals", "dir", "hasattr"} & set(unit.calls):
        return []
    name, states = state.record.name, state.record.states
    elsewhere = {other for one in states if one is not state for other in (*one.names, *one.unit.deletes)}
    return [
        one
        for one in unit.binds
        if one not in elsewhere and (name, one) not in trace.direct and (name, one) not in trace.reached
    ]


def defined_elsewhere(state: State, cls: type) -> bool:
    """Tell whether another statement of the same file defines a class."""
    record, (top, *parts) = state.record, cls.__qualname__.split(".")
    value: Any = record.space.get(top)
    for name in parts:
        value = attribute_of(value, name)
    return value is cls and any(
        top in one.unit.binds for one in record.states if one is not state and one.unit.kind in ("class", "block")
    )


def _is_made_here(state: State, before: State, cls: Any, records: Iterable[FileRecord]) -> bool:
    """Tell whether a class is one that a call made for a statement: no other binds it, nor is it at home elsewhere."""
    if state.unit.kind not in ("assign", "annotated") or not isinstance(cls, type) or _is_at_home(cls):
        return False
    mine = (state, before)
    others = (one for record in records for one in record.states if one not in mine and one.unit.kind not in _IMPORTS)
    return not any(ref() is cls for one in others for ref in one.made.values())


def _is_at_home(cls: type) -> bool:
    """Tell whether a class is found in its module under its own name."""
    module = sys.modules.get(cls.__module__)
    return module is not None and class_at(cls.__qualname__, vars(module)) is cls


def gone_classes(code: Code) -> list[type]:
    """Return the classes alive that are defined no more."""
    records = (*code.names.values(), *code.tombs.values())
    gone = [ref() for record in records for ref in record.graves.values()]
    gone += [value for record in code.tombs.values() for value in record.space.values()]
    return [cls for cls in gone if isinstance(cls, type) and not _is_at_home(cls)]


def stored_elsewhere(state: State, records: Iterable[FileRecord]) -> set[str]:
    """Return the names of attributes that other statements set, on whatever object: `f.calls = 0`."""
    units = (one.unit for record in records for one in record.states if one is not state)
    return {path[-1] for unit in units for path, how in unit.reads if how == "store" and len(path) > 1}


def _last_binders(states: list[State]) -> dict[str, State]:
    return {name: state for state in states for name in state.names}


def _rules(states: list[State]) -> list[str]:
    """Return what sets how a file is compiled."""
    return [state.unit.digest for state in states if state.unit.kind == "future"]


def _has_left(state: State) -> bool:
    """Tell whether what a statement defined has moved to another file since."""
    names = state.unit.binds if state.unit.kind in ("def", "class") else ()
    values = [state.record.space.get(name) for name in names]
    return any(_is_from_elsewhere(value, state) or went_to(value) is not None for value in values)


def _is_from_elsewhere(value: Any, state: State) -> bool:
    return isinstance(value, FunctionType | type) and value.__module__ != state.record.name


def went_to(value: Any) -> FunctionType | None:
    """Return the function of another file which a function that has moved there calls, None for all else."""
    target = target_of(value) if isinstance(value, FunctionType) else None
    return target if isinstance(target, FunctionType) and target.__globals__ is not value.__globals__ else None


def find_old(
    state: State, before: State, name: str, prior: Any, is_first: bool, arrivals: Arrivals
) -> tuple[Any, bool]:
    """Return the live object that what a statement has bound continues, and whether it stems from elsewhere.

    For a statement that runs for the first time that is what was removed under this name earlier, or what another
    file has lost in the same batch.
    """
    defines = state.unit.kind in ("def", "class")
    was_imported = defines and before.unit.kind in ("from", "star")
    ref, graves = before.made.get(name), state.record.graves
    made = ref() if ref is not None and not was_imported else None
    if went_to(made) is not None and not _is_from_elsewhere(made, state):
        return made, True
    other_kind = made is not None and state.unit.kind == "def" and not isinstance(made, FunctionType)
    if made is not None and not (defines and _is_from_elsewhere(made, state)) and not (other_kind and name in graves):
        is_back = defines and before.unit.kind in VALUED and name in graves and graves[name]() is made
        classes, records = (made, state.record.space.get(name)), arrivals.code.names.values()
        return made, is_back or all(_is_made_here(state, before, cls, records) for cls in classes)
    if made is None and prior is not MISSING and not was_imported and (not is_first or before is not state):
        return prior, False
    ref = graves.get(name)
    buried = ref() if ref is not None else None
    if buried is not None and not _is_from_elsewhere(buried, state):
        return buried, True
    for value in arrivals.moved.get(name, ()):
        is_class = isinstance(value, type)
        if state.unit.kind == ("class" if is_class else "def") and value.__module__ != state.record.name:
            return value, True
    return prior if was_imported or made is not None else MISSING, False
