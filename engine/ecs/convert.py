"""Rows from one schema to another: in place when a class changes, or while a snapshot is restored."""

from __future__ import annotations

import enum
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.layout import Block, Layout
from engine.ecs.schema import Schema
from engine.ecs.table import Table
from engine.ecs.texts import Interner, TextColumn
from engine.ecs.values import columns_of, common_length, complete
from engine.errors import ComponentError, did_you_mean

if TYPE_CHECKING:
    from engine.ecs.world import World

Convert = Callable[[dict[str, Any], int], dict[str, Any]]
"""From the old columns (copies, by field) and the number of rows to the new columns; what is left out is default."""


def read_columns(schema: Schema, layout: Layout, blocks: Sequence[Block], rows: int, texts: Interner) -> dict[str, Any]:
    """Return copies of the columns of all fields; texts come as text columns."""
    columns: dict[str, Any] = {}
    for field in schema.fields:
        column: Any = layout.places[field.name].of(tuple(block[:, :rows] for block in blocks)).copy()
        columns[field.name] = TextColumn(column, texts) if field.dtype == "text" else column
    return columns


def converted(
    old: Schema, new: Schema, blocks: Sequence[Block], rows: int, convert: Convert, texts: Interner
) -> list[Block]:
    """Return blocks of the new schema with what `convert` makes of the old columns."""
    given = convert(read_columns(old, Layout(old), blocks, rows, texts), rows)
    filled = {field.name: given.get(field.name, field.default) for field in new.fields}
    unknown = sorted(given.keys() - new.by_name.keys())
    if unknown:
        complete(new, {unknown[0]: None})
    columns, length = columns_of(new, filled, texts)
    common_length([(new.name, length)], rows)
    layout = Layout(new)
    made = layout.allocate(rows)
    for name, value in columns.items():
        layout.places[name].of(made)[...] = value
    return made


def live_columns(world: World, name: str) -> dict[str, Any]:
    """Return copies of all values of a component, an event or a resource by field; a resource's are single values."""
    storage = world.storage
    if name in storage.components:
        info = storage.components[name]
        tables = [table for table in storage.listed if name in table.infos and table.rows]
        parts = [
            np.concatenate([table.blocks[name][at][:, : table.rows] for table in tables], axis=1)
            if tables
            else np.empty((size, 0), dtype)
            for at, (dtype, size) in enumerate(info.layout.blocks)
        ]
        return read_columns(info.schema, info.layout, parts, sum(table.rows for table in tables), storage.texts)
    if name in world.streams:
        stream = world.streams[name]
        blocks = stream.columns(stream.kept)
        return read_columns(stream.schema, stream.layout, blocks, stream.next - stream.kept, storage.texts)
    if name in world.resources:
        return dict(world.resources[name].state() or {})
    raise _unknown(world, name)


def retype(world: World, name: str, new: Schema, convert: Convert) -> None:
    """Give a component, an event or a resource another schema; see `World.retype`."""
    storage = world.storage
    if name in storage.components:
        _retype_component(world, name, new, convert)
    elif name in world.streams:
        stream = world.streams[name]
        rows = stream.next - stream.kept
        blocks = converted(stream.schema, new, stream.columns(stream.kept), rows, convert, storage.texts)
        stream.adopt(new, stream.cls if new.name == name else None)
        stream.blocks = blocks
        _rename(world.streams, name, new.name)
        _rename_cursors(world, name, new.name)
    elif name in world.resources:
        info = world.resources[name]
        state = info.state()
        if state is not None and not new.transient and not isinstance(info.value, enum.Enum):
            fresh = world.resource_store.filled(info, new, convert(dict(state), 1))
            state.clear()
            state.update(fresh)
        info.name, info.schema, info.view, info.view_class = new.name, new, None, None
        _rename(world.resources, name, new.name)
        if new.name != name:
            world.resource_store.forget_class(info)
    else:
        raise _unknown(world, name)


def _retype_component(world: World, name: str, new: Schema, convert: Convert) -> None:
    storage = world.storage
    info = storage.components[name]
    other = storage.components.get(new.name)
    if other is not None and other is not info:
        if storage.component_rows(new.name):
            why = f"{storage.component_rows(new.name)} rows hold the other {new.name}"
            raise ComponentError(f"{name} cannot become {new.name}", why=why, remedy="remove those first")
        drop(world, new.name)
    made: list[tuple[Table, list[Block]]] = [
        (table, converted(info.schema, new, table.blocks[name], table.rows, convert, storage.texts))
        for table in storage.listed
        if name in table.infos
    ]
    # Nothing can fail from here on.
    for table, blocks in made:
        table.replace(name, blocks)
    info.adopt(new, info.cls if new.name == name else None)
    if new.name != name:
        storage.rename(name, new.name)
        for word in ("added", "removed"):
            listener = storage.watched.pop((word, name), None)
            if listener is not None:
                storage.watched[word, new.name] = listener
                stream = world.streams[f"{word}:{name}"]
                stream.name = f"{word}:{new.name}"
                stream.schema = replace(stream.schema, name=stream.name)
                _rename(world.streams, f"{word}:{name}", stream.name)
                _rename_cursors(world, f"{word}:{name}", stream.name)
    storage.renew(new.name)


def drop(world: World, name: str) -> int:
    """Forget a component, an event or a resource and all its values; see `World.drop`."""
    storage = world.storage
    if name in storage.components:
        rows = storage.component_rows(name)
        for word in ("added", "removed"):
            storage.watched.pop((word, name), None)
            world.streams.pop(f"{word}:{name}", None)
            _forget_cursors(world, f"{word}:{name}")
        for table in list(storage.listed):
            if name in table.infos and table.rows:
                storage.remove(table.ids[: table.rows].copy(), [name])
        storage.forget(name)
        return rows
    if name in world.streams:
        stream = world.streams.pop(name)
        _forget_cursors(world, name)
        return stream.next - stream.kept
    if name in world.resources:
        info = world.resources.pop(name)
        world.resource_store.forget_class(info)
        return int(info.state() is not None)
    raise _unknown(world, name)


def _rename(known: dict[str, Any], old: str, new: str) -> None:
    if old != new:
        known[new] = known.pop(old)


def _forget_cursors(world: World, name: str) -> None:
    """Forget how far readers have come in a stream that is gone: another of its name begins at 0."""
    for key in [key for key in world.cursors if key[0] == name]:
        del world.cursors[key]


def _rename_cursors(world: World, old: str, new: str) -> None:
    if old == new:
        return
    _forget_cursors(world, new)
    for event, reader in [key for key in world.cursors if key[0] == old]:
        world.cursors[new, reader] = world.cursors.pop((event, reader))


def _unknown(world: World, name: str) -> ComponentError:
    remedy = did_you_mean(name, world.schemas()) or "register its class first"
    return ComponentError(f"{name!r} is no component, event or resource of this world", remedy=remedy)
