"""Exchange the code of live functions whose statement need not run again."""

from __future__ import annotations

import marshal
import sys
from enum import EnumMeta
from functools import cached_property
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

from engine.reload.analyse import Unit
from engine.reload.classes import give_firsts, take_firsts
from engine.reload.events import Event
from engine.reload.functions import Functions, code_tree, find_running, give_code, held_elsewhere
from engine.reload.match import lost_firsts, new_firsts
from engine.reload.merge import inner_functions
from engine.reload.state import State
from engine.reload.trace import attribute_of
from engine.reload.undo import Undo

if TYPE_CHECKING:
    from engine.reload.loader import Code

_OPTIMIZED = 0x01
"""Flag of code that is a function's, not that of a class body."""


class Swaps:
    """The exchanges of one batch; closures made at run time are looked for once, at its end."""

    def __init__(self, undo: Undo, functions: Functions, notes: list[str]) -> None:
        self.undo, self.functions, self.notes = undo, functions, notes
        self._late: list[tuple[list[tuple[str, CodeType]], State]] = []
        self._held: list[CodeType] = []

    def bodies(self, state: State, before: State) -> list[tuple[str, Event]]:
        """Give the functions of a statement their new code; return which names that concerns and how."""
        self.watch(before.tree, before.stale, state)
        state.tree = code_tree(marshal.loads(state.unit.code))
        self._exchange(self._late[-1][0], state)
        lost = lost_firsts(before.unit, state.unit)
        for name, firsts in new_firsts(before.unit, state.unit).items():
            cls = _find(name, state)
            if isinstance(cls, type) and cls.__module__ == state.record.name:
                take_firsts(cls, lost[name], self.undo)
                give_firsts(cls, firsts, state.record.space, self.undo)
        return _changes(before.unit, state.unit)

    def watch(self, tree: dict[str, CodeType], stale: tuple[tuple[str, CodeType], ...], state: State) -> None:
        """Note the code that a statement's functions run before it changes; those left then get theirs at the end."""
        rows = [*tree.items(), *stale]
        state.stale = ()
        self._held += held_elsewhere(rows, self.functions)
        self._late.append((rows, state))

    def finish(self) -> None:
        """Give new code to functions that were not recorded, found by one pass over the heap if there are any."""
        for rows, state in self._late:
            self._exchange(rows, state)
        if self._held:
            for function in find_running(self._held):
                self.functions.add(function)
            for rows, state in self._late:
                self._exchange(rows, state)
        for rows, state in self._late:
            running = {id(code) for code in state.tree.values()}
            self.functions.forget(code for _, code in rows if id(code) not in running)
        self._late.clear()
        self._held.clear()

    def _exchange(self, old: list[tuple[str, CodeType]], state: State) -> None:
        for key, code in old:
            new = state.tree.get(key)
            if new is None or new is code:
                continue
            for function in self.functions.running(code):
                self._give(function, code, key, state)
            if new.co_firstlineno != code.co_firstlineno and not code.co_flags & _OPTIMIZED:
                self._move_class(code, new, state)

    def _move_class(self, code: CodeType, new: CodeType, state: State) -> None:
        """Let a class know the line it now begins at, where Python keeps that."""
        cls = _find(new.co_qualname, state)
        if isinstance(cls, type) and cls.__dict__.get("__firstlineno__") == code.co_firstlineno:
            self.undo.attribute(cls, "__firstlineno__", new.co_firstlineno)

    def _give(self, function: FunctionType, code: CodeType, key: str, state: State) -> None:
        new = state.tree[key]
        missing = give_code(function, new, _class_of(function, state), self.undo, self.functions)
        if missing:
            note = (
                f"{state.record.name}.{function.__qualname__}: a live closure keeps its old code, it needs "
                f"{missing!r}, which it never captured"
            )
            if (key, code) not in state.stale:
                state.stale = (*state.stale, (key, code))
            if note not in self.notes:
                self.notes.append(note)
            return
        self._give_defaults(function, key, state)
        doc = _doc(code)
        if function.__doc__ == doc and _doc(new) != doc:
            self.undo.push(setattr, function, "__doc__", doc)
            function.__doc__ = _doc(new)
            made = attribute_of(_class_of(function, state) or object, function.__name__)
            if isinstance(made, property | cached_property) and made.__doc__ == doc:
                self.undo.member(made, "__doc__", _doc(new))

    def _give_defaults(self, function: FunctionType, key: str, state: State) -> None:
        """Give a closure the plain defaults its function has by now; one with others keeps what it has."""
        for name, given, words in state.unit.defaults:
            if name == key and not any(callable(value) for value in function.__defaults__ or ()):
                self.undo.function(function)
                function.__defaults__ = given or None
                function.__kwdefaults__ = dict(words) or None

    def must_run(self, state: State, before: State, code: Code) -> bool:
        """Tell whether exchanging bodies is not enough, because a function was called or made something else of."""
        if any(_makes_members(state.record.space.get(name), before.unit, state.unit) for name in state.unit.binds):
            return True
        if _uses_itself(before.unit, state.unit):
            return True
        marks = [path for path, how in state.unit.reads if how == "mark"]
        if not marks:
            return False
        for path in marks:
            value: Any = state.record.space.get(path[0])
            for name in path[1:]:
                value = attribute_of(value, name)
            if isinstance(value, FunctionType) and _looks_inside(value, code):
                return True
        codes = {id(item) for item in state.tree.values()}
        for name in state.unit.binds:
            value = state.record.space.get(name)
            if isinstance(value, type):
                continue
            if not any(id(inner.__code__) in codes for inner in inner_functions(value)):
                return True
            if not isinstance(value, FunctionType) and not hasattr(value, "cache_clear") and not _is_ours(value, code):
                return True
        return False


