"""Carry new versions of functions and other callables over into the live ones, so that references follow."""

from __future__ import annotations

import functools
import gc
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import CellType, FunctionType, MethodType, ModuleType
from typing import Any

from engine.reload.analyse import Unit
from engine.reload.bases import set_bases, set_class
from engine.reload.functions import LRU, Functions, assign_code, redirect, same_code, target_of
from engine.reload.inherit import Removed
from engine.reload.likes import Likes, likeness
from engine.reload.match import lost_firsts, new_firsts, unchanged_names
from engine.reload.undo import MISSING, Undo, set_on_class
from engine.reload.values import same

_DEEPEST = 6
_WRAPPERS = (staticmethod, classmethod)


Shapes = weakref.WeakKeyDictionary[type, frozenset[str]]
"""The attributes each class was given by its declaration."""
Slots = weakref.WeakKeyDictionary[type, dict[str, Any]]
"""The slots each class has had and lost."""


class Merger:
    """One batch's merging: which new objects were carried over into which live ones.

    `converted` are methods that are of another kind now, static or of the class: what was taken from them is no more.
    `removed` are methods that their class does not define any more.
    """

    def __init__(self, undo: Undo, functions: Functions, shapes: Shapes, slots: Slots) -> None:
        self.undo, self.functions, self.shapes, self.slots = undo, functions, shapes, slots
        self.notes: list[str] = []
        self.codes: set[int] = set()
        self.kept: dict[str, set[str]] = {}
        self.firsts: dict[str, dict[str, bytes]] = {}
        self.lost: dict[str, set[str]] = {}
        self.module = ""
        self.likes: Likes = {}
        self.place = ""
        self.by_hook = False
        self.said: dict[str, set[str]] = {}
        self.is_defined_elsewhere: Callable[[type], bool] = lambda cls: False
        self.stored_elsewhere: Callable[[], set[str]] = set
        self.changed_classes: dict[type, set[str]] = {}
        self.changed_functions: list[FunctionType] = []
        self.converted: set[tuple[type, str]] = set()
        self.removed: list[Removed] = []
        self._live: dict[int, Any] = {}
        self._keep: list[Any] = []
        self._targets: set[int] = set()
        self._adopted: set[int] = set()

    def compare(
        self,
        known: Unit | None,
        unit: Unit,
        dirt: Callable[[tuple[str, ...]], str],
        is_touched: Callable[[str, tuple[str, ...]], bool],
    ) -> None:
        """Take in what the classes of a statement have kept, gained and lost since its earlier version."""
        self.said = {body.qualname: {name for row in body.statements for name in row[0]} for body in unit.classes}
        self.kept = unchanged_names(known, unit, dirt, is_touched)
        self.firsts, self.lost = new_firsts(known, unit), lost_firsts(known, unit)

    # ---------------------------------------------------------------- identity
    def live(self, new: Any) -> Any:
        """Return the live object that took a new one's place, the new one itself if none did."""
        return self._live.get(id(new), new)

    def pair(self, old: Any, new: Any) -> None:
        """Note that a live object has taken a new one's place."""
        self._live[id(new)] = old
        self._keep.append(new)
        self._targets.add(id(old))

    def instead(self, old: Any, new: Any) -> None:
        """Let what holds a new value hold a live one, unless it is a value like a number that others may hold too."""
        if isinstance(new, list | dict | set) or isinstance(getattr(new, "__dict__", None), dict):
            self.pair(old, new)

    def adopt(self, value: Any) -> None:
        """Let an object count as made by the statement at hand, a class with all that was made for it."""
        self._adopted.add(id(value))
        for part in list(vars(value).values()) if isinstance(value, type) else [value]:
            if isinstance(part, type) and part.__module__ == value.__module__ and id(part) not in self._adopted:
                self.adopt(part)
            self.codes.update(id(f.__code__) for f in inner_functions(part) if f.__module__ == value.__module__)

    def belongs(self, value: Any) -> bool:
        """Tell whether a value was made by the statement at hand: its functions run code of that statement.

        So does what a decorator made of a class: an object of it, or a function or object that holds it.
        """
        if id(value) in self._adopted:
            return True
        if isinstance(value, type):
            return value.__module__ == self.module and not self.is_defined_elsewhere(value)
        if any(id(function.__code__) in self.codes for function in inner_functions(value)):
            return True
        return any(one.__qualname__ == self.place and self.belongs(one) for one in _classes_of(value))

    def goes_on(self, owner: str, name: str, old: Any, new: Any) -> bool:
        """Tell whether a live value stays because its maker begins with one like the one it began with."""
        like = self.likes.get((self.place, owner, name))
        return old is not MISSING and like is not None and likeness(new) == like

    # ---------------------------------------------------------------- values
    def value(self, old: Any, new: Any) -> Any:
        """Carry a new value over into the old one where both allow it; return the one to use from now on."""
        if old is new or old is MISSING:
            return self.live(new)
        if id(new) in self._live:
            return self._live[id(new)]
        if id(old) in self._targets or not (self.belongs(old) or (self.by_hook and _same_maker(old, new))):
            return new
        if isinstance(new, type):
            return self._type(old, new)
        if isinstance(old, FunctionType):
            return self._over_function(old, new)
        if type(old) is type(new):
            return self._alike(old, new)
        if type(old).__qualname__ == self.place == type(new).__qualname__ and self.belongs(type(old)):
            return self._alike(old, new) if self.value(type(old), type(new)) is type(old) else new
        return new

    def _type(self, old: Any, new: type) -> Any:
        from engine.reload.classes import merge_class

        if self.is_defined_elsewhere(new) and old.__name__ != new.__name__:
            return new
        if isinstance(old, type):
            return merge_class(self, old, new)
        if isinstance(old, FunctionType):
            self.redirect(old, new)
        return new

    def redirect(self, old: FunctionType, new: Callable[..., Any]) -> None:
        """Let a live function call another from now on."""
        self.undo.push(self.functions.add, old)
        redirect(old, new, self.undo)

    def _over_function(self, old: FunctionType, new: Any) -> Any:
        is_own = isinstance(new, FunctionType) and (self.belongs(new) or _same_maker(old, new))
        if is_own and old.__globals__ is new.__globals__:
            self.function(old, new)
            return old
        if callable(new) and not isinstance(new, ModuleType):
            self.redirect(old, new)
        return new

    def _alike(self, old: Any, new: Any) -> Any:
        if isinstance(new, LRU):
            old_inner: Any = getattr(old, "__wrapped__", None)
            inner = self.value(old_inner, getattr(new, "__wrapped__", None))
            old.cache_clear()
            if inner is old_inner and old.cache_parameters() == new.cache_parameters():
                self.pair(old, new)
                return old
        elif isinstance(new, functools.partial):
            self.undo.push(old.__setstate__, old.__reduce__()[2])
            old.__setstate__((self.value(old.func, new.func), new.args, new.keywords, new.__dict__ or None))
            self.pair(old, new)
            return old
        elif isinstance(new, _WRAPPERS):
            if self.value(old.__func__, new.__func__) is old.__func__:
                return old
        elif isinstance(new, property):
            get, put, delete = (self._part(old, new, name) for name in ("fget", "fset", "fdel"))
            return property(get, put, delete, new.__doc__) if type(new) is property else new
        elif isinstance(new, (functools.cached_property, functools.partialmethod)):
            new.func = self._part(old, new, "func")
        elif isinstance(new, MethodType):
            self.value(old.__func__, new.__func__)
        elif isinstance(getattr(old, "__dict__", None), dict) and self.belongs(old):
            self._state(old.__dict__, new.__dict__, type(new).__qualname__)
            self.pair(old, new)
            return old
        return new

    def _part(self, old: Any, new: Any, name: str) -> Any:
        one, other = getattr(old, name), getattr(new, name)
        return other if one is None or other is None else self.value(one, other)

    def _state(self, old: dict[str, Any], new: dict[str, Any], owner: str) -> None:
        self.undo.push(_restore, old, dict(old))
        merged = {name: self._kept_or_new(owner, name, old.get(name, MISSING), value) for name, value in new.items()}
        old.clear()
        old.update(merged)

    def _kept_or_new(self, owner: str, name: str, old: Any, new: Any) -> Any:
        return old if self.goes_on(owner, name, old, new) else self.value(old, new)

    # ---------------------------------------------------------------- functions
    def function(self, old: FunctionType, new: FunctionType) -> None:
        """Let a live function do what a new one does, with the new defaults, attributes and captured values."""
        self.pair(old, new)
        self.undo.push(self.functions.add, old)
        self.undo.function(old)
        alike = same_code(old.__code__, new.__code__) and same(
            (old.__defaults__, old.__kwdefaults__, old.__annotations__),
            (new.__defaults__, new.__kwdefaults__, new.__annotations__),
        )
        if old.__code__.co_freevars == new.__code__.co_freevars:
            assign_code(old, new.__code__)
            old.__defaults__, old.__kwdefaults__ = new.__defaults__, new.__kwdefaults__
            self.functions.add(old)
            cells = zip(new.__code__.co_freevars, old.__closure__ or (), new.__closure__ or (), strict=True)
            for name, one, other in cells:
                self._cell(new.__qualname__, name, one, other)
        else:
            self._carry(old, new)
            redirect(old, new, self.undo)
        old.__doc__, old.__name__, old.__qualname__ = new.__doc__, new.__name__, new.__qualname__
        old.__module__ = new.__module__
        old.__annotations__ = dict(new.__annotations__)
        if getattr(new, "__type_params__", ()):
            old.__type_params__ = new.__type_params__  # type: ignore[attr-defined]
        self._attributes(old, new)
        if not alike:
            self.changed_functions.append(old)

    def _carry(self, old: FunctionType, new: FunctionType) -> None:
        """Give a new closure what the live one has kept under the same names."""
        known = dict(zip(old.__code__.co_freevars, old.__closure__ or (), strict=True))
        for name, cell in zip(new.__code__.co_freevars, new.__closure__ or (), strict=True):
            was, now = _content(known.get(name)), _content(cell)
            if now is not MISSING and self.goes_on(new.__qualname__, name, was, now):
                cell.cell_contents = was

    def _attributes(self, old: FunctionType, new: FunctionType) -> None:
        given = self.functions.given.get(old, frozenset())
        lost = given - new.__dict__.keys()
        for name in lost - self.stored_elsewhere() if lost else ():
            old.__dict__.pop(name, None)
        for name, value in new.__dict__.items():
            old.__dict__[name] = self._kept_or_new("function", name, old.__dict__.get(name, MISSING), value)
        if new.__dict__ or given:
            self.undo.push(_put_weak, self.functions.given, old, given)
            self.functions.given[old] = frozenset(new.__dict__)

    def _cell(self, owner: str, name: str, old: CellType, new: CellType) -> None:
        content = _content(new)
        if old is new or content is MISSING:
            return
        before = _content(old)
        self.undo.cell(old, self._kept_or_new(owner, name, before, content))

    # ---------------------------------------------------------------- what holds new objects
    def settle(self) -> None:
        """Replace new objects by the live ones in everything made since the last collection."""
        if not self._live:
            return
        mine = {id(self._keep), id(self._live), id(self.__dict__)}
        for holder in gc.get_objects(0):
            if id(holder) not in mine:
                self._replace_in(holder)
        for new in self._keep:
            if isinstance(new, type):
                retire(new)
        self.forget()

    def forget(self) -> None:
        """Begin anew with the next statement."""
        self._live.clear()
        self._keep.clear()
        self._targets.clear()
        self._adopted.clear()

    def _replace_in(self, holder: Any) -> None:
        live = self._live
        kind = type(holder)
        if kind is dict:
            for key, value in list(holder.items()):
                if id(value) in live:
                    holder[key] = live[id(value)]
                if id(key) in live:
                    holder[live[id(key)]] = holder.pop(key)
        elif kind is list:
            for index, value in enumerate(holder):
                if id(value) in live:
                    holder[index] = live[id(value)]
        elif kind is set:
            for value in [value for value in holder if id(value) in live]:
                holder.discard(value)
                holder.add(live[id(value)])
        elif kind is CellType:
            self._replace_in_cell(holder)
        elif id(kind) in live:
            set_class(holder, live[id(kind)])
        elif isinstance(holder, type):
            if id(holder) not in live:
                self._replace_in_class(holder)
        elif not isinstance(holder, ModuleType | FunctionType):
            inner = getattr(holder, "__dict__", None) if kind.__dictoffset__ else None
            if type(inner) is dict:
                for key, value in list(inner.items()):
                    if id(value) in live:
                        inner[key] = live[id(value)]

    def _replace_in_class(self, cls: type) -> None:
        for name, value in list(cls.__dict__.items()):
            if id(value) in self._live:
                set_on_class(cls, name, self._live[id(value)])
        if any(id(base) in self._live for base in cls.__bases__):
            set_bases(cls, tuple(map(self.live, cls.__bases__)), self.live(cls.__base__), self.undo)

    def _replace_in_cell(self, cell: CellType) -> None:
        content = _content(cell)
        if id(content) in self._live:
            cell.cell_contents = self._live[id(content)]

    def replaced(self, value: Any) -> Any:
        """Return a value with live objects in place of new ones, containers rebuilt one level deep."""
        if id(value) in self._live:
            return self._live[id(value)]
        if type(value) in (list, tuple, set, frozenset):
            return type(value)(map(self.live, value))
        if type(value) is dict:
            return {self.live(key): self.live(item) for key, item in value.items()}
        return value


