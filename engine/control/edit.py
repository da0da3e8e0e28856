"""Change a world by hand: a batch of operations, all of them or none, with a dry run and what it changed.

{"spawn": {"Rock": {"size": 2}, "Position": {"x": 10, "y": 20}}, "count": 3}
{"set": {"Rock.size": 1}, "where": "Position.x > 480"}        {"set": {"Game.lives": 5}}
{"insert": {"Spin": {"rate": 1}}, "entities": [4294967301]}     {"remove": ["Spin"], "where": "Rock.size == 0"}
{"despawn": true, "where": "Rock.size == 2"}
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.control.expression import Expression
from engine.control.names import Rows, component_class, field_named, resource_value, schema_named
from engine.ecs.plain import copy_value
from engine.ecs.schema import Schema
from engine.ecs.terms import Entity, Mut
from engine.ecs.values import Ids, as_ids
from engine.ecs.world import World
from engine.errors import HotloopError, QueryError

WAYS = ("spawn", "set", "insert", "remove", "despawn")
KEYS = {
    "spawn": {"count"},
    "set": {"where", "entities"},
    "insert": {"where", "entities"},
    "remove": {"where", "entities"},
    "despawn": {"where", "entities"},
}
MOST_OPERATIONS = 100
MOST_ENTITIES = 100_000
CELLS_SHOWN = 20


def edit(world: World, operations: list[Any], *, dry_run: bool) -> list[dict[str, Any]]:
    """Carry out operations; return what each did. If one fails, or in a dry run, the world is as it was."""
    if not 0 < len(operations) <= MOST_OPERATIONS:
        raise QueryError(f"{len(operations)} operations", remedy=f"give 1 to {MOST_OPERATIONS}")
    before = world.snapshot()
    done = []
    try:
        for number, operation in enumerate(operations):
            try:
                done.append(_operate(world, operation))
            except HotloopError as error:
                where, state = f"operation {number}", "the world is as it was"
                raise QueryError(error.what, where=where, why=error.why, remedy=error.remedy, state=state) from error
            except (TypeError, ValueError, OverflowError) as error:
                raise QueryError(str(error), where=f"operation {number}", state="the world is as it was") from error
    except BaseException:
        world.restore(before)
        raise
    if dry_run:
        world.restore(before)
    return done


def _operate(world: World, operation: Any) -> dict[str, Any]:
    ways = [way for way in WAYS if isinstance(operation, dict) and way in operation]
    if len(ways) != 1 or not operation.keys() <= {ways[0]} | KEYS[ways[0]]:
        remedy = 'write one of {"spawn": ..., "count": 1}, {"set"|"insert"|"remove"|"despawn": ..., "where": ...}'
        raise QueryError(f"{str(operation)[:80]} is no operation", remedy=remedy)
    way, what = ways[0], operation[ways[0]]
    if way == "spawn":
        return _spawn(world, what, operation.get("count", 1))
    if way == "set":
        return _set(world, what, operation)
    ids = _entities(world, operation)
    if way == "despawn":
        if what is not True:
            raise QueryError("despawn takes true", remedy='write {"despawn": true, "where": ...}')
        world.despawn(ids)
        return {"despawned": int(ids.size)}
    if way == "insert":
        world.insert(ids, *_made(world, what))
        return {"inserted": int(ids.size)}
    if not isinstance(what, list):
        raise QueryError("remove takes a list of components", remedy='write {"remove": ["Spin"], "where": ...}')
    world.remove(ids, *(component_class(world, name) for name in what))
    return {"removed": int(ids.size)}


def _spawn(world: World, what: Any, count: Any) -> dict[str, Any]:
    if type(count) is not int or not 0 < count <= MOST_ENTITIES:
        raise QueryError(f"count is {count!r:.40}", remedy=f"give a whole number from 1 to {MOST_ENTITIES}")
    ids = world.spawn(*_made(world, what), count=count)
    return {"spawned": int(ids.size), "entities": ids[:CELLS_SHOWN].tolist()}


def _made(world: World, what: Any) -> list[Any]:
    """Return component instances from `{"Rock": {"size": 2}}`."""
    if not isinstance(what, dict) or not all(isinstance(fields, dict) for fields in what.values()):
        raise QueryError("components are not given by name", remedy='write {"Rock": {"size": 2}}')
    made = []
    for name, fields in what.items():
        cls = component_class(world, name)
        for field in fields:
            field_named(world.components[schema_named(world, name).name].schema, field)
        made.append(cls(**fields))
    return made


def _entities(world: World, operation: dict[str, Any]) -> Ids:
    """Return the entities an operation is about: those listed, or those for which an expression holds."""
    where, listed = operation.get("where"), operation.get("entities")
    if (where is None) == (listed is None):
        raise QueryError("which entities?", remedy='say either "where": "Rock.size == 2" or "entities": [...]')
    if listed is not None:
        if not isinstance(listed, list) or not all(type(one) is int and one >= 0 for one in listed):
            raise QueryError("entities is no list of ids", remedy="take ids from query")
        ids = as_ids(listed)
        if not world.alive(ids).all():
            raise QueryError(f"entity {int(ids[~world.alive(ids)][0])} is dead", remedy="take ids from query")
        return ids
    if not isinstance(where, str):
        raise QueryError("where is no text", remedy='write "where": "Rock.size == 2"')
    expression = Expression(where)
    rows = Rows(world, expression.components(world))
    rows.pick(np.asarray(expression.of_rows(rows), np.bool_))
    return rows.ids.copy()


def _set(world: World, what: Any, operation: dict[str, Any]) -> dict[str, Any]:
    if not isinstance(what, dict) or not what:
        raise QueryError("set takes fields and values", remedy='write {"set": {"Rock.size": 1}, "where": ...}')
    parts = []
    for name, value in what.items():
        owner, _, field = name.rpartition(".")
        schema = schema_named(world, owner or name, "component", "resource")
        parts.append((schema, field_named(schema, field if owner else "member").name, value))
    if all(schema.kind == "resource" for schema, _, _ in parts):
        if operation.keys() != {"set"}:
            raise QueryError("a resource has no rows", remedy="leave out where and entities")
        return {"set": [_set_resource(world, *part) for part in parts]}
    if any(schema.kind == "resource" for schema, _, _ in parts):
        raise QueryError("resources and components in one operation", remedy="write two")
    ids = _entities(world, operation)
    return {"rows": int(ids.size), "set": [_set_column(world, ids, *part) for part in parts]}


def _set_column(world: World, ids: Ids, schema: Schema, field: str, value: Any) -> dict[str, Any]:
    """Give every entity the value, or the value of an expression over it: `{"expr": "Velocity.x * 0.5"}`."""
    cls = component_class(world, schema.name)
    if not world.has(ids, cls).all():
        lacking = int(ids[~world.has(ids, cls)][0])
        raise QueryError(f"entity {lacking} has no {schema.name}", remedy="insert it first")
    new = _expression_values(world, ids, schema, value) if isinstance(value, dict) else value
    cells = [
        {"entity": one, "before": _plain(getattr(world.get(one, cls), field))} for one in ids[:CELLS_SHOWN].tolist()
    ]
    for at in _telling(new, ids):
        # One row takes the value with all the checks there are: what fits there fits everywhere.
        setattr(world.get(int(ids[at]), cls), field, new[at].item() if isinstance(new, np.ndarray) else new)
    _write_rows(world, cls, field, ids, new)
    for cell in cells:
        cell["after"] = _plain(getattr(world.get(cell["entity"], cls), field))
    return {"field": f"{schema.name}.{field}", "cells": cells, "more": max(0, int(ids.size) - CELLS_SHOWN)}


def _telling(new: Any, ids: Ids) -> list[int]:
    """Return the places of rows that tell whether all values fit: the least, the greatest, one with a fraction."""
    if not isinstance(new, np.ndarray) or new.dtype.kind not in "iuf":
        return [0] if ids.size else []
    fractions = np.flatnonzero(new != np.rint(new))[:1].tolist()
    return sorted({int(new.argmin()), int(new.argmax()), *fractions}) if ids.size else []


def _write_rows(world: World, cls: type, field: str, ids: Ids, new: Any) -> None:
    """Write one value, or one for each entity, into the column of every table."""
    order = np.argsort(ids, kind="stable")
    query: Any = world.query(Entity, Mut[cls])  # type: ignore[misc, valid-type]
    for present, view in query:
        at = np.minimum(np.searchsorted(ids[order], present), ids.size - 1)
        mask = ids[order][at] == present if ids.size else np.zeros(present.size, np.bool_)
        if mask.any():
            column: Any = getattr(view, field)
            if isinstance(new, np.ndarray):
                column[mask] = new[order[at[mask]]].astype(column.dtype)
            elif isinstance(new, list):
                column[:, mask] = np.asarray(new)[:, None]
            else:
                column[mask] = new


def _expression_values(world: World, ids: Ids, schema: Schema, value: dict[str, Any]) -> NDArray[Any]:
    if value.keys() != {"expr"} or not isinstance(value["expr"], str):
        raise QueryError("this is no value", remedy='write a value, or {"expr": "Velocity.x * 0.5"}')
    expression = Expression(value["expr"])
    rows = Rows(world, list(dict.fromkeys([schema.name, *expression.components(world)])))
    order = np.argsort(rows.ids, kind="stable")
    at = np.searchsorted(rows.ids[order], ids)
    if (at >= len(rows)).any() or (rows.ids[order][np.minimum(at, len(rows) - 1)] != ids).any():
        raise QueryError("an entity lacks what the expression reads", remedy="narrow `where`")
    rows.pick(order[at])
    return np.asarray(expression.of_rows(rows))


def _set_resource(world: World, schema: Schema, field: str, value: Any) -> dict[str, Any]:
    info = world.resources[schema.name]
    if schema.transient or info.cls is None:
        raise QueryError(f"{schema.name} is no part of the world's state", remedy="set another resource")
    before = resource_value(world, schema, field)
    if field == "member":
        members: Any = getattr(info.cls, "__members__", {})
        if value not in members:
            raise QueryError(f"{value!r:.40} is no {schema.name}", remedy=f"one of {', '.join(members)}")
        world.set_resource(info.cls, members[value])
    else:
        live: Any = world.resource(info.cls)
        if before is not None and not _alike(before, value):
            raise QueryError(f"{value!r:.40} does not fit {schema.name}.{field}", why=f"it is {before!r:.40} now")
        setattr(live, field, copy_value(type(before)(value) if isinstance(before, float) else value, schema.name))
    return {"field": f"{schema.name}.{field}", "before": _plain(before), "after": _plain(value)}


def _alike(before: Any, value: Any) -> bool:
    """Tell whether a value is of the kind that is there."""
    if isinstance(before, bool) or isinstance(value, bool):
        return isinstance(before, bool) and isinstance(value, bool)
    if isinstance(before, float):
        return isinstance(value, int | float)
    return isinstance(value, type(before))


def _plain(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) else value
