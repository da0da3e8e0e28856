"""What a snapshot is made of: the parts of a world as arrays and plain data."""

from __future__ import annotations

import weakref
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.layout import Block
from engine.ecs.random import State
from engine.ecs.schema import Schema
from engine.ecs.texts import Interner
from engine.ecs.values import Ids

if TYPE_CHECKING:
    from engine.ecs.entities import EntityIndex
    from engine.ecs.table import Table

Key = tuple[str, ...]


@dataclass
class IndexImage:
    """The entity index: `generation` of every slot used so far, and the free slots from first to last freed.

    `table` and `row` speed up a restore into the world they come from, whose tables are then `keys` by number. `of` is
    the index they were copied of, as it was `at`.
    """

    generation: NDArray[np.uint32]
    free: NDArray[np.uint32]
    table: NDArray[np.int32] | None = None
    row: NDArray[np.uint32] | None = None
    keys: tuple[Key, ...] = ()
    of: weakref.ref[EntityIndex] | None = None
    at: tuple[int, ...] = ()


@dataclass
class TableImage:
    """The rows of one table: ids, and the blocks of each component; `copies` are all of these in a row.

    They are tuples, as the garbage collector soon stops looking at a tuple of arrays, and many snapshots may be kept.
    `of` is the table they were copied of, in its version `at`: the rows and their ids are those of it.
    """

    key: Key
    rows: int
    ids: Ids
    blocks: dict[str, tuple[Block, ...]]
    stamps: dict[str, int]
    copies: tuple[Block, ...] = ()
    of: weakref.ref[Table] | None = None
    at: int = -1


@dataclass
class StreamImage:
    """The kept events of one type and their numbers."""

    first: int
    kept: int
    next: int
    ended: int
    rendered: int
    blocks: tuple[Block, ...]


@dataclass
class WorldImage:
    """All that a world holds but transient resources, copied."""

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


def memory(old: NDArray[Any] | None, source: NDArray[Any]) -> NDArray[Any]:
    """Return memory for a copy of an array: that of an older copy where it is large enough."""
    if old is None or old.dtype != source.dtype:
        return np.empty(source.shape, source.dtype)
    if old.shape == source.shape:
        return old
    whole = old if old.base is None else old.base
    if not isinstance(whole, np.ndarray) or whole.ndim != 1 or whole.size < source.size:
        whole = np.empty(source.size + source.size // 4 + 16, source.dtype)
    return whole[: source.size].reshape(source.shape)


def reuse(old: NDArray[Any] | None, source: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of an array, in the memory of an older copy where that is large enough."""
    copy = memory(old, source)
    np.copyto(copy, source)
    return copy
