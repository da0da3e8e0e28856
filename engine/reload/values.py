"""Whether two values are the same to whoever reads them, and whether a value is still as it was made."""

from __future__ import annotations

import dataclasses
import types
import typing
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


def imprint(value: Any) -> Any:
    """Return a value that is equal as long as nothing in the given one has changed; None if it is too large."""
    try:
        return _imprint(value, [_MOST])
    except (_Limit, RecursionError):
        return None


def _imprint(value: Any, budget: list[int]) -> Any:
    budget[0] -= 1
    if budget[0] < 0:
        raise _Limit
    kind = type(value)
    if kind in _PLAIN:
        return (kind, repr(value))
    if kind in (list, tuple):
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
        return (id(value), *((key, _imprint(item, budget)) for key, item in inner.items()))
    return id(value)


def _cell(cell: CellType, budget: list[int]) -> Any:
    """Return the imprint of a closure's variable; other functions in it count by identity, and end the search."""
    try:
        value = cell.cell_contents
    except ValueError:
        return None
    return id(value) if isinstance(value, FunctionType) else _imprint(value, budget)
