"""Look at a running game without touching it: schemas, rows, the picture."""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.control.dataflow import flow_of
from engine.control.expression import Expression
from engine.control.frames import Later
from engine.control.names import Rows, resource_value, schema_named
from engine.ecs.schema import Field, Schema
from engine.ecs.world import World
from engine.errors import QueryError
from engine.reload.checks import json_value

if TYPE_CHECKING:
    from engine.app import App

MOST_ROWS = 10_000
EXAMPLES = {"f": 1.5, "i": 1, "u": 1, "b": True}


def schema_list(app: App, module: str = "") -> list[dict[str, Any]]:
    """Return every component, event and resource in short: name, kind, rows, fields."""
    world = app.world
    rows = []
    for name, schema in sorted(world.schemas().items()):
        if module and not name.startswith(_prefix(app, module)):
            continue
        row: dict[str, Any] = {"name": name, "kind": schema.kind, "fields": [field.name for field in schema.fields]}
        if schema.kind == "component":
            row["rows"] = world.component_rows(name)
        rows.append(row)
    return rows


def _prefix(app: App, module: str) -> str:
    return "app." if module == f"apps.{app.name}" else f"{module}."


def schema_detail(app: App, name: str) -> dict[str, Any]:
    """Return all there is to know of one: fields with the systems that read and write each, and an example."""
    world = app.world
    schema = schema_named(world, name)
    flow = flow_of(app.schedule)
    fields = []
    for field in schema.fields:
        key = (schema.name, field.name)
        told = {"name": field.name, "type": field.dtype, "default": json_value(field.default)}
        told |= {"shape": list(field.shape)} if field.shape else {}
        told |= {"kind": field.kind} if field.kind not in ("number", "value") else {}
        written, read = flow.fields_written.get(key, []), flow.fields_read.get(key, [])
        told |= {"written_by": written} if written else {}
        told |= {"read_by": read} if read else {}
        fields.append(told)
    detail: dict[str, Any] = {
        "name": schema.name,
        "kind": schema.kind,
        "version": schema.version,
        "doc": _doc(world, schema),
        "fields": fields,
        "vectors": {vector: list(parts) for vector, parts in schema.vectors},
        "readers": flow.readers.get(schema.name, []),
        "writers": flow.writers.get(schema.name, []),
    }
    if schema.kind == "component":
        detail["rows"] = world.component_rows(schema.name)
        detail["example"] = {schema.name: {field.name: _example(field) for field in schema.fields}}
    if schema.kind == "resource" and not schema.transient:
        detail["value"] = {f.name: json_value(_shown(resource_value(world, schema, f.name))) for f in schema.fields}
    return detail


def _doc(world: World, schema: Schema) -> str:
    known: Any = {"component": world.components, "event": world.events_known, "resource": world.resources}[schema.kind]
    cls = known[schema.name].cls
    return inspect.getdoc(cls) or "" if cls is not None else ""


def _example(field: Field) -> Any:
    if field.kind != "number" or field.shape or field.default:
        return json_value(field.default)
    return EXAMPLES.get(np.dtype(field.dtype).kind, 0)


def _shown(value: Any) -> Any:
    return value.tolist() if isinstance(value, np.ndarray) and value.size <= 64 else value


def query(
    app: App,
    *,
    components: list[str],
    without: list[str],
    where: str,
    columns: list[str],
    aggregates: list[str],
    sort: str,
    descending: bool,
    limit: int,
    offset: int,
) -> dict[str, Any]:
    """Return how many rows match, aggregates over all of these, and some of them as columns."""
    if not 0 <= limit <= MOST_ROWS or offset < 0:
        raise QueryError(f"limit is {limit}, offset is {offset}", remedy=f"ask for 0 to {MOST_ROWS} rows from 0 on")
    world = app.world
    asked = {text: Expression(text) for text in (*columns, where, sort) if text}
    inside = [name for text in aggregates for name in Expression(text).inner_components(world)]
    wanted = [schema_named(world, name, "component").name for name in components]
    names = [*wanted, *(name for one in asked.values() for name in one.components(world)), *inside]
    rows = Rows(world, list(dict.fromkeys(names)), without)
    if where:
        rows.pick(np.asarray(asked[where].of_rows(rows), np.bool_))
    result: dict[str, Any] = {"matching": len(rows)}
    if aggregates:
        result["aggregates"] = {text: Expression(text).over(rows) for text in aggregates}
    if sort:
        order = np.argsort(asked[sort].of_rows(rows), kind="stable")
        rows.pick(order[::-1] if descending else order)
    rows.pick(np.arange(len(rows))[offset : offset + limit])
    values: dict[str, Any] = {"entity": rows.ids}
    if columns:
        values |= {text: asked[text].of_rows(rows) for text in columns}
    else:
        values |= {f"{name}.{field.name}": rows.column(name, field.name) for name in rows.components
                   for field in world.components[name].schema.fields if not field.shape}  # fmt: skip
    result["columns"] = values
    broken = {text: int(np.count_nonzero(~np.isfinite(column))) for text, column in values.items()
              if column.dtype.kind == "f"}  # fmt: skip
    result["not_finite"] = {text: count for text, count in broken.items() if count}
    return result


def capture(app: App, ids: bool = False) -> dict[str, Any]:
    """Return the picture of the present tick, and on request the entities in it with their places."""
    if "core.render.capture" not in app.bus:
        raise QueryError("this game draws nothing", remedy="require core.render")
    if app.headless:
        app.simulation.draw(1.0)
    result: dict[str, Any] = {"picture": _picture(app)}
    if ids:
        if "core.render.places" not in app.bus:
            raise QueryError("this renderer does not tell where entities are", remedy="ask without ids")
        result["places"] = app.bus.call("core.render.places")
    return result


def _picture(app: App) -> Any:
    """Return the pixels, or a raw copy of them to be taken apart later: the game's thread has no time for that."""
    if "core.render.raw" not in app.bus:
        return app.bus.call("core.render.capture")
    raw = app.bus.call("core.render.raw")
    pixels, shifts = raw["pixels"], raw["shifts"]
    return Later(lambda: np.stack([(pixels >> shift).astype(np.uint8) for shift in shifts], axis=-1))
