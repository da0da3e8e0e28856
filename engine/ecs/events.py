"""Events: columns of facts that each reader sees once."""

from __future__ import annotations

import typing
from collections.abc import Iterator
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from engine.ecs.component import mark_of, qualified_name, schema_of
from engine.ecs.layout import Block, Layout
from engine.ecs.schema import Field, Schema
from engine.ecs.storage import Storage
from engine.ecs.values import Ids, columns_of, common_length, complete
from engine.ecs.views import Views
from engine.errors import ComponentError

_E = TypeVar("_E")
_C = TypeVar("_C")


class Added(Generic[_C]):
    """The event that entities got a component, known exactly from the first time somebody reads it."""

    entity: NDArray[np.uint64]


class Removed(Generic[_C]):
    """The event that entities lost a component, by `remove` or by their end."""

    entity: NDArray[np.uint64]


def event_schema(event: Any) -> tuple[Schema, type | None, type | None]:
    """Return the schema and the class of an event, or for `Added[C]` and `Removed[C]` the schema and the component."""
    origin = typing.get_origin(event)
    if origin in (Added, Removed):
        component = typing.get_args(event)[0]
        mark_of(component, "component")
        word = "added" if origin is Added else "removed"
        field = Field("entity", "uint64", (), "entity")
        return Schema(f"{word}:{qualified_name(component)}", 1, "event", (field,)), None, component
    if event in (Added, Removed):
        raise ComponentError(f"{event.__name__} lacks its component", remedy=f"write {event.__name__}[Position]")
    mark_of(event, "event")
    return schema_of(event), event, None


class Stream:
    """The events of one type, numbered from 0 in the order they were sent; old ones go at the end of a tick.

    `first` is the oldest kept for the simulation, `kept` the oldest kept at all, `next` the number of the next one.
    """

    __slots__ = (
        "_views",
        "blocks",
        "cls",
        "ended",
        "first",
        "kept",
        "layout",
        "name",
        "next",
        "rendered",
        "schema",
        "shown",
    )

    def __init__(self, schema: Schema, cls: type | None) -> None:
        self.first = self.kept = self.next = 0
        self.ended = 0  # the number of the next event when the last tick ended
        self.rendered = 0  # the same when the last frame ended
        self.shown = False  # whether a system of Render reads them
        self.adopt(schema, cls)
        self.blocks: list[Block] = self.layout.allocate(0)

    def adopt(self, schema: Schema, cls: type | None) -> None:
        """Take over a schema and a class; the blocks are the caller's to convert."""
        self.name, self.schema, self.cls = schema.name, schema, cls
        self.layout = Layout(schema)
        self._views: Views | None = None

    def reset(self) -> None:
        """Forget all events and their numbers."""
        self.first = self.kept = self.next = self.ended = self.rendered = 0
        self.blocks = self.layout.allocate(0)

    def check(self, schema: Schema) -> None:
        """Raise ComponentError where kept events are stored in another way than a schema wants."""
        if schema.storage != self.schema.storage:
            if self.next > self.kept:
                why = f"{self.next - self.kept} events hold the fields of version {self.schema.version}"
                raise ComponentError(f"{self.name} has other fields now", why=why, remedy="retype it first")
            self.blocks = Layout(schema).allocate(0)

    @property
    def views(self) -> Views:
        """Return the view classes, generated on first use."""
        if self._views is None:
            self._views = Views(self.cls, self.schema, self.layout)
        return self._views

    def columns(self, start: int) -> list[Block]:
        """Return the blocks from event number `start` on, read-only."""
        parts = [block[:, start - self.kept : self.next - self.kept] for block in self.blocks]
        for part in parts:
            part.flags.writeable = False
        return parts

    def append(self, columns: dict[str, Any], count: int) -> None:
        """Add checked columns of events."""
        if not count:
            return
        start = self.next - self.kept
        stop = start + count
        for at, block in enumerate(self.blocks):
            if block.shape[1] < stop:
                grown = np.empty((block.shape[0], max(stop, start + start // 2 + 16)), block.dtype)
                grown[:, :start] = block[:, :start]
                self.blocks[at] = grown
        for name, value in columns.items():
            self.layout.places[name].of(self.blocks)[..., start:stop] = value
        self.next += count

    def end_tick(self) -> None:
        """Let go of what was sent before the last tick ended, unless a frame has yet to show it."""
        self.first, self.ended = self.ended, self.next
        self._trim()

    def end_frame(self) -> None:
        """Note that a frame has shown everything so far."""
        self.rendered = self.next
        self._trim()

    def _trim(self) -> None:
        kept = min(self.first, self.rendered) if self.shown else self.first
        if kept > self.kept:
            # New blocks, so that views of the old ones stay what they are.
            self.blocks = [block[:, kept - self.kept : self.next - self.kept].copy() for block in self.blocks]
            self.kept = kept


class Events(Generic[_E]):
    """The unread events of one type for one reader: iterating gives at most one step of columns, and reads them."""

    __slots__ = ("_cursors", "_key", "_render", "_storage", "_stream")

    def __init__(
        self, stream: Stream, cursors: dict[tuple[str, str], int], reader: str, render: bool, storage: Storage
    ) -> None:
        self._stream, self._cursors, self._render, self._storage = stream, cursors, render, storage
        self._key = (stream.name, reader)
        stream.shown = stream.shown or render

    def _start(self) -> int:
        stream = self._stream
        return max(self._cursors.get(self._key, 0), stream.kept if self._render else stream.first)

    def __len__(self) -> int:
        return self._stream.next - self._start()

    def __bool__(self) -> bool:
        return len(self) > 0

    def __iter__(self) -> Iterator[_E]:
        if len(self):
            yield self.read()

    def read(self) -> _E:
        """Return the columns of all unread events, of length 0 where there are none, and count them as read."""
        stream = self._stream
        start = self._start()
        self._cursors[self._key] = stream.next
        found: _E = stream.views.make(stream.columns(start), self._storage.texts, False)
        return found


class Send(Generic[_E]):
    """Sends events of one type: one, or columns of them."""

    __slots__ = ("_storage", "_stream")

    def __init__(self, stream: Stream, storage: Storage) -> None:
        self._stream, self._storage = stream, storage

    def send(self, event: _E | None = None, /, **columns: Any) -> None:
        """Send `E(...)`, or the fields by name; single values go to all, columns must have one length."""
        schema = self._stream.schema
        if event is not None:
            if columns or type(event) is not self._stream.cls:
                raise ComponentError(
                    f"{event!r:.80} is no {schema.name}", remedy="send one event, or its fields by name"
                )
            columns = vars(event)
        ready, length = columns_of(schema, complete(schema, columns), self._storage.texts)
        self._stream.append(ready, common_length([(schema.name, length)], None))


def tell(stream: Stream, ids: Ids) -> None:
    """Add an event for each entity to a stream of `Added` or `Removed`."""
    stream.append({"entity": ids}, ids.size)
