"""esper's database as plain data, which a world's snapshots carry, and back into esper.

Entities, components and processors are taken down by value: numbers, text, enums, arrays, and containers of them. An
attribute that holds anything else stays as it is in the running program, and is missing in a new process.
"""

from __future__ import annotations

import enum
import sys
from collections.abc import Iterable
from contextlib import suppress
from copy import deepcopy
from itertools import count
from typing import Any

import esper
import numpy as np

_ATOMS = frozenset({int, float, bool, str, bytes, complex, type(None)})
_COLUMNS = {float: np.float64, bool: np.bool_, int: np.int64}

Data = dict[str, Any]


def capture() -> Data:
    """Return all that the current esper world holds, a column for each attribute of a component class.

    Sets and dicts of esper's are put into an order that follows from their content, since programs iterate over them.
    """
    by_class = {kind: sorted(ids) for kind, ids in esper._components.items() if ids}
    _put_in_order(by_class)
    return {
        "next": _next_id(),
        "entities": np.array(list(esper._entities), np.int64),
        "components": [_columns(kind, ids) for kind, ids in by_class.items()],
        "processors": [(name_of(type(one)), _plain_part(_fields(one, _slots(type(one))))) for one in esper._processors],
    }


def replay(data: Data, *own: type) -> None:
    """Make the current esper world hold what was captured; objects that it has already are kept and written over.

    `own` are classes of components that the program has not from its files.
    """
    before = esper._entities.copy()
    known = {name_of(kind): kind for kind in [*own, *esper._components]}
    processors = {name_of(type(one)): one for one in esper._processors}
    esper.clear_database()
    esper._entities.update((int(number), {}) for number in data["entities"])
    for name, ids, columns in data["components"]:
        kind = known.get(name) or class_of(name)
        numbers = ids.tolist()
        esper._components[kind] = set(numbers)
        values = {field: _listed(column) for field, column in columns.items()}
        for row, number in enumerate(numbers):
            part = before.get(number, {}).get(kind) or object.__new__(kind)
            _write(part, {field: deepcopy(column[row]) for field, column in values.items()})
            esper._entities[number][kind] = part
    esper._entity_count = count(data["next"])
    esper._processors.clear()
    esper._processors_dict.clear()
    for name, fields in data["processors"]:
        one = processors.get(name) or object.__new__(class_of(name))
        _write(one, deepcopy(fields))
        esper._processors.append(one)
        esper._processors_dict[type(one)] = one


def name_of(kind: type) -> str:
    """Return the name of a class that a copied or renamed game keeps, as `module:class`."""
    return f"{_home(vars(sys.modules.get(kind.__module__, esper)), kind.__module__)}:{kind.__qualname__}"


def class_of(name: str) -> type:
    """Return the loaded class of a name. Raises `LookupError` if there is none."""
    home, _, path = name.partition(":")
    for module in list(sys.modules.values()):
        space = getattr(module, "__dict__", {})
        if home == _home(space, str(space.get("__name__"))):
            value: Any = module
            for part in path.split("."):
                value = getattr(value, part, None)
            if isinstance(value, type):
                return value
    raise LookupError(f"the esper program has no class {name} any more")


def _home(space: dict[str, Any], name: str) -> str:
    """Return the name of a module that does not depend on who loaded it first."""
    return str(space.get("__qualified__") or name.removeprefix("modules."))


def _put_in_order(by_class: dict[type, list[int]]) -> None:
    """Let iteration follow from what there is, not from what came and went before."""
    for kind, ids in by_class.items():
        fresh = set(ids)
        if list(fresh) != list(esper._components[kind]):
            esper._components[kind] = fresh
            esper.clear_cache()
    for number, parts in esper._entities.items():
        ordered = [kind for kind in by_class if kind in parts]
        if list(parts) != ordered:
            esper._entities[number] = {kind: parts[kind] for kind in ordered}


def _next_id() -> int:
    return int(repr(esper._entity_count)[len("count(") : -1])


def _columns(kind: type, ids: list[int]) -> tuple[str, Any, dict[str, Any]]:
    slots = _slots(kind)
    rows = [_fields(esper._entities[number][kind], slots) for number in ids]
    columns = {field: [row.get(field) for row in rows] for field in dict.fromkeys(name for row in rows for name in row)}
    plain = {field: kept for field, column in columns.items() if (kept := _column(column)) is not None}
    return name_of(kind), np.array(ids, np.int64), plain


def _column(values: list[Any]) -> Any:
    """Return values of one type as an array that holds them exactly, any others as they are, None for no plain data."""
    kinds = set(map(type, values))
    if len(kinds) == 1 and (dtype := _COLUMNS.get(next(iter(kinds)))) is not None:
        with suppress(OverflowError):
            return np.array(values, dtype)
    if kinds <= _ATOMS:
        return values
    return deepcopy(values) if _all_plain(values) else None


def _listed(column: Any) -> list[Any]:
    found: list[Any] = column.tolist() if isinstance(column, np.ndarray) else column
    return found


def _slots(kind: type) -> list[str]:
    """Return the names of a class's slots, inherited ones too."""
    own = [one.__dict__.get("__slots__", ()) for one in kind.__mro__]
    names = [name for slots in own for name in ((slots,) if isinstance(slots, str) else slots)]
    return [name for name in names if name not in ("__dict__", "__weakref__")]


def _fields(value: Any, slots: list[str]) -> dict[str, Any]:
    """Return an object's attributes, those in slots too."""
    fields: dict[str, Any] = getattr(value, "__dict__", {})
    if not slots:
        return fields
    return {**fields, **{name: getattr(value, name) for name in slots if hasattr(value, name)}}


def _plain_part(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        name: value if type(value) in _ATOMS else deepcopy(value) for name, value in fields.items() if _is_plain(value)
    }


def _write(target: Any, fields: dict[str, Any]) -> None:
    for name, value in fields.items():
        object.__setattr__(target, name, value)


def _is_plain(value: Any) -> bool:
    kind = type(value)
    if kind in _ATOMS or isinstance(value, enum.Enum | np.generic):
        return True
    if kind is np.ndarray:
        return value.dtype.kind not in "OV"
    if kind is dict:
        return _all_plain(value) and _all_plain(value.values())
    return kind in (list, tuple, set, frozenset) and _all_plain(value)


def _all_plain(values: Iterable[Any]) -> bool:
    return all(type(value) in _ATOMS or _is_plain(value) for value in values)
