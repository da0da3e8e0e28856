"""Spawn, despawn, insert and remove, on a world and through commands."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from ecs.parts import Boid, Kinds, Label, Position, Velocity

from engine import Added, Commands, Entity, Removed, With, World
from engine.ecs.commands import Commands as Recorder
from engine.errors import ComponentError, EntityError, ScheduleError


@pytest.fixture
def world() -> World:
    return World()


def rows(world: World) -> dict[int, float]:
    """Return every positioned entity's x."""
    return {
        int(i): float(x)
        for ids, position in world.query(Entity, Position)
        for i, x in zip(ids, position.x, strict=True)
    }


def test_spawn_gives_as_many_as_count_or_columns_say(world: World) -> None:
    assert world.spawn(Position(1)).shape == (1,)
    assert world.spawn(Position(1), count=3).shape == (3,)
    assert world.spawn(Position(np.arange(4)), Velocity(1)).shape == (4,)
    assert world.spawn(Position([1, 2])).shape == (2,)
    assert world.spawn(Position(np.zeros(0))).shape == (0,)
    assert world.spawn(Boid, count=2).shape == (2,)
    assert world.spawn().shape == (1,)
    assert len(world) == 13
    assert len(np.unique(world.entities())) == 13
    assert world.entities().all(), "0 is nobody"


def test_scalars_go_to_every_row(world: World) -> None:
    world.spawn(Kinds(weights=[1, 2, 3, 4], place=np.arange(6.0).reshape(3, 2)))
    (step,) = world.query(Kinds)
    assert step.weights.tolist() == [[1, 1], [2, 2], [3, 3], [4, 4]]
    assert step.place.tolist() == [[0, 1], [2, 3], [4, 5]]


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda w: w.spawn(Position(np.zeros((2, 2)))), r"Position.x: array of shape \(2, 2\) does not fit"),
        (lambda w: w.spawn(Position(np.zeros(3), np.zeros(2))), "Position.y has 2 rows, another field 3"),
        (lambda w: w.spawn(Position(np.zeros(3)), Velocity(np.zeros(2))), "wrong shape: the columns of .*Velocity"),
        (lambda w: w.spawn(Position(np.zeros(3)), count=4), "length 3, expected 4"),
        (lambda w: w.spawn(Position(1), count=-1), "count is -1"),
        (lambda w: w.spawn(Position("far")), "Position.x: 'far' does not fit"),
        (lambda w: w.spawn(Position(None)), "does not fit"),
        (lambda w: w.spawn(Kinds(whole=1.5)), "Kinds.whole: 1.5 does not fit"),
        (lambda w: w.spawn(Kinds(whole=np.ones(3))), "dtype float64 does not become int32 without loss"),
        (lambda w: w.spawn(Kinds(byte=256)), "out of range of uint8"),
        (lambda w: w.spawn(Kinds(byte=[1, 256])), "does not fit"),
        (lambda w: w.spawn(Kinds(yes=2)), "it is no bool"),
        (lambda w: w.spawn(Kinds(weights=[1, 2])), r"expected \(4,\) or \(4, n\)"),
        (lambda w: w.spawn(Label(text=3)), "3 is no text"),
        (lambda w: w.spawn(Position(1), Position(2)), "Position is given twice"),
        (lambda w: w.spawn(3), "3 is no component|int is no component"),
        (lambda w: w.insert(w.spawn(Boid(), count=2), Position(np.zeros(3))), "length 3, expected 2"),
    ],
)
def test_misuse_is_told_and_changes_nothing(world: World, make: Any, message: str) -> None:
    world.spawn(Position(7))
    before = world.hash()
    with pytest.raises(ComponentError, match=message):
        make(world)
    world.despawn(world.query(Entity, With[Boid]).entities())
    assert rows(world) == {1 << 32: 7.0}
    assert len(world) == 1
    assert world.hash() == before or len(world.storage.index.free) > 0


