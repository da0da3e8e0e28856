"""The resource that a game uses: processors, set-up and links."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import esper
import numpy as np
from numpy.typing import NDArray

from engine import World, resource

from . import record
from .context import Context, EsperError

T = TypeVar("T")
Entities = NDArray[np.uint64]


@dataclass
class Link:
    """Names the entity that an esper entity is linked to; an ordinary esper component, made by `Esper.link`."""

    entity: int


@resource
class EsperRecord:
    """What the esper program held at the end of the last tick, as plain data; nothing before the first."""

    data: dict[str, Any]

    @classmethod
    def make(cls, world: World) -> EsperRecord:
        """Make the record of a program that has not begun."""
        return cls(data={})


@resource(transient=True)
class Esper:
    """An esper program and its links to the world's entities.

    `world` is a context manager: inside `with bridge.world:` the functions of esper act on this program.
    `arguments` are handed to every processor's `process`, `(1 / 60,)` for a program that expects the time step.
    """

    def __init__(self) -> None:
        self.world = Context()
        self.arguments: tuple[Any, ...] = ()
        self._done: set[str] = set()
        self._kept: dict[type[esper.Processor], int] = {}
        self._links: dict[str, dict[int, int]] = {}
        self._recorded: record.Data | None = None

    def once(self, setup: Callable[..., None], *arguments: Any) -> bool:
        """Call `setup` inside `world` unless this program was set up by it before; return whether it was called.

        From a system in Update it runs again where a Startup system does not: after a restore in a new process.
        """
        name = f"{setup.__module__}.{setup.__qualname__}"
        if name in self._done:
            return False
        with self.world:
            setup(*arguments)
        self._done.add(name)
        return True

    def add_processor(self, processor: esper.Processor, priority: int | None = None) -> None:
        """Add a processor, by default with the priority that its class declares; higher runs earlier."""
        with self.world:
            esper.add_processor(processor, processor.priority if priority is None else priority)

    def remove_processor(self, kind: type[esper.Processor]) -> None:
        """Remove the processor of a class; none is no error."""
        with self.world:
            esper.remove_processor(kind)
        self._kept.pop(kind, None)

    def keep_processors(self, wanted: Mapping[type[esper.Processor], int]) -> None:
        """Make the processors named by earlier calls agree with these classes and priorities.

        A class new to the mapping is called without arguments, one that left is removed, and the instances of the
        others stay. Called every tick it lets an edit of the mapping take effect.
        """
        if wanted == self._kept:
            return
        with self.world:
            for kind in self._kept.keys() - wanted.keys():
                esper.remove_processor(kind)
            for kind, priority in wanted.items():
                if self._kept.get(kind) != priority:
                    processor = esper.get_processor(kind) or kind()
                    esper.remove_processor(kind)
                    esper.add_processor(processor, priority)
        self._kept = dict(wanted)

    def note(self, into: EsperRecord) -> None:
        """Take down what the program holds now."""
        with self.world:
            links = self._links_here()
            into.data = self._recorded = {
                **record.capture(),
                "links": np.array([list(links), list(links.values())], np.uint64),
                "arguments": self.arguments,
                "done": sorted(self._done),
                "kept": [(record.name_of(kind), priority) for kind, priority in self._kept.items()],
            }

    def follow(self, noted: EsperRecord) -> None:
        """Bring the program back to what was taken down, if the world has returned to another state since."""
        data = noted.data
        if data is self._recorded or not data:
            return
        with self.world:
            record.replay(data, Link)
            links = self._links_here()
            links.clear()
            links.update(zip(*data["links"].tolist(), strict=True))
        self.arguments, self._done = data["arguments"], set(data["done"])
        self._kept = {record.class_of(name): priority for name, priority in data["kept"]}
        self._recorded = data

    def process(self) -> None:
        """Run every processor once, in order of priority."""
        with self.world:
            _bury()
            esper.process(*self.arguments)

    def link(self, esper_entity: int, entity: int) -> None:
        """Tie an esper entity to an entity: from now on a death on one side is one on the other, within the tick.

        Either side has at most one partner; an earlier link of the esper entity is replaced. The entity may be one
        that `Commands.spawn` returned in this phase. Raises `EsperError` when the esper entity does not exist.
        """
        with self.world:
            if not esper.entity_exists(esper_entity):
                raise EsperError(
                    f"esper entity {esper_entity} is not linked to entity {int(entity)}",
                    where="plugins.esper_bridge",
                    why="it does not exist in this esper world",
                    remedy="create it inside `with bridge.world:` and link it there",
                    entity=esper_entity,
                )
            esper.add_component(esper_entity, Link(int(entity)))
            self._links_here()[esper_entity] = int(entity)

    def unlink(self, esper_entity: int) -> None:
        """Untie an esper entity, so that either side may die alone; one without a link is no error."""
        with self.world:
            if self._links_here().pop(esper_entity, None) is not None and esper.entity_exists(esper_entity):
                esper.try_remove_component(esper_entity, Link)

    def partner(self, esper_entity: int) -> int | None:
        """Return the entity that a living esper entity is linked to."""
        with self.world:
            return self._links_here().get(esper_entity) if self._living(esper_entity) else None

    def pairs(self, kind: type[T]) -> tuple[Entities, list[T]]:
        """Return the linked entities whose esper side has a component, and those components, in the same order."""
        with self.world:
            links = self._links_here()
            found = [
                (links[number], part)
                for number in links
                if self._living(number) and (part := esper.try_component(number, kind)) is not None
            ]
        return np.array([entity for entity, _ in found], np.uint64), [part for _, part in found]

    def unlinked(self, kind: type[T]) -> list[tuple[int, T]]:
        """Return the living esper entities that have a component and no partner, each with that component."""
        with self.world:
            links = self._links_here()
            return [
                (number, part)
                for number, part in esper.get_component(kind)
                if number not in links and esper.entity_exists(number)
            ]

    def settle(self, alive: Callable[[Entities], NDArray[np.bool_]]) -> Entities:
        """Delete every esper entity whose partner is dead; return the entities whose esper side is dead.

        What the program marked for deletion goes now, not with the next `process`. A link goes when both sides are
        dead. Until then the entity is returned each time, so that one that a rollback brought back is despawned again.
        """
        with self.world:
            _bury()
            links = self._links_here()
            if not links:
                return np.empty(0, np.uint64)
            there = alive(np.fromiter(links.values(), np.uint64, len(links)))
            orphans = []
            for (number, entity), living in zip(list(links.items()), there.tolist(), strict=True):
                here = self._living(number)
                if living and not here:
                    orphans.append(entity)
                elif not living:
                    del links[number]
                    if here:
                        esper.delete_entity(number, immediate=True)
        return np.array(orphans, np.uint64)

    def _links_here(self) -> dict[int, int]:
        """The links of the current esper world, which is one of this program's."""
        return self._links.setdefault(esper.current_world, {})

    def _living(self, number: int) -> bool:
        """Whether a linked esper entity lives; a number that `esper.clear_database` gave out anew has no `Link`."""
        if not esper.entity_exists(number):
            return False
        link = esper.try_component(number, Link)
        return link is not None and link.entity == self._links_here().get(number)


def _bury() -> None:
    """Carry out the deletions of the current esper world that wait for the next `esper.process`."""
    # An entity that a program deletes twice would make esper raise here, and on every later call.
    esper._dead_entities.intersection_update(esper._entities)
    esper.clear_dead_entities()
