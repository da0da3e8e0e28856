"""microecs: numpy tables like ours, one (n, k) array a field; structural changes are recorded until `update`."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable
from typing import Any

import microecs  # pyright: ignore[reportMissingImports]
import numpy as np

from engine.bench.cases import INVERSIONS, TABLES, TURNOVER
from engine.bench.peers.bare import scalar
from engine.bench.work import DT, Rows, Work

SHAPES: dict[str, tuple[int, ...]] = {
    "position": (2,),
    "velocity": (2,),
    "transform": (16,),
    "position3": (3,),
    "rotation3": (3,),
    "velocity3": (3,),
    "matrix": (4, 4),
    **dict.fromkeys(("a", "b", "c", "d", "e", "shared"), (1,)),
    **{f"k{number}": (1,) for number in range(TABLES)},
}


class Peer:
    """Systems are functions that query and write whole fields; `update` ends each tick."""

    package = "microecs"
    most = 100_000

    def __init__(self) -> None:
        self.kinds: dict[str, Any] = {name: _component(name, shape) for name, shape in SHAPES.items()}
        self.dt, self.minus = scalar(DT), scalar(-1)

    def new(self) -> None:
        """Make a world."""
        self.world = microecs.World(list(self.kinds.values()))

    def spawn(self, **values: Any) -> int:
        """Record an entity."""
        entity: int = self.world.add_entity([self.kinds[name] for name in values], **values)
        return entity

    def found(self, *names: str) -> Any:
        """Query some components."""
        return self.world.query(*[self.kinds[name] for name in names])

    def numbers(self, *names: str) -> Rows:
        """Return fields, a row an entity."""
        result = self.found(*names)
        columns = [np.asarray(getattr(result, name).numpy()).reshape(len(result), -1) for name in names]
        rows: Rows = np.concatenate(columns, axis=1).tolist()
        return rows

    def run(self, *systems: Callable[[], None]) -> Callable[[], None]:
        """Return what runs systems and ends the tick."""
        update = self.world.update
        update()

        def step() -> None:
            for one in systems:
                one()
            update()

        return step

    def mover(self, number: int) -> int:
        """Spawn one entity of the movement cases."""
        return self.spawn(position=[number % 7, number % 5], velocity=[number % 3, number % 2])

    def _mover(self) -> Callable[[], None]:
        world, dt = self.world, self.dt
        position, velocity = self.kinds["position"], self.kinds["velocity"]

        def move() -> None:
            found = world.query(position, velocity)
            found.position += found.velocity * dt

        return move

    def _negater(self, name: str) -> Callable[[], None]:
        world, kind, minus = self.world, self.kinds[name], self.minus

        def negate() -> None:
            found = world.query(kind)
            setattr(found, name, getattr(found, name) * minus)

        return negate

    def _swapper(self, one: str, other: str) -> Callable[[], None]:
        def swap() -> None:
            found = self.found(one, other)
            kept = getattr(found, one).numpy().copy()
            setattr(found, one, getattr(found, other).numpy().copy())
            setattr(found, other, kept)

        return swap

    def movement(self, size: int) -> Work:
        """Move rows."""
        self.new()
        for number in range(size):
            self.mover(number)
        return Work(self.run(self._mover()), lambda: self.numbers("position", "velocity"))

    memory = movement

    def _bodies(self, size: int) -> None:
        for number in range(size):
            value = float(number % 10)
            self.spawn(
                transform=[value] * 16,
                position3=[number % 7, number % 5, value],
                rotation3=[value] * 3,
                velocity3=[number % 3, number % 2, 1],
            )

    def simple_insert(self, size: int) -> Work:
        """Fill an empty world."""

        def fill() -> None:
            self.new()
            self._bodies(size)
            self.world.update()

        return Work(fill, lambda: self.numbers("transform", "position3", "rotation3", "velocity3"))

    def simple_iter(self, size: int) -> Work:
        """Move rows in space."""
        self.new()
        self._bodies(size)

        def move() -> None:
            found = self.found("position3", "velocity3")
            found.position3 += found.velocity3

        return Work(self.run(move), lambda: self.numbers("position3"))

    def packed_5(self, size: int) -> Work:
        """Negate five components in five systems."""
        self.new()
        for number in range(size):
            self.spawn(**{name: [number % 10] for name in "abcde"})
        return Work(self.run(*[self._negater(name) for name in "abcde"]), lambda: self.numbers(*"abcde"))

    def frag_iter(self, size: int) -> Work:
        """Negate a component that many tables share."""
        self.new()
        for number in range(size):
            for table in range(TABLES):
                self.spawn(**{f"k{table}": [1], "shared": [number % 10]})
        return Work(self.run(self._negater("shared")), lambda: self.numbers("shared"))

    def heavy_compute(self, size: int) -> Work:
        """Invert a stack of matrices."""
        self.new()
        cyclic = np.eye(4, dtype=np.float32)[[1, 2, 0, 3]]
        for number in range(size):
            self.spawn(matrix=cyclic, position3=[number % 7, number % 5, 1])

        def turn() -> None:
            found = self.found("matrix", "position3")
            matrices = found.matrix.numpy()
            for _ in range(INVERSIONS):
                matrices = np.linalg.inv(matrices)
            found.matrix = matrices
            found.position3 = np.einsum("nij,nj->ni", matrices[:, :3, :3], found.position3.numpy()) + matrices[:, :3, 3]

        return Work(self.run(turn), lambda: self.numbers("position3"))

    def schedule(self, size: int) -> Work:
        """Swap components in three systems."""
        self.new()
        for names in ("ab", "abc", "abcd", "abce"):
            for number in range(size):
                self.spawn(**{name: [number % 10 + at] for at, name in enumerate(names)})
        systems = [self._swapper(*pair) for pair in ("ab", "cd", "ce")]
        return Work(self.run(*systems), lambda: self.numbers("a", "b"))

    def entity_cycle(self, size: int) -> Work:
        """Spawn one entity for each, and despawn them."""
        self.new()
        for number in range(size):
            self.spawn(a=[number])

        def beget() -> None:
            for value in self.found("a").a.numpy():
                self.spawn(b=value)
            self.world.update()

        def reap() -> None:
            for entity in self.found("b").entity_ids.tolist():
                self.world.remove_entity(entity)

        return Work(self.run(beget, reap), lambda: self.numbers("a"))

    def add_remove(self, size: int) -> Work:
        """Add a component to all, remove it from all."""
        self.new()
        made = [self.spawn(a=[number]) for number in range(size)]

        def add() -> None:
            for entity in made:
                self.world.get_entity(entity).add_component(self.kinds["b"], b=[1])
            self.world.update()

        def take() -> None:
            for entity in made:
                self.world.get_entity(entity).remove_component(self.kinds["b"])

        return Work(self.run(add, take), lambda: self.numbers("a"))

    # One call for one entity

    def _each(self, size: int, one: Callable[[int], object], *shown: str, kept: int = 0) -> Work:
        made: list[int] = []

        def fill() -> None:
            self.new()
            made[:] = [self.mover(number) for number in range(size + kept)]
            self.world.update()

        def step() -> None:
            for entity in made[kept:]:
                one(entity)
            self.world.update()

        return Work(step, lambda: self.numbers(*shown), before=fill)

    def single_spawn(self, size: int) -> Work:
        """Spawn, a call for each."""

        def step() -> None:
            for _ in range(size):
                self.spawn(position=[1.0, 2.0], velocity=[3.0, 4.0])
            self.world.update()

        return Work(step, lambda: self.numbers("position", "velocity"), before=self.new)

    def single_despawn(self, size: int) -> Work:
        """Despawn, a call for each."""
        return self._each(size, lambda entity: self.world.remove_entity(entity), "position", kept=1)

    def single_insert(self, size: int) -> Work:
        """Add a component, a call for each."""
        kind = self.kinds["a"]
        return self._each(size, lambda one: self.world.get_entity(one).add_component(kind, a=[1.0]), "position", "a")

    def single_remove(self, size: int) -> Work:
        """Remove a component, a call for each."""
        kind = self.kinds["velocity"]
        return self._each(size, lambda one: self.world.get_entity(one).remove_component(kind), "position")

    def single_access(self, size: int) -> Work:
        """Add to one field of each entity."""
        self.new()
        made = [self.mover(number) for number in range(size)]
        return Work(self._access(made), lambda: self.numbers("position"))

    def random_access(self, size: int) -> Work:
        """Add to one field of entities picked at random."""
        self.new()
        made = [self.mover(number) for number in range(size * 10)]
        picked = random.Random(1).sample(made, size)
        return Work(self._access(picked), lambda: [[sum(row[0] for row in self.numbers("position"))]])

    def _access(self, picked: list[int]) -> Callable[[], None]:
        self.world.update()

        def step() -> None:
            get = self.world.get_entity
            for entity in picked:
                get(entity).position[0] += 1

        return step

    def churn(self, size: int) -> Work:
        """Move all, replace the oldest two of a hundred."""
        return self._replacing(size, max(1, int(size * TURNOVER)))

    def replace_one(self, size: int) -> Work:
        """Move all, replace the oldest."""
        return self._replacing(size, 1)

    def _replacing(self, size: int, replaced: int) -> Work:
        self.new()
        made = deque(self.mover(number) for number in range(size))

        def replace() -> None:
            for number in range(replaced):
                self.world.remove_entity(made.popleft())
                made.append(self.mover(number))

        return Work(self.run(self._mover(), replace), lambda: self.numbers("position", "velocity"))


def _component(name: str, shape: tuple[int, ...]) -> type:
    field = microecs.f32(shape=shape, default=np.zeros(shape).tolist())
    return type(name.title(), (microecs.Component,), {"__annotations__": {name: np.ndarray}, name: field})
