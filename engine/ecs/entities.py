"""The entity index: which ids are alive, and in which table and row each of them is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.values import Ids

INDEX = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
NOWHERE = -1

Slots = NDArray[np.intp]


def slots_of(ids: Ids) -> Slots:
    """Return the slots of ids, ready to index with."""
    return (ids & INDEX).astype(np.intp)


class EntityIndex:
    """Ids are generation << 32 | slot, with generations from 1 up, so that 0 is nobody.

    A slot whose generation would pass 2**32 - 1 is never used again.
    """

    __slots__ = ("_views", "free", "free_count", "generation", "row", "table", "used")

    def __init__(self) -> None:
        self.generation: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.table: NDArray[np.int32] = np.empty(0, np.int32)
        self.row: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.used = 0
        self.free: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.free_count = 0
        self._views: tuple[Any, Any, Any] = (self.generation.data, self.table.data, self.row.data)

    def reserve(self, count: int) -> Ids:
        """Return ids that are taken but not yet alive: the most recently freed slots first, then new ones."""
        top = self.free_count
        if count == 1:
            if top:
                self.free_count = top - 1
                slot = int(self.free[top - 1])
            else:
                slot = self.used
                self.grow(slot + 1)
            return np.array([(self._views[0][slot] << 32) | slot], np.uint64)
        reused = min(count, top)
        slots = np.empty(count, np.intp)
        if reused:
            slots[:reused] = self.free[top - reused : top][::-1]
            self.free_count = top - reused
        if count > reused:
            start = self.used
            self.grow(start + count - reused)
            slots[reused:] = np.arange(start, self.used)
        return (self.generation[slots].astype(np.uint64) << SHIFT) | slots.astype(np.uint64)

    def grow(self, used: int) -> None:
        """Make so many slots usable."""
        capacity = self.generation.size
        if used > capacity:
            wanted = max(used, capacity + capacity // 4 + 64)
            for name, fill in (("generation", 1), ("table", NOWHERE), ("row", 0)):
                old = getattr(self, name)
                new = np.empty(wanted, old.dtype)
                new[:capacity] = old
                new[capacity:] = fill
                setattr(self, name, new)
            self._views = (self.generation.data, self.table.data, self.row.data)
        self.used = used

    def find(self, entity: int) -> tuple[int, int]:
        """Return number of table and row of one entity; the number is below 0 for a dead one."""
        slot = entity & 0xFFFFFFFF
        generation, table, row = self._views
        if slot < self.used and generation[slot] == entity >> 32:
            return table[slot], row[slot]
        return NOWHERE, 0

    def release(self, slots: Slots) -> None:
        """Make ids dead and their slots free; the slots are distinct."""
        generation = self.generation[slots] + np.uint32(1)
        self.generation[slots] = generation
        self.table[slots] = NOWHERE
        if not generation.all():
            slots = slots[generation != 0]
        count = self.free_count + slots.size
        if count > self.free.size:
            grown = np.empty(max(count, self.free.size + self.free.size // 4 + 64), np.uint32)
            grown[: self.free_count] = self.free[: self.free_count]
            self.free = grown
        self.free[self.free_count : count] = slots
        self.free_count = count

    def current(self, ids: Ids) -> tuple[NDArray[np.bool_], Slots]:
        """Return which ids have the current generation of their slot, and the slots (0 where out of range)."""
        slots = slots_of(ids)
        inside = slots < self.used
        if not inside.all():
            slots = np.where(inside, slots, 0)
            if not self.used:
                return inside, slots
        return inside & (self.generation[slots] == (ids >> SHIFT)), slots

    def alive(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which ids are alive."""
        current, slots = self.current(ids)
        return current & (self.table[slots] >= 0) if self.used else current

    def place(self, ids: Ids, table: int, first: int) -> None:
        """Record that ids lie in consecutive rows of a table."""
        if ids.size == 1:
            slot = int(ids[0]) & 0xFFFFFFFF
            self._views[1][slot], self._views[2][slot] = table, first
            return
        slots = slots_of(ids)
        self.table[slots] = table
        self.row[slots] = np.arange(first, first + ids.size, dtype=np.uint32)