def test_ids_have_generations(world: World) -> None:
    first = world.spawn(Position(1), count=3)
    world.despawn(first[1])
    again = world.spawn(Position(2))
    assert int(again[0]) & 0xFFFFFFFF == int(first[1]) & 0xFFFFFFFF
    assert int(again[0]) >> 32 == 2
    assert world.alive(first).tolist() == [True, False, True]
    assert world.alive([0, int(again[0]), 99, 2**64 - 1]).tolist() == [False, True, False, False]
    assert world.alive(int(again[0]))
    assert world.has(first, Position).tolist() == [True, False, True]
    assert world.has(first, Velocity).tolist() == [False, False, False]
    with pytest.raises(EntityError, match="no entity id"):
        world.alive(["x"])
    with pytest.raises(EntityError, match="no entity id"):
        world.alive(np.array([1.5]))


def test_a_used_up_slot_is_never_handed_out_again(world: World) -> None:
    ids = world.spawn(Position(1))
    world.storage.index.generation[0] = 2**32 - 1
    last = (np.uint64(2**32 - 1) << np.uint64(32)) | np.uint64(0)
    world.storage.listed[0].ids[0] = last
    world.despawn(last)
    assert not world.alive([last, ids[0], 0]).any()
    assert int(world.spawn(Position(2))[0]) == (1 << 32) | 1


def test_despawn_is_kind_to_the_dead_and_to_repetitions(world: World) -> None:
    ids = world.spawn(Position(np.arange(5)))
    world.despawn(ids[[1, 1, 3]])
    world.despawn(ids[1])
    world.despawn([])
    world.despawn(0)
    assert rows(world) == {int(ids[0]): 0, int(ids[2]): 2, int(ids[4]): 4}
    assert len(set(world.spawn(Position(9), count=3).tolist())) == 3


def test_insert_adds_replaces_and_keeps_the_rest(world: World) -> None:
    ids = world.spawn(Position(np.arange(6)), Label(text=list("abcdef")))
    world.insert(ids[[4, 1]], Velocity(x=[40, 10]), Position(x=[4.5, 1.5]))
    world.insert(ids[2], Velocity(20))
    world.insert(ids[[4, 2, 0]], Velocity(x=[41, 21, 1]))
    assert rows(world) == dict(zip(ids.tolist(), [0, 1.5, 2, 3, 4.5, 5], strict=True))
    mask, (label, velocity) = world.query(Label, Velocity).at(ids)
    assert mask.tolist() == [True, True, True, False, True, False]
    assert label.text.tolist() == ["a", "b", "c", "e"]
    assert velocity.x.tolist() == [1, 10, 21, 41]


def test_of_repeated_ids_the_last_value_counts(world: World) -> None:
    ids = world.spawn(Boid(), count=40)
    few = ids[[3, 5, 3]]
    world.insert(few, Position(x=[1, 2, 3]))
    assert rows(world) == {int(ids[3]): 3, int(ids[5]): 2}
    world.insert(few, Position(x=[7, 8, 9]))
    assert rows(world) == {int(ids[3]): 9, int(ids[5]): 8}
    world.remove(few, Position)
    assert rows(world) == {}


def test_remove_takes_only_what_is_there(world: World) -> None:
    ids = world.spawn(Position(np.arange(3)), Velocity())
    world.insert(ids[0], Boid())
    world.remove(ids, Velocity, Boid, Label)
    assert rows(world) == dict(zip(ids.tolist(), [0, 1, 2], strict=True))
    assert world.has(ids, Velocity).sum() == 0
    world.remove(ids, Position)
    assert len(world) == 3
    assert world.alive(ids).all()


def test_a_dead_entity_is_an_error_on_the_world(world: World) -> None:
    ids = world.spawn(Position(1), count=2)
    world.despawn(ids[1])
    with pytest.raises(EntityError, match="entity 1v1 is dead"):
        world.insert(ids, Velocity())
    with pytest.raises(EntityError, match="entity 0 is nobody"):
        world.remove(0, Position)
    assert not world.has(ids, Velocity).any()


def test_structural_calls_are_refused_inside_a_system(world: World) -> None:
    ids = world.spawn(Position(1))
    world.locked = "app.rocks.spawn"
    for call in (
        lambda: world.spawn(Position(1)),
        lambda: world.despawn(ids),
        lambda: world.insert(ids, Boid()),
        lambda: world.remove(ids, Position),
    ):
        with pytest.raises(ScheduleError, match=r"app\.rocks\.spawn: world.* inside a system.*Commands"):
            call()