class Ground:
    """Stands in for `object` as the base of a class that has been merged away."""


def retire(cls: type) -> None:
    """Take a class that was merged into another out of its bases' lists of subclasses."""
    if cls.__bases__ != (object,):
        try:
            cls.__bases__ = (Ground,)
        except TypeError:
            return


@contextmanager
def retired(classes: Iterable[type]) -> Iterator[None]:
    """Take classes out of their bases' lists of subclasses for a while, where Python lets them have other bases."""
    known = [(cls, cls.__bases__) for cls in dict.fromkeys(classes)]
    for cls, _ in known:
        retire(cls)
    try:
        yield
    finally:
        for cls, bases in known:
            if cls.__bases__ != bases:
                cls.__bases__ = bases


def inner_functions(value: Any, depth: int = 0) -> Iterator[FunctionType]:
    """Yield the functions a callable, descriptor or class consists of, itself first."""
    if depth > _DEEPEST:
        return
    if isinstance(value, FunctionType):
        yield value
        target = target_of(value)
        if target is not value:
            yield from inner_functions(target, depth + 1)
        for cell in value.__closure__ or ():
            content = _content(cell)
            if content is not value and not isinstance(content, type):
                yield from inner_functions(content, depth + 1)
        wrapped = value.__dict__.get("__wrapped__")
        if wrapped is not None:
            yield from inner_functions(wrapped, depth + 1)
        return
    if isinstance(value, type | ModuleType | str | bytes | int | float):
        return
    for part in _parts(value):
        if part is not None and part is not value:
            yield from inner_functions(part, depth + 1)


