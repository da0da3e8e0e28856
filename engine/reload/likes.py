"""What decorators, metaclasses and hooks make beside a statement's own text, and whether they make it alike again.

A decorator's cache, a pool that a metaclass gives each class, a counter in a closure: when the statement runs again,
what was made of them meanwhile stays, unless they begin with something else by now.
"""

from __future__ import annotations

import itertools
import sys
from collections import deque
from collections.abc import Iterator
from enum import EnumMeta
from types import FunctionType, ModuleType
from typing import Any

from engine.reload.analyse import Unit

Place = tuple[str, str, str]
"""Where a value is: the name or attribute it is found under, its owner's qualified name, the attribute or variable."""
Likes = dict[Place, Any]
"""What values were like when they were made, None where that cannot be told."""

_PLAIN = (type(None), bool, int, float, complex, str, bytes)
_CONTAINERS = (list, tuple, dict, set, frozenset, deque)
_MOST, _DEEPEST = 500, 4
"""Parts of a value that are looked at, and objects in one another."""


def likeness(value: Any) -> Any:
    """Return what a value is like, whichever object it is; None where that cannot be told, or would take too long."""
    return _likeness(value, [_MOST])


def _likeness(value: Any, budget: list[int]) -> Any:
    kind = type(value)
    if kind in _PLAIN or kind is itertools.count:
        return (kind, repr(value))
    if isinstance(value, _CONTAINERS):
        budget[0] -= len(value)
        if budget[0] < 0:
            return None
        parts = []
        for item in value.items() if isinstance(value, dict) else value:
            part = _likeness(item, budget)
            if part is None:
                return None
            parts.append(part)
        return (kind, frozenset(parts) if isinstance(value, set | frozenset) else tuple(parts))
    budget[0] -= 1
    inner = getattr(value, "__dict__", None)
    if budget[0] < 0 or callable(value) or hasattr(kind, "__get__") or not isinstance(inner, dict):
        return None  # what can be called is code, not state
    like = _likeness(inner, budget)
    return None if like is None else (kind, like)


def likes_of(unit: Unit, space: dict[str, Any]) -> Likes:
    """Return what all that a definition has just made, and its text does not say, is like."""
    if unit.kind not in ("def", "class") or not unit.acts:
        return {}
    said = {body.qualname: {name for row in body.statements for name in row[0]} for body in unit.classes}
    found = (pair for name in unit.binds for pair in _made(space.get(name), name, said, 0))
    return {place: likeness(value) for place, value in found}


def is_sunder(name: str) -> bool:
    """Tell whether an attribute of an enum's member is one that Python gave it."""
    return name.startswith("_") and name.endswith("_")


def _made(value: Any, place: str, said: dict[str, set[str]], depth: int) -> Iterator[tuple[Place, Any]]:
    """Yield each value that is in an object, class or closure, with where it is."""
    if depth > _DEEPEST:
        return
    if isinstance(value, staticmethod | classmethod):
        value = value.__func__
    if isinstance(value, FunctionType):
        if value.__module__.partition(".")[0] in sys.stdlib_module_names:
            return  # it keeps caches, which it has to make anew
        for name, cell in zip(value.__code__.co_freevars, value.__closure__ or (), strict=True):
            try:
                content = cell.cell_contents
            except ValueError:
                continue
            yield (place, value.__qualname__, name), content
            yield from _made(content, place, said, depth + 1)
    elif isinstance(value, type):
        if value.__qualname__ not in said:
            return
        if isinstance(value, EnumMeta):
            members: dict[str, Any] = dict(value.__members__)
            for member, one in members.items():
                for name, item in vars(one).items():
                    if not is_sunder(name):
                        yield (place, f"{value.__qualname__}.{member}", name), item
            return
        for name, item in list(vars(value).items()):
            if not name.startswith("__") and name not in said[value.__qualname__]:
                yield (place, value.__qualname__, name), item
            yield from _made(item, f"{value.__qualname__}.{name}", said, depth + 1)
        return
    elif isinstance(value, (_CONTAINERS, ModuleType)):
        return
    inner = getattr(value, "__dict__", None)
    for name, item in list(inner.items()) if isinstance(inner, dict) else ():
        if name.startswith("__"):
            continue
        yield (place, type(value).__qualname__, name), item
        yield from _made(item, place, said, depth + 1)
