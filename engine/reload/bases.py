"""Give a live class other bases, or another metaclass.

Python refuses to exchange `object` for another base, and back, because it compares how the two bases deallocate,
although instances of the class itself are laid out the same. The comparison is made with the class's own record of
its base; where it stands in the way, that record is set to the new base before.
"""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from functools import cache
from types import MemberDescriptorType
from typing import Any

from engine.reload.undo import Undo

_WORD = ctypes.sizeof(ctypes.c_void_p)
_SET: Any = type.__dict__["__bases__"].__set__


def set_bases(cls: type, bases: tuple[type, ...], best: type, undo: Undo) -> None:
    """Exchange the bases; `best` is the one whose layout the instances extend, as in `__base__`."""
    undo.push(change_bases, cls, cls.__bases__, cls.__base__)
    change_bases(cls, bases, best)


def change_bases(cls: type, bases: tuple[type, ...], best: type) -> None:
    """Exchange the bases for good."""
    try:
        _SET(cls, bases)
    except TypeError as error:
        offset = _base_offset()
        if offset is None or "assignment" not in str(error):
            raise
        _force(cls, bases, best, id(cls) + offset)


def _force(cls: type, bases: tuple[type, ...], best: type, place: int) -> None:
    record = ctypes.c_void_p.from_address(place)
    real = cls.__base__
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(best))
    record.value = id(best)
    try:
        _SET(cls, bases)
    except BaseException:
        record.value = id(real)
        ctypes.pythonapi.Py_DecRef(ctypes.py_object(best))
        raise
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(real))


# -------------------------------------------------------------------- metaclass


def can_change_metaclass(one: type, other: type) -> bool:
    """Tell whether classes of the one metaclass are laid out like those of the other and can become such."""
    return _knows_class(one) and (one.__basicsize__, one.__itemsize__) == (other.__basicsize__, other.__itemsize__)


def set_metaclass(cls: type, meta: type, undo: Undo) -> None:
    """Make a class one of another metaclass, also where Python refuses because one of the two is `type`."""
    undo.push(_become, cls, type(cls))
    _become(cls, meta)


def _become(cls: type, meta: type) -> None:
    _force_class(cls, meta)
    ctypes.pythonapi.PyType_Modified(ctypes.py_object(cls))


def set_class(value: Any, cls: type) -> None:
    """Make an object one of another class that lays its instances out alike, also those of `int` and `tuple`."""
    try:
        value.__class__ = cls
    except TypeError:
        parts = [(c.__basicsize__, c.__itemsize__, c.__dictoffset__, c.__weakrefoffset__) for c in (type(value), cls)]
        if parts[0] != parts[1] or not _knows_class(value):
            raise
        _force_class(value, cls)


def _force_class(value: Any, cls: type) -> None:
    real = type(value)
    ctypes.pythonapi.Py_IncRef(ctypes.py_object(cls))
    ctypes.c_void_p.from_address(id(value) + _WORD).value = id(cls)
    ctypes.pythonapi.Py_DecRef(ctypes.py_object(real))


def _knows_class(value: Any) -> bool:
    """Tell whether an object's class is noted where it is expected."""
    return bool(ctypes.c_void_p.from_address(id(value) + _WORD).value == id(type(value)))


@cache
def _base_offset() -> int | None:
    """Find where a class keeps its base, by looking for it in classes whose base is known."""

    class First: ...

    class Second: ...

    class OfFirst(First): ...

    class OfSecond(Second): ...

    size: int = type.__dict__["__basicsize__"].__get__(type)
    found = [
        offset
        for offset in range(0, size // _WORD * _WORD, _WORD)
        if _word(OfFirst, offset) == id(First)
        and _word(OfSecond, offset) == id(Second)
        and _word(First, offset) == id(object)
    ]
    return found[0] if len(found) == 1 else None


def _word(cls: type, offset: int) -> int | None:
    return ctypes.c_void_p.from_address(id(cls) + offset).value


# -------------------------------------------------------------------- layout


def same_layout(old: type, new: type, own_slots: Callable[[type], int]) -> bool:
    """Tell whether instances of both are laid out alike, but for slots that the two classes declare themselves.

    `own_slots` counts the slots a class declares or has declared.
    """
    one, other = _solid(old.__base__ or object, own_slots), _solid(new.__base__ or object, own_slots)
    if one is not other or old.__itemsize__ != new.__itemsize__ or _solid(old, own_slots) is old:
        return False
    if _inherited(old, own_slots) != _inherited(new, own_slots):
        return False
    return (old.__flags__ ^ new.__flags__) & _LAYOUT_FLAGS == 0 or has_dict(old)


def has_dict(cls: type) -> bool:
    """Tell whether instances have a `__dict__`."""
    return cls.__dictoffset__ != 0


# Of these bits of a class's flags depends how its instances are laid out: managed dict and weak references, and
# whether the collector tracks them.
_LAYOUT_FLAGS = 1 << 2 | 1 << 3 | 1 << 4 | 1 << 14


def _inherited(cls: type, own_slots: Callable[[type], int]) -> list[type]:
    """Return the bases whose slots are part of the layout."""
    found = []
    base = cls.__base__
    while base is not None:
        if own_slots(base):
            found.append(base)
        base = base.__base__
    return found


def _solid(cls: type, own_slots: Callable[[type], int]) -> type:
    """Return the nearest class that adds to the layout other than by slots, `__dict__` and weak references."""
    while (base := cls.__base__) is not None:
        extra = cls.__basicsize__ - base.__basicsize__ - _WORD * own_slots(cls)
        for mine, its in (
            (cls.__weakrefoffset__, base.__weakrefoffset__),
            (cls.__dictoffset__, base.__dictoffset__),
        ):
            if not its and (mine > 0 or mine == -_WORD):
                extra -= _WORD
        if extra or cls.__itemsize__ != base.__itemsize__:
            return cls
        cls = base
    return cls


def count_slots(cls: type) -> int:
    """Return how many slots a class declares."""
    return sum(isinstance(value, MemberDescriptorType) for value in cls.__dict__.values())
