"""Joints: blocks that several small tables share, so that a query takes all of them in one step.

What a numpy call on a few rows costs is the call. Tables of few rows therefore lie side by side, in the order of their
keys, in one block for each dtype of a component, and each has its slice of it. Nothing is copied to and fro: a table
that grows or shrinks takes memory of its own, and before the next phase, when nobody holds a column, the joint is laid
anew.

Which tables share a joint follows from how many rows they have, never from what happened before: a sum over a step is
the same to the last bit in every run of a game.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from engine.ecs.layout import Block
from engine.ecs.table import Table

SMALL_ROWS = 512
"""Tables of more rows lie alone: their numpy calls cost as much for the numbers as for the call."""
FEWEST_TABLES = 6
"""Fewer small tables lie alone, too: what they would save is less than what laying them costs after a change."""


class Joint:
    """The rows of one component in several tables, as one block for each dtype."""

    __slots__ = ("_places", "_views", "blocks", "name", "tables")

    def __init__(self, name: str, tables: list[Table]) -> None:
        self.name, self.tables = name, tables
        stops = np.cumsum([table.rows for table in tables]).tolist()
        self.blocks: list[Block] = []
        for at in range(len(tables[0].blocks[name])):
            joined = np.concatenate([table.blocks[name][at][:, : table.rows] for table in tables], axis=1)
            for table, stop in zip(tables, stops, strict=True):
                table.blocks[name][at] = joined[:, stop - table.rows : stop]
            self.blocks.append(joined)
        # First row, row count and first block of each table: while it has these, it lies here.
        self._places: dict[Table, tuple[int, int, Block | None]] = {}
        for table, stop in zip(tables, stops, strict=True):
            blocks = table.blocks[name]
            self._places[table] = stop - table.rows, table.rows, blocks[0] if blocks else None
            table.room = min(table.room, table.rows)
            table.relocate()
        self._views: dict[tuple[int, int, bool], Any] = {}

    def place(self, table: Table) -> tuple[int, int]:
        """Return first row and row count of a table, or -1 and 0 where it does not lie here any more."""
        start, rows, block = self._places.get(table, (-1, 0, None))
        if start < 0 or table.rows != rows or (block is not None and table.blocks[self.name][0] is not block):
            return -1, 0
        return start, rows

    def holds(self, tables: list[Table]) -> bool:
        """Tell whether it is made of just these tables as they are."""
        return self.tables == tables and all(self.place(table)[0] >= 0 for table in tables)

    def release(self, tables: Iterable[Table]) -> None:
        """Give tables that lie here memory of their own."""
        for table in tables:
            if self.place(table)[0] >= 0 and self.blocks:
                table.blocks[self.name] = [block.copy() for block in table.blocks[self.name]]
                table.relocate()

    def view(self, tables: list[Table], mut: bool) -> Any:
        """Return the view of tables that lie in a row."""
        start = self.place(tables[0])[0]
        last, rows = self.place(tables[-1])
        found = self._views.get((start, last, mut))
        if found is None:
            blocks = [block[:, start : last + rows] for block in self.blocks]
            if not mut:
                for block in blocks:
                    block.flags.writeable = False
            views = tables[0].infos[self.name].views
            found = self._views[start, last, mut] = views.make(blocks, tables[0].texts, mut)
        return found


def runs(tables: Iterable[Table], joints: list[Joint]) -> Iterator[list[Table]]:
    """Part tables into runs that lie in a row in every one of the joints."""
    run: list[Table] = []
    for table in tables:
        if run and all(_follows(joint, run[-1], table) for joint in joints):
            run.append(table)
            continue
        if run:
            yield run
        run = [table]
    if run:
        yield run


def _follows(joint: Joint, before: Table, table: Table) -> bool:
    start, rows = joint.place(before)
    return start >= 0 and joint.place(table)[0] == start + rows
