"""Values on their way into columns: their lengths, dtypes and shapes are checked here, before anything is written."""

from __future__ import annotations

import enum
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.fields import whole_numbers
from engine.ecs.schema import Field, Schema
from engine.ecs.texts import Interner, TextColumn
from engine.errors import ComponentError, EntityError, did_you_mean

Ids = NDArray[np.uint64]
Columns = dict[str, Any]

LAST_ID = 2**64 - 1
PLAIN = frozenset({int, float, bool})
# Which kinds of number may be written into which: never a fraction into whole numbers, never a number into a truth.
_ACCEPTED = {"b": "b", "i": "biu", "u": "biu", "f": "biuf", "c": "biufc"}


def as_ids(value: Any) -> Ids:
    """Return entity ids as a uint64 array; raise EntityError for what is no id."""
    if isinstance(value, np.ndarray) and value.dtype == np.uint64:
        return value
    if type(value) is int and value >= 0:
        return np.array(value, np.uint64)
    found = np.asarray(value)
    if (
        found.dtype.kind == "f"
        and isinstance(value, list | tuple)
        and all(isinstance(i, int | np.integer) for i in value)
    ):
        # Whole numbers above 2**63 become floats when numpy has to find a common dtype itself.
        return np.array(value, np.uint64)
    if (found.dtype.kind not in "ui" and found.size) or (found.dtype.kind == "i" and (found < 0).any()):
        remedy = "ids come from spawn, or from the term Entity of a query"
        raise EntityError(f"{value!r:.80} is no entity id", remedy=remedy)
    return found.astype(np.uint64)


def is_one(ids: Any) -> bool:
    """Tell whether this is one id, as a number."""
    return ids.__class__ is np.uint64 or (ids.__class__ is int and 0 <= ids <= LAST_ID)


def columns_of(schema: Schema, given: Mapping[str, Any], interner: Interner) -> tuple[Columns, int | None]:
    """Check values against a schema; return them ready to be written, and their common length (None: all scalars)."""
    columns: Columns = {}
    length: int | None = None
    scalars = schema.scalars
    for field in schema.fields:
        name = field.name
        value = given[name]
        if type(value) in PLAIN and name in scalars:
            kind, low, high = scalars[name]
            if kind != "f":
                _check_scalar(schema, field, value, kind, low, high)
            columns[name] = value
            continue
        value, n = _column(schema, field, value, interner)
        columns[field.name] = value
        if n is not None:
            if length is not None and n != length:
                why = f"{schema.name}.{field.name} has {n} rows, another field {length}"
                raise ComponentError("columns differ in length", why=why, remedy="give one value or equal lengths")
            length = n
    return columns, length


def complete(schema: Schema, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the given fields with defaults for the rest; raise for a name that is no field or a lacking value."""
    for name in given:
        if name not in schema.by_name:
            remedy = did_you_mean(name, schema.by_name) or f"its fields are {', '.join(schema.by_name) or 'none'}"
            raise ComponentError(f"{schema.name} has no field {name!r}", remedy=remedy)
    lacking = [field.name for field in schema.fields if field.required and field.name not in given]
    if lacking:
        raise ComponentError(f"{schema.name} needs a value for {', '.join(lacking)}", remedy="give it")
    return {field.name: given.get(field.name, field.default) for field in schema.fields}


def common_length(lengths: Iterable[tuple[str, int | None]], count: int | None) -> int:
    """Return how many rows are meant: the count, the length all columns share, or 1 where all are single values."""
    rows = count
    for name, length in lengths:
        if length is None:
            continue
        if rows is None:
            rows = length
        elif rows != length:
            why = f"the columns of {name} have length {length}, expected {rows}"
            raise ComponentError("wrong shape", why=why, remedy="give single values, or columns of one length")
    if rows is not None and rows < 0:
        raise ComponentError(f"count is {rows}", remedy="give a count of 0 or more")
    return 1 if rows is None else int(rows)


def _check_scalar(schema: Schema, field: Field, value: Any, kind: str, low: int, high: int) -> None:
    if (kind in "iu" and type(value) is float) or (kind == "b" and type(value) is not bool):
        raise _unfit(schema, field, value, f"it is no {field.dtype}")
    if kind in "iu" and not low <= value <= high:
        raise _unfit(schema, field, value, f"it is out of range of {field.dtype}")


def _column(schema: Schema, field: Field, value: Any, interner: Interner) -> tuple[Any, int | None]:
    if field.dtype == "text":
        codes = interner.encode(value, field.kind == "enum")
        return codes, codes.size if isinstance(codes, np.ndarray) and codes.ndim else None
    if field.kind == "enum" and not isinstance(value, np.ndarray):
        value = value.value if isinstance(value, enum.Enum) else value
    if isinstance(value, TextColumn | str):
        raise _unfit(schema, field, value, "it is text")
    dtype = np.dtype(field.dtype)
    found = value if isinstance(value, np.ndarray) else _array(schema, field, value, dtype)
    if found.dtype.kind not in _ACCEPTED[dtype.kind] and found.size:
        raise _unfit(schema, field, value, f"dtype {found.dtype} does not become {dtype} without loss")
    wanted = len(field.shape)
    if field.shape and (found.ndim == 0 or found.shape[0] != field.size):
        if found.ndim == 0:
            return np.broadcast_to(found.astype(dtype), field.shape)[:, None], None
        raise _unfit(schema, field, value, f"shape is {found.shape}, expected ({field.size},) or ({field.size}, n)")
    if found.ndim == wanted:
        return (found[:, None] if wanted else found), None
    if found.ndim == wanted + 1:
        return found, found.shape[-1]
    raise _unfit(schema, field, value, f"shape is {found.shape}, expected {'(k, n)' if wanted else '(n,)'}")


def _array(schema: Schema, field: Field, value: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    try:
        if dtype.kind in "iu" and isinstance(value, list | tuple | int):
            whole = whole_numbers(value, dtype)
            if whole is not None:
                return whole
        found = np.asarray(value)
    except (ValueError, TypeError, OverflowError) as error:
        raise _unfit(schema, field, value, str(error)) from error
    if found.dtype.kind == "O":
        raise _unfit(schema, field, value, "it is no array of numbers")
    return found


def _unfit(schema: Schema, field: Field, value: Any, why: str) -> ComponentError:
    shown = f"array of shape {value.shape}" if isinstance(value, np.ndarray) else f"{value!r:.60}"
    remedy = f"give {field.dtype} values, one or a column" if field.dtype != "text" else "give text"
    return ComponentError(
        f"{shown} does not fit", where=f"{schema.name}.{field.name}", why=why, remedy=remedy, schema=schema, field=field
    )
