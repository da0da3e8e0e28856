"""esper: components of any class, found by their class; results of queries are cached until anything changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import esper

from engine.bench.peers.objects import Loop, ObjectPeer


class Peer(ObjectPeer):
    """Processors that go through `get_components`."""

    package = "esper"
    head = "_, ({variables}) in each({classes})"

    def new(self) -> None:
        """Clear the world."""
        esper.clear_database()
        for processor in list(esper._processors):
            esper.remove_processor(type(processor))

    def spawn(self, *components: Any) -> Any:
        """Make an entity."""
        return esper.create_entity(*components)

    def despawn(self, entity: Any) -> None:
        """Delete an entity."""
        esper.delete_entity(entity, immediate=True)

    def insert(self, entity: Any, component: Any) -> None:
        """Add a component."""
        esper.add_component(entity, component)

    def remove(self, entity: Any, cls: type) -> None:
        """Remove a component."""
        esper.remove_component(entity, cls)

    def get(self, entity: Any, cls: type) -> Any:
        """Return a component."""
        return esper.component_for_entity(entity, cls)

    def each(self, *classes: type) -> Iterable[Any]:
        """Return pairs of entity and components."""
        found: Iterable[Any] = esper.get_components(*classes)
        return found

    def parts(self, *classes: type) -> Iterable[tuple[Any, ...]]:
        """Leave the entities out."""
        return (tuple(parts) for _, parts in self.each(*classes))

    def entities(self, cls: type) -> list[Any]:
        """Return the entities that have a component."""
        return [entity for entity, _ in esper.get_component(cls)]

    def schedule_of(self, loops: list[Loop]) -> Loop:
        """Add a processor for each loop."""
        for loop in loops:
            kind: Any = type("Loop", (esper.Processor,), {"process": staticmethod(loop)})
            esper.add_processor(kind())
        return esper.process
