"""New rows on their way into a table: while commands are applied they wait, and take the places of rows that go.

A table in which as many rows come as go keeps its size, so that nothing is copied and every view stays as it is.
"""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.ecs.entities import EntityIndex
from engine.ecs.table import Table
from engine.ecs.values import Columns, Ids

Bundle = dict[str, Columns]
# One entity with the numbers of its row, or several with columns.
Arrival: TypeAlias = tuple[int, tuple[Any, ...]] | tuple[Ids, Bundle]

WAITING = 0xFFFFFFFF  # the row of an entity that waits


class Arrivals:
    """What waits for one table, in the order it came."""

    __slots__ = ("index", "table", "waiting")

    def __init__(self, table: Table, index: EntityIndex) -> None:
        self.table, self.index = table, index
        self.waiting: list[Arrival] = []

    def replace(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Give rows that become free to the latest of those that wait; return the rows that are left."""
        while rows.size and self.waiting:
            who, what = self.waiting.pop()
            if isinstance(what, tuple):
                fill_row(self.table, self.index, int(rows[0]), who, what)
                rows = rows[1:]
                continue
            ids: Ids = who
            left = max(0, ids.size - rows.size)
            if left:
                self.waiting.append((ids[:left], pick_rows(what, slice(0, left))))
                ids, what = ids[left:], pick_rows(what, slice(left, None))
            mine, rows = rows[: ids.size], rows[ids.size :]
            self.table.fill(mine, ids, what)
            self.index.place_at(ids, self.table.number, mine)
        return rows

    def replace_one(self, row: int) -> bool:
        """Give one row to the latest that waits; tell whether there is one."""
        if not self.waiting:
            return False
        who, what = self.waiting[-1]
        if isinstance(what, tuple):
            fill_row(self.table, self.index, row, who, what)
            self.waiting.pop()
            return True
        return not self.replace(np.array([row])).size

    def settle(self) -> None:
        """Add what still waits at the end of the table."""
        table, index = self.table, self.index
        row = table.extend(sum(1 if isinstance(what, tuple) else who.size for who, what in self.waiting), exact=True)
        for who, what in self.waiting:
            if isinstance(what, tuple):
                fill_row(table, index, row, who, what)
                row += 1
            else:
                table.fill(slice(row, row + who.size), who, what)
                index.place(who, table.number, row)
                row += who.size
        self.waiting = []


def fill_row(table: Table, index: EntityIndex, row: int, entity: int, numbers: tuple[Any, ...]) -> None:
    """Make a row an entity's."""
    for cell, number in zip(table.row_cells(), numbers, strict=True):
        cell[row] = number
    table.ids[row] = entity
    index.place_one(entity, table.number, row)


def pick_rows(bundle: Bundle, rows: NDArray[Any] | slice) -> Bundle:
    """Return the bundle's values for some rows; single values stay as they are."""
    return {
        name: {
            field: value[..., rows] if isinstance(value, np.ndarray) and value.ndim and value.shape[-1] != 1 else value
            for field, value in columns.items()
        }
        for name, columns in bundle.items()
    }
