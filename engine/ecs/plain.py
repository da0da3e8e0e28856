"""What a resource may hold, and how it is copied: numbers, text, enums, arrays, and containers of them."""

from __future__ import annotations

import dataclasses
import enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ComponentError

ATOMS = frozenset({int, float, bool, str, bytes, complex, type(None)})

_SINGLE = (enum.Enum, np.generic)


def copy_value(value: Any, where: str | tuple[str, str], old: Any = None) -> Any:
    """Return an independent copy of plain data; an array is copied into `old` where that has its shape and dtype.

    Raises ComponentError that names `where`, or the resource and its field, for anything that is no plain data.
    """
    kind = type(value)
    if kind in ATOMS:
        return value
    if kind is np.ndarray:
        return _copy_array(value, where, old)
    if kind in (list, tuple, set, frozenset):
        # What holds nothing that could change is copied whole.
        return kind(value if ATOMS.issuperset(map(type, value)) else [copy_value(item, where) for item in value])
    if kind is dict:
        return {copy_value(key, where): copy_value(item, where) for key, item in value.items()}
    if isinstance(value, _SINGLE):
        return value
    if is_record(value):
        new = object.__new__(kind)
        for name, item in record_fields(value):
            object.__setattr__(new, name, copy_value(item, where))
        return new
    raise not_plain(value, where, f"a {kind.__qualname__}")


def _copy_array(value: NDArray[Any], where: str | tuple[str, str], old: Any) -> NDArray[Any]:
    if value.dtype.kind in "OV":
        raise not_plain(value, where, "an array of objects")
    if type(old) is np.ndarray and old.shape == value.shape and old.dtype == value.dtype and old.flags.writeable:
        old[...] = value
        return old
    new = value.copy()
    new.flags.writeable = value.flags.writeable
    return new


def is_record(value: Any) -> bool:
    """Tell whether a value is a dataclass's instance, or a marked class's."""
    return not isinstance(value, type) and (dataclasses.is_dataclass(value) or hasattr(type(value), "__mark__"))


def record_fields(value: Any) -> list[tuple[str, Any]]:
    """Return names and values of a record's attributes."""
    if hasattr(value, "__dict__"):
        return list(vars(value).items())
    return [(field.name, getattr(value, field.name)) for field in dataclasses.fields(value)]


def not_plain(value: Any, where: str | tuple[str, str], what: str) -> ComponentError:
    """Return the error for what a world cannot keep."""
    return ComponentError(
        f"{what} cannot be part of a world",
        where=where if isinstance(where, str) else ".".join(where),
        why="it is no number, text, enum, array, list, dict, tuple, set or dataclass",
        remedy="keep it in a resource marked @resource(transient=True)",
        value=value,
    )
