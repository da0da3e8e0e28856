"""Classes whose slots were dropped while they had instances: those are given any attribute all the same."""

from __future__ import annotations

from typing import Any

SPARE = "__hotloop__"


class Slotted:
    """Base of a reloadable class with slots: room for what a later version adds.

    It holds a dict that is never changed, only replaced: copies of an instance share it.
    """

    __slots__ = (SPARE,)


_Spare: Any = Slotted.__dict__[SPARE]


def spare_values(instance: Any) -> dict[str, Any]:
    """Return the values that are kept in the spare room of an instance."""
    try:
        values: dict[str, Any] = _Spare.__get__(instance)
    except AttributeError:
        return {}
    return values


def put_spare(instance: Any, values: dict[str, Any]) -> None:
    """Let the spare room of an instance hold these values."""
    _Spare.__set__(instance, values)


class Loose(Slotted):
    """Base of a class that had slots and has none now: its instances act as if they had a dict."""

    __slots__ = ()

    @property
    def __dict__(self) -> dict[str, Any]:  # type: ignore[override]
        return dict(spare_values(self))

    def __getattribute__(self, name: str) -> Any:
        try:
            return object.__getattribute__(self, name)
        except AttributeError:
            values = spare_values(self)
            if name not in values:
                raise
            return values[name]

    def __setattr__(self, name: str, value: Any) -> None:
        try:
            object.__setattr__(self, name, value)
        except AttributeError:
            if hasattr(getattr(type(self), name, None), "__set__"):
                raise
            put_spare(self, {**spare_values(self), name: value})

    def __delattr__(self, name: str) -> None:
        values = spare_values(self)
        if name in values:
            put_spare(self, {other: value for other, value in values.items() if other != name})
        else:
            object.__delattr__(self, name)


def is_loosened(old: type, new: type) -> bool:
    """Tell whether a live class with slots continues as one without, and so has to act as if it had a dict."""
    return old.__bases__ in ((Slotted,), (Loose,)) and new.__bases__ == (object,)
