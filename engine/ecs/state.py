"""A snapshot's state into a world."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from engine.ecs.component import schema_of
from engine.ecs.convert import Convert, converted
from engine.ecs.entities import NOWHERE
from engine.ecs.filed import resolve_state
from engine.ecs.image import IndexImage, StreamImage, TableImage
from engine.ecs.layout import Block, Layout
from engine.ecs.random import make_stream, set_state
from engine.ecs.resources import ResourceInfo
from engine.ecs.schema import Schema
from engine.ecs.snapshot import Snapshot
from engine.ecs.storage import Storage
from engine.ecs.table import ComponentInfo
from engine.errors import SnapshotError

if TYPE_CHECKING:
    from engine.ecs.world import World

Change = tuple[Schema, Schema | None]
Migrate = Callable[[list[Change]], dict[str, Convert | None]]


def revert(world: World, shot: Snapshot, migrate: Migrate | None) -> None:
    """Make the world what the snapshot holds; whatever can fail comes before the first change."""
    plan = _plan(world, shot, migrate)
    tables = _tables(world, shot, plan)
    streams = _streams(world, shot, plan)
    resources = _resources(world, shot, plan)
    _check_names(tables)
    storage = world.storage
    storage.clock = shot.clock
    for old, new in plan.targets.items():
        if new is not None and shot.schemas[old].kind == "component":
            _settle(world, new)
    _put_tables(storage, shot, tables)
    _put_streams(world, streams)
    _put_resources(world, resources)
    for name in world.randoms.keys() | shot.randoms.keys():
        stream, fresh = world.randoms.get(name), make_stream(shot.seed, name)
        if stream is None:
            stream = world.randoms[name] = fresh
        stream.start = fresh.start
        set_state(stream, shot.randoms.get(name, fresh.start))
    world.tick, world.seed = shot.tick, shot.seed
    # In place: queries and readers hold these.
    world.cursors.clear()
    world.cursors.update({(plan.name_of(name), reader): at for (name, reader), at in shot.cursors.items()})
    world.looks.clear()
    world.looks.update(shot.looks)


class Plan:
    """For each schema of a snapshot the schema its rows get (None: they go), and how they are converted."""

    def __init__(self) -> None:
        self.targets: dict[str, Schema | None] = {}
        self.converts: dict[str, Convert] = {}

    def name_of(self, name: str) -> str:
        """Return the name by which a schema of the snapshot goes today."""
        target = self.targets.get(name)
        return name if target is None else target.name


def _plan(world: World, shot: Snapshot, migrate: Migrate | None) -> Plan:
    plan = Plan()
    changes: list[Change] = []
    for name, old in shot.schemas.items():
        new = _declared(world, old, shot.schemas, renames=migrate is not None)
        plan.targets[name] = new if new is not None and new.storage == old.storage else old
        # Another version, or an Enum's other numbers, may mean something else by the same fields: a migration tells.
        later = migrate is not None and new is not None and (new.version, new.numbers) != (old.version, old.numbers)
        if ":" not in name and (new is None or new.storage != old.storage or later):
            changes.append((old, new))
    for name, old in shot.schemas.items():
        word, _, of = name.partition(":")
        target = plan.targets.get(of)
        if target is not None and target.name != of:
            plan.targets[name] = replace(old, name=f"{word}:{target.name}")
    if migrate is None:
        for old, new in changes:
            if new is not None:
                raise SnapshotError(
                    f"the snapshot holds {old.name} in version {old.version}",
                    why=f"its class declares other fields now, in version {new.version}",
                    remedy="restore with migrate=",
                    state="the world is as it was",
                    schema=old,
                )
        return plan
    answers = migrate(changes) if changes else {}
    for old, new in changes:
        if old.name in answers:
            convert = answers[old.name]
            plan.targets[old.name] = None if convert is None else new or old
            if convert is not None:
                plan.converts[old.name] = convert
        elif new is not None and new.storage != old.storage:
            what = f"the snapshot holds {old.name} in version {old.version}, and no migration leads to {new.version}"
            raise SnapshotError(what, state="the world is as it was", schema=old)
    return plan


def _declared(world: World, old: Schema, saved: Collection[str], *, renames: bool) -> Schema | None:
    """Return what the classes known here declare today for a schema of a snapshot, of which these names are `saved`.

    A class that has moved to another file of its module since goes on there, if no other could be meant.
    """
    known: dict[str, Any] = {**world.components, **world.streams, **world.resources}
    info = known.get(old.name)
    if info is not None and info.schema.kind == old.kind and info.cls is not None:
        return schema_of(info.cls)
    if renames and info is None:
        for other in known.values():
            if other.cls is not None and schema_of(other.cls).renamed_from == old.name:
                return schema_of(other.cls)
        moved = [one.cls for name, one in known.items() if one.cls is not None and name not in saved]
        moved = [cls for cls in moved if _is_moved(old, schema_of(cls))]
        if len(moved) == 1:
            return schema_of(moved[0])
    return None


def _is_moved(old: Schema, new: Schema) -> bool:
    """Tell whether a schema is that of a class of the same name in another file of the same module."""
    (*was, last), (*now, name) = old.name.split("."), new.name.split(".")
    depth = 1 if was[:1] == ["app"] else 2
    return last == name and was[:depth] == now[:depth] and old.storage[1:] == new.storage[1:]


TablePlan = tuple[dict[str, str], TableImage, dict[str, Sequence[Block]]]


def _tables(world: World, shot: Snapshot, plan: Plan) -> list[TablePlan]:
    """Return, for each table: the new name of each component, the image, and its blocks in the new schemas."""
    found: list[TablePlan] = []
    for image in shot.tables.values():
        names: dict[str, str] = {}
        blocks: dict[str, Sequence[Block]] = {}
        for name in image.key:
            target = plan.targets[name]
            if target is None:
                continue
            names[name] = target.name
            blocks[target.name] = _blocks(world, shot, plan, name, image.blocks[name], image.rows)
        found.append((names, image, blocks))
    return found


def _blocks(world: World, shot: Snapshot, plan: Plan, name: str, blocks: Sequence[Block], rows: int) -> Sequence[Block]:
    """Return blocks as the world stores them: codes of its own texts, columns of the present schema."""
    texts = world.storage.texts
    old = shot.schemas[name]
    if shot.texts is not texts:
        layout = Layout(old)
        if layout.texts:
            codes = np.array([texts.code(item) for item in shot.texts.strings], np.uint32)
            blocks = [codes[block] if at in layout.texts else block for at, block in enumerate(blocks)]
    convert = plan.converts.get(name)
    target = plan.targets[name]
    if convert is None or target is None:
        return blocks
    return converted(old, target, blocks, rows, convert, texts)


def _check_names(tables: list[TablePlan]) -> None:
    for names, _, blocks in tables:
        if len(blocks) != len(names):
            twice = [name for name in names.values() if list(names.values()).count(name) > 1]
            raise SnapshotError(f"two components become {twice[0]}", state="the world is as it was")


def _settle(world: World, schema: Schema) -> None:
    """Know a component under the schema that its restored rows have."""
    storage = world.storage
    info = storage.components.get(schema.name)
    if info is None:
        storage.components[schema.name] = ComponentInfo(schema, None)
    elif info.schema != schema:
        if info.schema.storage != schema.storage:
            for table in storage.listed:
                table.rows = 0 if schema.name in table.infos else table.rows
            storage.forget_tables(schema.name)
        info.adopt(schema, info.cls)


def _put_tables(storage: Storage, shot: Snapshot, plans: list[TablePlan]) -> None:
    filled: dict[int, int] = {}
    same = True
    for names, image, blocks in plans:
        key = tuple(sorted(blocks))
        table = storage.table(key)
        start = filled.get(table.number, 0)
        table.overwrite(image.ids, blocks, start)
        filled[table.number] = start + image.rows
        same = same and key == image.key
        for old, new in names.items():
            table.stamps[new] = image.stamps.get(old, shot.clock)
    for table in storage.listed:
        stamps = dict(table.stamps)
        table.rows = filled.get(table.number, 0)
        table.relocate()  # what failed may have left it with cells of memory that it has no more
        table.touch(shot.clock)
        if table.rows:
            table.stamps.update(stamps)
    storage.version += 1
    storage.epoch += 1
    _put_index(storage, shot.index, same)


def _put_index(storage: Storage, image: IndexImage, same: bool) -> None:
    index = storage.index
    used = image.generation.size
    before = index.used
    index.grow(max(used, before))
    index.used = used
    index.forget_ahead()
    index.generation[:used] = image.generation
    index.generation[used:before] = 1
    index.table[used:before] = NOWHERE
    index.free_count = image.free.size
    if index.free.size < image.free.size:
        index.free = image.free.copy()
    index.free[: image.free.size] = image.free
    keys = tuple(table.key for table in storage.listed[: len(image.keys)])
    if same and image.table is not None and image.row is not None and keys == image.keys:
        index.table[:used] = image.table
        index.row[:used] = image.row
        return
    index.table[:used] = NOWHERE
    for table in storage.listed:
        if table.rows:
            index.place(table.ids[: table.rows], table.number, 0)


StreamPlan = tuple[Schema, StreamImage, Sequence[Block]]


def _streams(world: World, shot: Snapshot, plan: Plan) -> dict[str, StreamPlan]:
    found: dict[str, StreamPlan] = {}
    for name, image in shot.streams.items():
        target = plan.targets[name]
        word, _, component = name.partition(":")
        if component in plan.targets:
            # The events of a component's coming and going follow its name, and go with it.
            now = plan.targets[component]
            target = None if now is None or target is None else replace(target, name=f"{word}:{now.name}")
        if target is not None:
            blocks = _blocks(world, shot, plan, name, image.blocks, image.next - image.kept)
            found[target.name] = (target, image, blocks)
    return found


def _put_streams(world: World, plans: dict[str, StreamPlan]) -> None:
    for name, (schema, image, blocks) in plans.items():
        stream = world.streams.get(name)
        if stream is None:
            stream = world.add_stream(schema, None)
        elif stream.schema != schema:
            stream.adopt(schema, stream.cls)
        stream.first, stream.kept, stream.next = image.first, image.kept, image.next
        stream.ended, stream.rendered = image.ended, image.rendered
        stream.blocks = [block.copy() for block in blocks]
    for name, stream in world.streams.items():
        if name not in plans:
            stream.reset()


ResourcePlan = tuple[Schema, dict[str, Any]]


def _resources(world: World, shot: Snapshot, plan: Plan) -> dict[str, ResourcePlan]:
    found: dict[str, ResourcePlan] = {}
    for name, state in shot.resources.items():
        target = plan.targets[name]
        if target is None:
            continue
        state = resolve_state(world, name, state)
        if name in plan.converts:
            info = world.resources.get(target.name) or ResourceInfo(target, None, world.resource_store)
            state = world.resource_store.filled(info, target, plan.converts[name](dict(state), 1))
        found[target.name] = (target, state)
    return found


def _put_resources(world: World, plans: dict[str, ResourcePlan]) -> None:
    for name, info in world.resources.items():
        if name not in plans and not info.schema.transient:
            info.put(None)
    for name, (schema, state) in plans.items():
        world_info = world.resources.get(name)
        if world_info is None:
            world_info = world.resources[name] = ResourceInfo(schema, None, world.resource_store)
        world_info.schema = schema
        world_info.restore(state)
