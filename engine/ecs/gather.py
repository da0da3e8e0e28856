"""Random access for many entities at once: rows gathered into columns, and scattered back where they are written."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.layout import Block
from engine.ecs.storage import Storage
from engine.ecs.table import ComponentInfo, Table
from engine.ecs.terms import Terms
from engine.ecs.texts import TextColumn
from engine.ecs.values import Ids
from engine.ecs.views import Views, refuse_unknown
from engine.errors import EntityError

Group = tuple[Table, NDArray[Any], NDArray[Any] | None]


def gather(storage: Storage, terms: Terms, ids: Ids, numbers: frozenset[int]) -> tuple[NDArray[np.bool_], Any]:
    """Return which ids are alive in one of the numbered tables, and a step of copies of their rows."""
    ids = ids.reshape(-1)
    current, slots = storage.index.current(ids)
    matches = np.zeros(len(storage.listed) + 1, np.bool_)
    matches[list(numbers)] = True
    # A slot without a table has number -1, the last place, which never matches.
    where = storage.index.table.take(slots) if storage.index.used else np.zeros(ids.size, np.int32)
    mask, living = current & matches.take(where), ids
    if not mask.all():
        living, slots, where = ids[mask], slots[mask], where[mask]
    groups = list(storage.groups(living, (slots, where)))
    step: list[Any] = []
    for term in terms.data:
        if not term.name:
            step.append(living.copy())
            continue
        having = [group for group in groups if term.name in group[0].infos]
        if not having and term.maybe and living.size:
            step.append(None)
            continue
        # A component that was dropped since is known again from its class.
        info = storage.components.get(term.name) or storage.info(term.cls)
        step.append(_columns(storage, info, having, living.size, term.mut))
    return mask, step[0] if len(step) == 1 else tuple(step)


def _columns(storage: Storage, info: ComponentInfo, groups: list[Group], count: int, mut: bool) -> Any:
    """Return a view of gathered rows; one that writes scatters what is assigned to it."""
    if len(groups) == 1 and groups[0][2] is None:
        table, rows, _ = groups[0]
        blocks = [block.take(rows, axis=1, mode="clip") for block in table.blocks[info.name]]
    else:
        blocks = info.layout.allocate(count)
        if sum(len(rows) for _, rows, _ in groups) < count:
            _fill_defaults(storage, info, blocks)
        for table, rows, mine in groups:
            for block, source in zip(blocks, table.blocks[info.name], strict=True):
                block[:, mine] = source[:, rows]
    views = info.views
    if not mut:
        for block in blocks:
            block.flags.writeable = False
        return views.fill(views.read, blocks, storage.texts)
    if views.scatter is None:
        views.scatter = views.subclass(_scatter(views, info.name), ("_at_groups", "_at_storage"))
    view = views.fill(views.scatter, blocks, storage.texts)
    object.__setattr__(view, "_at_groups", [(*group, group[0].version) for group in groups])
    object.__setattr__(view, "_at_storage", storage)
    return view


def _fill_defaults(storage: Storage, info: ComponentInfo, blocks: list[Block]) -> None:
    for field in info.schema.fields:
        value = storage.texts.encode(field.default) if field.dtype == "text" else field.default
        info.layout.places[field.name].of(blocks)[...] = np.asarray(value)[..., None]


def _scatter(views: Views, name: str) -> Callable[[Any, str, Any], None]:
    places = views.layout.places
    schema = views.schema

    def __setattr__(self: Any, field: str, value: Any) -> None:
        if field not in places:
            refuse_unknown(self, schema, field)
            object.__setattr__(self, field, value)
            return
        column = getattr(self, field)
        if column is not value:
            column[...] = value
        plain = column.codes if isinstance(column, TextColumn) else column
        for table, rows, mine, version in self._at_groups:
            if table.version != version:
                raise EntityError(
                    "rows moved since at() gathered them", where=f"{schema.name}.{field}", remedy="gather anew"
                )
            places[field].of(table.blocks[name])[..., rows] = plain if mine is None else plain[..., mine]
            table.stamps[name] = self._at_storage.clock

    return __setattr__
