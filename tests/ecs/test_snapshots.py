"""Snapshots: there and back, in the same world, in another, through a file, and files that are not to be trusted."""

from __future__ import annotations

import copy
import json
import re
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import xxhash
from ecs.parts import Boid, Cache, Entry, Hit, Kinds, Label, Mood, Position, Score, Screen, Velocity
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine import Added, Changed, Commands, Entity, Mut, World
from engine.ecs.snapshot import Snapshot
from engine.ecs.table import PACKED_ROWS
from engine.ecs.tidy import tidy_texts
from engine.errors import SnapshotError


def full_world(seed: int = 5) -> World:
    """Return a world with something of everything in it."""
    world = World(seed=seed)
    world.tick = 42
    ids = world.spawn(Position(np.arange(9.0)), Velocity(1, 2))
    world.spawn(Kinds(target=ids[3]), Label(text=["ann", "böb", "\ud800"]))
    world.spawn(Boid(), count=2)
    world.despawn(ids[[2, 7, 4]])
    world.events(Added[Position], "watch")
    world.insert(world.entities()[:2], Position(5))
    world.send(Hit(who=3, by="cy"))
    world.end_tick()
    world.send(Hit(who=[4, 5]))
    world.events(Hit, "reader").read()
    score = world.resource(Score)
    score.add(3)
    score.names += ["dee", "eve"]
    score.entries.append(Entry("fay", 7))
    score.table = {"a": (1, 2.5), Mood.ANGRY: {3}}
    world.set_resource(Screen.PLAYING)
    world.random("a").random(3)
    world.random("a").integers(0, 9, dtype=np.uint32)
    return world


def disturb(world: World) -> None:
    """Change everything that a world holds."""
    world.despawn(world.entities()[::2])
    world.spawn(Position(1), Boid(), count=4)
    world.spawn(Label(text="new text"))
    for position in world.query(Mut[Position]):
        position.x += 1
    world.send(Hit(who=9))
    world.end_tick()
    world.resource(Score).names.clear()
    world.resource(Score).board += 2
    world.set_resource(Screen.TITLE)
    world.random("a").random()
    world.random("b").random()
    world.tick += 1


def test_a_restore_undoes_everything() -> None:
    world = full_world()
    before, shot = world.hash(), world.snapshot()
    assert world.hash() == before, "taking one changes nothing"
    for _ in range(3):
        disturb(world)
        assert world.hash() != before
        world.restore(shot)
        assert world.hash() == before
    assert world.tick == 42
    assert len(world.events(Hit, "reader")) == 0
    assert len(world.events(Hit, "another")) == 3


def test_the_same_things_happen_after_a_restore() -> None:
    world = full_world()
    shot = world.snapshot()

    def go_on() -> str:
        ids = world.spawn(Position(world.random("a").random(5)))
        world.despawn(ids[world.random("b").integers(0, 5, 3)])
        for position in world.query(Mut[Position], Changed[Position]):
            position.x *= 2
        for hit in world.events(Hit, "reader"):
            world.spawn(Boid(), count=hit.who.size)
        world.end_tick()
        return world.hash()

    world.query(Position, reader="app.look")
    first = [go_on() for _ in range(4)]
    world.restore(shot)
    assert [go_on() for _ in range(4)] == first


def test_what_changed_queries_saw_comes_back_by_their_name() -> None:
    world = full_world()
    named = world.query(Entity, Changed[Position], reader="app.look")
    assert list(named)
    seen = world.snapshot()
    for _ in world.query(Mut[Position]):
        pass
    changed = world.snapshot()
    assert list(named)
    world.restore(seen)
    assert list(named) == []
    world.restore(changed)
    assert list(named)
    nameless = world.query(Entity, Changed[Position])
    assert list(nameless)
    world.restore(seen)
    assert list(nameless), "a restore is a change to who keeps no name"


def test_a_snapshot_is_reused() -> None:
    world = full_world()
    shot = world.snapshot()
    kept = [id(block) for image in shot.tables.values() for blocks in image.blocks.values() for block in blocks]
    again = world.snapshot(into=shot)
    assert again is shot
    assert [id(b) for image in shot.tables.values() for blocks in image.blocks.values() for b in blocks] == kept
    disturb(world)
    world.snapshot(into=shot)
    before = world.hash()
    disturb(world)
    world.restore(shot)
    assert world.hash() == before


