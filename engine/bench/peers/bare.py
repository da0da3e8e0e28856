"""No library: numpy alone, on one packed block for each table. What the bodies of our systems cost by themselves."""

from __future__ import annotations

from typing import Any

import numpy as np
import xxhash
from numpy.typing import NDArray

from engine.bench.cases import INVERSIONS, TABLES
from engine.bench.work import DT, Rows, Work


def movers(size: int) -> tuple[Any, Any]:
    """Return positions and velocities of the movement cases, (2, n) each."""
    number = np.arange(size)
    return np.array([number % 7, number % 5], np.float32), np.array([number % 3, number % 2], np.float32)


def rows_of(*blocks: Any) -> Rows:
    """Return (k, n) blocks as a row an entity."""
    rows: Rows = np.concatenate(blocks).T.astype(float).tolist()
    return rows


def scalar(value: float) -> Any:
    """Return a 0-d float32 array, with which arithmetic is twice as fast as with a Python float."""
    return np.array(value, np.float32)


class Peer:
    """The yardstick: the same numpy calls without an ECS around them."""

    package = "numpy"
    most = 10_000_000

    def movement(self, size: int) -> Work:
        """Move rows."""
        place, velocity = movers(size)
        dt = scalar(DT)

        def step() -> None:
            nonlocal place
            place += velocity * dt

        return Work(step, lambda: rows_of(place, velocity))

    memory = movement

    def simple_iter(self, size: int) -> Work:
        """Move rows in space."""
        number = np.arange(size)
        place = np.array([number % 7, number % 5, number % 10], np.float32)
        velocity = np.array([number % 3, number % 2, np.ones(size)], np.float32)

        def step() -> None:
            nonlocal place
            place += velocity

        return Work(step, lambda: rows_of(place))

    def packed_5(self, size: int) -> Work:
        """Negate five columns."""
        columns = [np.array([np.arange(size) % 10], np.float32) for _ in range(5)]
        minus = scalar(-1)

        def step() -> None:
            for column in columns:
                column *= minus

        return Work(step, lambda: rows_of(*columns))

    def frag_iter(self, size: int) -> Work:
        """Negate a column of every table."""
        columns = [np.array([np.arange(size) % 10], np.float32) for _ in range(TABLES)]
        minus = scalar(-1)

        def step() -> None:
            for column in columns:
                column *= minus

        return Work(step, lambda: np.concatenate(columns, axis=1).T.tolist())

    def heavy_compute(self, size: int) -> Work:
        """Invert a stack of matrices."""
        number = np.arange(size)
        place = np.array([number % 7, number % 5, np.ones(size)], np.float32)
        cyclic = np.eye(4, dtype=np.float32)[[1, 2, 0, 3]]
        matrices = np.ascontiguousarray(np.broadcast_to(cyclic, (size, 4, 4)))

        def step() -> None:
            nonlocal matrices, place
            for _ in range(INVERSIONS):
                matrices = np.linalg.inv(matrices)
            place = np.einsum("nij,jn->in", matrices[:, :3, :3], place) + matrices[:, :3, 3].T

        return Work(step, lambda: rows_of(place))

    def schedule(self, size: int) -> Work:
        """Swap columns in three passes over four tables."""
        number = np.arange(size) % 10
        tables = [
            {name: np.array(number + at, np.float32) for at, name in enumerate(names)}
            for names in ("AB", "ABC", "ABCD", "ABCE")
        ]

        def step() -> None:
            for one, other in ("AB", "CD", "CE"):
                for table in tables:
                    if one in table and other in table:
                        kept = table[one].copy()
                        table[one][...] = table[other]
                        table[other][...] = kept

        return Work(step, lambda: [row for table in tables for row in rows_of([table["A"], table["B"]])])

    # Of a world of ten float columns

    def snapshot(self, size: int) -> Work:
        """Copy what a world has to copy while nobody comes or goes: ten columns."""
        return self._copy([np.arange(size * 10, dtype=np.float32).reshape(10, size)])

    def restore(self, size: int) -> Work:
        """Copy what a world holds: ten columns, the ids of the rows, and the index that finds a row by its id."""
        index = np.arange(size * 3, dtype=np.uint32).reshape(3, size)  # generation, table and row of each entity
        ids = np.arange(size, dtype=np.uint64)
        return self._copy([np.arange(size * 10, dtype=np.float32).reshape(10, size), index, ids])

    def _copy(self, held: list[NDArray[Any]]) -> Work:
        kept = [one.copy() for one in held]

        def step() -> None:
            for one, other in zip(kept, held, strict=True):
                np.copyto(one, other)

        return Work(step, lambda: [[float(held[0].shape[1])]])

    def hash(self, size: int) -> Work:
        """Digest a block."""
        block: Any = np.arange(size * 10, dtype=np.float32).reshape(10, size)
        ids: Any = np.arange(size, dtype=np.uint64)

        def step() -> None:
            digest = xxhash.xxh3_128(block)
            digest.update(ids)
            digest.hexdigest()

        return Work(step, lambda: [[float(size)]])