def _is_ours(value: Any, code: Code) -> bool:
    return code.ours.is_class(type(value))


def _makes_members(value: Any, before: Unit, unit: Unit) -> bool:
    """Tell whether other functions than before make the members of an enum."""
    names = set().union(*(event.attributes for _, event in _changes(before, unit)))
    return isinstance(value, EnumMeta) and not names.isdisjoint(("__init__", "__new__", "_generate_next_value_"))


def _uses_itself(before: Unit, unit: Unit) -> bool:
    """Tell whether the body of a class uses a function of its own, such as a decorator, whose text differs."""
    known = {digest for body in before.classes for _, digest, _, _ in body.statements}
    for body in unit.classes:
        other = {(name,) for names, digest, _, _ in body.statements if digest not in known for name in names}
        for _, _, _, called in body.statements:
            if not other.isdisjoint(called):
                return True
    return False


def _looks_inside(function: FunctionType, code: Code) -> bool:
    for state in code.readers_unit(function):
        for name, _, _, _, calls in state.unit.functions:
            if name == function.__qualname__:
                return calls
    return False


def _changes(before: Unit, unit: Unit) -> list[tuple[str, Event]]:
    old: dict[str, list[tuple[str, str]]] = {}
    for name, _, digest, outer, _ in before.functions:
        old.setdefault(name, []).append((digest, outer))
    found = []
    for name, _, digest, outer, _ in unit.functions:
        was = old[name].pop(0) if old.get(name) else ("", "")
        if was[0] != digest:
            top, _, rest = name.partition(".")
            if rest:
                found.append((top, Event(attributes={rest.partition(".")[0]})))
            else:
                found.append((top, Event(code=True, inner=was[1] == outer)))
    if not unit.functions and before.digest != unit.digest:
        found += [(name, Event(code=True, inner=False)) for name in unit.binds]
    return found


def _class_of(function: FunctionType, state: State) -> type | None:
    value = _find(function.__qualname__.rpartition(".")[0], state)
    return value if isinstance(value, type) else None


def _find(qualname: str, state: State) -> Any:
    value: Any = None
    for index, name in enumerate(qualname.split(".")):
        value = state.record.space.get(name) if index == 0 else attribute_of(value, name)
    return value


def _doc(code: CodeType) -> str | None:
    first = code.co_consts[0] if code.co_consts else None
    if sys.version_info >= (3, 14) and not code.co_flags & 0x4000000:  # says that the first constant is one
        return None
    return first if isinstance(first, str) else None
