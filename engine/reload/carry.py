"""Carry the values of a field over to its next schema: exactly, or not at all."""

from __future__ import annotations

import contextlib
import enum
import re
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.fields import NUMBER_DTYPES
from engine.ecs.schema import Field, Schema
from engine.ecs.texts import TextColumn

Columns = dict[str, Any]
Filled = dict[tuple[str, str], Any]
"""By schema and field: the default that an edit gave the rows there were, while the field lasts."""

LOST = object()
"""What `taken_over` returns where a value would not survive."""

_PLAIN: dict[str, Any] = {
    one.__name__: one for one in (int, float, bool, complex, str, bytes, list, dict, tuple, set, frozenset)
} | {"text": str}
_NUMBERS = (bool, int, float, complex)


def source_of(new_field: Field, old: Schema, new: Schema) -> Field | None:
    """Return the old field whose values a new field takes over, if there is one.

    It is the one of its name, else the one it was renamed from, else the one that was renamed from it: an edit that
    is taken back takes its renames back.
    """
    known, kept = old.by_name, new.by_name
    if new_field.name in known:
        return known[new_field.name]
    if new_field.renamed_from in known and new_field.renamed_from not in kept:
        return known[new_field.renamed_from]
    return next((one for one in old.fields if one.renamed_from == new_field.name and one.name not in kept), None)


def taken_over(source: Field, one: Field, values: Any) -> Any:
    """Return old values as a new field holds them, or `LOST` where it cannot hold each of them exactly."""
    if one.kind == "value" or source.kind == "value":
        return as_annotated(values, one.dtype) if one.kind == source.kind else LOST
    if (source.dtype, source.shape) == (one.dtype, one.shape):
        return renumbered(source, one, values)
    if "text" in (source.dtype, one.dtype) or source.shape != one.shape or "entity" in (source.kind, one.kind):
        return LOST
    there = exact(np.asarray(values), np.dtype(one.dtype))
    return LOST if there is None else there


