"""snecs: sets of entities for each component, intersected by a query."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import make_dataclass
from typing import Any

import snecs
from snecs.component import Component
from snecs.ecs import delete_entity_immediately
from snecs.world import World

from engine.bench.peers.objects import ObjectPeer


class Peer(ObjectPeer):
    """Systems are functions that go through compiled queries."""

    package = "snecs"
    head = "_, ({variables}) in each({classes})"

    def component(self, name: str, fields: tuple[str, ...]) -> type:
        """Declare and register a component."""
        cls = make_dataclass(name, fields, bases=(Component,), slots=True, eq=False)
        snecs.register_component(cls)
        return cls

    def new(self) -> None:
        """Make a world."""
        self.world = World()
        self.queries: dict[tuple[type, ...], Any] = {}

    def spawn(self, *components: Any) -> Any:
        """Make an entity."""
        return snecs.new_entity(components, self.world)

    def despawn(self, entity: Any) -> None:
        """Delete an entity."""
        delete_entity_immediately(entity, self.world)

    def insert(self, entity: Any, component: Any) -> None:
        """Add a component."""
        snecs.add_component(entity, component, self.world)

    def remove(self, entity: Any, cls: type) -> None:
        """Remove a component."""
        snecs.remove_component(entity, cls, self.world)

    def get(self, entity: Any, cls: type) -> Any:
        """Return a component."""
        return snecs.entity_component(entity, cls, self.world)

    def each(self, *classes: type) -> Iterable[Any]:
        """Return a query, compiled once for each world."""
        found = self.queries.get(classes)
        if found is None:
            found = self.queries[classes] = snecs.Query(classes, self.world).compile()
        result: Iterable[Any] = found
        return result

    def parts(self, *classes: type) -> Iterable[tuple[Any, ...]]:
        """Leave the entities out."""
        return (tuple(parts) for _, parts in self.each(*classes))

    def entities(self, cls: type) -> list[Any]:
        """Return the entities that have a component."""
        return [entity for entity, _ in self.each(cls)]
