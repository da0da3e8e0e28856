"""Run one top-level statement in its module, and note what it made and changed."""

from __future__ import annotations

import builtins
import dataclasses
import marshal
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from enum import EnumMeta
from types import CodeType, FunctionType, ModuleType
from typing import Any

from engine.reload.analyse import Unit
from engine.reload.bases import change_bases
from engine.reload.effects import Holdings
from engine.reload.functions import code_tree
from engine.reload.likes import likes_of
from engine.reload.loose import Slotted
from engine.reload.pieces import Pieces, is_piece
from engine.reload.refill import is_sole
from engine.reload.reflect import reflect
from engine.reload.state import State, class_at, weak
from engine.reload.trace import VALUED, Ours, Trace, is_special
from engine.reload.undo import MISSING, Undo
from engine.reload.values import imprint


class Run:
    """One execution of a statement: what its names were before, and what it changed elsewhere."""

    def __init__(self, state: State, ours: Ours, undo: Undo) -> None:
        self.state, self.ours, self.undo = state, ours, undo
        self.trace = Trace(ours)
        self.trace.unit(state.unit, state.record.module)
        unit, space = state.unit, state.record.space
        self.prior: dict[str, Any] = {name: space.get(name, MISSING) for name in (*state.names, *unit.deletes)}
        self._before = dict(space) if unit.kind == "star" else {}
        self.imprints: dict[str, Any] | None = None
        self.holdings: Holdings | None = None

    def _globals(self) -> list[tuple[ModuleType, str]]:
        """Return the global variables that only the functions this calls assign to."""
        record = self.state.record
        bound = {name for state in record.states for name in state.names}
        return [(m, n) for (o, n), m in self.trace.globals.items() if o != record.name or n not in bound]

    @property
    def scans(self) -> bool:
        """Tell whether the statement, or a function it calls, asks a class for the classes below it."""
        return "__subclasses__" in self.trace.names.union(self.state.unit.calls)

    def execute(self) -> None:
        """Execute the statement in the live namespace; whatever it changes can be undone."""
        state = self.state
        code: CodeType = marshal.loads(state.unit.code)
        before = dict(state.record.space) if is_dynamic(state.unit) else None
        pieces = Pieces(state.unit, state.record.space)
        if state.unit.acts:
            self.holdings = Holdings(self.trace.holders.values(), self._globals())
        for holder in self.trace.holders.values() if state.unit.stores else ():
            if isinstance(holder, FunctionType):
                self.undo.function(holder)
        try:
            with slotted_bases(self.ours), self._listening():
                exec(code, state.record.space)
        finally:
            if self.holdings is not None:
                self.holdings.note(self.undo)
        state.tree, state.ran = code_tree(code), True
        thinned = self.holdings.thinned() if self.holdings is not None else ()
        state.pieces = (*pieces.changed(), *thinned)
        state.likes = likes_of(state.unit, state.record.space)
        if before is not None:
            space = state.record.space
            names = [name for name, value in space.items() if before.get(name, MISSING) is not value]
            state.bound = tuple(name for name in names if name not in state.unit.binds and not is_special(name))
            self.prior = {name: self.prior.get(name, before.get(name, MISSING)) for name in {*self.prior, *state.bound}}
        if state.unit.kind == "star":
            state.bound = self._star_names()
            self.prior = {name: self._before.get(name, MISSING) for name in {*self.prior, *state.bound}}

    def _listening(self) -> AbstractContextManager[None]:
        return nullcontext() if self.holdings is None else self.holdings.listening(self.state.record.space)

    def _star_names(self) -> tuple[str, ...]:
        import sys

        source = sys.modules.get(self.state.unit.imports[0][0])
        if source is None:
            return ()
        names = getattr(source, "__all__", None)
        if names is None:
            names = [name for name in vars(source) if not name.startswith("_")]
        return tuple(names)

    def note_reads(self) -> None:
        """Note the keys the statement reads and how; what it imports and defines is there only now."""
        self.trace.imports(self.state.unit)
        reflect(self.trace, self.state.unit, self.state.record.module)
        for name in self.state.unit.binds:
            value = self.state.record.space.get(name)
            if isinstance(value, EnumMeta):
                self.trace.members(value)
        self.trace.note(self.state)

    def remember(self) -> None:
        """Keep weakly what the statement has bound, and what its values are like."""
        state, space = self.state, self.state.record.space
        values = {name: space[name] for name in state.names if name in space}
        state.made = {name: ref for name, value in values.items() if (ref := weak(value)) is not None}
        derived = state.unit.kind in VALUED and any(
            how in ("call", "use") for ways in self.trace.direct.values() for how, _ in ways
        )
        state.sole = {}
        if state.unit.kind in ("assign", "annotated"):
            del values
            bound = [name for name in state.unit.binds if name in space]
            state.sole = {n: id(space[n]) for n in bound if is_sole(space, n, self.ours) or is_piece(space[n])}
            values = {name: space[name] for name in state.names if name in space}
        state.attributes = {
            (body.qualname, name): imprint(cls.__dict__[name])
            for body in state.unit.classes
            if (cls := class_at(body.qualname, space)) is not None
            for names, _, reads, _ in body.statements
            for name in names
            if reads and name in cls.__dict__ and not isinstance(cls.__dict__[name], FunctionType)
        }
        state.imprints = {}
        if self.imprints is not None:
            state.imprints = self.imprints
        elif derived:
            state.imprints = {n: imprint(v) for n, v in values.items() if not isinstance(v, ModuleType)}


def is_dynamic(unit: Unit) -> bool:
    """Tell whether a statement reads or changes its module's namespace as a whole, as by `globals().update(...)`."""
    return unit.kind != "star" and unit.acts and any(path == ("*",) for path, _ in unit.reads)


@contextmanager
def hidden(space: dict[str, Any], names: Collection[str]) -> Iterator[None]:
    """Take names out of a namespace for a while."""
    taken = {name: space.pop(name) for name in names if name in space}
    try:
        yield
    finally:
        for name, value in taken.items():
            space.setdefault(name, value)


@contextmanager
def slotted_bases(ours: Ours) -> Iterator[None]:
    """Give classes of ours that declare slots, or for which `dataclass` does, room for more of them.

    Only `dataclass` itself knows that it makes slots: its options may be those of a decorator that calls it.
    """
    build: Any = builtins.__build_class__
    add: Any = dataclasses._add_slots  # type: ignore[attr-defined]

    def build_class(body: Any, name: str, /, *bases: Any, **words: Any) -> Any:
        if bases in ((), (object,)) and "metaclass" not in words and "__slots__" in body.__code__.co_names:
            bases = (Slotted,) if ours.is_file(body.__code__.co_filename) else bases
        return build(body, name, *bases, **words)

    def add_slots(cls: type, *options: Any) -> Any:
        if cls.__bases__ != (object,) or type(cls) is not type or not ours.is_class(cls):
            return add(cls, *options)
        change_bases(cls, (Slotted,), Slotted)  # it makes another class on the bases of this one
        try:
            return add(cls, *options)
        finally:
            change_bases(cls, (object,), object)

    builtins.__build_class__ = build_class
    dataclasses._add_slots = add_slots  # type: ignore[attr-defined]
    try:
        yield
    finally:
        builtins.__build_class__ = build
        dataclasses._add_slots = add  # type: ignore[attr-defined]