def _content(cell: CellType | None) -> Any:
    """Return what a variable of a closure holds, `MISSING` if it holds nothing or there is none."""
    try:
        return MISSING if cell is None else cell.cell_contents
    except ValueError:
        return MISSING


def _same_maker(old: Any, new: Any) -> bool:
    """Tell whether two closures, or methods that are closures, come from the same place of the same code."""
    one, other = getattr(old, "__func__", old), getattr(new, "__func__", new)
    return type(old) is type(new) and isinstance(one, FunctionType) and one.__code__ is getattr(other, "__code__", None)


def _classes_of(value: Any) -> Iterator[type]:
    """Yield the classes that an object or a function's closure holds, and an object's own."""
    if isinstance(value, FunctionType):
        yield from (one for one in map(_content, value.__closure__ or ()) if isinstance(one, type))
        return
    yield type(value)
    inner = getattr(value, "__dict__", None)
    for item in list(inner.values()) if isinstance(inner, dict) else ():
        if isinstance(item, type):
            yield item


def _parts(value: Any) -> Iterable[Any]:
    if isinstance(value, property):
        return (value.fget, value.fset, value.fdel)
    if isinstance(value, staticmethod | classmethod | MethodType):
        return (value.__func__,)
    if isinstance(value, functools.partial | functools.partialmethod | functools.cached_property):
        return (value.func,)
    if isinstance(value, LRU):
        return (value.__wrapped__,)
    if isinstance(value, functools.singledispatchmethod):
        return (value.func, value.dispatcher)
    if isinstance(value, dict):
        return list(value.values())[:100]
    if isinstance(value, list | tuple):
        return value[:100]
    inner = getattr(value, "__dict__", None)
    return [item for item in inner.values() if callable(item)] if isinstance(inner, dict) else ()


def _restore(target: dict[str, Any], content: dict[str, Any]) -> None:
    target.clear()
    target.update(content)


def _put_weak(target: weakref.WeakKeyDictionary[Any, Any], key: Any, value: Any) -> None:
    target[key] = value
