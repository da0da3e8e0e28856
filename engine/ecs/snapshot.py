"""Snapshots: a world as arrays and plain data, the one format for rollback, saves and rewind."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.layout import Block
from engine.ecs.random import State
from engine.ecs.schema import Schema
from engine.ecs.texts import Interner
from engine.ecs.values import Ids

Key = tuple[str, ...]


@dataclass
class IndexImage:
    """The entity index: `generation` of every slot used so far, and the free slots from first to last freed.

    `table` and `row` speed up a restore into the world they come from, whose tables are then `keys` by number.
    """

    generation: NDArray[np.uint32]
    free: NDArray[np.uint32]
    table: NDArray[np.int32] | None = None
    row: NDArray[np.uint32] | None = None
    keys: tuple[Key, ...] = ()


@dataclass
class TableImage:
    """The rows of one table: ids, and the blocks of each component."""

    key: Key
    rows: int
    ids: Ids
    blocks: dict[str, list[Block]]
    stamps: dict[str, int]


@dataclass
class StreamImage:
    """The kept events of one type and their numbers."""

    first: int
    kept: int
    next: int
    ended: int
    rendered: int
    blocks: list[Block]


@dataclass
class Snapshot:
    """A copy of all that a world holds but transient resources. `World.snapshot` makes it, `World.restore` takes it."""

    tick: int = 0
    seed: int = 0
    clock: int = 1
    schemas: dict[str, Schema] = field(default_factory=dict)
    texts: Interner = field(default_factory=Interner)
    index: IndexImage = field(default_factory=lambda: IndexImage(np.empty(0, np.uint32), np.empty(0, np.uint32)))
    tables: dict[Key, TableImage] = field(default_factory=dict)
    streams: dict[str, StreamImage] = field(default_factory=dict)
    resources: dict[str, dict[str, Any]] = field(default_factory=dict)
    randoms: dict[str, State] = field(default_factory=dict)
    cursors: dict[tuple[str, str], int] = field(default_factory=dict)
    looks: dict[str, int] = field(default_factory=dict)

    @property
    def header(self) -> dict[str, Any]:
        """Everything but the arrays as plain data; an array is named by its place in `arrays`."""
        from engine.ecs.savefile import pack

        return pack(self)[0]

    @property
    def arrays(self) -> list[NDArray[Any]]:
        """The arrays that the header names."""
        from engine.ecs.savefile import pack

        return pack(self)[1]

    @property
    def nbytes(self) -> int:
        """How many bytes the columns of entities and events take."""
        blocks = [block for table in self.tables.values() for group in table.blocks.values() for block in group]
        blocks += [block for stream in self.streams.values() for block in stream.blocks]
        return sum(block.nbytes for block in blocks) + sum(table.ids.nbytes for table in self.tables.values())

    def save(self, path: str | Path) -> None:
        """Write the snapshot to a file, replacing it in one step; raise SnapshotError where that is not possible."""
        from engine.ecs.savefile import write

        write(self, Path(path))

    @classmethod
    def load(cls, path: str | Path) -> Snapshot:
        """Read a snapshot from a file; raise SnapshotError for one that is damaged, cut off or foreign."""
        from engine.ecs.savefile import read

        return read(Path(path))


def reuse(old: NDArray[Any] | None, source: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of an array, in the memory of an older copy where that is large enough."""
    if old is not None and old.dtype == source.dtype:
        if old.shape != source.shape:
            whole = old if old.base is None else old.base
            if not isinstance(whole, np.ndarray) or whole.ndim != 1 or whole.size < source.size:
                whole = np.empty(source.size + source.size // 4 + 16, source.dtype)
            old = whole[: source.size].reshape(source.shape)
        np.copyto(old, source)
        return old
    return source.copy()