STEPS: dict[str, Any] = {
    "spawn": lambda world: world.spawn(Position(np.arange(5.0)), Velocity()),
    "spawn one": lambda world: world.spawn(Position(7.0), Boid()),
    "grow large": lambda world: world.spawn(Position(np.arange(PACKED_ROWS + 1.0)), Label()),
    "despawn": lambda world: world.despawn(world.entities()[1::3]),
    "despawn one": lambda world: world.despawn(world.entities()[:1]),
    "despawn all": lambda world: world.despawn(world.entities()),
    "insert": lambda world: world.insert(world.entities()[:3], Label(text="new")),
    "remove": lambda world: world.remove(world.entities()[-3:], Position),
    "write": lambda world: [position.shift(1) for position in world.query(Mut[Position])],
    "reserve": lambda world: world.storage.index.reserve(2),
    "clear commands": lambda world: [commands := Commands(world), commands.spawn(Boid()), commands.clear()],
    "commands": lambda world: [
        commands := Commands(world),
        commands.despawn(world.entities()[:2]),
        commands.spawn(Position(1.0), Velocity()),
        commands.apply(),
    ],
    "send": lambda world: world.send(Hit(who=[1, 2])),
    "end tick": World.end_tick,
    "score": lambda world: world.resource(Score).add(1),
    "less": lambda world: vars(world.resource(Score)).update(names=[], table={}),
    "extra": lambda world: vars(world.resource(Score)).update(extra=[1]),
    "no extra": lambda world: vars(world.resource(Score)).pop("extra", None),
    "no score": lambda world: world.remove_resource(Score),
    "screen": lambda world: world.set_resource(Screen.PLAYING),
    "drop": lambda world: world.drop("ecs.parts.Velocity") if "ecs.parts.Velocity" in world.components else None,
    "retype": lambda world: world.retype("ecs.parts.Boid", world.components["ecs.parts.Boid"].schema, lambda c, n: c),
    "tidy": tidy_texts,
    "lay": lambda world: [world.storage.join(["ecs.parts.Position"]), world.storage.lay()],
}


@settings(max_examples=60, deadline=None)
@example([("extra", 0), ("no extra", 0)])
@given(st.lists(st.tuples(st.sampled_from(["restore", *STEPS]), st.integers(0, 3)), min_size=5, max_size=40))
def test_a_snapshot_written_over_is_as_a_new_one(steps: list[tuple[str, int]]) -> None:
    world = full_world()
    shots = [world.snapshot(), world.snapshot(), full_world(6).snapshot(), Snapshot()]
    for what, at in steps:
        if what == "restore":
            world.restore(shots[at])
        else:
            STEPS[what](world)
        shots[at - 1] = copy.deepcopy(shots[at - 1], {id(world.storage.texts): world.storage.texts})
        over, new = world.snapshot(into=shots[at - 2]), world.snapshot()
        assert over.header == new.header, what
        assert [array.tobytes() for array in over.arrays] == [array.tobytes() for array in new.arrays], what
        assert np.array_equal(over.index.table, new.index.table), what
        assert np.array_equal(over.index.row, new.index.row), what


def test_a_snapshot_of_one_world_is_written_over_with_another() -> None:
    one, other = World(), World()
    for world, gone in ((one, 0), (other, 1)):
        world.despawn(world.spawn(Position([1, 2]))[gone])
    shot = other.snapshot(into=one.snapshot())
    assert [array.tobytes() for array in shot.arrays] == [array.tobytes() for array in other.snapshot().arrays]
    one.restore(shot)
    assert one.hash() == other.hash()
    assert one.alive(other.entities()).all()


@pytest.mark.parametrize("rows", [0, 1, PACKED_ROWS + 5])
def test_any_size_comes_back(rows: int) -> None:
    world = World()
    world.spawn(Position(np.arange(rows)), count=rows)
    before, shot = world.hash(), world.snapshot()
    world.spawn(Position(1), count=40_000)
    world.restore(shot)
    assert world.hash() == before
    other = World()
    other.restore(shot)
    assert other.hash() == before
    assert len(other) == rows


