"""Live instances of a class: found only where there is no other way, by one pass over the heap."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

from engine.reload.undo import Undo


def instances_of(cls: type) -> Iterator[Any]:
    """Yield the live instances of a class and of its subclasses."""
    classes: list[type] = [cls]
    for one in classes:
        below: list[type] = type.__subclasses__(one)
        classes.extend(sub for sub in below if sub not in classes)
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
