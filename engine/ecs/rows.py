"""Row views: one component of one entity, read and written as plain values."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.entities import INDEX
from engine.ecs.storage import Storage
from engine.ecs.table import ComponentInfo, Table
from engine.ecs.texts import TextColumn
from engine.ecs.views import Views, refuse_unknown
from engine.errors import ComponentError, EntityError

# Dtypes whose single cells a memoryview reads and writes, twice as fast as an array does.
_FAST = frozenset("?bBhHiIlLqQfd")
_HIDDEN = ("_at_storage", "_at_entity", "_at_table", "_at_memory", "_at_cells", "_at_row")


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
    view._at_storage, view._at_entity = storage, entity
    _locate(view, info.name)
    return view


def find(storage: Storage, entity: int) -> tuple[Table, int]:
    """Return table and row of a living entity; raise EntityError for a dead one."""
    index = storage.index
    slot = entity & 0xFFFFFFFF
    if slot < index.used and int(index.generation[slot]) == entity >> 32:
        number = int(index.table[slot])
        if number >= 0:
            return storage.listed[number], int(index.row[slot])
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
            elif not place.several and column.dtype.char in _FAST:
                made.append(memoryview(column))  # type: ignore[arg-type]
            else:
                made.append(column)
        found = table.cells[name] = tuple(made)
    return found


def _locate(view: Any, name: str) -> None:
    table, row = find(view._at_storage, view._at_entity)
    if name not in table.infos:
        has = ", ".join(table.key) or "no component"
        what = f"{shown(view._at_entity)} has no {name}"
        raise EntityError(what, why=f"it has {has}", remedy="ask world.has(ids, C) first", entity=view._at_entity)
    view._at_table, view._at_row, view._at_memory = table, row, table.memory
    view._at_cells = cells(table, name)


def _row_class(views: Views, mut: bool) -> type:
    base = views.cls if views.cls is not None else object
    short = views.schema.name.rpartition(".")[2]
    body: dict[str, Any] = {
        "__slots__": _HIDDEN,
        "__module__": base.__module__,
        "__qualname__": getattr(base, "__qualname__", short) if views.cls is not None else short,
        "__doc__": base.__doc__,
        "__repr__": _show(short, tuple(views.layout.places)),
        "__setattr__": _setter(views),
    }
    for at, (name, place) in enumerate(views.layout.places.items()):
        body[name] = property(_get(views, at, place.several), _set(views, at, name, place.several) if mut else None)
    return type(short, (base,), body)


def _get(views: Views, at: int, several: bool) -> Callable[[Any], Any]:
    name = views.schema.name

    def get(self: Any) -> Any:
        if self._at_table.memory != self._at_memory:
            _locate(self, name)
        return self._at_cells[at][self._at_row]

    def get_several(self: Any) -> Any:
        if self._at_table.memory != self._at_memory:
            _locate(self, name)
        return self._at_cells[at][:, self._at_row].copy()

    return get_several if several else get


def _set(views: Views, at: int, field: str, several: bool) -> Callable[[Any, Any], None]:
    name = views.schema.name

    def put(self: Any, value: Any) -> None:
        table = self._at_table
        if table.memory != self._at_memory:
            _locate(self, name)
            table = self._at_table
        cell = self._at_cells[at]
        try:
            if several:
                cell[:, self._at_row] = value
            else:
                cell[self._at_row] = value.item() if isinstance(value, np.ndarray) and value.size == 1 else value
        except (TypeError, ValueError, OverflowError) as error:
            where = f"{name}.{field}"
            remedy = "one row takes one value; use a query for whole columns"
            raise ComponentError(f"{value!r:.80} does not fit", where=where, why=str(error), remedy=remedy) from error
        table.stamps[name] = self._at_storage.clock

    return put


def _setter(views: Views) -> Callable[[Any, str, Any], None]:
    schema = views.schema
    known = frozenset(views.layout.places)
    short = schema.name.rpartition(".")[2]

    def __setattr__(self: Any, name: str, value: Any) -> None:
        if name in known:
            found = type(self).__dict__[name]
            if found.fset is None:
                raise ComponentError(
                    f"{short}.{name} is read-only here", remedy=f"ask for Mut[{short}]", state="nothing was written"
                )
            found.fset(self, value)
            return
        if name not in _HIDDEN:
            refuse_unknown(self, schema, name)
        object.__setattr__(self, name, value)

    return __setattr__


def _show(short: str, names: tuple[str, ...]) -> Callable[[Any], str]:
    def __repr__(self: Any) -> str:
        return f"{short}({', '.join(f'{name}={getattr(self, name)!r}' for name in names)})"

    return __repr__


def slots_of(ids: NDArray[np.uint64]) -> NDArray[np.intp]:
    """Return the slots of ids, ready to index with."""
    return (ids & INDEX).astype(np.intp)
