"""Carry the new version of a class over into the live one: instances, subclasses and references follow."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import functools
import importlib
import marshal
from abc import ABC, ABCMeta
from collections.abc import Callable, Iterable, Mapping
from types import CellType, CodeType, FunctionType, GetSetDescriptorType, MemberDescriptorType
from typing import TYPE_CHECKING, Any

from engine.reload.bases import can_change_metaclass, count_slots, has_dict, same_layout, set_bases, set_metaclass
from engine.reload.enums import pair_members
from engine.reload.functions import same_code
from engine.reload.instances import forget_values
from engine.reload.loose import SPARE, Loose, Slotted, is_loosened, put_spare, spare_values
from engine.reload.merge import inner_functions
from engine.reload.trace import attribute_of
from engine.reload.tuples import lengthen
from engine.reload.undo import MISSING, Undo, set_on_class
from engine.reload.values import same

if TYPE_CHECKING:
    from engine.reload.merge import Merger

_abc: Any = importlib.import_module("_abc")
_WRITTEN = {"__firstlineno__", "__static_attributes__"}
"""What Python notes of a class's text, as of 3.13: nobody makes anything of it."""
_LEFT = frozenset({"__dict__", "__weakref__", "_abc_impl", SPARE})


class AddedSlot:
    """A slot that was added to a class when it already had instances, which keep its values in their spare room."""

    def __init__(self, name: str, make: Callable[[], Any] | None) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        values = spare_values(instance)
        if self.name not in values:
            if self.make is None:
                raise AttributeError(f"{type(instance).__name__!r} object has no attribute {self.name!r}")
            self.__set__(instance, self.make())
            values = spare_values(instance)
        return values[self.name]

    def __set__(self, instance: Any, value: Any) -> None:
        put_spare(instance, {**spare_values(instance), self.name: value})

    def __delete__(self, instance: Any) -> None:
        values = spare_values(instance)
        if self.name not in values:
            raise AttributeError(self.name)
        put_spare(instance, {name: value for name, value in values.items() if name != self.name})


class Fallback:
    """Gives instances made before an attribute was added its first value when they are asked for it."""

    def __init__(self, name: str, make: Callable[[], Any]) -> None:
        self.name, self.make = name, make

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            raise AttributeError(f"type object {getattr(owner, '__name__', owner)!r} has no attribute {self.name!r}")
        value = self.make()
        object.__setattr__(instance, self.name, value)
        return value


def merge_class(merger: Merger, old: type, new: type) -> type:
    """Carry a class over; return the live one, or the new one where their instances are laid out differently."""
    if not _is_of_one_kind(old, new) or not _fits(merger, old, new):
        merger.notes.append(
            f"{new.__module__}.{new.__qualname__} is a new class: its instances are laid out differently, those that "
            "live keep the old one"
        )
        return new
    merger.pair(old, new)
    changed = merger.changed_classes.setdefault(old, set())
    _point_cells(old, new)
    if type(old) is not merger.live(type(new)):
        set_metaclass(old, merger.live(type(new)), merger.undo)
        changed.add("__class__")
    if isinstance(old, enum.EnumMeta) and isinstance(new, enum.EnumMeta):
        changed.update(pair_members(merger, old, new))
    loose = is_loosened(old, new)
    bases = (Loose,) if loose else tuple(map(merger.live, new.__bases__))
    bases = old.__bases__ if _has_room(old, new) else bases
    if bases != old.__bases__:
        was = _inherited(old)
        set_bases(old, bases, Loose if loose else merger.live(new.__base__), merger.undo)
        now = _inherited(old)
        changed.update(name for name in was.keys() | now.keys() if was.get(name) is not now.get(name))
        changed.add("__bases__")
    if isinstance(old, ABCMeta) and "_abc_impl" not in old.__dict__:
        merger.undo.push(set_on_class, old, "_abc_impl", MISSING)
        _abc._abc_init(old)
    take_firsts(old, merger.lost.get(new.__qualname__, ()), merger.undo)
    makers, fields = _makers(merger, old, new), getattr(old, "_fields", ())
    kept = merger.kept.get(new.__qualname__, set()) - set(getattr(new, "_member_map_", ()))
    said = merger.said.get(new.__qualname__, set())
    for name, value in list(new.__dict__.items()):
        if isinstance(value, MemberDescriptorType):
            _slot(merger, old, name, makers.get(name), changed)
        elif name not in _LEFT and not isinstance(value, GetSetDescriptorType):
            _attribute(merger, old, name, value, name in kept, changed, name not in said)
    for name in merger.shapes.get(old, frozenset()):
        if loose and (name == "__slots__" or isinstance(old.__dict__.get(name), MemberDescriptorType)):
            continue
        if name not in new.__dict__ and name in old.__dict__ and name not in _LEFT:
            _remove(merger, old, name)
            changed.add(name)
    if merger.shapes.get(old, frozenset()) ^ new.__dict__.keys():
        changed.add("__dict__")  # for those who look at all that it has
    _add_defaults(merger, old, new, makers)
    lengthen(old, new, fields, merger.undo)
    _rename(merger, old, new)
    changed -= _WRITTEN
    merger.undo.push(merger.shapes.__setitem__, old, merger.shapes.get(old, frozenset()))
    merger.shapes[old] = frozenset(new.__dict__)
    return old