def exact(values: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[Any] | None:
    """Return numbers as another dtype, or None if it cannot hold each of them."""
    # To numpy any whole number is safe in a float, although large ones are rounded there.
    if np.can_cast(values.dtype, dtype, "safe") and (values.dtype.kind not in "iu" or dtype.kind in "iu"):
        return values.astype(dtype)
    if values.dtype.kind not in "biufc":
        return None
    if values.dtype.kind == "c" and dtype.kind != "c":
        return None if np.any(np.imag(values)) else exact(np.real(values), dtype)
    if dtype.kind == "b":
        return values.astype(dtype) if bool(np.all((values == 0) | (values == 1))) else None
    if dtype.kind in "iu":
        return values.astype(dtype) if _whole(values, dtype) else None
    with np.errstate(all="ignore"):
        there = values.astype(dtype)
        if values.dtype.kind in "iu":
            back = exact(np.real(there), values.dtype)
            return there if back is not None and np.array_equal(back, values) else None
        return there if np.array_equal(there.astype(values.dtype), values, equal_nan=True) else None


def _whole(values: NDArray[Any], dtype: np.dtype[Any]) -> bool:
    """Tell whether all are whole numbers in the range of an integer dtype."""
    if not values.size:
        return True
    limits = np.iinfo(dtype)
    if values.dtype.kind == "f":
        wide = values.astype(np.float64)
        # The upper limit itself is no float64 for 64 bits; the number after it is, for every width.
        low, high = float(limits.min), 2.0 ** int(limits.max).bit_length()
        return bool(np.all(np.isfinite(wide) & (wide == np.trunc(wide)) & (wide >= low) & (wide < high)))
    return int(limits.min) <= int(values.min()) and int(values.max()) <= int(limits.max)


def as_annotated(value: Any, annotation: str) -> Any:
    """Return a resource's value under another annotation, or `LOST` where that cannot be; unknown ones take all."""
    heads = [re.split(r"[\[.]", part.strip(), maxsplit=1)[0] for part in annotation.split("|")]
    if value is None and "None" in heads:
        return value
    if any(head not in _PLAIN and head not in NUMBER_DTYPES and head != "None" for head in heads):
        return value
    wanted = [_PLAIN[head] for head in heads if head in _PLAIN]
    if isinstance(value, tuple(wanted)) and (bool in wanted or not isinstance(value, bool)):
        return value
    dtypes = [np.dtype(head) for head in heads if head in NUMBER_DTYPES]
    if isinstance(value, np.ndarray | np.generic | int | float | complex) and dtypes:
        fits = any(dtype.kind in "fc" or exact(np.asarray(value), dtype) is not None for dtype in dtypes)
        return value if fits else LOST
    if isinstance(value, _NUMBERS):
        kinds: list[Any] = [one for one in wanted if one in _NUMBERS]
        for kind in kinds:
            with contextlib.suppress(TypeError, ValueError, OverflowError):
                if kind(value) == value:
                    return kind(value)
    return LOST


def fitted(one: Field, values: Any, rows: int) -> Any:
    """Return a column that a migration made, checked against its field; raise ValueError that says what is wrong."""
    if one.kind == "value":
        return values
    if one.dtype == "text":
        count = None if isinstance(values, str | enum.Enum) else len(values)
        if count not in (None, rows):
            raise ValueError(f"column {one.name} has {count} rows, expected {rows}")
        return values
    if isinstance(values, TextColumn):
        raise ValueError(f"column {one.name} holds text, expected {one.dtype}")
    array = np.asarray(values.value if isinstance(values, enum.Enum) else values)
    shape = (*one.shape, rows)
    if array.shape not in ((), one.shape, shape):
        raise ValueError(f"column {one.name} has shape {array.shape}, expected {shape}")
    if array.shape == one.shape and array.shape != shape:
        array = array[..., None]
    return np.broadcast_to(_cast(one, array), shape)


def _cast(one: Field, array: NDArray[Any]) -> NDArray[Any]:
    """Return numbers in a field's dtype; only a float may be rounded, and none may overflow."""
    dtype = np.dtype(one.dtype)
    there = exact(array, dtype)
    if there is None and array.dtype.kind in "iuf" and dtype.kind in "fc":
        with np.errstate(all="ignore"):
            there = array.astype(dtype)
        there = there if np.array_equal(np.isfinite(there), np.isfinite(array)) else None
    if there is None:
        raise ValueError(f"column {one.name} is {array.dtype} and holds values that {dtype} cannot hold; round them")
    return there


def new_numbers(source: Field, one: Field) -> dict[int, int]:
    """Return, by their old numbers, the new ones of the members of an Enum that have got others."""
    now = dict(one.members)
    return {number: now[name] for name, number in reversed(source.members) if now.get(name, number) != number}


def lost_numbers(source: Field, one: Field) -> dict[int, str]:
    """Return the names of members that an Enum has no more, by their numbers; a number with a new name is not lost."""
    before, now = dict(source.members), dict(one.members)
    renamed = {number for name, number in one.members if name not in before}
    kept = {number for name, number in source.members if name in now}
    gone = {number: name for name, number in reversed(source.members) if name not in now} if one.members else {}
    return {number: name for number, name in gone.items() if number not in renamed | kept}


def renumbered(source: Field, one: Field, values: NDArray[Any]) -> NDArray[Any]:
    """Return a column in which each member of an Enum of numbers, and each union of flags, is still the same."""
    changed = new_numbers(source, one) if source.members != one.members else {}
    if not changed:
        return values
    there = values.copy()
    unions, seen = np.zeros_like(values), np.zeros_like(values)
    for _, number in source.members:
        now = changed.get(number, number)
        there[values == number] = now
        if number > 0 and number & number - 1 == 0:
            has = (values & number) != 0
            unions[has] |= now
            seen[has] |= number
    others = ~np.isin(values, [number for _, number in source.members]) & (seen == values)
    there[others] = unions[others]
    return there


def missing_members(values: Any, members: type[enum.Enum] | None) -> list[str]:
    """Name the members that a column of Enum names holds although their class has them no more."""
    if members is None or issubclass(members, int):
        return []
    if isinstance(values, TextColumn):
        held: Iterable[Any] = [values.interner.strings[code] for code in np.unique(values.codes).tolist()]
    else:
        held = [values] if isinstance(values, str | enum.Enum) else values
    names = {one.name if isinstance(one, enum.Enum) else str(one) for one in held}
    return sorted(names - set(members.__members__))


def is_untouched(values: Any, filled: Any) -> bool:
    """Tell whether values are still what an edit had filled in."""
    if isinstance(values, TextColumn):
        return bool(np.all(values == filled))
    if isinstance(values, np.ndarray) and values.dtype.kind in "biufc":
        given = np.asarray(filled)
        if given.shape and given.ndim < values.ndim:
            given = given[..., None]
        with contextlib.suppress(ValueError):
            return bool(np.all((values == given) | ((values != values) & (given != given))))
        return False
    try:
        return type(values) is type(filled) and bool(values == filled)
    except (TypeError, ValueError):
        return False
