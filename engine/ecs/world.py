"""The world: all entities, tables, resources, events and random streams of one simulation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ecs.capture import capture
from engine.ecs.component import Schema, mark_of
from engine.ecs.convert import Convert, drop, live_columns, retype
from engine.ecs.digest import digest
from engine.ecs.events import Events, Send, Stream, event_schema, tell
from engine.ecs.query import Query
from engine.ecs.random import Random, make_stream
from engine.ecs.resources import ResourceInfo, Resources
from engine.ecs.rows import one_id, row_view, shown
from engine.ecs.snapshot import Snapshot
from engine.ecs.state import Migrate, revert
from engine.ecs.storage import Storage
from engine.ecs.table import ComponentInfo
from engine.ecs.terms import parse_terms
from engine.ecs.tidy import tidy_texts
from engine.ecs.values import Ids, as_ids, is_one
from engine.errors import EntityError, KernelError, ScheduleError
from engine.marks import ComponentMark, EventMark

_T = TypeVar("_T")

MOST_GOTTEN = 16_384
"""How many row views of a component are kept for `World.get`."""


class World:
    """Holds one simulation. Works alone, as in a script or a test, or under a schedule.

    `seed` decides every random stream. `tick` counts simulation steps; whoever drives the world counts it up. While
    `locked`, as during a system, structural calls raise and rows from `get` are read-only.
    """

    def __init__(self, seed: int = 0) -> None:
        self.seed = seed
        self.tick = 0
        self.locked: bool | str = False
        self.storage = Storage()
        self.resource_store = Resources(self)
        self.streams: dict[str, Stream] = {}
        self.cursors: dict[tuple[str, str], int] = {}
        self.looks: dict[str, int] = {}
        self.randoms: dict[str, Random] = {}
        # The row views that `get` has made: whoever wants one entity's row mostly wants it again.
        self._gotten: dict[type, dict[int, Any]] = {}

    # What is known

    @property
    def components(self) -> dict[str, ComponentInfo]:
        """The known components by qualified name."""
        return self.storage.components

    @property
    def resources(self) -> dict[str, ResourceInfo]:
        """The known resources by qualified name."""
        return self.resource_store.infos

    @property
    def events_known(self) -> dict[str, Stream]:
        """The known events by qualified name."""
        return self.streams

    @property
    def kernel_mode(self) -> str:
        """How kernels run whose last bits depend on it: "plain", or "compiled" where the extra `kernels` is there.

        It is part of what a recording has to set before it is played again.
        """
        return self.storage.kernel_mode

    @kernel_mode.setter
    def kernel_mode(self, mode: str) -> None:
        if mode not in ("plain", "compiled"):
            raise KernelError(f"there is no kernel mode {mode!r}", remedy='choose "plain" or "compiled"')
        self.storage.kernel_mode = mode
        self.storage.version += 1  # queries look anew

    @property
    def table_count(self) -> int:
        """How many tables have rows."""
        return len(self.storage.filled[0])

    def register(self, *classes: type) -> None:
        """Make component, event and resource classes known by qualified name; each use does it too.

        Raises ComponentError where rows or events of a name are stored in another way: `retype` converts them.
        """
        for cls in classes:
            mark = mark_of(cls, None)
            if isinstance(mark, ComponentMark):
                self.storage.register(cls)
            elif isinstance(mark, EventMark):
                self._stream(cls)
            else:
                self.resource_store.register(cls)

    def schemas(self) -> dict[str, Schema]:
        """Return the schema of every known component, event and resource by qualified name."""
        known: list[Any] = [*self.components.values(), *self.streams.values(), *self.resources.values()]
        return {info.name: info.schema for info in known if ":" not in info.name}

    def component_rows(self, name: str) -> int:
        """Return how many rows hold the component of a qualified name."""
        return self.storage.component_rows(name)

    def columns(self, name: str) -> dict[str, Any]:
        """Return copies of all values of a component, an event or a resource, by field (of a resource: its values)."""
        return live_columns(self, name)

    def transients(self) -> list[tuple[type, Any]]:
        """Return class and value of the transient resources that have been made."""
        return [
            (info.cls, info.value)
            for info in self.resources.values()
            if info.schema.transient and info.value is not None and info.cls is not None
        ]

    def retype(self, name: str, new: Schema, convert: Convert) -> None:
        """Give a component, an event or a resource the schema `new`, which may have another name.

        `convert(columns, n)` makes the new columns from copies of the old ones, by field, and is called for each
        table (also for one without rows), once for the kept events of a type, once for a resource, whose columns are
        its own values. What it leaves out has its default. All of it is computed first: if something raises, nothing
        has changed. A class of another name than before has to be registered afterwards.
        """
        retype(self, name, new, convert)

    def drop(self, name: str) -> int:
        """Forget a component, an event or a resource; return how many rows, events or values went with it."""
        return drop(self, name)

    # Entities

    def spawn(self, *components: Any, count: int | None = None) -> Ids:
        """Make entities and return their ids: as many as `count` says, or as the columns given are long, or one."""
        self._structural("spawn")
        packer = self.storage.packer(components) if count is None else None
        row = None if packer is None else packer.pack(components)
        if packer is not None and row is not None:
            entity, ids = self.storage.index.reserve_one()
            self.storage.spawn_one(entity, packer, row)
            return ids
        bundle, rows = self.storage.bundle(components, count)
        ids = self.storage.index.reserve(rows)
        self.storage.spawn(ids, bundle)
        return ids

    def despawn(self, ids: Any) -> None:
        """End entities; the dead are no error."""
        self._structural("despawn")
        if is_one(ids):
            self.storage.despawn_one(int(ids))
            return
        self.storage.despawn(as_ids(ids).reshape(-1))

    def insert(self, ids: Any, *components: Any) -> None:
        """Give entities components, or new values for those they have. Raises EntityError for a dead one."""
        self._structural("insert")
        packer = self.storage.packer(components) if is_one(ids) else None
        row = None if packer is None else packer.pack(components)
        if packer is not None and row is not None:
            self.storage.insert_one(self._living_one(ids), packer, row)
            return
        found = self._living(ids)
        bundle, _ = self.storage.bundle(components, found.size)
        self.storage.insert(found, bundle)

    def remove(self, ids: Any, *classes: type) -> None:
        """Take components from entities that have them. Raises EntityError for a dead entity."""
        self._structural("remove")
        names = self.storage.names(classes)
        if is_one(ids):
            self.storage.remove_one(self._living_one(ids), names)
            return
        self.storage.remove(self._living(ids), names)

    def _structural(self, what: str) -> None:
        if self.locked:
            raise ScheduleError(
                f"world.{what} inside a system",
                where=self.locked if isinstance(self.locked, str) else None,
                why="rows must not move while systems hold columns",
                remedy=f"take `commands: Commands` and call commands.{what}",
                state="nothing was changed",
            )

    def _living(self, ids: Any) -> Ids:
        found = as_ids(ids).reshape(-1)
        alive = self.storage.index.alive(found)
        if not alive.all():
            raise _dead(int(found[~alive][0]))
        return found

    def _living_one(self, entity: Any) -> int:
        found = int(entity)
        if self.storage.index.find(found)[0] < 0:
            raise _dead(found)
        return found

    def alive(self, ids: Any) -> NDArray[np.bool_]:
        """Return which ids are alive, in the shape of `ids`; 0 never is."""
        return self.storage.index.alive(as_ids(ids))

    def has(self, ids: Any, cls: type) -> NDArray[np.bool_]:
        """Return which ids are alive and have a component."""
        found = as_ids(ids)
        name = self.storage.info(cls).name
        having = np.array([name in table.infos for table in self.storage.listed] + [False])
        index = self.storage.index
        current, slots = index.current(found)
        return current & having[index.table[slots]] if index.used else current

    def get(self, entity: Any, cls: type[_T]) -> _T:
        """Return one entity's component as a row view: attributes are plain values, read and written in place.

        Raises EntityError where the entity is dead or lacks the component.
        """
        if not self.locked:
            try:
                known: _T = self._gotten[cls][entity]
                at = known._at  # type: ignore[attr-defined]
                if at[0].version == at[1]:
                    return known
            except (KeyError, TypeError):
                pass
        return self._get(entity, cls)

    def _get(self, entity: Any, cls: type[_T]) -> _T:
        number = one_id(entity)
        found: _T = row_view(self.storage, self.storage.info(cls), number, not self.locked)
        if not self.locked:
            kept = self._gotten.setdefault(cls, {})
            if len(kept) >= MOST_GOTTEN:
                kept.clear()
            kept[number] = found
        return found

    def entities(self) -> Ids:
        """Return the ids of all living entities, table by table."""
        parts = [table.ids[: table.rows] for _, table in sorted(self.storage.tables.items())]
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def __len__(self) -> int:
        return sum(table.rows for table in self.storage.listed)

    def __bool__(self) -> bool:
        return True

    def query(self, *terms: Any, reader: str = "") -> Query[*tuple[Any, ...]]:
        """Return a query over data terms, then filters; it is made to be kept and iterated again and again.

        What `Changed` last saw is kept under the name `reader`, in the world's snapshots too; without one it is kept
        by the query alone.
        """
        parsed = parse_terms(terms)
        for cls in parsed.classes:
            self.storage.info(cls)
        return Query(self.storage, parsed, reader, self.looks if reader else {})

    # Resources

    def resource(self, cls: type[_T]) -> _T:
        """Return the live resource, made with its defaults on first use."""
        found: _T = self.resource_store.live(cls)
        return found

    def read_resource(self, cls: type[_T]) -> _T:
        """Return a read-only view that shares the state of the live resource; arrays come as read-only views."""
        found: _T = self.resource_store.read(cls)
        return found

    def set_resource(self, cls: Any, value: Any = None) -> None:
        """Set a resource from an instance, from a class and a value, or from a class alone for its defaults."""
        self.resource_store.put(cls, value)

    def has_resource(self, cls: type) -> bool:
        """Tell whether a resource has a value."""
        return self.resource_store.info(cls).value is not None

    def remove_resource(self, cls: type) -> None:
        """Forget the value of a resource; the next use makes it anew."""
        self.resource_store.info(cls).put(None)

    # Events

    def send(self, event: Any, /, **columns: Any) -> None:
        """Send an event: `send(Hit(x=1.0))`, or `send(Hit, x=column)`."""
        if isinstance(event, type):
            self.sender(event).send(**columns)
        else:
            self.sender(type(event)).send(event, **columns)

    def sender(self, event: type[_T]) -> Send[_T]:
        """Return what sends events of a type."""
        return Send(self._stream(event), self.storage)

    def events(self, event: type[_T], reader: str = "", *, render: bool = False) -> Events[_T]:
        """Return the unread events of a type for a reader, who sees each of them once.

        A reader of Render passes `render=True`: it sees all since the last frame, however many ticks that was.
        `Added[C]` and `Removed[C]` are recorded from the first call for them on.
        """
        return Events(self._stream(event), self.cursors, reader, render, self.storage)

    def _stream(self, event: Any) -> Stream:
        schema, cls, component = event_schema(event)
        if component is not None:
            self.storage.info(component)
        stream = self.streams.get(schema.name)
        if stream is None:
            stream = self.add_stream(schema, cls)
        elif cls is not None and (stream.cls is not cls or stream.schema != schema):
            stream.check(schema)
            stream.adopt(schema, cls)
        return stream

    def add_stream(self, schema: Schema, cls: type | None) -> Stream:
        """Make the stream of an event type; that of `Added` or `Removed` fills itself from now on."""
        stream = self.streams[schema.name] = Stream(schema, cls)
        word, colon, component = schema.name.partition(":")
        if colon:
            self.storage.watched[word, component] = _teller(stream)
        return stream

    def end_tick(self) -> None:
        """End a tick: events that were sent before the previous end are let go."""
        for stream in self.streams.values():
            stream.end_tick()
        texts = self.storage.texts
        if len(texts.strings) > texts.limit:
            tidy_texts(self)

    def end_frame(self) -> None:
        """End a frame: events kept only to be shown are let go."""
        for stream in self.streams.values():
            stream.end_frame()

    # State

    def snapshot(self, into: Snapshot | None = None) -> Snapshot:
        """Copy everything but transient resources; the arrays of `into`, an older snapshot, are written over."""
        return capture(self, into)

    def restore(self, snapshot: Snapshot, *, migrate: Migrate | None = None) -> None:
        """Make the world what the snapshot holds; raise SnapshotError, the world being as it was, where that fails.

        Live resources and random streams keep their identity, transient resources are left alone. Rows get the
        schema that their class declares now. Where that is stored differently, `migrate` has to say how: it gets a
        list of (old schema, new schema or None where no class is known) and returns, by old name, a `convert` as in
        `retype`, or None to let the component, event or resource go. What it does not name and no class claims is
        kept as it is until a class is registered for it.
        """
        revert(self, snapshot, migrate)

    def hash(self) -> str:
        """Return a digest of the state: equal worlds have equal ones, and any bit that differs changes it.

        Left out are transient resources, fields declared with `hashed=False`, what readers have seen, and events that
        are kept only to be shown.
        """
        return digest(self)

    # Chance

    def random(self, name: str = "") -> Random:
        """Return the random stream of a name, seeded from the world's seed on first use."""
        stream = self.randoms.get(name)
        if stream is None:
            stream = self.randoms[name] = make_stream(self.seed, name)
        return stream


def _dead(entity: int) -> EntityError:
    what = "entity 0 is nobody" if entity == 0 else f"{shown(entity)} is dead"
    remedy = "pick the living with ids[world.alive(ids)]"
    return EntityError(what, remedy=remedy, state="nothing was changed", entity=entity)


def _teller(stream: Stream) -> Callable[[Ids], None]:
    return lambda ids: tell(stream, ids)
