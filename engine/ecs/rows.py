"""Row views: one component of one entity, read and written as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.storage import Storage
from engine.ecs.table import ComponentInfo, Table, cell_of
from engine.ecs.texts import TextColumn
from engine.ecs.views import Views, refuse_unknown
from engine.errors import ComponentError, EntityError

# Where a row view stands: table, its `version` then, cells, row; how to find it again: storage and entity; the stamps.
At = tuple[Table, int, tuple[Any, ...], int, Storage, int, dict[str, int]]


def shown(entity: int) -> str:
    """Return an entity id as people read it: slot, then generation."""
    return f"entity {entity & 0xFFFFFFFF}v{entity >> 32}"


def one_id(entity: Any) -> int:
    """Return a single entity id as an int."""
    if isinstance(entity, np.ndarray):
        if entity.size != 1:
            raise EntityError(f"{entity.size} entities given, one is wanted", remedy="use query.at for many")
        entity = entity.item()
    try:
        return int(entity)
    except (TypeError, ValueError) as error:
        raise EntityError(f"{entity!r:.80} is no entity id", remedy="ids come from spawn, or from Entity") from error


def row_view(storage: Storage, info: ComponentInfo, entity: int, mut: bool) -> Any:
    """Return the row of a component; raise EntityError where the entity is dead or lacks it.

    The view stays right while rows move, and raises once the entity is dead.
    """
    views = info.views
    cls = views.rows.get(mut)
    if cls is None:
        cls = views.rows[mut] = _row_class(views, mut)
    view: Any = object.__new__(cls)
    view._move(view, _locate(storage, entity, info.name))
    return view


def find(storage: Storage, entity: int) -> tuple[Table, int]:
    """Return table and row of a living entity; raise EntityError for a dead one."""
    number, row = storage.index.find(entity)
    if number >= 0:
        return storage.listed[number], row
    what = "entity 0 is nobody" if entity == 0 else f"{shown(entity)} is dead"
    raise EntityError(what, remedy="ask world.alive(ids) first, or use query.at(ids)", entity=entity)


def cells(table: Table, name: str) -> tuple[Any, ...]:
    """Return what reads and writes single cells of a component's fields and vectors, in the order of its places."""
    found = table.cells.get(name)
    if found is None:
        info = table.infos[name]
        texts = {field.name for field in info.schema.fields if field.dtype == "text"}
        made: list[Any] = []
        for field, place in info.layout.places.items():
            column: NDArray[Any] = place.of(table.blocks[name])
            if field in texts:
                made.append(TextColumn(column, table.texts, info.views.members.get(field)))
            else:
                made.append(column if place.several else cell_of(column))
        found = table.cells[name] = tuple(made)
    return found


def _locate(storage: Storage, entity: int, name: str) -> At:
    table, row = find(storage, entity)
    found = table.cells.get(name)
    if found is None:
        if name not in table.infos:
            has = ", ".join(table.key) or "no component"
            what = f"{shown(entity)} has no {name}"
            raise EntityError(what, why=f"it has {has}", remedy="ask world.has(ids, C) first", entity=entity)
        found = cells(table, name)
    return table, table.version, found, row, storage, entity, table.stamps


def _row_class(views: Views, mut: bool) -> type:
    base = views.cls if views.cls is not None else object
    short = views.schema.name.rpartition(".")[2]
    name = views.schema.name
    places = views.layout.places
    body: dict[str, Any] = {
        "__slots__": ("_at",),
        "__module__": base.__module__,
        "__qualname__": getattr(base, "__qualname__", short) if views.cls is not None else short,
        "__doc__": base.__doc__,
        "__repr__": _show(short, tuple(places)),
        "__setattr__": _setter(views) if mut else _refuser(views),
    }
    for number, (field, place) in enumerate(places.items()):
        body[field] = property(_reader(name, number, place.several))
    cls: Any = type(short, (base,), body)
    cls._move = cls.__dict__["_at"].__set__
    return cls  # type: ignore[no-any-return]


def _moved(view: Any, name: str) -> At:
    """Find a view's row again, after rows have moved."""
    at = _locate(view._at[4], view._at[5], name)
    view._move(view, at)
    return at


def _reader(name: str, number: int, several: bool) -> Callable[[Any], Any]:
    def read(self: Any) -> Any:
        at = self._at
        if at[0].version != at[1]:
            at = _moved(self, name)
        return at[2][number][at[3]]

    def read_several(self: Any) -> Any:
        at = self._at
        if at[0].version != at[1]:
            at = _moved(self, name)
        return at[2][number][:, at[3]].copy()

    return read_several if several else read


def _setter(views: Views) -> Callable[[Any, str, Any], None]:
    places = views.layout.places
    name = views.schema.name
    numbers = {field: number for number, field in enumerate(places)}
    single = {field: number for field, number in numbers.items() if not places[field].several}

    def __setattr__(self: Any, field: str, value: Any) -> None:
        at = self._at
        if at[0].version != at[1]:
            at = _moved(self, name)
        try:
            at[2][single[field]][at[3]] = value
        except (KeyError, TypeError, ValueError, OverflowError):
            write(self, at, field, value)
        at[6][name] = at[4].clock

    def write(self: Any, at: At, field: str, value: Any) -> None:
        """Write what is not one number to one cell, or say what is wrong with it."""
        if field not in places:
            refuse_unknown(self, views.schema, field)
            object.__setattr__(self, field, value)
            return
        if isinstance(value, np.ndarray) and value.size == 1:
            value = value.item()
        try:
            at[2][numbers[field]][(slice(None), at[3]) if places[field].several else at[3]] = value
        except (TypeError, ValueError, OverflowError) as error:
            remedy = "one row takes one value; use a query for whole columns"
            what, where = f"{value!r:.80} does not fit", f"{name}.{field}"
            raise ComponentError(what, where=where, why=str(error), remedy=remedy) from error

    return __setattr__


def _refuser(views: Views) -> Callable[[Any, str, Any], None]:
    short = views.schema.name.rpartition(".")[2]

    def __setattr__(self: Any, field: str, value: Any) -> None:
        refuse_unknown(self, views.schema, field)
        if field in views.layout.places:
            raise ComponentError(
                f"{short}.{field} is read-only here", remedy=f"ask for Mut[{short}]", state="nothing was written"
            )
        object.__setattr__(self, field, value)

    return __setattr__


def _show(short: str, names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:
        return f"{short}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__
