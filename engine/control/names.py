"""Find what a world knows by the names people write: `Rock`, or `app.rocks.Rock` where that alone is not clear."""

from __future__ import annotations

import enum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.schema import Field, Schema
from engine.ecs.terms import Entity
from engine.ecs.texts import TextColumn
from engine.ecs.values import Ids
from engine.ecs.world import World
from engine.errors import QueryError, did_you_mean

MOST_TERMS = 6


def schema_named(world: World, name: str, *kinds: str) -> Schema:
    """Return the schema of a component, event or resource by its qualified or its short name.

    Raises `QueryError` where there is none of these kinds, or more than one.
    """
    component = world.components.get(name)
    if component is not None and ":" not in name and (not kinds or "component" in kinds):
        return component.schema  # the name that is asked for most, without looking at all others
    known = {full: schema for full, schema in world.schemas().items() if not kinds or schema.kind in kinds}
    if name in known:
        return known[name]
    found = [full for full in known if full.rpartition(".")[2] == name]
    if len(found) == 1:
        return known[found[0]]
    what = " or ".join(kinds) or "component, event or resource"
    if found:
        raise QueryError(f"{name} is not clear", why=f"there are {', '.join(found)}", remedy="write one of these")
    short = sorted({full.rpartition(".")[2] for full in known})
    remedy = did_you_mean(name, short) or f"there are {', '.join(short[:60])}"
    raise QueryError(f"there is no {what} {name!r}", remedy=remedy)


def component_class(world: World, name: str) -> type:
    """Return the class of a component by its qualified or short name. Raises `QueryError`."""
    schema = schema_named(world, name, "component")
    cls = world.components[schema.name].cls
    if cls is None:
        raise QueryError(f"{schema.name} has no class", why="its module is not loaded", remedy="load the module")
    return cls


def field_named(schema: Schema, name: str) -> Field:
    """Return a field of a schema. Raises `QueryError`."""
    if name in schema.by_name:
        return schema.by_name[name]
    remedy = did_you_mean(name, schema.by_name) or f"its fields are {', '.join(schema.by_name) or 'none'}"
    raise QueryError(f"{schema.name} has no field {name!r}", remedy=remedy)


class Rows:
    """The rows that have all of some components and none of others, in the order of the world's tables.

    `picked` narrows them to some places. Columns are gathered when they are asked for: whole numbers as int64,
    fractions as float64, text as text, a field of several numbers as (k, n).
    """

    def __init__(self, world: World, components: list[str], without: list[str] | None = None) -> None:
        if len(components) > MOST_TERMS - 1:
            why = f"these are {len(components)}: {', '.join(components)}"
            raise QueryError(f"at most {MOST_TERMS - 1} components at once", why=why, remedy="ask twice")
        self.world = world
        self.components = [schema_named(world, name, "component").name for name in components]
        classes = [component_class(world, name) for name in components]
        self._query = world.query(Entity, *classes)
        self._steps = [step if isinstance(step, tuple) else (step,) for step in self._query]
        parts = [step[0] for step in self._steps]
        self.all: Ids = np.concatenate(parts) if parts else np.empty(0, np.uint64)
        self.picked: NDArray[np.intp] | None = None
        lacking = np.ones(self.all.size, np.bool_)
        for name in without or ():
            lacking &= ~world.has(self.all, component_class(world, name))
        if not lacking.all():
            self.picked = np.flatnonzero(lacking)

    def __len__(self) -> int:
        return self.all.size if self.picked is None else self.picked.size

    @property
    def ids(self) -> Ids:
        """The entity of each row."""
        return self.all if self.picked is None else self.all[self.picked]

    def pick(self, places: NDArray[Any]) -> None:
        """Keep only rows of these places, or of a mask, in that order."""
        places = np.flatnonzero(places) if places.dtype == np.bool_ else places
        self.picked = places if self.picked is None else self.picked[places]

    def column(self, component: str, name: str) -> NDArray[Any]:
        """Return the values of a field."""
        schema = self.world.components[component].schema
        field = field_named(schema, name)
        at = 1 + self.components.index(component)
        parts = [_plain(getattr(step[at], name)) for step in self._steps]
        found = np.concatenate(parts, axis=-1) if parts else np.empty((*field.shape, 0))
        return found if self.picked is None else found[..., self.picked]


def _plain(column: Any) -> NDArray[Any]:
    if isinstance(column, TextColumn):
        return np.array(column.texts(), np.str_) if len(column) else np.empty(0, np.str_)
    array = np.asarray(column)
    if array.dtype.kind == "b":
        return array
    return array.astype(np.float64 if array.dtype.kind == "f" else np.int64)


def resource_value(world: World, schema: Schema, name: str) -> Any:
    """Return one value of a resource as plain data: a number, text, or a list or dict of them."""
    info = world.resources[schema.name]
    value = world.read_resource(info.cls) if info.cls is not None else None
    if isinstance(value, enum.Enum):
        return value.name
    return getattr(value, field_named(schema, name).name, None)
