"""A table: all rows with the same set of components, each component as one block for each dtype."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import Schema
from engine.ecs.entities import EntityIndex, slots_of
from engine.ecs.layout import Block, Layout, empty_block
from engine.ecs.texts import Interner
from engine.ecs.values import Columns, Ids
from engine.ecs.views import Views

# Up to this many rows a block is packed when a query asks for it: numpy works twice as fast on it as on a slice of a
# larger block. Above it, copying a block for a few new rows costs more than the slice does.
PACKED_ROWS = 16_384

# Dtypes of which a memoryview reads and writes single numbers.
_FAST = frozenset("?bBhHiIlLqQfd")


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
    `version` counts changes of which entity is in which row, `memory` the times a block or the ids came to lie
    elsewhere.
    """

    __slots__ = (
        "__weakref__",
        "_filled",
        "_row_cells",
        "_viewed",
        "_views",
        "blocks",
        "cells",
        "id_cells",
        "ids",
        "infos",
        "key",
        "memory",
        "number",
        "parts",
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
        self.relocate()

    def relocate(self) -> None:
        """Note that memory lies elsewhere, or is read in another way: views and cells are made anew."""
        self.version += 1
        self.memory += 1
        self._views: dict[tuple[str, bool], Any] = {}
        self._viewed = -1
        self.cells: dict[str, tuple[Any, ...]] = {}
        self._row_cells: list[Any] | None = None
        self._filled: tuple[Block, ...] | None = None
        self.id_cells = cell_of(self.ids)
        # Which of the row cells are whose.
        self.parts: dict[str, slice] = {}
        start = 0
        for name in self.key:
            stop = start + sum(len(block) for block in self.blocks[name])
            self.parts[name] = slice(start, stop)
            start = stop

    def touch(self, clock: int) -> None:
        """Note that rows came, went or moved, so that every component counts as changed."""
        self.version += 1
        self._filled = None
        stamps = self.stamps
        for name in stamps:
            stamps[name] = clock

    @property
    def filled(self) -> tuple[Block, ...]:
        """The blocks of all components, as wide as there are rows."""
        found = self._filled
        if found is None:
            rows = self.rows
            found = self._filled = tuple([block[:, :rows] for blocks in self.blocks.values() for block in blocks])
        return found

    def rename(self, old: str, new: str) -> None:
        """Hold a component under another name."""
        self.key = tuple(sorted(new if name == old else name for name in self.key))
        self.infos[new] = self.infos.pop(old)
        self.blocks[new] = self.blocks.pop(old)
        self.stamps[new] = self.stamps.pop(old)
        self.relocate()

    def replace(self, name: str, blocks: list[Block]) -> None:
        """Take other blocks for a component, with room for the rows there are."""
        self.blocks[name] = blocks
        self.room = min(self.room, self.rows)
        self.relocate()

    def extend(self, count: int, *, exact: bool) -> int:
        """Add rows, undefined until filled, and return the first of them.

        Without `exact` there is room for more than those, as for rows that come one by one.
        """
        start = self.rows
        if start + count > self.room:
            self._grow(start, start + count, exact)
        self.rows = start + count
        return start

    def _grow(self, rows: int, need: int, exact: bool) -> None:
        spare = 0 if exact and need <= PACKED_ROWS else rows // 4 + 16
        for blocks in self.blocks.values():
            for at, block in enumerate(blocks):
                if block.shape[1] < need:
                    blocks[at] = _grown(block, rows, max(need, rows + spare))
        if self.ids.size < need:
            self.ids = _grown(self.ids[None], rows, max(need, rows + spare))[0]
        sizes = [block.shape[1] for blocks in self.blocks.values() for block in blocks]
        self.room = min([self.ids.size, *sizes])
        self.relocate()

    def fill(self, rows: slice | NDArray[Any], ids: Ids, bundle: dict[str, Columns]) -> None:
        """Make rows those of ids, with all their columns."""
        self.ids[rows] = ids
        for name, columns in bundle.items():
            self.write(name, columns, rows)

    def overwrite(self, ids: Ids, blocks: Mapping[str, Sequence[Block]], start: int) -> None:
        """Make rows from `start` on the given ones; nothing else of the table is touched, its row count included."""
        stop = start + ids.size
        if stop > self.room:
            self._grow(start, stop, exact=True)
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

    def delete_one(self, row: int, index: EntityIndex) -> None:
        """Remove one row; the last row takes its place."""
        last = self.rows - 1
        if row != last:
            for cell in self.row_cells():
                cell[row] = cell[last]
            moved = self.id_cells[last]
            self.id_cells[row] = moved
            index.place_one(moved, self.number, row)
        self.rows = last

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

    def row_cells(self) -> list[Any]:
        """Return what reads and writes the single numbers of a row, component by component in the order of `key`."""
        found = self._row_cells
        if found is None:
            found = self._row_cells = [
                cell_of(column) for name in self.key for block in self.blocks[name] for column in block
            ]
        return found

    def pack(self) -> None:
        """Let small blocks be as wide as there are rows."""
        rows = self.rows
        if rows > PACKED_ROWS:
            return
        moved = False
        for blocks in self.blocks.values():
            for at, block in enumerate(blocks):
                if block.shape[1] != rows:
                    blocks[at] = _grown(block, rows, rows)
                    moved = True
        if moved:
            self.room = min(self.room, rows)
            self.relocate()

    def view(self, name: str, mut: bool) -> Any:
        """Return the view of a component's columns."""
        self._settle()
        found = self._views.get((name, mut))
        if found is None:
            rows = self.rows
            blocks = [block if block.shape[1] == rows else block[:, :rows] for block in self.blocks[name]]
            if not mut:
                blocks = [block.view() for block in blocks]
                for block in blocks:
                    block.flags.writeable = False
            found = self._views[name, mut] = self.infos[name].views.make(blocks, self.texts, mut)
        return found

    def _settle(self) -> None:
        """Drop the views of another number of rows."""
        if self._viewed != self.rows:
            self.pack()
            self._views = {}
            self._viewed = self.rows

    def entities(self) -> Ids:
        """Return the ids of the rows, read-only."""
        self._settle()
        found: Ids | None = self._views.get(("", False))
        if found is None:
            found = self.ids[: self.rows].view()
            found.flags.writeable = False
            self._views["", False] = found
        return found


def cell_of(column: NDArray[Any]) -> Any:
    """Return what reads and writes single numbers of a column, a memoryview being twice as fast as an array."""
    return memoryview(column) if column.dtype.char in _FAST else column  # type: ignore[arg-type]


def _grown(block: Block, rows: int, room: int) -> Block:
    """Return a copy of a block with room for more rows."""
    new = empty_block(block.shape[0], room, block.dtype)
    new[:, :rows] = block[:, :rows]
    return new