def test_commands_wait_for_apply(world: World) -> None:
    old = world.spawn(Position(np.arange(4)))
    commands = Commands(world, system="app.test")
    ids = commands.spawn(Position([10, 11]))
    commands.despawn(old[0])
    commands.insert(old[1], Velocity(5))
    commands.remove(old[2], Position)
    commands.insert(ids, Boid())
    assert not world.alive(ids).any()
    assert len(commands) == 5
    assert len(rows(world)) == 4
    commands.apply()
    assert commands.system == "app.test"
    assert len(commands) == 0
    assert not commands
    assert world.alive(ids).all()
    assert rows(world) == {int(old[1]): 1, int(old[3]): 3, int(ids[0]): 10, int(ids[1]): 11}
    assert world.has([*ids, old[1]], Boid).tolist() == [True, True, False]


def test_commands_drop_what_is_meant_for_the_dead(world: World) -> None:
    ids = world.spawn(Position(np.arange(3)))
    commands = Commands(world)
    commands.despawn(ids[:2])
    commands.despawn(ids[1:2])
    commands.insert(ids, Velocity(x=[7, 8, 9]))
    commands.remove(ids[0], Position)
    commands.apply()
    assert commands.dropped == 3
    _, velocity = world.query(Velocity).at(ids)
    assert velocity.x.tolist() == [9]


def test_commands_keep_their_order_and_join_their_kind(world: World) -> None:
    commands = Commands(world)
    made = []
    for n in range(20):
        made.append(commands.spawn(Position(n), Label(text=str(n))))
        if n % 3 == 0:
            made.append(commands.spawn(Position([n, n + 0.5]), Kinds(weights=[n] * 4)))
    for ids in made[::4]:
        commands.despawn(ids)
    for ids in made:
        commands.insert(ids, Velocity((ids & np.uint64(0xFF)).astype(float)))
    commands.apply()
    assert commands.dropped == sum(ids.size for ids in made[::4])
    expected = [i for at, ids in enumerate(made) if at % 4 for i in ids.tolist()]
    assert sorted(world.entities().tolist()) == sorted(expected)
    _, (label, position) = world.query(Label, Position).at(expected)
    assert [float(t) for t in label.text] == position.x.tolist()
    _, (entity, velocity) = world.query(Entity, Velocity).at(expected)
    assert velocity.x.tolist() == [i & 0xFF for i in entity.tolist()]


def test_commands_check_when_they_are_recorded(world: World) -> None:
    commands = Commands(world)
    with pytest.raises(ComponentError, match="wrong shape"):
        commands.spawn(Position(np.zeros(2)), count=3)
    with pytest.raises(ComponentError, match="no component"):
        commands.remove(1, int)
    assert not commands


def test_cleared_commands_leave_nothing_alive(world: World) -> None:
    commands = Commands(world)
    ids = commands.spawn(Position(1), count=4)
    commands.despawn(ids)
    commands.clear()
    commands.apply()
    assert not world.alive(ids).any()
    assert not np.isin(world.spawn(Position(2), count=8), ids).any()


def test_clearing_after_a_restore_takes_nothing_from_the_living(world: World) -> None:
    shot = world.snapshot()
    commands = Recorder(world)
    commands.spawn(Position(1))
    world.restore(shot)
    ids = world.spawn(Position(5))
    commands.clear()
    assert world.alive(ids).all()


def test_added_and_removed_name_the_entities(world: World) -> None:
    early = world.spawn(Position(1))
    added, removed = world.events(Added[Position], "t"), world.events(Removed[Position], "t")
    assert len(added) == 0, "nothing was recorded before somebody asked"
    a, b = world.spawn(Position(1), count=2), world.spawn(Boid())
    world.insert(np.concatenate([a, b]), Position(2), Velocity())
    assert added.read().entity.tolist() == [*a, *b]
    world.remove(a[0], Position)
    world.remove(a[0], Position)
    world.despawn(np.concatenate([a, early]))
    assert sorted(removed.read().entity.tolist()) == sorted([*a.tolist(), *early.tolist()])
    assert len(added) == len(removed) == 0
    with pytest.raises(ComponentError, match="Added lacks its component"):
        world.events(Added)
