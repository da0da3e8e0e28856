"""Commands: structural changes recorded now and applied at the end of the phase."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.entities import slots_of
from engine.ecs.schema import Schema
from engine.ecs.storage import Bundle, Storage, bundle_name, select_rows
from engine.ecs.values import PLAIN, Columns, Ids, as_ids

if TYPE_CHECKING:
    from engine.ecs.world import World

Part = tuple[Ids, Bundle]


class Commands:
    """Records spawn, despawn, insert and remove for `apply`, which runs them in order and in few batches.

    `system` is the qualified name of who records; `dropped` counts inserts and removes whose entity was dead by then.
    """

    __slots__ = ("_changes", "_epoch", "_spawns", "_storage", "dropped", "system")

    def __init__(self, world: World, system: str = "") -> None:
        self._storage: Storage = world.storage
        self.system = system
        self.dropped = 0
        self._spawns: dict[tuple[str, ...], list[Part]] = {}
        self._epoch = 0
        self._changes: list[tuple[str, tuple[str, ...], list[Part]]] = []

    def spawn(self, *components: Any, count: int | None = None) -> Ids:
        """Record new entities and return their ids; they are alive once the phase has ended.

        There are as many as `count` says, or as the columns given are long, or one.
        """
        bundle, rows = self._storage.bundle(components, count)
        ids = self._storage.index.reserve(rows)
        self._epoch = self._storage.epoch
        self._spawns.setdefault(tuple(bundle), []).append((ids, bundle))
        return ids

    def despawn(self, ids: Any) -> None:
        """Record the end of entities; the dead are no error."""
        self._record("despawn", (), (as_ids(ids).reshape(-1), {}))

    def insert(self, ids: Any, *components: Any) -> None:
        """Record components, or new values of those they have, for entities; the dead are dropped and counted."""
        ids = as_ids(ids).reshape(-1)
        bundle, _ = self._storage.bundle(components, ids.size)
        self._record("insert", tuple(bundle), (ids, bundle))

    def remove(self, ids: Any, *classes: type) -> None:
        """Record that entities lose components; the dead are dropped and counted."""
        names = tuple(bundle_name(cls) for cls in classes)
        self._record("remove", names, (as_ids(ids).reshape(-1), {}))

    def _record(self, kind: str, names: tuple[str, ...], part: Part) -> None:
        changes = self._changes
        if changes and changes[-1][0] == kind and changes[-1][1] == names:
            changes[-1][2].append(part)
        else:
            changes.append((kind, names, [part]))

    def __len__(self) -> int:
        return sum(len(parts) for parts in self._spawns.values()) + sum(len(parts) for _, _, parts in self._changes)

    def apply(self) -> None:
        """Carry out what is recorded: spawns first, which depend on nothing before them, then the rest in order."""
        storage = self._storage
        spawns, self._spawns = self._spawns, {}
        changes, self._changes = self._changes, []
        for parts in spawns.values():
            storage.spawn(*_joined(storage, parts))
        for kind, names, parts in changes:
            ids, bundle = _joined(storage, parts)
            if kind == "despawn":
                storage.despawn(ids)
                continue
            alive = storage.index.alive(ids)
            if not alive.all():
                self.dropped += int(ids.size - alive.sum())
                ids, bundle = ids[alive], select_rows(bundle, np.flatnonzero(alive))
            if kind == "insert":
                storage.insert(ids, bundle)
            else:
                storage.remove(ids, names)

    def clear(self) -> None:
        """Forget what is recorded; ids that spawn gave out are dead from now on."""
        # After a restore the index knows nothing of them.
        restored = self._epoch != self._storage.epoch
        for parts in () if restored else reversed(self._spawns.values()):
            for ids, _ in reversed(parts):
                self._storage.index.release(slots_of(ids)[::-1])
        self._spawns = {}
        self._changes = []


def _joined(storage: Storage, parts: list[Part]) -> Part:
    """Return several recorded changes of one kind as one."""
    if len(parts) == 1:
        return parts[0]
    ids = np.concatenate([ids for ids, _ in parts])
    return ids, {name: _joined_columns(storage.components[name].schema, name, parts, ids.size) for name in parts[0][1]}


def _joined_columns(schema: Schema, name: str, parts: list[Part], total: int) -> Columns:
    columns: Columns = {}
    for field in schema.fields:
        values = [bundle[name][field.name] for _, bundle in parts]
        dtype = field.dtype if field.dtype != "text" else "uint32"
        if total == len(parts) and not field.shape and all(type(value) in PLAIN for value in values):
            columns[field.name] = np.array(values, dtype)
            continue
        column = columns[field.name] = np.empty((*field.shape, total), dtype)
        start = 0
        for (ids, _), value in zip(parts, values, strict=True):
            column[..., start : start + ids.size] = value
            start += ids.size
    return columns
