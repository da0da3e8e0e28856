"""The hash: every bit of a world counts, and nothing else does."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from ecs.parts import Boid, Entry, Hit, Kinds, Label, Mood, Position, Score, Screen, Velocity
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from engine import Entity, Mut, World, field, resource, text
from engine import component as mark_component
from engine.ecs.random import get_state, set_state

Toggle = Callable[[], None]


def busy_world(counts: tuple[int, int, int], dead: int) -> World:
    """Return a world of so many rows in three tables, some dead slots, events, resources and streams."""
    world = World(seed=11)
    world.tick = 7
    world.send(Hit(who=np.arange(counts[0] + 1), by="ann"))
    ids = world.spawn(Position(np.arange(float(counts[0]))), Velocity(0.5), count=counts[0])
    world.spawn(Kinds(), Label(text="bob"), count=counts[1])
    world.spawn(Position(1), Kinds(), Boid(), count=counts[2])
    world.despawn(world.entities()[:dead])
    score = world.resource(Score)
    score.table = {"deep": [1, {"x": 2.5}], "mood": Mood.CALM}
    score.entries = [Entry("cy", 3)]
    world.random("a").random()
    assert ids.size == counts[0]
    return world


def array_bits(array: NDArray[Any]) -> list[tuple[str, Toggle]]:
    """Return what flips each of some bits of an array, in place."""
    row = array.view(np.uint8)

    def toggle(byte: int, bit: int) -> None:
        row[byte] ^= 1 << bit

    return [(f"byte {b} bit {k}", lambda b=b, k=k: toggle(b, k)) for b in range(row.size) for k in range(8)]


def places(world: World) -> list[tuple[str, Callable[[], list[tuple[str, Toggle]]]]]:
    """Return every place of a world that holds bits, and what flips them."""
    found: list[tuple[str, Callable[[], list[tuple[str, Toggle]]]]] = []
    storage = world.storage

    def add(name: str, array: NDArray[Any]) -> None:
        if array.size:
            found.append((name, lambda: array_bits(array)))

    for table in storage.listed:
        if table.rows:
            add(f"ids of {table.key}", table.ids[: table.rows])
        for name, blocks in table.blocks.items():
            texts = table.infos[name].layout.texts
            for at, block in enumerate(blocks):
                for row in block[:, : table.rows]:
                    if at not in texts:
                        add(f"{name} block {at}", row)
                    elif row.size:
                        found.append((f"text of {name}", lambda row=row: [("code", lambda: swap_text(world, row))]))
    index = storage.index
    add("generations", index.generation[: index.used])
    add("free list", index.free[: index.free_count])
    for stream in world.streams.values():
        for at, block in enumerate(stream.blocks):
            if at not in stream.layout.texts:
                for row in block[:, : stream.next - stream.kept]:
                    add(f"event {stream.name}", row)
    score = world.resource(Score)
    add("board", score.board[0])
    found += [
        ("points", lambda: [(str(k), lambda k=k: put(score, "points", score.points ^ 1 << k)) for k in range(64)]),
        ("best", lambda: [(str(k), lambda k=k: put(score, "best", flip_float(score.best, k))) for k in range(64)]),
        ("deep", lambda: [("x", lambda: put(score.table["deep"][1], "x", flip_float(score.table["deep"][1]["x"], 0)))]),
        ("record", lambda: [("points", lambda: put(score.entries[0], "points", score.entries[0].points ^ 1))]),
        ("mood", lambda: [("m", lambda: put(score, "mood", Mood.ANGRY if score.mood is Mood.CALM else Mood.CALM))]),
        ("random", lambda: [(str(k), lambda k=k: flip_stream(world, k)) for k in (*range(256), 256, 257, 280)]),
        ("tick", lambda: [(str(k), lambda k=k: put(world, "tick", world.tick ^ 1 << k)) for k in range(40)]),
        ("seed", lambda: [(str(k), lambda k=k: put(world, "seed", world.seed ^ 1 << k)) for k in range(40)]),
    ]
    return found


def swap_text(world: World, row: NDArray[Any]) -> None:
    """Turn the first text into its neighbour by one bit, or back."""
    interner = world.storage.texts
    now = interner.strings[int(row[0])]
    row[0] = interner.code(chr(ord(now[0]) ^ 1) + now[1:])


def put(holder: Any, name: str, value: Any) -> None:
    if isinstance(holder, dict):
        holder[name] = value
    else:
        setattr(holder, name, value)


def flip_float(value: float, bit: int) -> float:
    (number,) = struct.unpack("<Q", struct.pack("<d", value))
    return float(struct.unpack("<d", struct.pack("<Q", number ^ 1 << bit))[0])


def flip_stream(world: World, bit: int) -> None:
    parts = list(get_state(world.random("a")))
    at, shift = (0, bit) if bit < 128 else (1, bit - 128) if bit < 256 else (2, 0) if bit == 256 else (3, bit - 257)
    parts[at] ^= 1 << shift
    set_state(world.random("a"), (parts[0], parts[1], parts[2], parts[3]))


@settings(max_examples=200, deadline=None)
@given(
    st.tuples(st.integers(1, 4), st.integers(0, 3), st.integers(0, 2)),
    st.integers(0, 2),
    st.data(),
)
def test_any_bit_changes_the_hash_and_back(counts: tuple[int, int, int], dead: int, data: st.DataObject) -> None:
    world = busy_world(counts, min(dead, sum(counts) - 1))
    before = world.hash()
    _, toggles = data.draw(st.sampled_from(places(world)))
    _, toggle = data.draw(st.sampled_from(toggles()))
    toggle()
    assert world.hash() != before
    toggle()
    assert world.hash() == before


def test_every_place_of_one_world_counts() -> None:
    world = busy_world((3, 2, 1), 1)
    before = world.hash()
    for name, toggles in places(world):
        flips = toggles()
        for detail, toggle in flips[:: max(1, len(flips) // 12)]:
            toggle()
            assert world.hash() != before, (name, detail)
            toggle()
            assert world.hash() == before, (name, detail)


def test_what_the_hash_leaves_out() -> None:
    one, other = busy_world((3, 2, 1), 1), busy_world((3, 2, 1), 1)
    before = one.hash()
    assert other.hash() == before
    other.resource(Score).shown = 99
    other.events(Hit, "reader").read()
    list(other.query(Mut[Position]))
    other.random("unused")
    other.storage.texts.code("a text that no row holds")
    other.query(Entity, Velocity, Label)
    other.register(Screen)
    assert other.hash() == before


def test_the_order_of_dicts_and_sets_is_no_state_but_that_of_rows_is() -> None:
    one, other = World(), World()
    one.resource(Score).table = {"a": 1, "b": {3, 1, 2}}
    other.resource(Score).table = {"b": {2, 3, 1}, "a": 1}
    assert one.hash() == other.hash()
    one.spawn(Position([1, 2]))
    other.spawn(Position([2, 1]))
    assert one.hash() != other.hash()


def test_the_way_there_is_no_state() -> None:
    """Codes of texts, capacities and the order in which tables were made leave no trace."""
    one, other = World(), World()
    one.spawn(Label(text=["ann", "bob"]))
    one.spawn(Position(1))
    label = other.spawn(Label(text=["zed", "zed"]))
    for row in other.query(Mut[Label]):
        row.text = ["ann", "bob"]
    other.spawn(Position(1))
    assert label.size == 2
    assert one.hash() == other.hash()
    for position in other.query(Mut[Position]):
        position.x = 2
    assert one.hash() != other.hash()


def test_equal_bits_of_another_kind_differ() -> None:
    def made(value: Any) -> str:
        world = World()
        world.resource(Score).table = {"v": value}
        return world.hash()

    values: list[Any] = [0, 0.0, False, None, "", "0", b"", [], (), {}, set(), frozenset(), np.float64(0), np.zeros(1)]
    values += [-0.0, 0j, np.zeros((1, 1)), np.float32(0), [[]], [[], []], {0: 0}, np.zeros(1, np.float32), Mood.CALM]
    assert len({made(value) for value in values}) == len(values)


def test_fields_out_of_the_hash_are_still_in_snapshots() -> None:
    @resource
    class Meter:
        n: int = field(default=0, hashed=False)

    world = World()
    world.resource(Meter).n = 3
    shot = world.snapshot()
    world.resource(Meter).n = 4
    world.restore(shot)
    assert world.resource(Meter).n == 3


SCRIPT = """
import sys; sys.path[:0] = [{tests!r}, {root!r}]
from ecs.test_hash import busy_world
print(busy_world((4, 3, 2), 2).hash())
"""


def test_the_hash_is_the_same_in_every_process() -> None:
    tests = Path(__file__).parent.parent
    script = SCRIPT.format(tests=str(tests), root=str(tests.parent))
    found = set()
    for seed in ("0", "1", "12345"):
        result = subprocess.run(
            [sys.executable, "-c", script],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        )
        found.add(result.stdout.strip())
    assert found == {busy_world((4, 3, 2), 2).hash()}


def test_a_component_without_rows_is_no_state() -> None:
    @mark_component
    class New:
        name: text = ""

    world = busy_world((2, 2, 2), 0)
    before = world.hash()
    world.register(New)
    ids = world.spawn(New())
    assert world.hash() != before
    assert ids.size == 1
