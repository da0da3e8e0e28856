"""The form in which staged code travels between processes: marshal, which knows code objects, and dataclasses."""

from __future__ import annotations

import dataclasses
import enum
import marshal
import struct
import sys
from importlib import import_module
from pathlib import Path
from types import CodeType
from typing import Any, BinaryIO

_LENGTH = struct.Struct(">Q")
_MARK = "\0wire"
_PLAIN = (type(None), bool, int, float, complex, str, bytes, CodeType, type(Ellipsis))


def send(stream: BinaryIO, message: object) -> None:
    """Write one message."""
    body = marshal.dumps(_packed(message))
    stream.write(_LENGTH.pack(len(body)) + body)
    stream.flush()


def receive(stream: BinaryIO) -> Any:
    """Read one message; `EOFError` where the other side has gone."""
    (length,) = _LENGTH.unpack(_exactly(stream, _LENGTH.size))
    return _unpacked(marshal.loads(_exactly(stream, length)))


def _exactly(stream: BinaryIO, size: int) -> bytes:
    block = stream.read(size)
    if len(block) < size:
        raise EOFError("the other side has gone")
    return block


def _packed(value: Any) -> Any:
    """Return a value as what marshal can hold; dataclasses, enums and paths become marked tuples."""
    if isinstance(value, enum.Enum):
        return (_MARK, "enum", type(value).__module__, type(value).__qualname__, value.name)
    if type(value) in _PLAIN:
        return value
    if isinstance(value, (list, tuple, set, frozenset)):
        return type(value)(map(_packed, value))
    if isinstance(value, dict):
        return {_packed(key): _packed(item) for key, item in value.items()}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = tuple(_packed(getattr(value, field.name)) for field in dataclasses.fields(value))
        return (_MARK, "data", type(value).__module__, type(value).__qualname__, fields)
    if isinstance(value, Path):
        return (_MARK, "path", str(value))
    raise TypeError(f"{type(value).__name__} cannot be sent to another process")


def _unpacked(value: Any) -> Any:
    kind = type(value)
    if kind is tuple:
        if len(value) > 1 and value[0] == _MARK:
            return _rebuilt(*value[1:])
        return tuple(map(_unpacked, value))
    if kind is list:
        return [_unpacked(item) for item in value]
    if kind is dict:
        return {_unpacked(key): _unpacked(item) for key, item in value.items()}
    if kind in (set, frozenset):
        return kind(map(_unpacked, value))
    return value


def _rebuilt(kind: str, *parts: Any) -> Any:
    if kind == "path":
        return Path(parts[0])
    module, name, content = parts
    cls: Any = sys.modules.get(module) or import_module(module)
    for part in name.split("."):
        cls = getattr(cls, part)
    if kind == "enum":
        return cls[content]
    made = cls.__new__(cls)
    for field, item in zip(dataclasses.fields(cls), content, strict=True):
        object.__setattr__(made, field.name, _unpacked(item))
    return made
