"""What goes over the wire: frames of a JSON head and raw bytes, each with its length in front.

A frame is two big-endian 32-bit lengths, the head in UTF-8, the bytes. Arrays and bytes inside a head are named by
where they lie in the bytes: `{"$array": [offset, dtype, shape]}`, `{"$bytes": [offset, length]}`.
"""

from __future__ import annotations

import enum
import json
import math
import re
import struct
from collections.abc import Callable, Mapping
from pathlib import PurePath
from typing import Any

import numpy as np

from engine.errors import HotloopError, describe

LENGTHS = struct.Struct(">II")
MOST_HEAD = 1 << 20
MOST_BODY = 1 << 26
MOST_DEPTH = 32
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*"?', re.DOTALL)


class Later:
    """A part of an answer that is worked out by whoever encodes it, outside of the game's thread."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make


class FrameError(HotloopError):
    """A frame is none; who sent it is not heard any further."""


def pack(head: Mapping[str, Any]) -> bytes:
    """Return the frame of a head whose arrays and bytes go into the body."""
    parts: list[bytes] = []
    text = json.dumps(_outward(head, parts, [0]), separators=(",", ":")).encode()
    return b"".join([LENGTHS.pack(len(text), sum(map(len, parts))), text, *parts])


def lengths(prefix: bytes, most_body: int) -> tuple[int, int]:
    """Return the lengths of head and body that a frame begins with. Raises `FrameError` where they are too large."""
    head, body = LENGTHS.unpack(prefix)
    if not 0 < head <= MOST_HEAD or body > most_body:
        why = f"it announces {head} bytes of head and {body} of body"
        raise FrameError("this frame is too large", why=why, remedy=f"send at most {MOST_HEAD} and {most_body} bytes")
    return head, body


def unpack(head: bytes, body: bytes = b"") -> dict[str, Any]:
    """Return the head of a frame with its arrays and bytes put in. Raises `FrameError` for what is no such head."""
    try:
        text = head.decode("utf-8")
        if _depth(text) > MOST_DEPTH:
            raise FrameError("this frame is nested too deeply", remedy=f"nest at most {MOST_DEPTH} deep")
        found = json.loads(text, parse_constant=_refuse_constant, object_pairs_hook=_once)
    except FrameError:
        raise
    except (ValueError, RecursionError) as error:
        raise FrameError("this frame's head is no JSON", why=describe(error)) from error
    if not isinstance(found, dict):
        raise FrameError("this frame's head is no object", why=f"it is a {type(found).__name__}")
    try:
        return {name: _inward(value, body) for name, value in found.items()}
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise FrameError("this frame's body is not what its head says", why=describe(error)) from error


def _depth(text: str) -> int:
    """Return how deep brackets are nested, before a parser has to find out."""
    depth = most = 0
    for bracket in re.findall(r"[\[\]{}]", _QUOTED.sub("", text)):
        depth += 1 if bracket in "[{" else -1
        most = max(most, depth)
    return most


def _refuse_constant(name: str) -> float:
    raise FrameError(f"{name} is no JSON", remedy="send finite numbers")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise FrameError("a key is given twice", remedy="give each key once")
    return found


def detached(value: Any) -> Any:
    """Return a result that no longer shares anything with the game: arrays copied, the rest plain data."""
    if isinstance(value, np.ndarray):
        return value.astype(str) if value.dtype.kind == "O" else value.copy()
    if isinstance(value, Mapping):
        return {str(key): detached(item) for key, item in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [detached(item) for item in value]
    if isinstance(value, enum.Enum):
        return value.name
    if isinstance(value, np.generic):
        return value.item()
    if value is None or isinstance(value, bool | int | float | str | bytes | Later):
        return value
    return str(value) if isinstance(value, PurePath) else f"{value!r:.200}"


def _outward(value: Any, parts: list[bytes], at: list[int]) -> Any:
    if isinstance(value, Later):
        value = value.make()
    if isinstance(value, np.ndarray) and value.dtype.kind in "biuf":
        found = np.ascontiguousarray(value)
        mark: dict[str, Any] = {"$array": [at[0], found.dtype.str, list(found.shape)]}
        return _placed(found.tobytes(), parts, at, mark)
    if isinstance(value, np.ndarray):
        return _outward(value.tolist(), parts, at)
    if isinstance(value, bytes):
        return _placed(value, parts, at, {"$bytes": [at[0], len(value)]})
    if isinstance(value, dict):
        return {key: _outward(item, parts, at) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_outward(item, parts, at) for item in value]
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)  # JSON has no word for it
    return value


def _placed(data: bytes, parts: list[bytes], at: list[int], mark: dict[str, Any]) -> dict[str, Any]:
    parts.append(data)
    at[0] += len(data)
    return mark


def _inward(value: Any, body: bytes) -> Any:
    if isinstance(value, list):
        return [_inward(item, body) for item in value]
    if not isinstance(value, dict):
        return value
    if value.keys() == {"$array"}:
        offset, dtype, shape = value["$array"]
        kind = np.dtype(dtype)
        if kind.kind not in "biuf":
            raise ValueError(f"dtype {dtype} is none of plain numbers")
        count = math.prod(shape)
        return np.frombuffer(body, kind, count, offset).reshape(shape) if count else np.empty(shape, kind)
    if value.keys() == {"$bytes"}:
        offset, length = value["$bytes"]
        return body[offset : offset + length]
    return {key: _inward(item, body) for key, item in value.items()}
