"""New rows on their way into a table: while commands are applied they wait, and take the places of rows that go.

A table in which as many rows come as go keeps its size, so that nothing is copied and every view stays as it is.
"""

from __future__ import annotations

from collections import deque
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from engine.ecs.entities import EntityIndex
from engine.ecs.table import Table
from engine.ecs.values import Columns, Ids

Bundle = dict[str, Columns]
# One entity and the numbers of its row, or several and a bundle of columns.
Arrival: TypeAlias = tuple[int | Ids, Any]


class Arrivals:
    """What waits for one table, in the order it came.

    Until the table settles, the index has for those who wait the rows they will get if none takes another's place:
    rows beyond the last that the table has.
    """

    __slots__ = ("_moved", "_next", "index", "table", "waiting")

    def __init__(self, table: Table, index: EntityIndex) -> None:
        self.table, self.index = table, index
        self.waiting: deque[Arrival] = deque()
        self._next = 0
        self._moved = False

    def add(self, ids: Ids, bundle: Bundle) -> None:
        """Have several wait."""
        self.index.place(ids, self.table.number, self._rows(ids.size))
        self.waiting.append((ids, bundle))

    def add_one(self, entity: int, numbers: tuple[Any, ...]) -> None:
        """Have one wait."""
        self.index.place_one(entity, self.table.number, self._rows(1))
        self.waiting.append((entity, numbers))

    def _rows(self, count: int) -> int:
        if not self.waiting:
            self._next, self._moved = self.table.rows, False
        self._next += count
        return self._next - count

    def replace(self, rows: NDArray[Any]) -> NDArray[Any]:
        """Give rows that become free to the first of those that wait, in order; return the rows that are left."""
        rows = np.sort(rows)
        self._moved = True
        while rows.size and self.waiting:
            ids, what = self.waiting.popleft()
            if isinstance(ids, int):
                fill_row(self.table, self.index, int(rows[0]), ids, what)
                rows = rows[1:]
                continue
            if ids.size > rows.size:
                rest = slice(rows.size, None)
                self.waiting.appendleft((ids[rest], pick_rows(what, rest)))
                ids, what = ids[: rows.size], pick_rows(what, slice(0, rows.size))
            mine, rows = rows[: ids.size], rows[ids.size :]
            self.table.fill(mine, ids, what)
            self.index.place_at(ids, self.table.number, mine)
        return rows

    def replace_one(self, row: int) -> bool:
        """Give one row to the first that waits; tell whether there is one."""
        if not self.waiting:
            return False
        who, what = self.waiting[0]
        if isinstance(who, int):
            self._moved = True
            fill_row(self.table, self.index, row, who, what)
            self.waiting.popleft()
            return True
        return not self.replace(np.array([row])).size

    def settle(self) -> None:
        """Add what still waits at the end of the table."""
        table, index = self.table, self.index
        row = table.extend(sum(1 if isinstance(who, int) else who.size for who, _ in self.waiting), exact=True)
        for who, what in self.waiting:
            if isinstance(who, int):
                fill_row(table, index, row, who, what)
                row += 1
            else:
                table.fill(slice(row, row + who.size), who, what)
                if self._moved:
                    index.place(who, table.number, row)
                row += who.size
        self.waiting.clear()


def fill_row(table: Table, index: EntityIndex, row: int, entity: int, numbers: tuple[Any, ...]) -> None:
    """Make a row an entity's."""
    for cell, number in zip(table.row_cells(), numbers, strict=True):
        cell[row] = number
    table.id_cells[row] = entity
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
