"""Queries: a set of terms, gone through a table at a time."""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.gather import gather
from engine.ecs.joints import runs
from engine.ecs.rows import row_view
from engine.ecs.steps import Steps
from engine.ecs.steps import Terms as Ts
from engine.ecs.storage import Storage
from engine.ecs.table import Table
from engine.ecs.terms import Terms
from engine.ecs.values import Ids, as_ids
from engine.errors import QueryError

if TYPE_CHECKING:
    Seen = dict[str, int]


class Query(Steps[*Ts]):
    """All rows that match a set of terms, as whole columns: iterating gives one step per table that has rows.

    A step is the value of the only data term, or a tuple of all of them in the order of the terms. Tables come in the
    order of their component names; small ones that follow each other may come in one step (see `joints`). Columns are
    read-only unless the term is `Mut`; views stay valid memory when rows come and go, but show them only at the next
    iteration.
    """

    __slots__ = (
        "_cache",
        "_epoch",
        "_joined",
        "_looks",
        "_marked",
        "_marks",
        "_reader",
        "_seen",
        "_shape",
        "_single",
        "_single_key",
        "_single_table",
        "_single_versions",
        "_steps",
        "_storage",
        "_tables",
        "_version",
        "kernels",
        "terms",
    )

    def __init__(self, storage: Storage, terms: Terms, reader: str, seen: dict[str, int]) -> None:
        self._storage, self.terms, self._reader, self._seen = storage, terms, reader, seen
        self._epoch = storage.epoch
        self._version = -1
        self._shape = -1
        self._steps: list[Any] = []
        self._marks: list[tuple[dict[str, int], str]] = []
        self._marked = -1
        self._looks = bool(terms.changed)
        # Steps that tell the tables apart are never joined.
        alone = self._looks or any(not term.name or term.maybe for term in terms.data)
        self._joined = () if alone else tuple(term.name for term in terms.data)
        storage.join(self._joined)
        self._tables: list[Table] = []
        self._cache: dict[int, tuple[int, int, Any]] = {}
        self.kernels: dict[Any, Any] = {}  # what kernels made of the steps: engine/kernels
        # What `single` gave last, when that was, and the row it was for.
        self._single: Any = None
        self._single_versions = (-1, -1)
        self._single_table: Any = storage
        self._single_key: Any = None

    if not TYPE_CHECKING:

        def __iter__(self) -> Iterator[Any]:
            """Give a step for each table that has rows."""
            storage = self._storage
            if self._marked == storage.clock and self._version == storage.version:
                return iter(self._steps)
            return iter(self._renewed())

        def steps(self) -> list[Any]:
            """Return what iterating gives as a list, which stays the same one while nothing structural changes."""
            storage = self._storage
            if self._marked == storage.clock and self._version == storage.version:
                return self._steps
            return self._renewed()

        def at(self, entities: Any) -> tuple[NDArray[np.bool_], Any]:
            """Gather the rows of some entities: which of them are alive and match, and a step of those rows.

            The step holds copies; assigning an attribute of a `Mut` component, `hp.value -= 1` included, writes it to
            the rows. Of an id given twice the last value stays. `Maybe` gives None where no row has the component, and
            defaults to the rows without it where some have.
            """
            self.refresh()
            return gather(self._storage, self.terms, as_ids(entities), frozenset(t.number for t in self._tables))

        def single(self) -> Any:
            """Return the only row, components as row views, `Entity` as one id; raise QueryError for none or many."""
            if self._single_versions != (self._storage.version, self._single_table.version):
                self._find_single()
            return self._single

    if TYPE_CHECKING:

        def steps(self) -> list[Any]: ...

    @property
    def storage(self) -> Storage:
        """The rows that the query goes through."""
        return self._storage

    def entities(self) -> Ids:
        """Return the ids of all rows that match, in the order of iteration."""
        self.refresh()
        parts = [table.entities() for table in self._tables if table.rows]
        return np.concatenate(parts) if parts else np.empty(0, np.uint64)

    def __len__(self) -> int:
        self.refresh()
        return sum(table.rows for table in self._tables)

    def __bool__(self) -> bool:
        return len(self) > 0

    def _renewed(self) -> list[Any]:
        """Return the steps as they are now, of which those that may be written are marked."""
        self.refresh()
        if self._looks:
            return self._changed_steps()
        self._mark(self._storage.clock)
        return self._steps

    def _find_single(self) -> None:
        rows = len(self)
        if rows != 1:
            raise QueryError(
                f"{rows} rows match a query that wants one", remedy="check with len(query), or iterate", query=self
            )
        storage = self._storage
        table = next(table for table in self._tables if table.rows)
        key = (int(table.ids[0]), table, table.memory)
        if key != self._single_key:
            step = [
                table.ids[0]
                if not term.name
                else row_view(storage, table.infos[term.name], key[0], term.mut)
                if term.name in table.infos
                else None
                for term in self.terms.data
            ]
            self._single, self._single_key = step[0] if len(step) == 1 else tuple(step), key
        self._single_table, self._single_versions = table, (storage.version, table.version)

    def refresh(self) -> None:
        """Bring the steps up to date with the world's tables; iterating does it by itself."""
        if self._version != self._storage.version or self._shape != self._storage.shape:
            self._refresh()

    def _refresh(self) -> None:
        storage = self._storage
        if self._shape != storage.shape:
            self._find_tables()
        data = self.terms.data
        steps: list[Any] = []
        marks: list[tuple[dict[str, int], str]] = []
        joints = [storage.joints[name] for name in self._joined if name in storage.joints]
        filled = [table for table in self._tables if table.rows]
        whole = len(joints) == len(data)
        for run in runs(filled, joints) if whole else ([table] for table in filled):
            if len(run) > 1:
                values = [joint.view(run, term.mut) for joint, term in zip(joints, data, strict=True)]
                steps.append(values[0] if len(values) == 1 else tuple(values))
            else:
                steps.append(self._step(run[0]))
            marks += [(table.stamps, term.name) for table in run for term in data if term.mut]
        # New lists, not changed ones: an iteration that is still going on keeps its own.
        self._steps, self._marks, self._marked, self._version = steps, marks, -1, storage.version

    def _step(self, table: Table) -> Any:
        """Return the step of one table, the same as long as its rows are as many and lie where they lay."""
        known = self._cache.get(table.number)
        if known is None or known[0] != table.rows or known[1] != table.memory:
            values = [
                table.entities()
                if not term.name
                else table.view(term.name, term.mut)
                if term.name in table.infos
                else None
                for term in self.terms.data
            ]
            step = values[0] if len(values) == 1 else tuple(values)
            known = self._cache[table.number] = (table.rows, table.memory, step)
        return known[2]

    def _find_tables(self) -> None:
        tables: list[Table] = []
        for table in self._storage.listed:
            if self.terms.match(table.key):
                insort(tables, table, key=lambda one: one.key)
        self._tables, self._shape, self._cache = tables, self._storage.shape, {}

    def _mark(self, clock: int) -> None:
        """Note the time at which rows may be written, unless they have that time's note already."""
        for stamps, name in self._marks:
            stamps[name] = clock
        self._marked = clock

    def _changed_steps(self) -> list[Any]:
        """Return the steps of tables that changed since the last look, and count this as a look.

        What the query itself hands out as `Mut` is stamped with the look's own time, so that it does not see itself.
        """
        storage = self._storage
        if not self._reader and self._epoch != storage.epoch:
            # The clock went back with the world; what this query saw before means nothing now.
            self._seen, self._epoch = {}, storage.epoch
        since, now = self._seen.get(self._reader, 0), storage.clock
        tables = [table for table in self._tables if table.rows]
        steps = [
            step
            for table, step in zip(tables, self._steps, strict=True)
            if all(table.stamps[name] > since for name in self.terms.changed)
        ]
        self._mark(now)
        self._seen[self._reader] = now
        self._marked = -1  # so that each iteration is a look
        storage.clock = now + 1
        return steps