def test_views_and_ids_work_after_a_restore() -> None:
    world = full_world()
    query = world.query(Entity, Mut[Position])
    ids = query.entities()
    row = world.get(ids[0], Position)
    x = row.x
    shot = world.snapshot()
    disturb(world)
    world.restore(shot)
    assert row.x == x
    assert query.entities().tolist() == ids.tolist()
    assert world.alive(ids).all()
    commands = Commands(world)
    new = commands.spawn(Position(3))
    assert not np.isin(new, ids).any()


def test_another_world_continues_the_same() -> None:
    world, other = full_world(), World()
    other.spawn(Label(text=["zz", "ann"]), Position(1))
    other.restore(world.snapshot())
    assert other.hash() == world.hash()
    assert other.seed == world.seed
    assert other.random("a").random() == world.random("a").random()
    assert other.spawn(Boid()).tolist() == world.spawn(Boid()).tolist()
    assert other.query(Label).single is not None
    assert [s.text.tolist() for s in other.query(Label)] == [s.text.tolist() for s in world.query(Label)]


# Files


def test_a_file_brings_everything_back(tmp_path: Path) -> None:
    world = full_world()
    world.resource(Cache)
    path = tmp_path / "save.hotloop"
    world.snapshot().save(path)
    assert [entry.name for entry in tmp_path.iterdir()] == ["save.hotloop"]
    shot = Snapshot.load(path)
    for other in (world, full_world(1), World()):
        other.restore(shot)
        assert other.hash() == world.hash()
        assert other.resource(Score).entries == [Entry("fay", 7)]
        assert other.resource(Score).table == {"a": (1, 2.5), Mood.ANGRY: {3}}
        assert other.resource(Screen) is Screen.PLAYING
        assert other.hash() == world.hash()
        other.snapshot().save(tmp_path / "again")
        assert (tmp_path / "again").read_bytes() == path.read_bytes(), "one state, one file"
    shot.save(tmp_path / "copy")
    assert (tmp_path / "copy").read_bytes() == path.read_bytes()
    assert shot.arrays
    json.dumps(shot.header)


def test_a_world_that_knows_no_class_hashes_and_saves_the_same(tmp_path: Path) -> None:
    world = full_world()
    world.snapshot().save(tmp_path / "a")
    blank = World()
    blank.restore(Snapshot.load(tmp_path / "a"))
    assert blank.hash() == world.hash()
    blank.snapshot().save(tmp_path / "b")
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def saved(tmp_path: Path) -> tuple[Path, bytes]:
    path = tmp_path / "save"
    full_world().snapshot().save(path)
    return path, path.read_bytes()


