"""ecs-pattern: a class for each kind of entity, with the fields of all its components; a list of entities for each."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import ecs_pattern

from engine.bench.peers.objects import Loop, ObjectPeer
from engine.bench.work import Work


class Peer(ObjectPeer):
    """Systems of a SystemManager that go through `get_with_component`; what an entity has is fixed by its class."""

    package = "ecs-pattern"
    head = "row in each({classes})"
    merged = "row"

    def component(self, name: str, fields: tuple[str, ...]) -> type:
        """Declare a component."""
        cls: type = ecs_pattern.component(type(name, (), {"__annotations__": dict.fromkeys(fields, float)}))
        return cls

    def new(self) -> None:
        """Make a manager."""
        self.manager = ecs_pattern.EntityManager()
        self.kinds: dict[tuple[type, ...], Any] = {}

    def spawn(self, *components: Any) -> Any:
        """Make an entity of the class that has these components."""
        values = [value for part in components for value in _values(part)]
        entity = self._kind(*map(type, components))(*values)
        self.manager.add(entity)
        return entity

    def _kind(self, *classes: type) -> Any:
        """Return the class of entities with these components, made on first use."""
        kind = self.kinds.get(classes)
        if kind is None:
            # A dataclass takes the fields of its last base first.
            kind = self.kinds[classes] = ecs_pattern.entity(type("Entity", classes[::-1], {}))
        return kind

    def mover(self, number: int) -> Any:
        """Spawn one entity of the movement cases, as its class and not as two components."""
        entity = self._kind(self.Position, self.Velocity)(
            float(number % 7), float(number % 5), float(number % 3), float(number % 2)
        )
        self.manager.add(entity)
        return entity

    def single_spawn(self, size: int) -> Work:
        """Spawn, a call for each."""

        def step() -> None:
            add, kind = self.manager.add, self._kind(self.Position, self.Velocity)
            for _ in range(size):
                add(kind(1.0, 2.0, 3.0, 4.0))

        return Work(step, lambda: self.numbers("Position", "Velocity"), before=self.new)

    def simple_insert(self, size: int) -> Work:
        """Fill an empty world."""
        body = [[value for part in self._body(number) for value in _values(part)] for number in range(210)]

        def fill() -> None:
            self.new()
            add = self.manager.add
            kind = self._kind(self.Transform, self.Position3, self.Rotation3, self.Velocity3)
            for number in range(size):
                add(kind(*body[number % 210]))

        return Work(fill, lambda: self.numbers("Transform", "Position3", "Rotation3", "Velocity3"))

    def despawn(self, entity: Any) -> None:
        """Delete an entity."""
        self.manager.delete(entity)

    def get(self, entity: Any, cls: type) -> Any:
        """Return the entity, which is its own component."""
        return entity

    def each(self, *classes: type) -> Iterable[Any]:
        """Go through entities that have the components."""
        found: Iterable[Any] = self.manager.get_with_component(*classes)
        return found

    def parts(self, *classes: type) -> Iterable[tuple[Any, ...]]:
        """Show each entity as each of its components."""
        return ((entity,) * len(classes) for entity in self.each(*classes))

    def entities(self, cls: type) -> list[Any]:
        """Return the entities that have a component."""
        return list(self.each(cls))

    def schedule_of(self, loops: list[Loop]) -> Loop:
        """Make a system for each loop."""
        kinds: list[Any] = [type("Loop", (ecs_pattern.System,), {"update": staticmethod(loop)}) for loop in loops]
        manager = ecs_pattern.SystemManager([kind() for kind in kinds])
        manager.start_systems()
        update: Loop = manager.update_systems
        return update

    # What an entity has is fixed by its class.
    add_remove = single_insert = single_remove = None  # type: ignore[assignment]


def _values(part: Any) -> list[Any]:
    return [getattr(part, field) for field in type(part).__dataclass_fields__]