def _inherited(cls: type) -> dict[str, Any]:
    """Return the attributes a class has from its bases."""
    found = {name: value for base in reversed(cls.__mro__[1:-1]) for name, value in base.__dict__.items()}
    return {name: value for name, value in found.items() if name not in cls.__dict__ and name not in _LEFT}


def _attribute(merger: Merger, old: type, name: str, value: Any, kept: bool, changed: set[str], by_hook: bool) -> None:
    present = old.__dict__.get(name, MISSING)
    if kept and present is not MISSING and not merger.belongs(present):
        return
    if kept and not any(True for _ in inner_functions(value)):
        return
    if merger.goes_on(old.__qualname__, name, present, value):
        return
    was, outer, merger.place = _does(present), merger.place, f"{old.__qualname__}.{name}"
    merger.by_hook = by_hook
    final = merger.replaced(merger.value(present, value))
    merger.place, merger.by_hook = outer, False
    if final is not present:
        merger.undo.attribute(old, name, final)
        if isinstance(present, functools.cached_property) and not isinstance(final, functools.cached_property):
            forget_values(old, name, merger.undo)
    is_code = is_method(present) and is_method(final)
    if is_code and type(present) is not type(final):
        merger.converted.add((old, name))
    if (
        present is MISSING
        or (old, name) in merger.converted
        or _does_other(was, _does(final))
        or not (is_code or same(present, final))
    ):
        changed.add(name)


def is_method(value: Any) -> bool:
    """Tell whether an attribute of a class is nothing but functions to be called through it."""
    return isinstance(value, FunctionType | staticmethod | classmethod | property)


def _does(value: Any) -> list[tuple[CodeType, Any, Any]]:
    """Return what the functions run that an attribute consists of."""
    return [(one.__code__, one.__defaults__, one.__kwdefaults__) for one in inner_functions(value)]


def _does_other(was: list[tuple[CodeType, Any, Any]], now: list[tuple[CodeType, Any, Any]]) -> bool:
    if len(was) != len(now):
        return True
    return not all(same_code(a[0], b[0]) and same(a[1:], b[1:]) for a, b in zip(was, now, strict=True))


def _slot(merger: Merger, old: type, name: str, make: Callable[[], Any] | None, changed: set[str]) -> None:
    """Give a live class a slot: the one it had and lost, or one in the spare room of its instances."""
    if isinstance(old.__dict__.get(name), MemberDescriptorType | AddedSlot) or has_dict(old) or name in _LEFT:
        return
    had = merger.slots.get(old, {}).get(name)
    merger.undo.attribute(old, name, AddedSlot(name, make) if had is None else had)
    changed.add(name)


def _remove(merger: Merger, old: type, name: str) -> None:
    value = old.__dict__[name]
    if isinstance(value, MemberDescriptorType):
        merger.slots[old] = {**merger.slots.get(old, {}), name: value}
    elif isinstance(value, FunctionType) and merger.belongs(value):
        merger.removed.append((old, name, value))
    merger.undo.attribute(old, name, MISSING)


def _is_of_one_kind(old: type, new: type) -> bool:
    """Tell whether both have the same metaclass, or the live one can be given that of the new one."""
    if type(old) is type(new):
        return True
    return not (isinstance(old, enum.EnumMeta) or isinstance(new, enum.EnumMeta)) and can_change_metaclass(
        type(old), type(new)
    )