def refuse(path: Path, data: bytes) -> str:
    """Return why a file is refused."""
    path.write_bytes(data)
    with pytest.raises(SnapshotError) as caught:
        Snapshot.load(path)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_truncated_and_foreign_files_are_refused(tmp_path: Path) -> None:
    path, data = saved(tmp_path)
    for size in [*range(0, len(data), max(1, len(data) // 60)), len(data) - 1]:
        refuse(path, data[:size])
    assert "bytes too many" in refuse(path, data + b"x")
    assert "no file of this kind" in refuse(path, b"PK\x03\x04" + data)
    assert "format 2" in refuse(path, data[:7] + b"\x02" + data[8:])
    assert "no file of this kind" in refuse(path, b"")
    with pytest.raises(SnapshotError, match="cannot be read"):
        Snapshot.load(tmp_path / "nothing")
    with pytest.raises(SnapshotError, match="cannot be written"):
        World().snapshot().save(tmp_path / "no" / "folder")


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_flipped_bit_is_noticed(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    path, good = saved(tmp_path_factory.mktemp("flip"))
    at = data.draw(st.integers(0, len(good) * 8 - 1))
    bad = bytearray(good)
    bad[at // 8] ^= 1 << at % 8
    refuse(path, bytes(bad))


def forged(data: bytes, change: Any, body: bytes | None = None) -> bytes:
    """Return a file whose header was changed by hand and whose digest is right."""
    head = struct.Struct("<8sQQ")
    magic, header_size, _ = head.unpack_from(data)
    header = json.loads(data[head.size : head.size + header_size])
    arrays = data[head.size + header_size : -16] if body is None else body
    change(header)
    text = json.dumps(header).encode()
    whole = head.pack(magic, len(text), len(arrays)) + text + arrays
    return whole + xxhash.xxh3_128_digest(whole)


def edit(path: list[Any], value: Any) -> Any:
    def change(header: Any) -> None:
        for step in path[:-1]:
            header = header[step]
        header[path[-1]] = value

    return change


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (edit(["arrays", 0, 1], [2**60]), "larger than the file"),
        (edit(["arrays", 0, 1], [2**40, 2**40]), "larger than the file"),
        (edit(["arrays", 0, 1], [-4]), "proper dtype or shape"),
        (edit(["arrays", 0, 0], "|O"), "proper dtype or shape"),
        (edit(["arrays", 0, 0], "|V8"), "proper dtype or shape"),
        (edit(["arrays"], []), "left over"),
        (edit(["tick"], "now"), "no whole number"),
        (edit(["tables", 0, "ids"], 10**6), "makes no sense"),
        (edit(["tables", 0, "ids"], -1), "no place"),
        (edit(["tables", 0, "ids"], 1), "wrong dtype|do not fit"),
        (edit(["texts"], ["", "a", "a"]), "texts make no sense"),
        (edit(["texts"], [""]), "is missing"),
        (edit(["schemas"], []), "makes no sense"),
        (edit(["schemas", 0, "fields"], [{}]), "schema in the snapshot makes no sense"),
        (edit(["schemas", 1, "kind"], "plugin"), "makes no sense"),
        (edit(["schemas", 2, "version"], "1"), "no int"),
        (
            edit(["resources", "ecs.parts.Score", "points"], {"pickle": "abc"}),
            "resource in the snapshot makes no sense",
        ),
        (edit(["resources", "ecs.parts.Score", "board"], {"array": 999}), "makes no sense"),
        (edit(["randoms", "a", 0], "-1"), "random stream"),
        (edit(["streams", "ecs.parts.Hit", "numbers"], [0, 3, 1, 1, 0]), "numbered wrongly"),
        (edit(["free"], 0), "in two rows, or in none|free slot"),
        (lambda header: header.clear(), "makes no sense"),
    ],
)
def test_forged_files_are_refused(tmp_path: Path, change: Any, why: str) -> None:
    path, data = saved(tmp_path)
    assert re.search(why, refuse(path, forged(data, change)))


def test_deep_and_broken_headers_are_refused(tmp_path: Path) -> None:
    path, data = saved(tmp_path)
    head = struct.Struct("<8sQQ")
    for text in (b"[" * 100_000, b"{", b"\xff\xfe", b"null", b"1e999", b'{"arrays":' + b"9" * 5000 + b"}"):
        whole = head.pack(data[:8], len(text), 0) + text
        refuse(path, whole + xxhash.xxh3_128_digest(whole))


def test_a_forged_class_is_not_made(tmp_path: Path) -> None:
    path, data = saved(tmp_path)
    for value in (
        {"record": "builtins.object", "fields": {}},
        {"record": "os.PathLike", "fields": {}},
        {"enum": "ecs.parts.Mood", "value": "NOPE"},
        {"enum": "ecs.parts.Score", "value": 1},
    ):
        path.write_bytes(forged(data, edit(["resources", "ecs.parts.Score", "table"], value)))
        world = full_world()
        before = world.hash()
        with pytest.raises(SnapshotError):
            world.restore(Snapshot.load(path))
        assert world.hash() == before


def test_texts_that_are_gone_are_forgotten() -> None:
    world = World()
    ids = world.spawn(Label(text=["ann", "bob"]))
    world.send(Hit(who=1, by="cy"))
    (held,) = world.query(Label)
    row, sender = world.get(ids[0], Label), world.sender(Hit)
    shot, before = world.snapshot(), world.hash()
    for turn in range(3):
        for n in range(30):
            for label in world.query(Mut[Label]):
                label.text = [f"{turn} {n} {k}" for k in range(2)]
            world.send(Hit, who=np.zeros(200, np.uint64), by=[f"{turn} {n} {k}" for k in range(200)])
        world.end_tick()
    assert len(world.storage.texts.strings) < 15_000
    assert row.text == "2 29 0"
    assert world.storage.texts is not shot.texts
    row.text = "ann"
    sender.send(who=1, by="dee")
    assert world.events(Hit).read().by.tolist()[-1] == "dee"
    assert held.text.tolist() == ["1 29 0", "1 29 1"], "an old view keeps what it last had"
    world.restore(shot)
    assert world.hash() == before
    assert row.text == "ann"
    assert world.events(Hit, "x").read().by.tolist() == ["cy"]
