"""Objects of Python's own library and numpy that statements put together: a parser, a buffer, an array of tiles.

What such a statement changes cannot be taken back one by one. It is seen by what the object is like before and after.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from types import BuiltinFunctionType, FunctionType, MethodType, ModuleType
from typing import Any

import numpy as np

from engine.reload.analyse import Unit
from engine.reload.trace import CONTAINERS
from engine.reload.undo import Undo, restore_dict
from engine.reload.values import has_more, imprint

_OTHERS = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    tuple,
    frozenset,
    range,
    type,
    property,
    partial,
    ModuleType,
    FunctionType,
    BuiltinFunctionType,
    MethodType,
    *CONTAINERS,
)


def is_piece(value: Any) -> bool:
    """Tell whether a value is an object of the standard library, or an array, that statements may change."""
    if isinstance(value, np.ndarray):
        return True
    if isinstance(value, _OTHERS) or hasattr(type(value), "__get__"):
        return False
    return type(value).__module__.partition(".")[0] in sys.stdlib_module_names


def pieces_read(unit: Unit, space: dict[str, Any]) -> Iterator[Any]:
    """Yield the pieces whose names a statement reads."""
    for path, _ in unit.reads if unit.acts or unit.stores else ():
        value = space.get(path[0])
        if isinstance(value, ModuleType) and len(path) > 1:
            value = vars(value).get(path[1])
        if is_piece(value):
            yield value


class Pieces:
    """What the pieces are like that a statement reads, before it runs."""

    def __init__(self, unit: Unit, space: dict[str, Any]) -> None:
        read = {id(value): value for value in pieces_read(unit, space)}
        self._before = [(value, imprint(value, inside=True)) for value in read.values()]

    def changed(self) -> tuple[Any, ...]:
        """Return those that are something else now."""
        return tuple(value for value, was in self._before if was is not None and imprint(value, inside=True) != was)


def put_into(old: Any, new: Any, undo: Undo) -> bool:
    """Let a piece be like a new one, so that whoever holds it follows; tell whether that was possible."""
    if type(old) is not type(new):
        return False
    if isinstance(old, np.ndarray):
        if old.shape != new.shape or old.dtype != new.dtype or not old.flags.writeable:
            return False
        undo.push(np.copyto, old, old.copy())
        np.copyto(old, new)
        return True
    if isinstance(inner := getattr(old, "__dict__", None), dict) and not has_more(type(old)):
        undo.push(restore_dict, inner, dict(inner))
        content = dict(new.__dict__)
        inner.clear()
        inner.update(content)
        return True
    if not hasattr(old, "__setstate__"):
        return False
    try:
        states = [one.__reduce_ex__(4)[2] for one in (old, new)]
        undo.push(old.__setstate__, states[0])
        old.__setstate__(states[1])
    except Exception:  # it has no state that can be had, or none that it takes
        return False
    return True
