"""Named tuples that are shorter than their class has fields by now: they act as if they had the rest's defaults."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Iterator, Mapping
from typing import Any

from engine.reload.undo import MISSING, Undo

_Any = namedtuple("_Any", "one")


class AddedField:
    """A field that was added to a named tuple: shorter ones, made before, have its default."""

    def __init__(self, index: int, default: Any) -> None:
        self.index, self.default = index, default

    def __get__(self, instance: Any, owner: type | None = None) -> Any:
        if instance is None:
            return self
        return instance[self.index] if self.index < len(instance) else self.default


def lengthen(old: type, new: type, fields: tuple[str, ...], undo: Undo) -> None:
    """Give live tuples of a class, whose fields were these, those with a default that its new version has."""
    added = {name for name, value in old.__dict__.items() if isinstance(value, AddedField)}
    named: Any = new
    defaults: Mapping[str, Any] = getattr(new, "_field_defaults", {}) if issubclass(new, tuple) else {}
    for name, default in defaults.items():
        if name not in new.__dict__ or "_field_defaults" in new.__dict__:
            undo.attribute(old, name, AddedField(named._fields.index(name), default))
    for name in added - set(defaults):
        undo.attribute(old, name, MISSING)
    if len(fields) < len(getattr(new, "_fields", ())) and defaults and "__iter__" not in new.__dict__:
        undo.attribute(old, "__iter__", _iterate)
        if getattr(named.__repr__, "__code__", None) is _Any.__repr__.__code__:
            undo.attribute(old, "__repr__", _show)
    elif not defaults and old.__dict__.get("__iter__") is _iterate:
        undo.attribute(old, "__iter__", MISSING)


def _iterate(self: Any) -> Iterator[Any]:
    yield from tuple.__iter__(self)
    for name in self._fields[len(self) :]:
        yield getattr(self, name)


def _show(self: Any) -> str:
    pairs = ", ".join(f"{name}={value!r}" for name, value in zip(self._fields, self, strict=False))
    return f"{type(self).__name__}({pairs})"
