"""The entity index: which ids are alive, and in which table and row each of them is."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.values import Ids

INDEX = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
NOWHERE = -1


class EntityIndex:
    """Ids are generation << 32 | slot, with generations from 1 up, so that 0 is nobody.

    A slot whose generation would pass 2**32 - 1 is never used again.
    """

    __slots__ = ("free", "free_count", "generation", "row", "table", "used")

    def __init__(self) -> None:
        self.generation: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.table: NDArray[np.int32] = np.empty(0, np.int32)
        self.row: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.used = 0
        self.free: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.free_count = 0

    def reserve(self, count: int) -> Ids:
        """Return ids that are taken but not yet alive: the most recently freed slots first, then new ones."""
        reused = min(count, self.free_count)
        slots = np.empty(count, np.uint64)
        if reused:
            top = self.free_count
            slots[:reused] = self.free[top - reused : top][::-1]
            self.free_count = top - reused
        if count > reused:
            start = self.used
            self.grow(start + count - reused)
            slots[reused:] = np.arange(start, self.used, dtype=np.uint64)
        return (self.generation[slots].astype(np.uint64) << SHIFT) | slots

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
        self.used = used

    def release(self, slots: NDArray[Any]) -> None:
        """Make ids dead and their slots free; the slots are distinct."""
        generation = self.generation[slots] + np.uint32(1)
        self.generation[slots] = generation
        self.table[slots] = NOWHERE
        slots = slots[generation != 0]
        count = self.free_count + slots.size
        if count > self.free.size:
            grown = np.empty(max(count, self.free.size + self.free.size // 4 + 64), np.uint32)
            grown[: self.free_count] = self.free[: self.free_count]
            self.free = grown
        self.free[self.free_count : count] = slots
        self.free_count = count

    def current(self, ids: Ids) -> tuple[NDArray[np.bool_], NDArray[np.uint64]]:
        """Return which ids have the current generation of their slot, and the slots (0 where out of range)."""
        slots = ids & INDEX
        inside = slots < self.used
        if not inside.all():
            slots = np.where(inside, slots, np.uint64(0))
            if not self.used:
                return inside, slots
        return inside & (self.generation[slots] == (ids >> SHIFT)), slots

    def alive(self, ids: Ids) -> NDArray[np.bool_]:
        """Return which ids are alive."""
        current, slots = self.current(ids)
        return current & (self.table[slots] >= 0) if self.used else current

    def place(self, ids: Ids, table: int, first: int) -> None:
        """Record that ids lie in consecutive rows of a table."""
        slots = ids & INDEX
        self.table[slots] = table
        self.row[slots] = np.arange(first, first + ids.size, dtype=np.uint32)