def _fits(merger: Merger, old: type, new: type) -> bool:
    """Tell whether instances of the old class can be instances of the new one."""

    def own_slots(cls: type) -> int:
        lost = merger.slots.get(cls, {})
        return count_slots(cls) + sum(name not in cls.__dict__ for name in lost)

    if is_loosened(old, new) or _has_room(old, new):
        return True
    if not same_layout(old, new, own_slots):
        return False
    return _own_slots(old) == _own_slots(new) or hasattr(old, SPARE) or has_dict(old)


def _has_room(old: type, new: type) -> bool:
    """Tell whether a class continues as one with slots, while its instances go on to keep everything in a dict."""
    return has_dict(old) and old.__bases__ == (object,) and new.__bases__ == (Slotted,)


def _own_slots(cls: type) -> set[str]:
    return {name for name, value in cls.__dict__.items() if isinstance(value, MemberDescriptorType | AddedSlot)}


def _point_cells(old: type, new: type) -> None:
    """Let `super()` and `__class__` in the new methods mean the live class."""
    for value in list(new.__dict__.values()):
        for function in inner_functions(value):
            for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
                if name == "__class__" and _holds(cell, new):
                    cell.cell_contents = old


def _holds(cell: CellType, value: Any) -> bool:
    try:
        return cell.cell_contents is value
    except ValueError:
        return False


def _rename(merger: Merger, old: type, new: type) -> None:
    for name in ("__name__", "__qualname__"):
        if getattr(old, name) != getattr(new, name):
            merger.undo.push(type.__setattr__, old, name, getattr(old, name))
            type.__setattr__(old, name, getattr(new, name))


def _makers(merger: Merger, old: type, new: type) -> dict[str, Callable[[], Any]]:
    """Return what gives live instances the attributes they lack: new fields, and what `__init__` newly sets."""
    makers: dict[str, Callable[[], Any]] = {}
    known = getattr(old, "__dataclass_fields__", {})
    for name, field in getattr(new, "__dataclass_fields__", {}).items():
        if name in known and name not in vars(old):
            continue
        if field.default_factory is not dataclasses.MISSING:
            makers[name] = field.default_factory
        elif field.default is not dataclasses.MISSING:
            makers[name] = _constant(field.default)
    space = next((f.__globals__ for f in inner_functions(new.__dict__.get("__init__"))), None)
    for name, code in merger.firsts.get(new.__qualname__, {}).items():
        if space is not None:
            makers.setdefault(name, _evaluate(code, space))
    return makers


def _add_defaults(merger: Merger, old: type, new: type, makers: dict[str, Callable[[], Any]]) -> None:
    for name, make in makers.items():
        if name not in new.__dict__ or isinstance(new.__dict__[name], MemberDescriptorType):
            _fall_back(old, name, make, merger.undo)


def take_firsts(cls: type, names: Iterable[str], undo: Undo) -> None:
    """Give instances no longer what `__init__` does not set any more."""
    for name in names:
        if isinstance(cls.__dict__.get(name), Fallback):
            undo.attribute(cls, name, MISSING)


def give_firsts(cls: type, firsts: Mapping[str, bytes], space: dict[str, Any], undo: Undo) -> None:
    """Give live instances what `__init__` sets by now and did not when they were made."""
    for name, code in firsts.items():
        _fall_back(cls, name, _evaluate(code, space), undo)


def _fall_back(cls: type, name: str, make: Callable[[], Any], undo: Undo) -> None:
    present = attribute_of(cls, name)
    if isinstance(present, AddedSlot) and present.make is None:
        undo.attribute(cls, name, AddedSlot(name, make))
    elif not hasattr(cls, name) and (has_dict(cls) or issubclass(cls, Loose)):
        undo.attribute(cls, name, Fallback(name, make) if has_dict(cls) else AddedSlot(name, make))


def _constant(value: Any) -> Callable[[], Any]:
    return lambda: value


def _evaluate(code: bytes, space: dict[str, Any]) -> Callable[[], Any]:
    return lambda: eval(marshal.loads(code), space)


def forget_subclass_checks(classes: Iterable[type]) -> None:
    """Let abstract classes forget what they found out about classes whose attributes may have changed since."""
    for cls in [*classes, *vars(collections.abc).values()]:
        if isinstance(cls, ABCMeta):
            _abc._reset_caches(cls)
    Forgotten.register(type("Nobody", (), {}))


class Forgotten(ABC):  # noqa: B024 - registering with any abstract class makes all others ask anew
    """Registered with to let every abstract class of the process forget which classes are none of its own."""
