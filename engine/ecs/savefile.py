"""The file of a snapshot: a mark, a JSON header, raw arrays, and a digest over all of it; never code, never pickle."""

from __future__ import annotations

import contextlib
import json
import math
import os
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from engine.ecs.fields import NUMBER_DTYPES
from engine.ecs.filed import Arrays, decode, encode
from engine.ecs.image import IndexImage, StreamImage, TableImage, WorldImage
from engine.ecs.layout import Block, Layout
from engine.ecs.schema import Schema
from engine.errors import SnapshotError

MAGIC = b"HOTLOOP\x01"
_HEAD = struct.Struct("<8sQQ")  # mark, length of the header, length of the arrays
_DIGEST = 16
_ALLOWED = frozenset(np.dtype(name).str for name in NUMBER_DTYPES)


def pack(shot: WorldImage) -> tuple[dict[str, Any], Arrays]:
    """Return a snapshot as JSON-able header and arrays; texts are written out, only those in use."""
    arrays: Arrays = []
    used, codes = _texts_in_use(shot)

    def put(array: NDArray[Any]) -> int:
        arrays.append(np.ascontiguousarray(array))
        return len(arrays) - 1

    def put_blocks(name: str, blocks: Sequence[Block]) -> list[int]:
        texts = Layout(shot.schemas[name]).texts
        return [put(codes[block] if at in texts else block) for at, block in enumerate(blocks)]

    header = {
        "tick": shot.tick,
        "seed": shot.seed,
        "clock": shot.clock,
        "texts": used,
        "schemas": [schema.to_json() for _, schema in sorted(shot.schemas.items())],
        "generation": put(shot.index.generation),
        "free": put(shot.index.free),
        "tables": [
            {
                "ids": put(image.ids),
                "stamps": image.stamps,
                "blocks": {name: put_blocks(name, image.blocks[name]) for name in image.key},
            }
            for _, image in sorted(shot.tables.items())
        ],
        "streams": {
            name: {
                "numbers": [image.first, image.kept, image.next, image.ended, image.rendered],
                "blocks": put_blocks(name, image.blocks),
            }
            for name, image in sorted(shot.streams.items())
        },
        "resources": {
            name: {field: encode(value, arrays) for field, value in state.items()}
            for name, state in sorted(shot.resources.items())
        },
        "randoms": {name: [str(state[0]), str(state[1]), *state[2:]] for name, state in sorted(shot.randoms.items())},
        "cursors": [[event, reader, number] for (event, reader), number in sorted(shot.cursors.items())],
        "looks": dict(sorted(shot.looks.items())),
    }
    header["arrays"] = [[array.dtype.str, list(array.shape)] for array in arrays]
    return header, arrays


def _texts_in_use(shot: WorldImage) -> tuple[list[str], NDArray[np.uint32]]:
    """Return the texts that columns hold, sorted, and their new codes by old code."""
    groups = [(name, blocks) for image in shot.tables.values() for name, blocks in image.blocks.items()]
    groups += [(name, image.blocks) for name, image in shot.streams.items()]
    found = {0}
    for name, blocks in groups:
        for at in Layout(shot.schemas[name]).texts:
            found.update(np.unique(blocks[at]).tolist())
    used = sorted(shot.texts.strings[code] for code in found)
    codes = np.zeros(len(shot.texts.strings), np.uint32)
    for new, text in enumerate(used):
        codes[shot.texts.codes[text]] = new
    return used, codes


def write(shot: WorldImage, path: Path) -> None:
    """Write a snapshot to a file beside the old one, then put it in its place."""
    header, arrays = pack(shot)
    text = json.dumps(header, separators=(",", ":")).encode("ascii")
    state = xxhash.xxh3_128()
    name = None
    try:
        with tempfile.NamedTemporaryFile(dir=path.parent, prefix=f".{path.name}.", delete=False) as file:
            name = file.name
            head = _HEAD.pack(MAGIC, len(text), sum(array.nbytes for array in arrays))
            for data in (head, text, *(array.tobytes() for array in arrays)):
                state.update(data)
                file.write(data)
            file.write(state.digest())
        os.replace(name, path)
    except OSError as error:
        if name is not None:
            with contextlib.suppress(OSError):
                os.unlink(name)
        raise SnapshotError(f"{path} cannot be written", why=str(error), remedy="check folder and space") from error


