"""Give a live class other bases.

Python refuses to exchange `object` for another base, and back, because it compares how the two bases deallocate,
although instances of the class itself are laid out the same. The comparison is made with the class's own record of
its base; where it stands in the way, that record is set to the new base before.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

from engine.reload.undo import Undo

_WORD = ctypes.sizeof(ctypes.c_void_p)
_SET: Any = type.__dict__["__bases__"].__set__


def set_bases(cls: type, bases: tuple[type, ...], best: type, undo: Undo) -> None:
    """Exchange the bases; `best` is the one whose layout the instances extend, as in `__base__`."""
    undo.push(_change, cls, cls.__bases__, cls.__base__)
    _change(cls, bases, best)


def _change(cls: type, bases: tuple[type, ...], best: type) -> None:
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


@cache
def _base_offset() -> int | None:
    """Find where a class keeps its base, by looking for it in classes whose base is known."""

    class First: ...

    class Second: ...

    class OfFirst(First): ...

    class OfSecond(Second): ...

    size = type.__basicsize__ // _WORD * _WORD
    found = [
        offset
        for offset in range(0, size, _WORD)
        if _word(OfFirst, offset) == id(First)
        and _word(OfSecond, offset) == id(Second)
        and _word(First, offset) == id(object)
    ]
    return found[0] if len(found) == 1 else None


def _word(cls: type, offset: int) -> int | None:
    return ctypes.c_void_p.from_address(id(cls) + offset).value
