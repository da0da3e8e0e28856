"""Plain data as JSON for a file, and back; enums and dataclasses are found again among classes that are loaded."""

from __future__ import annotations

import enum
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import qualified_name
from engine.ecs.plain import is_record, record_fields
from engine.errors import SnapshotError

if TYPE_CHECKING:
    from engine.ecs.world import World

Arrays = list[NDArray[Any]]


@dataclass(frozen=True)
class FiledEnum:
    """An Enum member from a file, until its class is known."""

    type_name: str
    value: str | int


@dataclass(frozen=True)
class FiledRecord:
    """A dataclass's instance from a file, until its class is known."""

    type_name: str
    fields: dict[str, Any]


def member_key(member: enum.Enum) -> str | int:
    """Return what names a member: its name, or the bits of a flag."""
    if isinstance(member, enum.Flag):
        return int(member.value)
    return member.name


def encode(value: Any, arrays: Arrays) -> Any:
    """Return plain data as JSON-able data; arrays are added to `arrays` and named by number."""
    if isinstance(value, enum.Enum):
        return {"enum": qualified_name(type(value)), "value": member_key(value)}
    if isinstance(value, FiledEnum):
        return {"enum": value.type_name, "value": value.value}
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, bytes):
        return {"bytes": value.hex()}
    if isinstance(value, complex) and not isinstance(value, np.generic):
        return {"complex": [value.real, value.imag]}
    if isinstance(value, np.ndarray | np.generic):
        arrays.append(np.asarray(value))
        return {"array" if isinstance(value, np.ndarray) else "scalar": len(arrays) - 1}
    if isinstance(value, list):
        return [encode(item, arrays) for item in value]
    if isinstance(value, dict):
        return {"dict": [[encode(key, arrays), encode(item, arrays)] for key, item in value.items()]}
    if isinstance(value, FiledRecord):
        fields, name = list(value.fields.items()), value.type_name
    elif is_record(value):
        fields, name = record_fields(value), qualified_name(type(value))
    else:
        return {type(value).__name__: [encode(item, arrays) for item in value]}
    return {"record": name, "fields": {field: encode(item, arrays) for field, item in fields}}


def decode(data: Any, arrays: Arrays) -> Any:
    """Return what `encode` was given, with enums and records still filed; raise SnapshotError for nonsense."""
    if data is None or isinstance(data, bool | int | float | str):
        return data
    if isinstance(data, list):
        return [decode(item, arrays) for item in data]
    try:
        match data:
            case {"enum": str(name), "value": int() | str() as value}:
                return FiledEnum(name, value)
            case {"record": str(name), "fields": dict(fields)}:
                return FiledRecord(name, {str(field): decode(item, arrays) for field, item in fields.items()})
            case {"array": int(at)}:
                return arrays[at].copy()
            case {"scalar": int(at)}:
                return arrays[at][()]
            case {"bytes": str(text)}:
                return bytes.fromhex(text)
            case {"complex": [real, imag]}:
                return complex(real, imag)
            case {"dict": list(items)}:
                return {decode(key, arrays): decode(item, arrays) for key, item in items}
            case {"tuple": list(items)}:
                return tuple(decode(item, arrays) for item in items)
            case {"set": list(items)}:
                return {decode(item, arrays) for item in items}
            case {"frozenset": list(items)}:
                return frozenset(decode(item, arrays) for item in items)
    except (TypeError, ValueError, IndexError) as error:
        raise SnapshotError("a resource in the snapshot makes no sense", why=str(error), cause=error) from error
    raise SnapshotError("a resource in the snapshot makes no sense", why=f"{data!r:.80}")


def resolve_state(world: World, name: str, state: dict[str, Any]) -> dict[str, Any]:
    """Return a resource's state with filed enums and records turned into instances, where the class is known.

    Raises SnapshotError for a class that its module does not name: no code is imported for a file.
    """
    info = world.resources.get(name)
    if info is None or info.cls is None or not any(_is_filed(value) for value in state.values()):
        return state
    module = sys.modules.get(info.cls.__module__)
    types: dict[str, type] = {name: info.cls}
    for value in list(vars(module).values()) if module is not None else ():
        if isinstance(value, type):
            types.setdefault(qualified_name(value), value)
    return {field: _resolve(value, types, name) for field, value in state.items()}


def _is_filed(value: Any) -> bool:
    if isinstance(value, FiledEnum | FiledRecord):
        return True
    if isinstance(value, dict):
        return any(_is_filed(key) or _is_filed(item) for key, item in value.items())
    return isinstance(value, list | tuple | set | frozenset) and any(_is_filed(item) for item in value)


def _resolve(value: Any, types: dict[str, type], where: str) -> Any:
    if isinstance(value, FiledEnum):
        cls = types.get(value.type_name)
        if cls is None or not issubclass(cls, enum.Enum):
            raise SnapshotError(f"{where} holds a member of {value.type_name}", why="its module has no such Enum")
        try:
            return cls(value.value) if isinstance(value.value, int) else cls[value.value]
        except (KeyError, ValueError) as error:
            raise SnapshotError(f"{value.type_name} has no member {value.value!r}", where=where) from error
    if isinstance(value, FiledRecord):
        cls = types.get(value.type_name)
        if cls is None or not is_record(object.__new__(cls)):
            raise SnapshotError(f"{where} holds a {value.type_name}", why="its module has no such dataclass")
        record: Any = object.__new__(cls)
        for field, item in value.fields.items():
            object.__setattr__(record, field, _resolve(item, types, where))
        return record
    if isinstance(value, dict):
        return {_resolve(key, types, where): _resolve(item, types, where) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return type(value)(_resolve(item, types, where) for item in value)
    return value