def read(path: Path) -> WorldImage:
    """Read and check a file; nothing is allocated on the word of a size before the file is known to hold it."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise SnapshotError(f"{path} cannot be read", why=str(error), remedy="check the path") from error
    try:
        return _parse(data)
    except SnapshotError as error:
        raise SnapshotError(f"{path} is no usable snapshot", why=str(error), remedy="use another save") from error
    except (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError, OverflowError) as error:
        why = f"its content makes no sense: {type(error).__name__}: {error}"
        raise SnapshotError(f"{path} is no usable snapshot", why=why, remedy="use another save") from error


def _parse(data: bytes) -> WorldImage:
    if len(data) < _HEAD.size + _DIGEST or not data.startswith(MAGIC[:7]):
        raise SnapshotError("it is no file of this kind, or cut off")
    magic, header_size, array_size = _HEAD.unpack_from(data)
    if magic != MAGIC:
        raise SnapshotError(f"it has format {magic[7]}, this program reads format {MAGIC[7]}")
    if _HEAD.size + header_size + array_size + _DIGEST != len(data):
        raise SnapshotError("it is cut off, or has bytes too many")
    if xxhash.xxh3_128_digest(memoryview(data)[:-_DIGEST]) != data[-_DIGEST:]:
        raise SnapshotError("it is damaged")
    start = _HEAD.size + header_size
    header = json.loads(data[_HEAD.size : start])
    arrays = _arrays(header["arrays"], memoryview(data)[start:-_DIGEST])
    return _unpack(header, arrays)


def _arrays(declared: Any, data: memoryview) -> Arrays:
    arrays: Arrays = []
    at = 0
    for dtype_text, shape in declared:
        sizes = tuple(shape)
        if dtype_text not in _ALLOWED or len(sizes) > 32 or any(type(n) is not int or n < 0 for n in sizes):
            raise SnapshotError("an array has no proper dtype or shape", why=f"{dtype_text!r:.20} {shape!r:.80}")
        dtype = np.dtype(dtype_text)
        size = math.prod(sizes) * dtype.itemsize
        if size > len(data) - at:
            raise SnapshotError("an array is larger than the file")
        arrays.append(np.frombuffer(data[at : at + size], dtype).reshape(sizes).copy())
        at += size
    if at != len(data):
        raise SnapshotError("bytes are left over")
    return arrays


def _unpack(header: dict[str, Any], arrays: Arrays) -> WorldImage:
    schemas = [Schema.from_json(item) for item in header["schemas"]]
    shot = WorldImage(
        tick=_whole(header["tick"]),
        seed=_whole(header["seed"]),
        clock=_whole(header["clock"]),
        schemas={schema.name: schema for schema in schemas},
        cursors={(str(event), str(reader)): _whole(number) for event, reader, number in header["cursors"]},
        looks={str(reader): _whole(number) for reader, number in header["looks"].items()},
    )
    for code, text in enumerate(header["texts"]):
        if type(text) is not str or shot.texts.code(text) != code:
            raise SnapshotError("its texts make no sense")
    generation, free = arrays[_place(header["generation"])], arrays[_place(header["free"])]
    shot.index = IndexImage(_vector(generation, np.uint32), _vector(free, np.uint32))
    for item in header["tables"]:
        ids = _vector(arrays[_place(item["ids"])], np.uint64)
        key = tuple(sorted(item["blocks"]))
        blocks = {name: _blocks(shot, name, "component", item["blocks"][name], arrays, ids.size) for name in key}
        stamps = {name: _whole(item["stamps"][name]) for name in key}
        shot.tables[key] = TableImage(key, ids.size, ids, blocks, stamps)
    for name, item in header["streams"].items():
        first, kept, last, ended, rendered = (_whole(number) for number in item["numbers"])
        if not 0 <= kept <= first <= last or not first <= ended <= last or not 0 <= rendered <= last:
            raise SnapshotError(f"the events of {name} are numbered wrongly")
        stream = _blocks(shot, name, "event", item["blocks"], arrays, last - kept)
        shot.streams[name] = StreamImage(first, kept, last, ended, rendered, stream)
    for name, state in header["resources"].items():
        if shot.schemas[name].kind != "resource":
            raise SnapshotError(f"{name} is no resource")
        shot.resources[name] = {str(field): decode(value, arrays) for field, value in state.items()}
    for name, numbers in header["randoms"].items():
        shot.randoms[str(name)] = _random(numbers)
    _check_index(shot)
    return shot


def _blocks(shot: WorldImage, name: str, kind: str, places: Any, arrays: Arrays, rows: int) -> tuple[Block, ...]:
    schema = shot.schemas[name]
    layout = Layout(schema)
    found: list[Block] = [arrays[_place(at)] for at in places]
    wanted = [(dtype, (size, rows)) for dtype, size in layout.blocks]
    if schema.kind != kind or [(block.dtype, block.shape) for block in found] != wanted:
        raise SnapshotError(f"the columns of {name} do not fit its schema")
    for at in layout.texts:
        if found[at].size and int(found[at].max()) >= len(shot.texts.strings):
            raise SnapshotError(f"a text of {name} is missing")
    return tuple(found)


def _check_index(shot: WorldImage) -> None:
    """Refuse an entity index that contradicts itself or the tables."""
    index = shot.index
    used = index.generation.size
    taken = np.zeros(used, np.int64)
    for image in shot.tables.values():
        slots = image.ids & np.uint64(0xFFFFFFFF)
        if image.rows and int(slots.max()) >= used:
            raise SnapshotError("an entity has no slot")
        if not (index.generation[slots] == image.ids >> np.uint64(32)).all():
            raise SnapshotError("an entity has the wrong generation")
        np.add.at(taken, slots, 1)
    if index.free.size and int(index.free.max()) >= used:
        raise SnapshotError("a free slot does not exist")
    np.add.at(taken, index.free, 1)
    # A slot of generation 0 has been used up and belongs to nobody.
    if not ((taken == 1) | ((taken == 0) & (index.generation == 0))).all():
        raise SnapshotError("an entity is in two rows, or in none")


def _random(numbers: Any) -> tuple[int, int, int, int]:
    state, increment, half, kept = (int(number) for number in numbers)
    if not (0 <= state < 1 << 128 and 0 <= increment < 1 << 128 and half in (0, 1) and 0 <= kept < 1 << 32):
        raise SnapshotError("a random stream makes no sense")
    return state, increment, half, kept


def _vector(array: NDArray[Any], dtype: Any) -> NDArray[Any]:
    if array.dtype != dtype or array.ndim != 1:
        raise SnapshotError("an array has the wrong dtype or shape")
    return array


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise SnapshotError(f"{value!r:.40} is no whole number")
    return value


def _place(value: Any) -> int:
    if type(value) is not int or value < 0:
        raise SnapshotError(f"{value!r:.40} is no place of an array")
    return value
