"""How a change spreads: from a name that changed to the statements that have to run again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from types import FunctionType, ModuleType
from typing import TYPE_CHECKING, Any

from engine.reload.events import SUBCLASSING, Event, collect, concerns, holds
from engine.reload.state import Effect, FileRecord, Key, State
from engine.reload.trace import Trace, key_of
from engine.reload.undo import MISSING
from engine.reload.values import same

if TYPE_CHECKING:
    from engine.reload.loader import Code

_ABSENT = object()
_IMMUTABLE = ("def", "class", "import", "from", "future", "doc")


class Spread:
    """What has happened in one batch, and which statements wait to run because of it."""

    def __init__(self, code: Code) -> None:
        self.code = code
        self.events: dict[Key, Event] = {}
        self.pending: dict[FileRecord, set[int]] = {}
        self._early: list[tuple[Key, Event]] | None = []

    def begin(self) -> None:
        """Pass on what happened while the files were planned: who reads what is known from now on."""
        early, self._early = self._early or [], None
        for key, event in early:
            self.event(key, event)

    def event(self, key: Key, event: Event, source: State | None = None) -> None:
        """Note what happened to a key, and let the statements it concerns wait.

        `source` is the statement whose run did it: those before it in its file have run with the value before, as
        they do in a fresh import.
        """
        if self._early is not None:
            self._early.append((key, event))
            return
        self._tell(key, event, source)
        if event.attributes:
            for other, inherited in self._below(key, event):
                self._tell(other, inherited, source)
        for base in self._above(key, event):
            self._tell(base, Event(subclasses=True), source)

    def _tell(self, key: Key, event: Event, source: State | None) -> None:
        self.code.grasp_readers(key[0])
        self.events.setdefault(key, Event()).add(event)
        readers = self.code.readers.of(key)
        if key[1]:
            readers += self.code.readers.of((key[0], "*"))
        for state in readers:
            if not is_current(state) or _precedes(state, source, key):
                continue
            known = key if key in state.direct or key in state.reached or key in state.handed else (key[0], "*")
            if (known[1] == "*" and event.value) or concerns(event, state, known):
                self.wait(state)
                if event.kept:
                    self._alias(key, event, state)
            elif not event.value:
                self._alias(key, event, state)
            if event.inside:
                self._hold(key, event.inside, state)

    def _below(self, key: Key, event: Event) -> Iterator[tuple[Key, Event]]:
        """Yield what happened to attributes of a class as it reaches the classes that inherit them."""
        record = self.code.names.get(key[0])
        value = None if record is None else record.space.get(key[1])
        todo = [(value, event)] if isinstance(value, type) else []
        seen = {key}
        while todo:
            cls, above = todo.pop()
            subclasses: list[type] = type.__subclasses__(cls)
            for below in subclasses:
                names = above.attributes - below.__dict__.keys()
                other = (below.__module__, below.__qualname__.partition(".")[0])
                if names and other not in seen and self.code.ours.is_class(below):
                    seen.add(other)
                    todo.append((below, Event(attributes=names, data=above.data & names)))
                    yield other, todo[-1][1]

    def _above(self, key: Key, event: Event) -> dict[Key, None]:
        """Return what the classes are known by that are bases of one which has come, gone or changed."""
        record = self.code.names.get(key[0])
        value = None if record is None else record.space.get(key[1])
        is_other = event.value or bool(event.attributes)
        classes = [one for one in (*event.priors, value) if is_other and isinstance(one, type) and key_of(one) == key]
        return {key_of(base): None for cls in classes for base in cls.__mro__[1:] if self.code.ours.is_class(base)}

    def _alias(self, key: Key, event: Event, state: State) -> None:
        """Let what happened to an object in place reach those who know it by another name."""
        record = self.code.names.get(key[0])
        value = None if record is None else record.space.get(key[1])
        if value is None or state.unit.kind not in ("from", "star", "assign"):
            return
        for name in state.names:
            other = (state.record.name, name)
            if other != key and state.record.space.get(name) is value and not _covers(self.events.get(other), event):
                self.event(other, event)

    def pass_on(self, value: Any, state: State) -> None:
        """Let what happened to a class or function reach those who know it by the name that a statement gives it."""
        known = self.events.get(key_of(value)) if isinstance(value, type | FunctionType) else None
        if known is not None and (known.attributes or known.code):
            self._alias(key_of(value), replace(known, value=False, priors=[]), state)

    def _hold(self, key: Key, inside: list[Any], state: State) -> None:
        """Let what happened to the content of objects reach those who know of it by what holds these objects."""
        wanted, space, module = {id(one) for one in inside}, state.record.space, state.record.name
        for name in state.names:
            value, event = space.get(name), None
            if isinstance(value, FunctionType):
                if holds((value.__defaults__, value.__kwdefaults__), wanted):
                    event = Event(code=True, inner=False, inside=inside)
            elif isinstance(value, type):
                names = {one for one, item in value.__dict__.items() if holds(item, wanted)}
                event = Event(attributes=names, data=names, inside=inside) if names else None
            elif holds(value, wanted):
                event = Event(value=True, kept=True, inside=inside)
            if event is not None and (module, name) != key and not _covers(self.events.get((module, name)), event):
                self.event((module, name), event)
        for other in state.direct if state.effects else ():
            record, known = self.code.names.get(other[0]), self.events.get(other)
            is_told = other == key or (known is not None and (known.content or known.value))
            if record is not None and not is_told and holds(record.space.get(other[1]), wanted):
                self.event(other, Event(content=True, inside=inside))

    def attributes(
        self, effects: Iterable[Effect], was: dict[tuple[int, Any], tuple[Effect, Any]], source: State | None
    ) -> None:
        """Pass on that a statement has set, or sets no more, an attribute of a module or class not its own."""
        places = dict(was)
        for effect in effects:
            if effect.kind in ("module", "class"):
                places.setdefault((id(effect.owner), effect.key), (effect, effect.before))
        for effect, before in places.values():
            owner, name = effect.owner, effect.key
            if same(owner.__dict__.get(name, MISSING), before):
                continue
            if isinstance(owner, type):
                top = owner.__qualname__.partition(".")[0]
                self.event((owner.__module__, top), Event(attributes={name}, data={name}), source)
            else:
                self.event((owner.__name__, name), Event(value=True, priors=[before]), source)

    def contents(
        self, effects: Iterable[Effect], before: Iterable[Effect], places: Iterable[Key], source: State | None
    ) -> None:
        """Pass on that a statement has put other things into containers and objects which it found at these places."""
        now, was = _entries(effects), _entries(before)
        owners = {key[0] for key in now.keys() | was.keys() if not same(now.get(key, _ABSENT), was.get(key, _ABSENT))}
        for key in places if owners else ():
            record = self.code.names.get(key[0])
            inside: set[int] = set()
            if record is not None:
                collect(record.space.get(key[1]), inside)
            if owners & inside:
                self.event(key, Event(content=True), source)

    def dirt(self, path: tuple[str, ...], record: FileRecord) -> str:
        """Tell what happened to what a dotted path leads to: "value", or "code" if calling it does something else."""
        space, owner = record.space, record.name
        for index, name in enumerate(path):
            event = self.events.get((owner, name))
            rest = path[index + 1 :]
            if event is not None:
                if event.value or (event.data and not rest) or (rest and rest[0] in event.data):
                    return "value"
                if "__set_name__" in event.attributes and not rest:
                    return "value"
                if event.code or (rest and rest[0] in event.attributes):
                    return "code"
            value = space.get(name)
            if not isinstance(value, ModuleType) or not self.code.ours.is_module(value):
                return "code" if self._calls_changed(path, record) else ""
            space, owner = value.__dict__, value.__name__
        return ""

    def _calls_changed(self, path: tuple[str, ...], record: FileRecord) -> bool:
        """Tell whether what a dotted path leads to would, if called, read something that has changed."""
        trace = Trace(self.code.ours)
        trace.call(path, record.module)
        ways = ((self.events[key], ways) for key, ways in trace.direct.items() if key in self.events)
        if any(attribute in event.attributes for event, row in ways for _, attribute in row):
            return True
        return any(key in self.events for key in trace.reached)

    def is_made_otherwise(self, meta: type) -> bool:
        """Tell whether classes of a metaclass are made in another way by now."""
        event = self.events.get(key_of(meta))
        return event is not None and bool(event.attributes & SUBCLASSING)

    def wait(self, state: State) -> None:
        """Let a statement wait, and with it the others that bind its names one after the other."""
        waiting = self.pending.setdefault(state.record, set())
        if state.index in waiting:
            return
        waiting.add(state.index)
        deleted = {name for other in state.record.states for name in other.unit.deletes}
        read = (path[0] for path, _ in state.unit.reads if path[0] in deleted)
        gone = (name for name in state.unit.deletes if name not in state.record.space)
        names = (*state.unit.binds, *read, *gone)
        for name in names:
            for other in self.chain(state.record, name):
                self.wait(other)

    def chain(self, record: FileRecord, name: str) -> list[State]:
        """Return the statements to run together because a name passes through several values in a file.

        These are all that bind it, and those after the first that read it. Definitions that merely follow each
        other under one name, as those of `_`, stand for themselves.
        """
        binders = [state for state in record.states if name in state.unit.binds or name in state.unit.deletes]
        if len(binders) < 2 or all(
            state.unit.kind in _IMMUTABLE and (record.name, name) not in state.direct for state in binders
        ):
            return []
        first, last = binders[0].index, binders[-1].index
        key = (record.name, name)

        def meets(state: State) -> bool:
            return state.index > first and (key in state.direct or (state.index < last and key in state.reached))

        return [state for state in record.states if state in binders or meets(state)]

    def next_file(self, active: set[FileRecord]) -> FileRecord | None:
        """Return the file to go on with: of those with waiting statements, the one that was loaded first."""
        waiting = [r for r, indexes in self.pending.items() if indexes and r not in active and not r.gone]
        return min(waiting, key=lambda record: record.rank, default=None)


def _entries(effects: Iterable[Effect]) -> dict[tuple[int, Any], Any]:
    kinds = ("list", "item", "set", "dict", "object")
    return {(id(effect.owner), effect.key): effect.value for effect in effects if effect.kind in kinds}


def is_current(state: State) -> bool:
    """Tell whether a statement is one of its file's running version."""
    return state.record.states[state.index : state.index + 1] == [state]


def _precedes(state: State, source: State | None, key: Key) -> bool:
    """Tell whether a statement has run before the one that has done something, as it would in a fresh import."""
    if source is None:
        return False
    if state.record is source.record:
        return state.index <= source.index
    return key[0] != source.record.name and state.record.rank < source.record.rank


def _covers(known: Event | None, event: Event) -> bool:
    if known is None or (event.code and not known.code) or (event.value and not known.value):
        return False
    return event.attributes <= known.attributes and (known.subclasses or not event.subclasses)
