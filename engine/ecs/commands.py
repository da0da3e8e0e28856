"""Commands: structural changes recorded now and applied at the end of the phase."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.arrivals import Bundle, pick_rows
from engine.ecs.entities import slots_of
from engine.ecs.packer import Packer
from engine.ecs.schema import Schema
from engine.ecs.storage import Storage
from engine.ecs.values import LAST_ID, PLAIN, Columns, Ids, as_ids

if TYPE_CHECKING:
    from engine.ecs.world import World

Part = tuple[Ids, Bundle]

UINT64 = np.uint64
FEW = 8
"""Up to so many single entities are changed number by number; for more, columns are made."""


def _nothing(components: tuple[Any, ...]) -> None:
    """Pack no bundle at all."""


class Change:
    """Changes of one kind, which can be made at once.

    Either `parts`, batches of ids with columns of the components called `names`; or `entities`, single ones, with
    their packed `rows` where the kind has values. `pack` makes such a row, `classes` are those to remove.
    """

    __slots__ = ("classes", "entities", "kind", "names", "pack", "packer", "parts", "rows")

    def __init__(
        self, kind: str, names: tuple[str, ...], packer: Packer | None = None, classes: tuple[type, ...] | None = None
    ) -> None:
        self.kind, self.names, self.packer, self.classes = kind, names, packer, classes
        self.pack: Callable[[tuple[Any, ...]], bytes | None] = _nothing if packer is None else packer.pack
        self.parts: list[Part] = []
        self.entities: list[Any] = []
        self.rows: list[bytes] = []

    def __len__(self) -> int:
        return len(self.parts) + len(self.entities)

    def joined(self, storage: Storage) -> Part:
        """Return all of it as one batch."""
        if self.parts:
            return _joined(storage, self.parts)
        ids = np.fromiter(self.entities, np.uint64, len(self.entities))
        return ids, self.packer.columns(self.rows) if self.packer is not None else {}


class Commands:
    """Records spawn, despawn, insert and remove for `apply`, which runs them in order and in few batches.

    `system` is the qualified name of who records; `dropped` counts inserts and removes whose entity was dead by then.
    """

    __slots__ = (
        "_changes",
        "_epoch",
        "_index",
        "_last",
        "_none",
        "_spawned",
        "_spawns",
        "_storage",
        "dropped",
        "system",
    )

    def __init__(self, world: World, system: str = "") -> None:
        self._storage: Storage = world.storage
        self._index = world.storage.index
        self.system = system
        self.dropped = 0
        self._epoch = 0
        self._none = Change("", ())  # nothing belongs with it
        self._begin()

    def _begin(self) -> None:
        self._spawns: dict[tuple[str, ...], list[Change]] = {}
        self._changes: list[Change] = []
        # The next single one mostly belongs with the last, which is tried first.
        self._spawned = self._last = self._none

    def spawn(self, *components: Any, count: int | None = None) -> Ids:
        """Record new entities and return their ids; they are alive once the phase has ended.

        There are as many as `count` says, or as the columns given are long, or one.
        """
        if count is None:
            row = self._spawned.pack(components)
            if row is None:
                row = self._pack_other(components)
            if row is not None:
                spawned, index = self._spawned, self._index
                entity, ids = next(index.ahead, None) or index.look_ahead()
                if index.free_count:
                    index.free_count -= 1
                else:
                    index.used += 1
                spawned.entities.append(entity)
                spawned.rows.append(row)
                return ids
        bundle, rows = self._storage.bundle(components, count)
        ids = self._index.reserve(rows)
        self._spawns_of(tuple(bundle), None).parts.append((ids, bundle))
        return ids

    def _pack_other(self, components: tuple[Any, ...]) -> bytes | None:
        packer = self._storage.packer(components)
        row = None if packer is None else packer.pack(components)
        if packer is not None and row is not None:
            self._spawns_of(packer.names, packer)
        return row

    def _spawns_of(self, names: tuple[str, ...], packer: Packer | None) -> Change:
        """Return where the next spawn of a bundle belongs, so that those of one bundle stay in order."""
        self._epoch = self._storage.epoch
        changes = self._spawns.setdefault(names, [])
        if not changes or changes[-1].packer is not packer:
            changes.append(Change("spawn", names, packer))
        self._spawned = changes[-1]
        return changes[-1]

    def despawn(self, ids: Any) -> None:
        """Record the end of entities; the dead are no error."""
        # What `is_one` says, three times without the call: it would be a third of what a despawn takes.
        if not ((ids.__class__ is int and 0 <= ids <= LAST_ID) or ids.__class__ is UINT64):
            ids = as_ids(ids).reshape(-1)
            if ids.size != 1:
                self._change("despawn", ()).parts.append((ids, {}))
                return
            ids = ids[0]
        last = self._last
        if last.kind != "despawn" or last.parts:
            last = self._begin_change(Change("despawn", ()))
        last.entities.append(ids)

    def insert(self, ids: Any, *components: Any) -> None:
        """Record components, or new values of those they have, for entities; the dead are dropped and counted."""
        if (ids.__class__ is int and 0 <= ids <= LAST_ID) or ids.__class__ is UINT64:
            last = self._last
            row = last.pack(components)
            if row is None:
                packer = self._storage.packer(components)
                row = None if packer is None else packer.pack(components)
                if packer is not None and row is not None:
                    last = self._begin_change(Change("insert", packer.names, packer))
            if row is not None:
                last.entities.append(ids)
                last.rows.append(row)
                return
        found = as_ids(ids).reshape(-1)
        bundle, _ = self._storage.bundle(components, found.size)
        self._change("insert", tuple(bundle)).parts.append((found, bundle))

    def remove(self, ids: Any, *classes: type) -> None:
        """Record that entities lose components; the dead are dropped and counted."""
        if (ids.__class__ is int and 0 <= ids <= LAST_ID) or ids.__class__ is UINT64:
            last = self._last
            if last.classes != classes or last.parts:
                last = self._begin_change(Change("remove", self._storage.names(classes), None, classes))
            last.entities.append(ids)
        else:
            self._change("remove", self._storage.names(classes)).parts.append((as_ids(ids).reshape(-1), {}))

    def _begin_change(self, change: Change) -> Change:
        self._changes.append(change)
        self._last = change
        return change

    def _change(self, kind: str, names: tuple[str, ...]) -> Change:
        """Return where the next batch belongs: with the last change where that is of the same sort."""
        last = self._last
        if last.kind == kind and last.names == names and not last.entities:
            return last
        return self._begin_change(Change(kind, names))

    def __len__(self) -> int:
        return sum(len(change) for changes in self._spawns.values() for change in changes) + sum(
            map(len, self._changes)
        )

    def __bool__(self) -> bool:
        return bool(self._spawns or self._changes)

    def apply(self, *, settle: bool = True) -> None:
        """Carry out what is recorded: spawns first, which depend on nothing before them, then the rest in order.

        Without `settle`, new rows wait for `Storage.settle`, to take the places of rows that others remove.
        """
        spawns, changes = self._spawns, self._changes
        self._begin()
        for several in spawns.values():
            for change in several:
                self._spawn(change)
        for change in changes:
            if len(change.entities) > FEW or change.parts:
                self._carry_out(change)
            else:
                self._carry_out_singly(change)
        if settle:
            self._storage.settle()

    def _spawn(self, change: Change) -> None:
        storage, packer = self._storage, change.packer
        if packer is None or len(change.entities) > FEW:
            storage.spawn(*change.joined(storage), wait=True)
            return
        for entity, row in zip(change.entities, change.rows, strict=True):
            storage.spawn_one(entity, packer, row, wait=True)

    def _carry_out(self, change: Change) -> None:
        storage = self._storage
        ids, bundle = change.joined(storage)
        if change.kind == "despawn":
            storage.despawn(ids)
            return
        alive = storage.index.alive(ids)
        if not alive.all():
            self.dropped += int(ids.size - alive.sum())
            ids, bundle = ids[alive], pick_rows(bundle, np.flatnonzero(alive))
        if change.kind == "insert":
            storage.insert(ids, bundle)
        else:
            storage.remove(ids, change.names)

    def _carry_out_singly(self, change: Change) -> None:
        storage = self._storage
        for at, entity in enumerate(map(int, change.entities)):
            if change.kind == "despawn":
                storage.despawn_one(entity)
            elif storage.index.find(entity)[0] < 0:
                self.dropped += 1
            elif change.packer is not None:
                storage.insert_one(entity, change.packer, change.rows[at])
            else:
                storage.remove_one(entity, change.names)

    def clear(self) -> None:
        """Forget what is recorded; ids that spawn gave out are dead from now on."""
        index = self._index
        # After a restore the index knows nothing of them.
        restored = self._epoch != self._storage.epoch
        for changes in () if restored else reversed(self._spawns.values()):
            for change in reversed(changes):
                for ids in reversed([np.array(change.entities, np.uint64), *(ids for ids, _ in change.parts)]):
                    index.release(slots_of(ids)[::-1])
        self._begin()


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
