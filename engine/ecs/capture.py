"""A world's state into a snapshot.

It is copied before every tick, mostly over an older copy, so nothing is done here that need not be: which entity is in
which row is copied only where that has changed since the older copy, and so are the lists of what there is to copy.
The columns themselves are always copied: whoever holds one may have written to it.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import numpy as np

from engine.ecs.image import IndexImage, StreamImage, TableImage, memory, reuse
from engine.ecs.layout import Block
from engine.ecs.plain import ATOMS, copy_value
from engine.ecs.random import get_state
from engine.ecs.snapshot import Snapshot
from engine.ecs.storage import Storage
from engine.ecs.table import Table

if TYPE_CHECKING:
    from engine.ecs.world import World


def capture(world: World, into: Snapshot | None) -> Snapshot:
    """Copy the world; arrays of `into` are written over where they fit, and `into` is returned."""
    shot = Snapshot() if into is None else into
    storage = world.storage
    shot.tick, shot.seed, shot.clock, shot.texts = world.tick, world.seed, storage.clock, storage.texts
    shot.schemas.clear()
    _capture_resources(world, shot)
    _capture_streams(world, shot)
    _capture_index(storage, shot.index)
    shot.randoms = {name: get_state(stream) for name, stream in world.randoms.items()}
    for mine, theirs in ((shot.cursors, world.cursors), (shot.looks, world.looks)):
        mine.clear()
        mine.update(theirs)  # type: ignore[arg-type]
    # Last, as the columns push everything else out of the processor's cache.
    _capture_tables(storage, shot)
    return shot


def _capture_index(storage: Storage, image: IndexImage) -> None:
    index, used = storage.index, storage.index.used
    # Ids that are taken or let go change the last three, what else moves rows changes the first.
    at = storage.version, used, index.free_count, index.ended
    if image.at == at and image.of is not None and image.of() is index:
        return
    image.generation = reuse(image.generation, index.generation[:used])
    image.free = reuse(image.free, index.free[: index.free_count])
    image.table = reuse(image.table, index.table[:used])
    image.row = reuse(image.row, index.row[:used])
    image.keys = storage.keys
    image.at, image.of = at, weakref.ref(index)


def _capture_tables(storage: Storage, shot: Snapshot) -> None:
    filled, schemas = storage.filled
    before = shot.tables
    if list(before) != [table.key for table in filled]:
        shot.tables = {table.key: before.get(table.key) or _no_rows(table) for table in filled}
    for table, image in zip(filled, shot.tables.values(), strict=True):
        if image.at != table.version or image.of is None or image.of() is not table:
            _fit(image, table)
        image.stamps = table.stamps.copy()
        for copy, block in zip(image.copies, table.filled, strict=True):
            copy[...] = block
    shot.schemas.update(schemas)


def _no_rows(table: Table) -> TableImage:
    return TableImage(table.key, 0, np.empty(0, np.uint64), dict.fromkeys(table.key, ()), {})


def _fit(image: TableImage, table: Table) -> None:
    """Give an image the ids of a table's rows, and memory for their columns."""
    rows = image.rows = table.rows
    image.ids = reuse(image.ids, table.ids[:rows])
    for name, blocks in table.blocks.items():
        image.blocks[name] = _memory(image.blocks[name], [block[:, :rows] for block in blocks])
    image.copies = tuple([copy for name in table.blocks for copy in image.blocks[name]])
    image.at, image.of = table.version, weakref.ref(table)


def _memory(kept: tuple[Block, ...], blocks: list[Block]) -> tuple[Block, ...]:
    """Return memory for copies of blocks: the very tuple of older ones where all fit."""
    if [(one.shape, one.dtype) for one in kept] == [(one.shape, one.dtype) for one in blocks]:
        return kept
    older = kept if len(kept) == len(blocks) else [None] * len(blocks)
    return tuple([memory(old, block) for old, block in zip(older, blocks, strict=True)])


def _capture_streams(world: World, shot: Snapshot) -> None:
    before = shot.streams
    sent = {name: stream for name, stream in world.streams.items() if stream.next}
    if before.keys() != sent.keys():
        shot.streams = {name: before.get(name) or StreamImage(0, 0, 0, 0, 0, ()) for name in sent}
    for name, stream in sent.items():
        image = shot.streams[name]
        image.first, image.kept, image.next = stream.first, stream.kept, stream.next
        image.ended, image.rendered = stream.ended, stream.rendered
        blocks = [block[:, : stream.next - stream.kept] for block in stream.blocks]
        image.blocks = _memory(image.blocks, blocks)
        for copy, block in zip(image.blocks, blocks, strict=True):
            copy[...] = block
        shot.schemas[name] = stream.schema


def _capture_resources(world: World, shot: Snapshot) -> None:
    known, kept = 0, shot.resources
    for name, info in world.resources.items():
        state = None if info.schema.transient else info.state()
        if state is None:
            continue
        known += 1
        shot.schemas[name] = info.schema
        copies = kept.get(name)
        if copies is None:
            copies = kept[name] = {}
        for field, value in state.items():
            kind = type(value)
            if kind in ATOMS:
                copies[field] = value
            elif kind is list and not value:
                copies[field] = []
            else:
                copies[field] = copy_value(value, (name, field), copies.get(field))
        if len(copies) > len(state):
            for field in copies.keys() - state.keys():
                del copies[field]
    if len(kept) > known:
        for name in kept.keys() - shot.schemas.keys():
            del kept[name]
