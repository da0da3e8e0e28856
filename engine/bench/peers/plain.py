"""No library: lists of Python objects with slots."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import make_dataclass
from typing import Any

from engine.bench.peers.objects import FIELDS
from engine.bench.work import DT, Rows, Work


class Peer:
    """What a game without an ECS does, as fast as a loop over objects can be."""

    package = ""
    most = 1_000_000

    def __init__(self) -> None:
        self.classes: dict[str, Any] = {
            name: make_dataclass(name, fields, slots=True) for name, fields in FIELDS.items()
        }

    def _movers(self, size: int) -> list[tuple[Any, Any]]:
        place, velocity = self.classes["Position"], self.classes["Velocity"]
        return [(place(float(n % 7), float(n % 5)), velocity(float(n % 3), float(n % 2))) for n in range(size)]

    def movement(self, size: int) -> Work:
        """Move objects."""
        movers = self._movers(size)

        def step() -> None:
            for p, v in movers:
                p.x += v.dx * DT
                p.y += v.dy * DT

        return Work(step, lambda: [[p.x, p.y, v.dx, v.dy] for p, v in movers])

    memory = movement

    def simple_iter(self, size: int) -> Work:
        """Move objects in space."""
        place, velocity = self.classes["Position3"], self.classes["Velocity3"]
        movers = [
            (place(float(n % 7), float(n % 5), float(n % 10)), velocity(float(n % 3), float(n % 2), 1.0))
            for n in range(size)
        ]

        def step() -> None:
            for p, v in movers:
                p.x += v.dx
                p.y += v.dy
                p.z += v.dz

        return Work(step, lambda: [[p.x, p.y, p.z] for p, _ in movers])

    def frag_iter(self, size: int) -> Work:
        """Negate a field of objects that lie in one list, since plain objects know no tables."""
        kind = self.classes["Data"]
        found = [kind(float(n % 10)) for n in range(size) for _ in range(26)]

        def step() -> None:
            for one in found:
                one.data *= -1.0

        return Work(step, lambda: [[one.data] for one in found])

    def single_spawn(self, size: int) -> Work:
        """Make objects and put them into a list."""
        place, velocity = self.classes["Position"], self.classes["Velocity"]
        made: list[Any] = []

        def step() -> None:
            append = made.append
            for _ in range(size):
                append((place(1.0, 2.0), velocity(3.0, 4.0)))

        return Work(step, lambda: [[p.x, p.y, v.dx, v.dy] for p, v in made], before=made.clear)

    def single_access(self, size: int) -> Work:
        """Add to one field of each object."""
        return self._access(self._movers(size), lambda movers: movers, rows=True)

    def random_access(self, size: int) -> Work:
        """Add to one field of objects picked at random."""
        return self._access(self._movers(size * 10), lambda movers: random.Random(1).sample(movers, size), rows=False)

    def _access(self, movers: list[Any], pick: Callable[[list[Any]], list[Any]], *, rows: bool) -> Work:
        picked = pick(movers)

        def step() -> None:
            for entity in picked:
                entity[0].x += 1

        def state() -> Rows:
            return [[p.x, p.y] for p, _ in movers] if rows else [[sum(p.x for p, _ in movers)]]

        return Work(step, state)
