"""Live instances of a class, and what holds them: found only where it has to be, by one pass over the heap."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from engine.reload.undo import Undo

_LOOKED_AT = 8
"""Keys of a container that are looked at."""


def with_subclasses(cls: type) -> list[type]:
    """Return a class and all below it."""
    classes: list[type] = [cls]
    for one in classes:
        below: list[type] = type.__subclasses__(one)
        classes.extend(sub for sub in below if sub not in classes)
    return classes


def instances_of(cls: type) -> Iterator[Any]:
    """Yield the live instances of a class and of its subclasses."""
    classes = with_subclasses(cls)
    gc.unfreeze()  # what is frozen would not be found
    for item in gc.get_referrers(*classes):
        if type(item) in classes:
            yield item


def forget_values(cls: type, name: str, undo: Undo) -> None:
    """Let instances forget the value they keep under a name, which would hide what the class has there by now."""
    for instance in instances_of(cls):
        inner = getattr(instance, "__dict__", None)
        if isinstance(inner, dict) and name in inner:
            undo.push(inner.__setitem__, name, inner.pop(name))


def hash_anew(classes: Iterable[type], undo: Undo) -> None:
    """Let dicts and sets find the instances of classes that are hashed in another way by now."""
    kinds = {sub for cls in classes for sub in with_subclasses(cls)}
    if not any(cls.__hash__ for cls in kinds):
        return
    gc.unfreeze()
    for holder in gc.get_objects():
        if type(holder) in (dict, set) and any(type(key) in kinds for key in list(islice(holder, _LOOKED_AT))):
            undo.push_last(_fill_anew, holder)
            _fill_anew(holder)


def _fill_anew(holder: dict[Any, Any] | set[Any]) -> None:
    """Put everything in a container into it again; one with a key that cannot be hashed stays as it is."""
    content: Any = dict.copy(holder) if isinstance(holder, dict) else list(holder)
    try:
        for key in content:
            hash(key)
    except Exception:
        return
    items = list(content.items()) if isinstance(holder, dict) else content
    holder.clear()
    holder.update(items)
