"""Let a live container, object or partial take the content of a new one, so that whoever holds it follows.

That is right only where the object belongs to one name: where nothing else referred to it when it was made.
"""

from __future__ import annotations

import functools
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from engine.reload.pieces import is_piece, put_into
from engine.reload.trace import Ours
from engine.reload.undo import MISSING, Undo, dict_kind, put_content, restore_dict

if TYPE_CHECKING:
    from engine.reload.merge import Merger


_DICTS = (dict, defaultdict, OrderedDict, Counter)
_MADE_BY_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE of a class's flags


def is_sole(space: dict[str, Any], name: str, ours: Ours, known: int = 0) -> bool:
    """Tell whether a value can be refilled, is bound to this name and held by nothing else but `known` variables."""
    if not _is_refillable(space[name], ours):
        return False
    return sys.getrefcount(space[name]) == 2 + known  # the namespace and the argument


def _is_refillable(value: Any, ours: Ours) -> bool:
    kind = type(value)
    if kind in (*_DICTS, list, set, deque, functools.partial, SimpleNamespace):
        return True
    if kind is FunctionType:
        return value.__closure__ is not None
    by_identity: Any = object.__hash__
    return ours.is_instance(value) and kind.__hash__ in (by_identity, None) and is_open(value)


def is_open(value: Any) -> bool:
    """Tell whether all that an object of a Python class consists of can be exchanged: attributes and entries."""
    if isinstance(value, (dict, list, set, deque, SimpleNamespace)):
        return True
    return all(one is object or one.__flags__ & _MADE_BY_PYTHON for one in type(value).__mro__)


def refill(merger: Merger, old: Any, new: Any, undo: Undo) -> bool:
    """Give the old object the new one's content; tell whether that was possible."""
    kind = type(new)
    if type(old) is not kind:
        return False
    if is_piece(old) and kind is not SimpleNamespace:
        return put_into(old, new, undo)
    if kind is FunctionType:
        if old.__code__.co_qualname != new.__code__.co_qualname:
            return False
        merger.function(old, new)
    elif isinstance(new, dict):
        entries = dict_kind(new).items
        before = dict(entries(old))
        undo.push(put_content, old, before)
        put_content(old, {key: merger.value(before.get(key, MISSING), value) for key, value in entries(new)})
        if isinstance(new, defaultdict):
            undo.member(old, "default_factory", new.default_factory)
    elif isinstance(new, deque):
        if old.maxlen != new.maxlen:
            return False
        undo.push(put_content, old, list(old))
        put_content(old, new)
    elif isinstance(new, list):
        undo.push(put_content, old, list(old))
        pairs = [*old, *[MISSING] * len(new)]
        put_content(old, [merger.value(before, value) for before, value in zip(pairs, new, strict=False)])
    elif isinstance(new, set):
        undo.push(put_content, old, set(old))
        put_content(old, new)
    elif kind is functools.partial:
        undo.push(old.__setstate__, old.__reduce__()[2])
        old.__setstate__(new.__reduce__()[2])
    inner = getattr(new, "__dict__", None)
    if isinstance(inner, dict) and kind not in (FunctionType, functools.partial):
        undo.push(restore_dict, old.__dict__, dict(old.__dict__))
        content = dict(inner)
        old.__dict__.clear()
        old.__dict__.update(content)
    merger.pair(old, new)
    return True
