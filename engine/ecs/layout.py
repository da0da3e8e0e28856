"""How the fields of a schema lie in blocks: one (fields, rows) array for each dtype."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.schema import Field, Schema

Block = NDArray[Any]

LINE = 64
"""Bytes of a cache line, and of the widest numbers that a processor works on at once."""
LONG = 4096
"""From so many bytes on a block begins with a line: numpy takes a fifth longer where what it writes does not."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a field or vector lies: which block, which of its rows, and whether it is one row or several."""

    block: int
    start: int
    stop: int
    several: bool

    def of(self, blocks: Sequence[Block]) -> Block:
        """Return the field's column, or its (k, n) rows, in the blocks of one component."""
        block = blocks[self.block]
        return block[self.start : self.stop] if self.several else block[self.start]


class Layout:
    """The blocks of a schema and the place of every field and vector in them."""

    __slots__ = ("blocks", "by_name", "fields", "places", "texts", "writes")

    def __init__(self, schema: Schema) -> None:
        self.fields: tuple[Field, ...] = schema.fields
        keys: list[str] = []
        sizes: list[int] = []
        self.places: dict[str, Place] = {}
        for field in schema.fields:
            if field.dtype not in keys:
                keys.append(field.dtype)
                sizes.append(0)
            at = keys.index(field.dtype)
            start = sizes[at]
            sizes[at] += field.size
            self.places[field.name] = Place(at, start, sizes[at], bool(field.shape))
        for name, parts in schema.vectors:
            first, last = self.places[parts[0]], self.places[parts[-1]]
            self.places[name] = Place(first.block, first.start, last.stop, True)
        self.texts = frozenset(at for at, key in enumerate(keys) if key == "text")
        # Block and row of every number, in the order of the fields' names: a hash knows no order of declaration.
        self.by_name: tuple[tuple[int, int], ...] = tuple(
            (place.block, row)
            for name in sorted(field.name for field in schema.fields)
            for place in (self.places[name],)
            for row in range(place.start, place.stop)
        )
        # What writing a value needs, by field: block, row, and the row after the last where there are several.
        self.writes: dict[str, tuple[int, int, int]] = {
            field.name: (place.block, place.start, place.stop if place.several else 0)
            for field in schema.fields
            for place in (self.places[field.name],)
        }
        dtypes = [np.dtype(np.uint32) if key == "text" else np.dtype(key) for key in keys]
        self.blocks: tuple[tuple[np.dtype[Any], int], ...] = tuple(zip(dtypes, sizes, strict=True))

    def allocate(self, capacity: int) -> list[Block]:
        """Return new blocks with room for so many rows; their content is undefined."""
        return [empty_block(size, capacity, dtype) for dtype, size in self.blocks]


def empty_block(size: int, capacity: int, dtype: np.dtype[Any]) -> Block:
    """Return a block of so many columns with room for so many rows; its content is undefined."""
    count = size * capacity * dtype.itemsize
    if count < LONG:
        return np.empty((size, capacity), dtype)
    memory = np.empty(count + LINE, np.uint8)
    start = -memory.__array_interface__["data"][0] % LINE
    return memory[start : start + count].view(dtype).reshape(size, capacity)
