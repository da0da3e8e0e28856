"""Peers whose components are Python objects: everything but their own calls, and their loops, is the same for all."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import make_dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.bench.cases import INVERSIONS, TABLES, TURNOVER
from engine.bench.work import DT, Rows, Work

Loop = Callable[[], object]

FIELDS: dict[str, tuple[str, ...]] = {
    "Position": ("x", "y"),
    "Velocity": ("dx", "dy"),
    "Transform": tuple(f"m{number}" for number in range(16)),
    "Position3": ("x", "y", "z"),
    "Rotation3": ("rx", "ry", "rz"),
    "Velocity3": ("dx", "dy", "dz"),
    "A": ("a",),
    "B": ("b",),
    "C": ("c",),
    "D": ("d",),
    "E": ("e",),
    "Data": ("data",),
    "Matrix": ("matrix",),
    **{f"K{number}": ("k",) for number in range(TABLES)},
}
"""The components; no two that meet in one entity share a field, since some libraries merge them into one object."""


LOOPS = {
    "move": ("Position Velocity", "{0}.x += {1}.dx * DT; {0}.y += {1}.dy * DT"),
    "move3": ("Position3 Velocity3", "{0}.x += {1}.dx; {0}.y += {1}.dy; {0}.z += {1}.dz"),
    "negate_a": ("A", "{0}.a *= -1.0"),
    "negate_b": ("B", "{0}.b *= -1.0"),
    "negate_c": ("C", "{0}.c *= -1.0"),
    "negate_d": ("D", "{0}.d *= -1.0"),
    "negate_e": ("E", "{0}.e *= -1.0"),
    "negate_data": ("Data", "{0}.data *= -1.0"),
    "swap_ab": ("A B", "{0}.a, {1}.b = {1}.b, {0}.a"),
    "swap_cd": ("C D", "{0}.c, {1}.d = {1}.d, {0}.c"),
    "swap_ce": ("C E", "{0}.c, {1}.e = {1}.e, {0}.c"),
    "heavy": ("Matrix Position3", "{0}.matrix, ({1}.x, {1}.y, {1}.z) = turn({0}.matrix, {1}.x, {1}.y, {1}.z)"),
}
"""The systems: the components that each goes through, and what it does with one entity."""


def turn(matrix: Any, x: float, y: float, z: float) -> tuple[Any, list[float]]:
    """Invert a matrix again and again and transform a position by it."""
    for _ in range(INVERSIONS):
        matrix = np.linalg.inv(matrix)
    return matrix, [float(value) for value in (matrix @ np.array([x, y, z, 1.0]))[:3]]


class ObjectPeer:
    """Everything but `new`, the five calls for one entity, the loops, and how systems are run.

    `head` is the head of a loop over entities, with the calls `each(classes)`; `merged` is the name of the loop's one
    variable where an entity is one object that has the fields of all its components.
    """

    package = ""
    most = 1_000_000
    head = "({variables}) in each({classes})"
    merged = ""

    # What a library adds

    def component(self, name: str, fields: tuple[str, ...]) -> type:
        """Declare a component."""
        return make_dataclass(name, fields, slots=True)

    def new(self) -> None:
        """Begin with an empty world."""
        raise NotImplementedError

    def spawn(self, *components: Any) -> Any:
        """Make an entity and return what stands for it."""
        raise NotImplementedError

    def despawn(self, entity: Any) -> None:
        """End an entity at once."""
        raise NotImplementedError

    def insert(self, entity: Any, component: Any) -> None:
        """Add a component."""
        raise NotImplementedError

    def remove(self, entity: Any, cls: type) -> None:
        """Remove a component."""
        raise NotImplementedError

    def get(self, entity: Any, cls: type) -> Any:
        """Return an entity's component."""
        raise NotImplementedError

    def each(self, *classes: type) -> Iterable[tuple[Any, ...]]:
        """Return what the loops go through: all entities that have the classes."""
        raise NotImplementedError

    def parts(self, *classes: type) -> Iterable[tuple[Any, ...]]:
        """Go through the components of entities that have all the classes; not for what is measured."""
        return self.each(*classes)

    def entities(self, cls: type) -> list[Any]:
        """Return the entities that have a component."""
        raise NotImplementedError

    def run(self, *systems: str | Loop) -> Loop:
        """Return what runs some systems in turn, given as loops or by name."""
        return self.schedule_of([self.loops[one] if isinstance(one, str) else one for one in systems])

    def schedule_of(self, loops: list[Loop]) -> Loop:
        """Return what runs loops in turn, in the library's own way where it has one."""

        def step() -> None:
            for loop in loops:
                loop()

        return step if len(loops) > 1 else loops[0]

    # Components and systems

    def __init__(self) -> None:
        self.classes = {name: self.component(name, fields) for name, fields in FIELDS.items()}
        vars(self).update(self.classes)
        self.loops: dict[str, Loop] = {name: self._loop(*LOOPS[name]) for name in LOOPS}

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> Any: ...

    def _loop(self, classes: str, body: str) -> Loop:
        """Write a system's loop with the library's head, so that nothing of ours runs for an entity."""
        names = classes.split()
        variables = [self.merged or f"part{number}" for number in range(len(names))]
        head = self.head.format(variables="".join(f"{name}, " for name in variables), classes=", ".join(names))
        space: dict[str, Any] = {**self.classes, "each": lambda *classes: self.each(*classes), "turn": turn, "DT": DT}
        exec(f"def loop():\n    for {head}:\n        {body.format(*variables)}\n", space)
        loop: Loop = space["loop"]
        return loop

    def numbers(self, *names: str) -> Rows:
        """Return the fields of some components, a row an entity."""
        fields = [[(at, field) for field in FIELDS[name]] for at, name in enumerate(names)]
        classes = [self.classes[name] for name in names]
        return [
            [float(getattr(row[at], field)) for pairs in fields for at, field in pairs] for row in self.parts(*classes)
        ]

    def mover(self, number: int) -> Any:
        """Spawn one entity of the movement cases."""
        position = self.Position(float(number % 7), float(number % 5))
        return self.spawn(position, self.Velocity(float(number % 3), float(number % 2)))

    # Cases

    def movement(self, size: int) -> Work:
        """Move entities."""
        self.new()
        for number in range(size):
            self.mover(number)
        return Work(self.run("move"), lambda: self.numbers("Position", "Velocity"))

    def _body(self, number: int) -> list[Any]:
        value = float(number % 10)
        position = self.Position3(float(number % 7), float(number % 5), value)
        velocity = self.Velocity3(float(number % 3), float(number % 2), 1.0)
        return [self.Transform(*[value] * 16), position, self.Rotation3(value, value, value), velocity]

    def simple_insert(self, size: int) -> Work:
        """Fill an empty world."""

        def fill() -> None:
            self.new()
            spawn, body = self.spawn, self._body
            for number in range(size):
                spawn(*body(number))

        return Work(fill, lambda: self.numbers("Transform", "Position3", "Rotation3", "Velocity3"))

    def simple_iter(self, size: int) -> Work:
        """Move entities in space."""
        self.new()
        for number in range(size):
            self.spawn(*self._body(number))
        return Work(self.run("move3"), lambda: self.numbers("Position3"))

    def packed_5(self, size: int) -> Work:
        """Negate five components in five systems."""
        self.new()
        five = [self.A, self.B, self.C, self.D, self.E]
        for number in range(size):
            self.spawn(*[cls(float(number % 10)) for cls in five])
        return Work(self.run(*[f"negate_{name}" for name in "abcde"]), lambda: self.numbers("A", "B", "C", "D", "E"))

    def frag_iter(self, size: int) -> Work:
        """Negate a component that many tables share."""
        self.new()
        for number in range(size):
            for table in range(TABLES):
                kind: Any = self.classes[f"K{table}"]
                self.spawn(kind(1.0), self.Data(float(number % 10)))
        return Work(self.run("negate_data"), lambda: self.numbers("Data"))

    def heavy_compute(self, size: int) -> Work:
        """Invert matrices."""
        self.new()
        cyclic = np.eye(4, dtype=np.float32)[[1, 2, 0, 3]]
        for number in range(size):
            position = self.Position3(float(number % 7), float(number % 5), 1.0)
            self.spawn(self.Matrix(cyclic), position)
        return Work(self.run("heavy"), lambda: self.numbers("Position3"))

    def schedule(self, size: int) -> Work:
        """Swap components in three systems."""
        self.new()
        for names in ("AB", "ABC", "ABCD", "ABCE"):
            for number in range(size):
                values = enumerate(names)
                self.spawn(*[self.classes[name](float(number % 10 + at)) for at, name in values])
        return Work(self.run("swap_ab", "swap_cd", "swap_ce"), lambda: self.numbers("A", "B"))

    def entity_cycle(self, size: int) -> Work:
        """Spawn one entity for each, and despawn them."""
        self.new()
        for number in range(size):
            self.spawn(self.A(float(number)))

        def step() -> None:
            for (a,) in list(self.parts(self.A)):
                self.spawn(self.B(a.a))
            for entity in self.entities(self.B):
                self.despawn(entity)

        return Work(step, lambda: self.numbers("A") or [[0.0]])

    def add_remove(self, size: int) -> Work:
        """Add a component to all, remove it from all."""
        self.new()
        made = [self.spawn(self.A(float(number))) for number in range(size)]

        def step() -> None:
            insert, remove, make = self.insert, self.remove, self.B
            for entity in made:
                insert(entity, make(1.0))
            for entity in made:
                remove(entity, make)

        return Work(step, lambda: self.numbers("A"))

    def single_spawn(self, size: int) -> Work:
        """Spawn, a call for each."""

        def step() -> None:
            spawn, position, velocity = self.spawn, self.Position, self.Velocity
            for _ in range(size):
                spawn(position(1.0, 2.0), velocity(3.0, 4.0))

        return Work(step, lambda: self.numbers("Position", "Velocity"), before=self.new)

    def single_despawn(self, size: int) -> Work:
        """Despawn, a call for each."""
        made: list[Any] = []

        def fill() -> None:
            self.new()
            made[:] = [self.mover(number) for number in range(size + 1)]

        def step() -> None:
            despawn = self.despawn
            for entity in made[1:]:
                despawn(entity)

        return Work(step, lambda: self.numbers("Position"), before=fill)

    def single_insert(self, size: int) -> Work:
        """Add a component, a call for each."""
        made: list[Any] = []

        def fill() -> None:
            self.new()
            made[:] = [self.mover(number) for number in range(size)]

        def step() -> None:
            insert, make = self.insert, self.A
            for entity in made:
                insert(entity, make(1.0))

        return Work(step, lambda: self.numbers("Position", "A"), before=fill)

    def single_remove(self, size: int) -> Work:
        """Remove a component, a call for each."""
        made: list[Any] = []

        def fill() -> None:
            self.new()
            made[:] = [self.mover(number) for number in range(size)]

        def step() -> None:
            remove, cls = self.remove, self.Velocity
            for entity in made:
                remove(entity, cls)

        return Work(step, lambda: self.numbers("Position"), before=fill)

    def single_access(self, size: int) -> Work:
        """Add to one field of each entity."""
        self.new()
        made = [self.mover(number) for number in range(size)]

        def step() -> None:
            get, cls = self.get, self.Position
            for entity in made:
                get(entity, cls).x += 1

        return Work(step, lambda: self.numbers("Position"))

    def random_access(self, size: int) -> Work:
        """Add to one field of entities picked at random."""
        self.new()
        made = [self.mover(number) for number in range(size * 10)]
        picked = random.Random(1).sample(made, size)

        def step() -> None:
            get, cls = self.get, self.Position
            for entity in picked:
                get(entity, cls).x += 1

        return Work(step, lambda: [[sum(row[0] for row in self.numbers("Position"))]])

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
            despawn, mover = self.despawn, self.mover
            for entity in list(islice(made, replaced)):
                despawn(entity)
                made.popleft()
            made.extend(mover(number) for number in range(replaced))

        return Work(self.run("move", replace), lambda: self.numbers("Position", "Velocity"))

    def memory(self, size: int) -> Work:
        """Hold entities."""
        return self.movement(size)
