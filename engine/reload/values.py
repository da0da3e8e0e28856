"""Whether two values are the same to whoever reads them, and whether a value is still as it was made."""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from collections import deque
from types import CellType, CodeType, FunctionType, GeneratorType
from typing import Any

import numpy as np

_PLAIN = (type(None), bool, int, float, complex, str, bytes, type(Ellipsis), CodeType)
_ALIASES = (types.GenericAlias, types.UnionType, type(typing.List[int]), type(typing.Optional[int]))  # noqa: UP006, UP045
_MOST = 2_000
"""Items of a value that are looked at; a larger one counts as changed."""


class _Limit(Exception):
    """The value is too large to compare."""


def same(one: Any, other: Any) -> bool:
    """Tell whether a reader of the one would do the same with the other."""
    if one is other:
        return True
    try:
        return _same(one, other, [_MOST])
    except Exception:  # too large, too deep, or of a class whose objects cannot be compared
        return False


def _same(one: Any, other: Any, budget: list[int]) -> bool:
    if one is other:
        return True
    if type(one) is not type(other):
        return False
    budget[0] -= 1
    if budget[0] < 0:
        raise _Limit
    if type(one) in _PLAIN:
        return bool(one == other) or (one != one and other != other)
    if type(one) in (list, tuple):
        return len(one) == len(other) and all(_same(a, b, budget) for a, b in zip(one, other, strict=True))
    if type(one) in (set, frozenset):
        return len(one) == len(other) and all(type(item) in _PLAIN for item in one) and bool(one == other)
    if type(one) is dict:
        pairs = zip(one.values(), other.values(), strict=True)  # keys may be hashed in another way by now
        return list(one) == list(other) and all(_same(a, b, budget) for a, b in pairs)
    if isinstance(one, np.ndarray):
        alike = one.dtype == other.dtype and one.shape == other.shape and one.dtype != object
        return alike and one.nbytes < 2**20 and one.tobytes() == other.tobytes()
    if isinstance(one, (np.generic, *_ALIASES)):
        return bool(one == other)
    if isinstance(one, dataclasses.Field):
        names = ("name", "type", "default", "default_factory", "init", "repr", "hash", "compare", "kw_only")
        return all(_same(getattr(one, name), getattr(other, name), budget) for name in names)
    return False


def imprint(value: Any, *, inside: bool = False) -> Any:
    """Return a value that is equal as long as nothing in the given one has changed; None if it is too large.

    What objects of the standard library that are written in C have `inside` is looked at only if asked for.
    """
    try:
        return _imprint(value, _Budget(inside=inside))
    except (_Limit, RecursionError):
        return None


class _Budget:
    """How many parts may be looked at still, and which objects have been."""

    def __init__(self, *, inside: bool) -> None:
        self.inside = inside
        self.left = _MOST
        self.seen: set[int] = set()

    def take(self) -> None:
        """Look at one more part."""
        self.left -= 1
        if self.left < 0:
            raise _Limit


def _imprint(value: Any, budget: _Budget) -> Any:
    budget.take()
    kind = type(value)
    if kind in _PLAIN:
        return (kind, repr(value))
    if kind in (list, tuple) or (kind is deque and budget.inside):
        return (kind, id(value), *(_imprint(item, budget) for item in value))
    if kind in (set, frozenset):
        return (kind, id(value), frozenset(_imprint(item, budget) for item in value))
    if kind is dict:
        return (kind, id(value), *((_imprint(k, budget), _imprint(v, budget)) for k, v in value.items()))
    if isinstance(value, np.ndarray):
        if value.nbytes > 2**20 or value.dtype == object:
            raise _Limit
        return (kind, id(value), value.dtype.str, value.shape, hash(value.tobytes()))
    if isinstance(value, FunctionType) and value.__closure__:
        return (id(value), *(_cell(cell, budget) for cell in value.__closure__))
    if isinstance(value, type | FunctionType):
        return id(value)
    if isinstance(value, GeneratorType):
        return (id(value), value.gi_frame.f_lasti if value.gi_frame is not None else None)
    inner = getattr(value, "__dict__", None)
    if isinstance(inner, dict):
        if budget.inside and id(value) in budget.seen:
            return id(value)
        budget.seen.add(id(value))
        parts = tuple((key, _imprint(item, budget)) for key, item in inner.items())
        return (id(value), *parts, _inside(value, budget) if budget.inside and has_more(kind) else None)
    return (id(value), _inside(value, budget)) if budget.inside else id(value)


def has_more(kind: Any) -> bool:
    """Tell whether objects of a class are pickled with more than their attributes."""
    return kind.__getstate__ is not object.__getstate__


def _inside(value: Any, budget: _Budget) -> Any:
    """Return the imprint of what an object written in C would be pickled with, None if it cannot be."""
    home = type(value).__module__.partition(".")[0]
    if home not in sys.stdlib_module_names or home == "itertools":  # which warns of it, as of Python 3.12
        return None
    try:
        state = value.__reduce_ex__(4)
    except Exception:  # a lock, an open file
        return None
    return repr(state) if isinstance(state, str) else tuple(_part(one, budget, 0) for one in state[1:])


def _part(value: Any, budget: _Budget, depth: int) -> Any:
    """Return the imprint of a part that is made only for pickling, whose containers are others every time."""
    if depth > 3 or type(value) not in (tuple, list, dict):
        return _imprint(value, budget)
    budget.take()
    items = value.items() if isinstance(value, dict) else value
    return (type(value), *(_part(item, budget, depth + 1) for item in items))


def _cell(cell: CellType, budget: _Budget) -> Any:
    """Return the imprint of a closure's variable; other functions in it count by identity, and end the search."""
    try:
        value = cell.cell_contents
    except ValueError:
        return None
    return id(value) if isinstance(value, FunctionType) else _imprint(value, budget)
