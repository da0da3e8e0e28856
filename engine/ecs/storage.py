"""The rows of a world: components, tables and the entity index, and the four structural changes on them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.arrivals import Arrivals, Bundle, fill_row, pick_rows
from engine.ecs.component import mark_of, qualified_name, schema_of
from engine.ecs.entities import EntityIndex, Slots, slots_of
from engine.ecs.joints import FEWEST_TABLES, SMALL_ROWS, Joint
from engine.ecs.packer import Packer, packable
from engine.ecs.schema import Schema
from engine.ecs.table import ComponentInfo, Table
from engine.ecs.texts import Interner
from engine.ecs.values import Ids, columns_of, common_length
from engine.errors import ComponentError


class Storage:
    """Tables by their key, and everything that moves rows between them.

    `version` counts changes of how many rows a table has and where they lie, `shape` changes of the set of tables,
    `epoch` restores, `clock` the looks that `Changed` queries took. `watched` holds, by "added" or "removed" and
    component name, who wants to be told the ids. `joined` names the components whose small tables lie side by side, as
    of `version` when it was `laid`.
    """

    __slots__ = (
        "_filled",
        "_having",
        "_keys",
        "_met",
        "_names",
        "arrivals",
        "by_class",
        "clock",
        "components",
        "epoch",
        "index",
        "joined",
        "joints",
        "kernel_compiler",
        "kernel_mode",
        "laid",
        "listed",
        "packers",
        "shape",
        "tables",
        "texts",
        "version",
        "watched",
    )

    def __init__(self) -> None:
        self.components: dict[str, ComponentInfo] = {}
        self.by_class: dict[type, ComponentInfo] = {}
        self.tables: dict[tuple[str, ...], Table] = {}
        self.listed: list[Table] = []
        self.index = EntityIndex()
        self.texts = Interner()
        self.version = 0
        self.shape = 0
        self.clock = 1
        self.epoch = 0
        self.watched: dict[tuple[str, str], Callable[[Ids], None]] = {}
        self.forget_packers()
        self.arrivals: dict[int, Arrivals] = {}
        self.joined: set[str] = set()
        self.joints: dict[str, Joint] = {}
        self.laid = 0
        self.kernel_mode = "plain"
        self.kernel_compiler: Any = None  # what makes machine code: engine/kernels
        self._keys: tuple[int, tuple[tuple[str, ...], ...]] = (-1, ())
        self._having: tuple[int, dict[str, list[Table]]] = (-1, {})
        self._filled: tuple[int, list[Table], dict[str, Schema]] = (-1, [], {})

    # Components

    def info(self, cls: Any) -> ComponentInfo:
        """Return what is known of a component class, registering it if it is new."""
        try:
            return self.by_class[cls]
        except (KeyError, TypeError):
            mark_of(cls, "component")
            return self.register(cls)

    def register(self, cls: type) -> ComponentInfo:
        """Make a component class known under its qualified name.

        Raises ComponentError where rows of that name are stored in another way; `World.retype` converts them.
        """
        schema = schema_of(cls)
        info = self.components.get(schema.name)
        if info is None:
            info = self.components[schema.name] = ComponentInfo(schema, cls)
        elif info.cls is cls and info.schema == schema:
            if self.by_class.get(cls) is info:
                return info
        else:
            if info.schema.storage != schema.storage:
                rows = self.component_rows(schema.name)
                if rows:
                    why = f"{rows} rows hold it in the fields of version {info.schema.version}"
                    raise ComponentError(f"{schema.name} has other fields now", why=why, remedy="retype it first")
                self.forget_tables(schema.name)
            info.adopt(schema, cls)
            self.renew(schema.name)
        self.forget_class(info)
        self.by_class[cls] = info
        return info

    def renew(self, name: str) -> None:
        """Have the views of a component made anew wherever it has rows."""
        for table in self.tables.values():
            if name in table.infos:
                table.relocate()
                table.touch(self.clock)
        self.forget_packers()
        self.version += 1

    def forget_tables(self, name: str) -> None:
        """Drop the tables of a component that has no rows."""
        for table in self.listed:
            if name in table.infos:
                table.relocate()
        self.tables = {key: table for key, table in self.tables.items() if name not in key}
        self.renumber()

    def renumber(self) -> None:
        """Number the tables anew after some were dropped or put in, and have queries find theirs again."""
        self.listed = list(self.tables.values())
        for number, table in enumerate(self.listed):
            table.number = number
            table.touch(self.clock)
            if table.rows:
                self.index.place(table.ids[: table.rows], number, 0)
        self.forget_packers()
        self.joints = {}
        self.shape += 1
        self.version += 1

    def forget(self, name: str) -> None:
        """Forget a component that has no rows."""
        info = self.components.pop(name)
        self.forget_class(info)
        self.forget_tables(name)

    def forget_class(self, info: ComponentInfo) -> None:
        """Forget which class stands for a component."""
        self.by_class = {known: kept for known, kept in self.by_class.items() if kept is not info}
        self.forget_packers()

    def rename(self, old: str, new: str) -> None:
        """Know a component, whose info has its new schema already, under another name."""
        info = self.components[new] = self.components.pop(old)
        self.forget_class(info)
        for table in self.listed:
            if old in table.infos:
                table.rename(old, new)
        self.tables = {table.key: table for table in self.listed}
        self.forget_packers()
        self.joints = {}
        self.shape += 1

    def forget_packers(self) -> None:
        """Forget what was generated for component classes, and their names."""
        self.packers: dict[tuple[type, ...], Packer | None] = {}
        self._names: dict[tuple[type, ...], tuple[str, ...]] = {}
        self._met: set[tuple[type, ...]] = set()

    def names(self, classes: tuple[type, ...]) -> tuple[str, ...]:
        """Return the qualified names of component classes; raise ComponentError for one that is none."""
        found = self._names.get(classes)
        if found is None:
            found = self._names[classes] = tuple(bundle_name(cls) for cls in classes)
        return found

    def component_rows(self, name: str) -> int:
        """Return how many rows hold a component."""
        return sum(table.rows for table in self.tables.values() if name in table.infos)

    @property
    def keys(self) -> tuple[tuple[str, ...], ...]:
        """The keys of the tables by number, the same object as long as there are the same tables."""
        shape, keys = self._keys
        if shape != self.shape:
            keys = tuple(table.key for table in self.listed)
            self._keys = self.shape, keys
        return keys

    @property
    def filled(self) -> tuple[list[Table], dict[str, Schema]]:
        """The tables that have rows, and the schemas of their components by name."""
        version, tables, schemas = self._filled
        if version != self.version:
            tables = [table for table in self.listed if table.rows]
            schemas = {name: info.schema for table in tables for name, info in table.infos.items()}
            self._filled = self.version, tables, schemas
        return tables, schemas

    def table(self, key: tuple[str, ...]) -> Table:
        """Return the table of the sorted component names, made on first use."""
        found = self.tables.get(key)
        if found is None:
            found = Table(key, len(self.tables), [self.components[name] for name in key], self.texts)
            self.tables[key] = found
            self.listed.append(found)
            self.shape += 1
        return found

    # Structural changes

    def bundle(self, components: Iterable[Any], count: int | None) -> tuple[Bundle, int]:
        """Check component values for spawn or insert; return their columns by component name and the row count."""
        bundle: Bundle = {}
        lengths: list[tuple[str, int | None]] = []
        for value in components:
            if isinstance(value, type):
                mark_of(value, "component")
                value = value()
            info = self.info(type(value))
            if info.name in bundle:
                raise ComponentError(f"{info.name} is given twice", remedy="give each component once")
            bundle[info.name], length = columns_of(info.schema, vars(value), self.texts)
            lengths.append((info.name, length))
        return bundle, common_length(lengths, count)

    def packer(self, components: tuple[Any, ...]) -> Packer | None:
        """Return what packs bundles of these classes in this order, or None where some cannot be packed.

        Nothing is generated for a bundle that comes only once.
        """
        classes = tuple(map(type, components))
        try:
            return self.packers[classes]
        except KeyError:
            if classes not in self._met:
                self._met.add(classes)
                return None
        found = None
        if all(hasattr(cls, "__mark__") for cls in classes):
            infos = [self.info(cls) for cls in classes]
            found = Packer(infos, classes, lambda: self.texts) if packable(infos) else None
        self.packers[classes] = found
        return found

    def table_of(self, packer: Packer) -> Table:
        """Return the table in which packed rows of a spawn belong."""
        if packer.table is None:
            packer.table = self.table(packer.key)
        return packer.table

    def spawn(self, ids: Ids, bundle: Bundle, *, wait: bool = False) -> None:
        """Add one row for each reserved id, or have them wait until `settle`."""
        table = self.table(tuple(sorted(bundle)))
        if wait:
            self._arrivals(table).add(ids, bundle)
        else:
            start = table.extend(ids.size, exact=False)
            table.fill(slice(start, table.rows), ids, bundle)
            self.index.place(ids, table.number, start)
            self._changed(table)
        for name in bundle:
            self._tell("added", name, ids)

    def spawn_one(self, entity: int, packer: Packer, row: bytes, *, wait: bool = False) -> None:
        """Add the packed row of one reserved id, or have it wait until `settle`."""
        table = packer.table or self.table_of(packer)
        if wait:
            self._arrivals(table).add_one(entity, packer.unpack(row))
        else:
            fill_row(table, self.index, table.extend(1, exact=False), entity, packer.unpack(row))
            self._changed(table)
        self._tell_one("added", packer.names, entity)

    def _arrivals(self, table: Table) -> Arrivals:
        found = self.arrivals.get(table.number)
        if found is None:
            found = self.arrivals[table.number] = Arrivals(table, self.index)
        return found

    def settle(self) -> None:
        """Add the rows that still wait."""
        arrivals, self.arrivals = self.arrivals, {}
        for one in arrivals.values():
            if one.waiting:
                one.settle()
                self._changed(one.table)

    def join(self, names: Iterable[str]) -> None:
        """Have the small tables of components lie side by side from the next phase on."""
        if not self.joined.issuperset(names):
            self.joined.update(names)
            self.laid = -1

    def lay(self) -> None:
        """Lay small tables side by side, as far as changes since the last time make it necessary.

        Only while nobody holds columns: between two phases.
        """
        moved = False
        for name in self.joined:
            old = self.joints.get(name)
            small = [table for table in self._tables_with(name) if 0 < table.rows <= SMALL_ROWS]
            if len(small) < FEWEST_TABLES:
                small = []
            if old is not None:
                if old.holds(small):
                    continue
                old.release(table for table in old.tables if table not in small)
                del self.joints[name]
                moved = True
            if small:
                self.joints[name] = Joint(name, small)
                moved = True
        if moved:
            self.version += 1
        self.laid = self.version

    def _tables_with(self, name: str) -> list[Table]:
        """Return the tables that have a component, in the order of their keys."""
        shape, having = self._having
        if shape != self.shape:
            having = {}
            self._having = self.shape, having
        if name not in having:
            having[name] = sorted((t for t in self.listed if name in t.infos), key=lambda table: table.key)
        return having[name]

    def despawn(self, ids: Ids) -> int:
        """Remove the rows of ids and return how many were alive; dead ids and repetitions do nothing."""
        ids = self._distinct(ids[self.index.alive(ids)])
        if self.arrivals and any((rows >= table.rows).any() for table, rows, _ in self.groups(ids)):
            self.settle()
        for table, rows, mine in self.groups(ids):
            gone = ids if mine is None else ids[mine]
            arrivals = self.arrivals.get(table.number)
            if arrivals is not None:
                rows = arrivals.replace(rows)
            if rows.size:
                table.delete(rows, self.index)
                self._changed(table)
            else:
                table.touch(self.clock)
            for name in table.key:
                self._tell("removed", name, gone)
        if ids.size:
            self.index.release(slots_of(ids))
        return int(ids.size)

    def despawn_one(self, entity: int) -> None:
        """Remove the row of one id; a dead one does nothing."""
        number, row = self.index.find(entity)
        if number < 0:
            return
        table = self.listed[number]
        if row >= table.rows:
            self.settle()
            row = self.index.find(entity)[1]
        if number in self.arrivals and self.arrivals[number].replace_one(row):
            table.touch(self.clock)
        else:
            table.delete_one(row, self.index)
            self._changed(table)
        self._tell_one("removed", table.key, entity)
        self.index.release_one(entity & 0xFFFFFFFF)

    def insert(self, ids: Ids, bundle: Bundle) -> None:
        """Give living entities components, or new values for those they have; of a repeated id the last counts."""
        if self.arrivals:
            self.settle()
        distinct = self._distinct(ids, bundle)
        for table, rows, mine in self.groups(distinct):
            part = bundle if mine is None else pick_rows(bundle, mine)
            moved = distinct if mine is None else distinct[mine]
            new = [name for name in bundle if name not in table.infos]
            if new:
                self._move(table, rows, moved, tuple(sorted({*table.key, *new})), part)
                for name in new:
                    self._tell("added", name, moved)
            else:
                for name, columns in part.items():
                    table.write(name, columns, rows)
                    table.stamps[name] = self.clock

    def remove(self, ids: Ids, names: Iterable[str]) -> None:
        """Take components from living entities; what an entity does not have is no error."""
        if self.arrivals:
            self.settle()
        names = set(names)
        distinct = self._distinct(ids)
        for table, rows, mine in self.groups(distinct):
            gone = [name for name in table.key if name in names]
            if gone:
                moved = distinct if mine is None else distinct[mine]
                self._move(table, rows, moved, tuple(name for name in table.key if name not in names), {})
                for name in gone:
                    self._tell("removed", name, moved)

    def insert_one(self, entity: int, packer: Packer, row: bytes) -> None:
        """Give one living entity the components of a packed row."""
        if self.arrivals:
            self.settle()
        number, at = self.index.find(entity)
        table, numbers = self.listed[number], packer.unpack(row)
        new = [name for name in packer.names if name not in table.infos]
        if new:
            table, at = self._move_one(table, at, entity, tuple(sorted({*table.key, *new})))
            self._tell_one("added", new, entity)
        cells = table.row_cells()
        for name, mine in packer.parts.items():
            for cell, value in zip(cells[table.parts[name]], numbers[mine], strict=True):
                cell[at] = value
            table.stamps[name] = self.clock

    def remove_one(self, entity: int, names: tuple[str, ...]) -> None:
        """Take components from one living entity."""
        if self.arrivals:
            self.settle()
        number, at = self.index.find(entity)
        table = self.listed[number]
        gone = [name for name in table.key if name in names]
        if gone:
            self._move_one(table, at, entity, tuple(name for name in table.key if name not in names))
            self._tell_one("removed", gone, entity)

    def _move_one(self, source: Table, row: int, entity: int, key: tuple[str, ...]) -> tuple[Table, int]:
        target = self.table(key)
        start = target.extend(1, exact=False)
        here, there = source.row_cells(), target.row_cells()
        for name in key:
            if name in source.infos:
                for cell, to in zip(here[source.parts[name]], there[target.parts[name]], strict=True):
                    to[start] = cell[row]
        target.id_cells[start] = entity
        source.delete_one(row, self.index)
        self.index.place_one(entity, target.number, start)
        self._changed(source)
        self._changed(target)
        return target, start

    def _move(self, source: Table, rows: NDArray[Any], ids: Ids, key: tuple[str, ...], bundle: Bundle) -> None:
        target = self.table(key)
        start = target.extend(ids.size, exact=False)
        target.ids[start : target.rows] = ids
        target.copy_rows(source, rows, start)
        for name, columns in bundle.items():
            target.write(name, columns, slice(start, target.rows))
        source.delete(rows, self.index)
        self.index.place(ids, target.number, start)
        self._changed(source)
        self._changed(target)

    def groups(
        self, ids: Ids, found: tuple[Slots, NDArray[np.int32]] | None = None
    ) -> Iterator[tuple[Table, NDArray[Any], NDArray[Any] | None]]:
        """Yield, for each table that holds some of the living ids: table, rows, and which ids (None: all).

        `found` are their slots and the numbers of their tables, where they are known.
        Rows are read when a group's turn comes, so that moving the rows of one group may disturb another's.
        """
        if not ids.size:
            return
        if ids.size == 1:
            number, row = self.index.find(int(ids[0]))
            yield self.listed[number], np.array([row]), None
            return
        if found is None:
            slots = slots_of(ids)
            found = slots, self.index.table.take(slots)
        slots, numbers = found
        tables = self.listed
        first = int(numbers[0])
        if bool((numbers == first).all()):
            yield tables[first], self.index.row.take(slots).astype(np.intp), None
            return
        for number in np.unique(numbers).tolist():
            mine = np.flatnonzero(numbers == number)
            yield tables[number], self.index.row[slots[mine]].astype(np.intp), mine

    def _distinct(self, ids: Ids, bundle: Bundle | None = None) -> Ids:
        """Return ids without repetitions; the columns of a bundle follow, the last of equal ids staying."""
        if ids.size < 2:
            return ids
        slots = slots_of(ids)
        if ids.size * 8 < self.index.used:
            ordered = np.sort(slots)
            if not (ordered[1:] == ordered[:-1]).any():
                return ids
            stays = np.zeros(ids.size, np.bool_)
            stays[ids.size - 1 - np.unique(slots[::-1], return_index=True)[1]] = True
        else:
            # Only places that are written are read again: there is no need to clear the others.
            order = np.arange(ids.size, dtype=np.uint32)
            last = np.empty(self.index.used, np.uint32)
            last[slots] = order
            stays = last[slots] == order
            if stays.all():
                return ids
        if bundle is not None:
            for name, columns in pick_rows(bundle, np.flatnonzero(stays)).items():
                bundle[name] = columns
        kept: Ids = ids[stays]
        return kept

    def _changed(self, table: Table) -> None:
        table.touch(self.clock)
        self.version += 1

    def _tell(self, what: str, name: str, ids: Ids) -> None:
        listener = self.watched.get((what, name)) if self.watched else None
        if listener is not None:
            listener(ids)

    def _tell_one(self, what: str, names: Iterable[str], entity: int) -> None:
        if self.watched:
            for name in names:
                self._tell(what, name, np.array([entity], np.uint64))


def bundle_name(cls: Any) -> str:
    """Return the qualified name of a component class; raise where it is none."""
    mark_of(cls, "component")
    return qualified_name(cls)


__all__ = ["Schema", "Storage", "bundle_name"]
