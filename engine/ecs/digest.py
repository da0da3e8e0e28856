"""The hash of a world: its state in canonical order, free of everything that belongs to one process."""

from __future__ import annotations

import enum
import struct
from typing import TYPE_CHECKING, Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from engine.ecs.component import qualified_name
from engine.ecs.filed import FiledEnum, FiledRecord, member_key
from engine.ecs.layout import Block, Layout
from engine.ecs.plain import is_record, record_fields
from engine.ecs.random import get_state
from engine.ecs.schema import Schema
from engine.ecs.texts import Interner

if TYPE_CHECKING:
    from engine.ecs.world import World


class Hasher:
    """Feeds labelled parts to the digest, each with its length, so that no two states read alike."""

    __slots__ = ("_state", "update")

    def __init__(self) -> None:
        self._state = xxhash.xxh3_128()
        self.update = self._state.update

    def part(self, label: bytes, data: Any) -> None:
        """Add bytes, or the values of a contiguous array."""
        size = memoryview(data).nbytes
        self.update(label + struct.pack("<q", size))
        if size:
            self.update(data)

    def column(self, values: NDArray[Any]) -> None:
        """Add one field's rows."""
        if not values.flags.c_contiguous:
            values = np.ascontiguousarray(values)
        self.part(values.dtype.char.encode(), values)

    def hexdigest(self) -> str:
        """Return the digest."""
        return self._state.hexdigest()


def digest(world: World) -> str:
    """Return the hash of a world."""
    hasher = Hasher()
    hasher.part(b"world", f"{world.tick} {world.seed}".encode())
    index = world.storage.index
    hasher.part(b"slots", index.generation[: index.used])
    hasher.part(b"free", index.free[: index.free_count])
    texts = world.storage.texts
    for key, table in sorted(world.storage.tables.items()):
        if not table.rows:
            continue
        hasher.part(b"table", encode_plain(list(key)))
        hasher.part(b"ids", table.ids[: table.rows])
        for name in key:
            info = table.infos[name]
            _columns(hasher, info.schema, info.layout, table.blocks[name], slice(0, table.rows), texts)
    for name, stream in sorted(world.streams.items()):
        if stream.next > stream.first:
            rows = slice(stream.first - stream.kept, stream.next - stream.kept)
            hasher.part(b"event", name.encode())
            _columns(hasher, stream.schema, stream.layout, stream.blocks, rows, texts)
    for name, info_ in sorted(world.resources.items()):
        state = None if info_.schema.transient else info_.state()
        if state is not None:
            hidden = {field.name for field in info_.schema.fields if not field.hashed}
            hasher.part(b"resource", name.encode())
            hasher.part(b"value", encode_plain({key: value for key, value in state.items() if key not in hidden}))
    for name, random in sorted(world.randoms.items()):
        drawn = get_state(random)
        if drawn != random.start:
            hasher.part(b"random", name.encode())
            hasher.part(b"state", repr(drawn).encode())
    return hasher.hexdigest()


def _columns(hasher: Hasher, schema: Schema, layout: Layout, blocks: list[Block], rows: slice, texts: Interner) -> None:
    hasher.part(b"schema", schema.canonical)
    for block, row in layout.by_name:
        column = blocks[block][row, rows]
        hasher.column(texts.digests[column] if block in layout.texts else column)


def encode_plain(value: Any) -> bytes:
    """Return plain data as bytes: the same for equal data whatever the order of its dicts and sets, else different."""
    if isinstance(value, enum.Enum):
        return _joined(b"e", [qualified_name(type(value)).encode(), str(member_key(value)).encode()])
    if isinstance(value, FiledEnum):
        return _joined(b"e", [value.type_name.encode(), str(value.value).encode()])
    if isinstance(value, np.generic):
        return _joined(b"g", [value.dtype.str.encode(), value.tobytes()])
    if isinstance(value, np.ndarray):
        return _joined(b"a", [value.dtype.str.encode(), repr(value.shape).encode(), value.tobytes()])
    if isinstance(value, float):
        return b"d" + struct.pack("<d", value)
    if isinstance(value, str):
        return _joined(b"s", [value.encode("utf-8", "surrogatepass")])
    if value is None or isinstance(value, bool | int | complex | bytes):
        return _joined(type(value).__name__.encode(), [repr(value).encode()])
    if isinstance(value, dict):
        return _joined(b"m", sorted(encode_plain(key) + encode_plain(item) for key, item in value.items()))
    if isinstance(value, set | frozenset):
        return _joined(type(value).__name__.encode(), sorted(encode_plain(item) for item in value))
    if isinstance(value, FiledRecord):
        return _joined(b"r", [value.type_name.encode(), encode_plain(value.fields)])
    if is_record(value):
        return _joined(b"r", [qualified_name(type(value)).encode(), encode_plain(dict(record_fields(value)))])
    return _joined(type(value).__name__.encode(), [encode_plain(item) for item in value])


def _joined(label: bytes, parts: list[bytes]) -> bytes:
    return label + struct.pack("<q", len(parts)) + b"".join(struct.pack("<q", len(part)) + part for part in parts)
