"""tcod-ecs: components, tags and relations in dictionaries, queries that are kept up to date."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tcod.ecs import Entity, Registry

from engine.bench.peers.objects import ObjectPeer


class Peer(ObjectPeer):
    """Systems are functions that go through `registry.Q`."""

    package = "tcod-ecs"
    most = 100_000

    def new(self) -> None:
        """Make a registry."""
        self.registry = Registry()

    def spawn(self, *components: Any) -> Any:
        """Make an entity."""
        return self.registry.new_entity(components)

    def despawn(self, entity: Any) -> None:
        """Take everything from an entity."""
        entity.clear()

    def insert(self, entity: Any, component: Any) -> None:
        """Add a component."""
        entity.components[type(component)] = component

    def remove(self, entity: Any, cls: type) -> None:
        """Remove a component."""
        del entity.components[cls]

    def get(self, entity: Any, cls: type) -> Any:
        """Return a component."""
        return entity.components[cls]

    def each(self, *classes: type) -> Iterable[Any]:
        """Return a query."""
        found: Iterable[Any] = self.registry.Q[classes]
        return found

    def entities(self, cls: type) -> list[Any]:
        """Return the entities that have a component."""
        return [entity for entity, _ in self.registry.Q[Entity, cls]]
