"""Let a live container, object or partial take the content of a new one, so that whoever holds it follows.

That is right only where the object belongs to one name: where nothing else referred to it when it was made.
"""

from __future__ import annotations

import functools
import sys
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Iterable
from types import FunctionType, SimpleNamespace
from typing import TYPE_CHECKING, Any

from engine.reload.trace import Ours
from engine.reload.undo import MISSING, Undo, restore_dict

if TYPE_CHECKING:
    from engine.reload.merge import Merger


_DICTS = (dict, defaultdict, OrderedDict, Counter)


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
    return ours.is_instance(value) and kind.__hash__ in (by_identity, None)


def refill(merger: Merger, old: Any, new: Any, undo: Undo) -> bool:
    """Give the old object the new one's content; tell whether that was possible."""
    kind = type(new)
    if type(old) is not kind:
        return False
    if kind is FunctionType:
        if old.__code__.co_qualname != new.__code__.co_qualname:
            return False
        merger.function(old, new)
    elif kind in _DICTS:
        undo.push(restore_dict, old, dict(old))
        content = {key: merger.value(old.get(key, MISSING), value) for key, value in new.items()}
        old.clear()
        old.update(content)
        if kind is defaultdict:
            undo.member(old, "default_factory", new.default_factory)
    elif kind is deque:
        if old.maxlen != new.maxlen:
            return False
        undo.push(_restore_deque, old, list(old))
        _restore_deque(old, new)
    elif kind is list:
        undo.push(_restore_list, old, list(old))
        pairs = [*old, *[MISSING] * len(new)]
        old[:] = [merger.value(before, value) for before, value in zip(pairs, new, strict=False)]
    elif kind is set:
        undo.push(_restore_set, old, set(old))
        old.clear()
        old.update(new)
    elif kind is functools.partial:
        undo.push(old.__setstate__, old.__reduce__()[2])
        old.__setstate__(new.__reduce__()[2])
    else:
        undo.push(restore_dict, old.__dict__, dict(old.__dict__))
        content = dict(new.__dict__)
        old.__dict__.clear()
        old.__dict__.update(content)
    merger.pair(old, new)
    return True


def _restore_list(target: list[Any], content: list[Any]) -> None:
    target[:] = content


def _restore_deque(target: deque[Any], content: Iterable[Any]) -> None:
    target.clear()
    target.extend(content)


def _restore_set(target: set[Any], content: set[Any]) -> None:
    target.clear()
    target.update(content)
