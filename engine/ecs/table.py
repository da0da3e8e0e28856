"""A table: all rows with the same set of components, each component as one block for each dtype."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import Schema
from engine.ecs.entities import EntityIndex, slots_of
from engine.ecs.layout import Block, Layout
from engine.ecs.texts import Interner
from engine.ecs.values import Columns, Ids
from engine.ecs.views import Views

# Up to this many rows a block is packed when a query asks for it: numpy works twice as fast on it as on a slice of a
# larger block. Above it, copying a block for a few new rows costs more than the slice does.
PACKED_ROWS = 16_384


class ComponentInfo:
    """What a world knows of a component: its schema, its class where one is registered, its layout and views."""

    __slots__ = ("_views", "cls", "layout", "name", "schema")

    def __init__(self, schema: Schema, cls: type | None) -> None:
        self.adopt(schema, cls)

    def adopt(self, schema: Schema, cls: type | None) -> None:
        """Take over a schema and a class; views are generated anew."""
        self.name, self.schema, self.cls = schema.name, schema, cls
        self.layout = Layout(schema)
        self._views: Views | None = None

    @property
    def views(self) -> Views:
        """Return the view classes, generated on first use."""
        if self._views is None:
            self._views = Views(self.cls, self.schema, self.layout)
        return self._views


class Table:
    """Rows of entities that have exactly the components of `key`, the sorted qualified names.

    Arrays handed out earlier stay valid memory whatever happens to the table: growing and packing allocate anew.
    `version` counts changes of rows, `memory` those and the times a block lies elsewhere.
    """

    __slots__ = (
        "_views",
        "blocks",
        "cells",
        "ids",
        "infos",
        "key",
        "memory",
        "number",
        "room",
        "rows",
        "stamps",
        "texts",
        "version",
    )

    def __init__(self, key: tuple[str, ...], number: int, infos: Iterable[ComponentInfo], texts: Interner) -> None:
        self.key, self.number, self.rows = key, number, 0
        self.version = self.memory = self.room = 0
        self.infos = {info.name: info for info in infos}
        self.blocks: dict[str, list[Block]] = {info.name: info.layout.allocate(0) for info in self.infos.values()}
        self.ids: Ids = np.empty(0, np.uint64)
        self.stamps: dict[str, int] = dict.fromkeys(key, 0)
        self.texts = texts
        self._views: dict[tuple[str, bool], Any] = {}
        self.cells: dict[str, tuple[Any, ...]] = {}

    def touch_views(self) -> None:
        """Have views and cells made anew."""
        self.version += 1
        self.memory += 1
        self._views = {}
        self.cells = {}

    def touch(self, clock: int) -> None:
        """Note that rows came, went or moved: views are out of date, and every component counts as changed."""
        self.touch_views()
        for name in self.stamps:
            self.stamps[name] = clock

    def rename(self, old: str, new: str) -> None:
        """Hold a component under another name."""
        self.key = tuple(sorted(new if name == old else name for name in self.key))
        self.infos[new] = self.infos.pop(old)
        self.blocks[new] = self.blocks.pop(old)
        self.stamps[new] = self.stamps.pop(old)

    def replace(self, name: str, blocks: list[Block]) -> None:
        """Take other blocks for a component, with room for the rows there are."""
        self.blocks[name] = blocks
        self.room = min(self.room, self.rows)

    def append(self, ids: Ids) -> int:
        """Add rows for ids and return the first of them; their columns are undefined until written."""
        start = self.rows
        need = start + ids.size
        if need > self.room:
            self._grow(start, need)
        self.ids[start:need] = ids
        self.rows = need
        return start

    def _grow(self, rows: int, need: int) -> None:
        """Make room for rows, and for more where they come by and by."""
        for blocks in self.blocks.values():
            for at, block in enumerate(blocks):
                if block.shape[1] < need:
                    blocks[at] = _grown(block, rows, need)
        if self.ids.size < need:
            self.ids = _grown(self.ids[None], rows, need)[0]
        sizes = [block.shape[1] for blocks in self.blocks.values() for block in blocks]
        self.room = min([self.ids.size, *sizes])

    def overwrite(self, ids: Ids, blocks: dict[str, list[Block]], start: int) -> None:
        """Make rows from `start` on the given ones; nothing else of the table is touched, its row count included."""
        stop = start + ids.size
        if stop > self.room:
            self._grow(start, stop)
        for name, mine in self.blocks.items():
            for block, given in zip(mine, blocks[name], strict=True):
                block[:, start:stop] = given
        self.ids[start:stop] = ids

    def write(self, name: str, columns: Columns, rows: slice | NDArray[Any]) -> None:
        """Write checked columns of a component to rows."""
        writes, blocks = self.infos[name].layout.writes, self.blocks[name]
        for field, value in columns.items():
            block, start, stop = writes[field]
            if stop:
                blocks[block][start:stop, rows] = value
            else:
                blocks[block][start, rows] = value

    def copy_rows(self, source: Table, rows: NDArray[Any], start: int) -> None:
        """Copy the components that both tables have from rows of another table to the rows from `start` on."""
        stop = start + rows.size
        for name, blocks in self.blocks.items():
            others = source.blocks.get(name)
            if others is not None:
                for block, other in zip(blocks, others, strict=True):
                    for to, column in zip(block, other, strict=True):
                        np.take(column, rows, out=to[start:stop], mode="clip")

    def delete(self, rows: NDArray[Any], index: EntityIndex) -> None:
        """Remove distinct rows; the last rows take the places that become free."""
        left = self.rows - rows.size
        if left:
            holes = rows[rows < left]
            if holes.size:
                stays = np.ones(rows.size, np.bool_)
                stays[rows[rows >= left] - left] = False
                movers = np.flatnonzero(stays) + left
                for blocks in self.blocks.values():
                    for block in blocks:
                        for column in block:
                            column[holes] = column[movers]
                moved = self.ids[movers]
                self.ids[holes] = moved
                index.row[slots_of(moved)] = holes
        self.rows = left

    def packed(self, name: str) -> list[Block]:
        """Return the blocks of a component cut to the rows; small ones are packed for it, and stay so."""
        blocks, rows = self.blocks[name], self.rows
        for at, block in enumerate(blocks):
            if block.shape[1] != rows and rows <= PACKED_ROWS:
                blocks[at] = block[:, :rows].copy()
                self.room = min(self.room, rows)
                self.memory += 1
                self.cells.pop(name, None)
        return [block if block.shape[1] == rows else block[:, :rows] for block in blocks]

    def view(self, name: str, mut: bool) -> Any:
        """Return the view of a component's columns."""
        found = self._views.get((name, mut))
        if found is None:
            blocks = self.packed(name)
            if not mut:
                blocks = [block.view() for block in blocks]
                for block in blocks:
                    block.flags.writeable = False
            found = self._views[name, mut] = self.infos[name].views.make(blocks, self.texts, mut)
        return found

    def entities(self) -> Ids:
        """Return the ids of the rows, read-only."""
        found: Ids | None = self._views.get(("", False))
        if found is None:
            found = self.ids[: self.rows].view()
            found.flags.writeable = False
            self._views["", False] = found
        return found


def _grown(block: Block, rows: int, need: int) -> Block:
    """Return a copy of a block with room for `need` rows, and for more where it grows by little."""
    new = np.empty((block.shape[0], max(need, rows + rows // 4 + 16)), block.dtype)
    new[:, :rows] = block[:, :rows]
    return new
