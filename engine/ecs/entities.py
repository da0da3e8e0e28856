"""The entity index: which ids are alive, and in which table and row each of them is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.values import Ids

INDEX = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
NOWHERE = -1
MOST_AHEAD = 256  # how many ids are made at once, at most, for those who take one at a time

Slots = NDArray[np.intp]


def slots_of(ids: Ids) -> Slots:
    """Return the slots of ids, ready to index with."""
    return (ids & INDEX).astype(np.intp)


class EntityIndex:
    """Ids are generation << 32 | slot, with generations from 1 up, so that 0 is nobody.

    A slot whose generation would pass 2**32 - 1 is never used again. A slot that was never used has generation 1.
    `ended` counts the ids that died in this process.
    """

    __slots__ = (
        "__weakref__",
        "_reach",
        "ahead",
        "cells",
        "ended",
        "free",
        "free_count",
        "generation",
        "row",
        "table",
        "used",
    )

    def __init__(self) -> None:
        self.generation: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.table: NDArray[np.int32] = np.empty(0, np.int32)
        self.row: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.used = 0
        self.free: NDArray[np.uint32] = np.empty(0, np.uint32)
        self.free_count = 0
        # Single cells of generation, table and row, which a memoryview reads and writes twice as fast as an array does.
        self.cells: tuple[Any, Any, Any] = (self.generation.data, self.table.data, self.row.data)
        self.ahead: Iterator[tuple[int, Ids]] = iter(())
        self._reach = 1
        self.ended = 0

    def reserve(self, count: int) -> Ids:
        """Return ids that are taken but not yet alive: the most recently freed slots first, then new ones."""
        self.forget_ahead()
        found = self._next(count)
        reused = min(count, self.free_count)
        self.free_count -= reused
        self.grow(self.used + count - reused)
        return found

    def reserve_one(self) -> tuple[int, Ids]:
        """Return the same for one id, as a number and as an array."""
        found = next(self.ahead, None)
        if found is None:
            found = self.look_ahead()
        if self.free_count:
            self.free_count -= 1
        else:
            self.used += 1
        return found

    def look_ahead(self) -> tuple[int, Ids]:
        """Make the next ids for `reserve_one`, each time more of them."""
        if self._reach == 1:
            self._reach = 2
            if self.free_count:
                slot = self.free.item(self.free_count - 1)
            else:
                slot = self.used
                self._make_room(slot + 1)
            entity = self.cells[0][slot] << 32 | slot
            return entity, np.array([entity], np.uint64)
        count = min(self._reach, self.free_count or self._reach)
        self._reach = min(2 * count, MOST_AHEAD)
        ids = self._next(count)
        self._make_room(self.used + count)
        self.ahead = iter(zip(ids.tolist(), ids.reshape(-1, 1), strict=True))
        return next(self.ahead)

    def forget_ahead(self) -> None:
        """Forget the ids made ahead, as whenever others would come first."""
        self.ahead, self._reach = iter(()), 1

    def _next(self, count: int) -> Ids:
        """Return the ids that are next, without taking them."""
        top = self.free_count
        if not top:
            return self._fresh(count)
        reused = self.free[max(0, top - count) : top][::-1]
        found = (self.generation[reused].astype(np.uint64) << SHIFT) | reused
        return found if reused.size == count else np.concatenate([found, self._fresh(count - top)])

    def _fresh(self, count: int) -> Ids:
        first = self.used | 1 << 32
        return np.arange(first, first + count, dtype=np.uint64)

    def grow(self, used: int) -> None:
        """Make so many slots usable."""
        self._make_room(used)
        self.used = used

    def _make_room(self, used: int) -> None:
        capacity = self.generation.size
        if used > capacity:
            wanted = max(used, capacity + capacity // 4 + 64)
            for name, fill in (("generation", 1), ("table", NOWHERE), ("row", 0)):
                old = getattr(self, name)
                new = np.empty(wanted, old.dtype)
                new[:capacity] = old
                new[capacity:] = fill
                setattr(self, name, new)
            self.cells = (self.generation.data, self.table.data, self.row.data)

    def find(self, entity: int) -> tuple[int, int]:
        """Return number of table and row of one entity; the number is below 0 for a dead one."""
        slot = entity & 0xFFFFFFFF
        generation, table, row = self.cells
        if slot < self.used and generation[slot] == entity >> 32:
            return table[slot], row[slot]
        return NOWHERE, 0

    def release(self, slots: Slots) -> None:
        """Make ids dead and their slots free; the slots are distinct."""
        self.forget_ahead()
        self.ended += slots.size
        generation = self.generation[slots] + np.uint32(1)
        self.generation[slots] = generation
        self.table[slots] = NOWHERE
        if not generation.all():
            slots = slots[generation != 0]
        count = self.free_count + slots.size
        self._make_room_for_free(count)
        self.free[self.free_count : count] = slots
        self.free_count = count

    def release_one(self, slot: int) -> None:
        """Make one id dead and its slot free."""
        self.forget_ahead()
        self.ended += 1
        generation, table, _ = self.cells
        following = (generation[slot] + 1) & 0xFFFFFFFF
        generation[slot], table[slot] = following, NOWHERE
        if following:
            self._make_room_for_free(self.free_count + 1)
            self.free[self.free_count] = slot
            self.free_count += 1

    def _make_room_for_free(self, count: int) -> None:
        if count > self.free.size:
            grown = np.empty(max(count, self.free.size + self.free.size // 4 + 64), np.uint32)
            grown[: self.free_count] = self.free[: self.free_count]
            self.free = grown

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
        count = ids.size
        if count == 1:
            self.place_one(int(ids[0]), table, first)
            return
        slots: Slots | slice
        if count and int(ids[-1]) - int(ids[0]) == count - 1 and bool((ids[1:] > ids[:-1]).all()):
            # Consecutive slots, as new ones are: slices are written several times faster.
            start = int(ids[0]) & 0xFFFFFFFF
            slots = slice(start, start + count)
        else:
            slots = slots_of(ids)
        self.table[slots] = table
        self.row[slots] = np.arange(first, first + count, dtype=np.uint32)

    def place_at(self, ids: Ids, table: int, rows: NDArray[Any]) -> None:
        """Record in which rows of a table ids lie."""
        slots = slots_of(ids)
        self.table[slots] = table
        self.row[slots] = rows

    def place_one(self, entity: int, table: int, row: int) -> None:
        """Record where one id lies."""
        slot = entity & 0xFFFFFFFF
        self.cells[1][slot], self.cells[2][slot] = table, row
