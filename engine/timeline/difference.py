"""Where two states of a world first differ: the component and field, resource, event or stream, and which rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.ecs.digest import encode_plain
from engine.ecs.image import StreamImage, TableImage
from engine.ecs.layout import Block, Layout
from engine.ecs.snapshot import Snapshot

ROWS_SHOWN = 4


@dataclass(frozen=True)
class Difference:
    """One thing that is not the same in two states.

    `kind` is field, rows, resource, event, random, entities or schema; `name` is that of the component, resource or
    event, `field` that of its field. `rows` are the ids of entities, or the places of events, `one` and `other` the
    values of the first of them.
    """

    kind: str
    name: str
    field: str = ""
    rows: tuple[int, ...] = ()
    one: str = ""
    other: str = ""

    def __str__(self) -> str:
        what = f"{self.name}.{self.field}" if self.field else self.name
        text = f"{self.kind} {what}"
        if self.rows:
            shown = ", ".join(entity_text(row) if self.kind != "event" else str(row) for row in self.rows[:ROWS_SHOWN])
            more = f" and {len(self.rows) - ROWS_SHOWN} more" if len(self.rows) > ROWS_SHOWN else ""
            text += f", {'row' if len(self.rows) == 1 else 'rows'} of {shown}{more}"
        return f"{text}: {self.one} there, {self.other} here" if self.one or self.other else text


def entity_text(entity: int) -> str:
    """Return an entity as people read it: its index, and its generation if it is not the first."""
    generation = entity >> 32
    return f"#{entity & 0xFFFFFFFF}" + (f" (generation {generation})" if generation > 1 else "")


def differences(one: Snapshot, other: Snapshot) -> Iterator[Difference]:
    """Yield what differs between two states: rows and columns first, then resources, events and chance."""
    for name in sorted(one.schemas.keys() & other.schemas.keys()):
        if one.schemas[name].storage != other.schemas[name].storage:
            yield Difference("schema", name)
            return
    yield from _tables(one, other)
    yield from _resources(one, other)
    yield from _streams(one, other)
    for name in sorted(one.randoms.keys() | other.randoms.keys()):
        if one.randoms.get(name) != other.randoms.get(name):
            yield Difference("random", name)
    if one.index.free.tobytes() != other.index.free.tobytes():
        yield Difference("entities", "in another order of coming and going")


def _tables(one: Snapshot, other: Snapshot) -> Iterator[Difference]:
    for key in sorted(one.tables.keys() | other.tables.keys()):
        mine, theirs = one.tables.get(key), other.tables.get(key)
        if mine is None or theirs is None or not np.array_equal(mine.ids, theirs.ids):
            yield _rows(", ".join(name.rpartition(".")[2] for name in key) or "nothing", mine, theirs)
            continue
        for name in key:
            for field, a, b in _columns(one, other, name, mine.blocks[name], theirs.blocks[name]):
                rows = _unlike(a, b)
                if rows.size:
                    ids = tuple(int(entity) for entity in mine.ids[rows])
                    yield Difference("field", name, field, ids, _shown(a[..., rows[0]]), _shown(b[..., rows[0]]))


def _rows(components: str, mine: TableImage | None, theirs: TableImage | None) -> Difference:
    empty = np.empty(0, np.uint64)
    a, b = (mine.ids if mine else empty), (theirs.ids if theirs else empty)
    rows = np.setxor1d(a, b)
    ids = tuple(int(entity) for entity in (rows if rows.size else a[a != b] if a.size == b.size else a))
    return Difference("rows", f"with {components}", "", ids, f"{a.size} rows", f"{b.size} rows")


def _resources(one: Snapshot, other: Snapshot) -> Iterator[Difference]:
    for name in sorted(one.resources.keys() | other.resources.keys()):
        mine, theirs = one.resources.get(name, {}), other.resources.get(name, {})
        schema = one.schemas.get(name) or other.schemas[name]
        hidden = {field.name for field in schema.fields if not field.hashed}
        for field in sorted((mine.keys() | theirs.keys()) - hidden):
            a, b = mine.get(field), theirs.get(field)
            if encode_plain(a) != encode_plain(b):
                yield Difference("resource", name, field, (), _shown(a), _shown(b))


def _streams(one: Snapshot, other: Snapshot) -> Iterator[Difference]:
    for name in sorted(one.streams.keys() | other.streams.keys()):
        mine, theirs = one.streams.get(name), other.streams.get(name)
        a_count, b_count = (_count(image) for image in (mine, theirs))
        if a_count != b_count or mine is None or theirs is None:
            yield Difference("event", name, "", (), f"{a_count} sent", f"{b_count} sent")
            continue
        for field, a, b in _columns(one, other, name, _live(mine), _live(theirs)):
            rows = _unlike(a, b)
            if rows.size:
                places = tuple(int(row) for row in rows)
                yield Difference("event", name, field, places, _shown(a[..., rows[0]]), _shown(b[..., rows[0]]))


def _count(image: StreamImage | None) -> int:
    return 0 if image is None else image.next - image.first


def _live(image: StreamImage) -> list[Block]:
    rows = slice(image.first - image.kept, image.next - image.kept)
    return [block[:, rows] for block in image.blocks]


def _columns(
    one: Snapshot, other: Snapshot, name: str, mine: Sequence[Block], theirs: Sequence[Block]
) -> Iterator[tuple[str, NDArray[Any], NDArray[Any]]]:
    """Yield the column of each field, of several rows for an array, with texts written out."""
    layout = Layout(one.schemas[name])
    for field in layout.fields:
        place = layout.places[field.name]
        a, b = place.of(mine), place.of(theirs)
        if place.block in layout.texts:
            a = np.array(one.texts.strings, object)[a]
            b = np.array(other.texts.strings, object)[b]
        yield field.name, a, b


def _unlike(a: NDArray[Any], b: NDArray[Any]) -> NDArray[np.intp]:
    """Return the rows that differ bit by bit, so that one nan is like another of the same bits."""
    if a.dtype != object:
        kind = np.dtype(f"u{a.dtype.itemsize}")
        a, b = np.ascontiguousarray(a).view(kind), np.ascontiguousarray(b).view(kind)
    unlike = np.asarray(a != b, np.bool_)
    return np.flatnonzero(unlike.any(axis=0) if unlike.ndim > 1 else unlike)


def _shown(value: Any) -> str:
    if isinstance(value, np.ndarray | np.generic):
        value = value.tolist()
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."
